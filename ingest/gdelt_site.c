// SPDX-License-Identifier: Apache-2.0
#include "gdelt_site.h"
#include "base/time.h"
#include "net/backoff.h"
#include "stop.h"

#include <md5.h>
#include <stdio.h>
#include <string.h>

enum {
    SITE_URL_BYTES = 4096,
    SITE_REDIRECTS = 5,
    SITE_WAIT_MOST = 300,  // seconds, whatever Retry-After says,
    SITE_WAITS_MOST = 900, // and for one file together
    MISMATCH_TRIES = 2,    // further downloads of a file whose MD5 is wrong
    SHOWN_BYTES = 40,
};

static const double mismatch_seconds =
    0.5; // before the second download, twice that before the third

int gdelt_site_open(struct gdelt_site *site, const struct gdelt_site *settings, struct err *err)
{
    *site = *settings;
    return http_open(&site->http, err);
}

void gdelt_site_close(struct gdelt_site *site)
{
    http_close(site->http);
}

static int check_ended(const struct gdelt_site *site, struct err *err)
{
    TRY(stop_check(err));
    if (site->ended == NULL || !atomic_load(site->ended))
        return 0;
    return err_set(err, EX_TEMPFAIL, "the run has ended");
}

static bool has_ended(void *site)
{
    return check_ended(site, NULL) != 0;
}

// In slices, so that a signal that another thread got is noticed.
static int wait_seconds(const struct gdelt_site *site, double seconds, struct err *err)
{
    for (const double until = clock_seconds() + seconds; seconds > 0;
         seconds = until - clock_seconds()) {
        (void)backoff_sleep(seconds < 0.2 ? seconds : 0.2);
        TRY(check_ended(site, err));
    }
    return 0;
}

static int site_url(const struct gdelt_site *site, const char *name,
                    char url[static SITE_URL_BYTES], struct err *err)
{
    const size_t size = strlen(site->base);
    const char *slash = size != 0 && site->base[size - 1] == '/' ? "" : "/";
    const int length = snprintf(url, SITE_URL_BYTES, "%s%s%s", site->base, slash, name);
    if (length < 0 || length >= SITE_URL_BYTES)
        return err_set(err, EX_USAGE, "--base-url is longer than %d bytes", SITE_URL_BYTES);
    return 0;
}

struct list_reader {
    gdelt_visit *visit;
    void *context;
    char line[LIMIT_LIST_LINE_BYTES + 1]; // begun in one piece, ended in a later one
    size_t size;
    uint64_t bytes, files;
    uint64_t odd; // files of times that cannot be, which are passed by
    char first_odd[GDELT_NAME_BYTES];
};

static bool is_passing(long status)
{
    return status >= 500 || status == 408 || status == 429;
}

// In seconds, as the site asks by Retry-After. Nobody should wonder why nothing happens.
static double asked_wait(const struct gdelt_site *site, const struct http_request *request,
                         const struct http_reply *reply)
{
    const long seconds = reply->retry_after < SITE_WAIT_MOST ? reply->retry_after : SITE_WAIT_MOST;
    if (!site->quiet)
        (void)fprintf(stderr, "%s answers with status %ld and asks to wait: next try in %ld s\n",
                      request->shown, reply->status, seconds);
    return (double)seconds;
}

static void begin_list(struct list_reader *reader)
{
    reader->size = reader->bytes = reader->odd = 0;
}

// One request, again as long as that may help; a list is then read from its start. 0 with
// reply->status 200 or 404; anything else is an error that says what the site did.
static int request_file(struct gdelt_site *site, const struct http_request *request,
                        struct http_reply *reply, struct err *err)
{
    struct backoff backoff;
    double seconds, waited = 0;
    backoff_init(&backoff, site->tries_most);
    for (;;) {
        struct err problem = {0};
        if (request->take != NULL)
            begin_list(request->take_context);
        if (http_send(site->http, request, reply, &problem) == 0) {
            if (reply->status == 200 || reply->status == 404)
                return 0;
            (void)err_set(&problem, EX_UNAVAILABLE, "%s answers with status %ld", request->shown,
                          reply->status);
            problem.retriable = is_passing(reply->status);
        }
        TRY(check_ended(site, err));
        if (!problem.retriable || !backoff_next(&backoff, &seconds))
            return err_set(err, problem.code, "%s", problem.text);
        if (reply->retry_after > 0) {
            seconds = asked_wait(site, request, reply);
            waited += seconds;
        }
        if (waited > SITE_WAITS_MOST)
            return err_set(err, problem.code, "%s; it was waited for long enough", problem.text);
        TRY(wait_seconds(site, seconds, err));
    }
}

// ---- lists ----

static int end_line(struct list_reader *reader, struct err *err)
{
    struct gdelt_listed listed;
    const size_t size = reader->size;
    reader->size = 0;
    if (!gdelt_list_line(reader->line, size, &listed))
        return 0;
    reader->files++;
    if (!gdelt_time_is_plausible(listed.slot.time, clock_microseconds() / 1000000)) {
        if (reader->odd++ == 0)
            gdelt_name_format(&listed.slot, reader->first_odd);
        return 0;
    }
    return reader->visit(reader->context, &listed, err);
}

// A line longer than any that matters keeps one byte too many, which no list line has.
static int take_list(void *context, const char *data, size_t size, struct err *err)
{
    struct list_reader *reader = context;
    TRY(stop_check(err));
    reader->bytes += size;
    if (reader->bytes > LIMIT_LIST_BYTES)
        return err_set(err, EX_UNAVAILABLE, "a list of more than %llu bytes is none of GDELT's",
                       LIMIT_LIST_BYTES);
    while (size != 0) {
        const char *stop = memchr(data, '\n', size);
        const size_t piece = stop != NULL ? (size_t)(stop - data) : size;
        const size_t room = sizeof reader->line - reader->size;
        memcpy(reader->line + reader->size, data, piece < room ? piece : room);
        reader->size += piece < room ? piece : room;
        if (stop == NULL)
            return 0;
        TRY(end_line(reader, err));
        data += piece + 1;
        size -= piece + 1;
    }
    return 0;
}

int gdelt_site_list(struct gdelt_site *site, const char *name, gdelt_visit *visit, void *context,
                    struct err *err)
{
    char url[SITE_URL_BYTES], shown[SITE_URL_BYTES];
    struct list_reader reader = {.visit = visit, .context = context};
    struct http_reply reply = {0};
    TRY(site_url(site, name, url, err));
    http_shown(url, shown, sizeof shown);
    const struct http_request request = {.url = url,
                                         .shown = shown,
                                         .take = take_list,
                                         .take_context = &reader,
                                         .give_up = has_ended,
                                         .give_up_context = site,
                                         .redirects = SITE_REDIRECTS,
                                         .stall_seconds = site->stall_seconds};
    buffer_init(&reply.body, SITE_URL_BYTES);
    const int code = request_file(site, &request, &reply, err);
    buffer_free(&reply.body);
    TRY(code);
    TRY(end_line(&reader, err));
    if (reader.odd != 0 && !site->quiet)
        (void)fprintf(stderr,
                      "%s: %llu files are of times between the quarters of an hour or more than a "
                      "day ahead, and are passed by; the first is %s\n",
                      shown, (unsigned long long)reader.odd, reader.first_odd);
    if (reply.status == 404)
        return err_set(err, EX_UNAVAILABLE, "%s is not there (404); see --base-url", shown);
    if (reader.files == 0)
        return err_set(err, EX_UNAVAILABLE, "%s lists no file of GDELT: it is not one of its lists",
                       shown);
    return 0;
}

// ---- files ----

static void md5_text(const struct buffer *data, char out[static MD5_TEXT_BYTES])
{
    (void)MD5Data((const uint8_t *)(data->data != NULL ? data->data : ""), data->size, out);
}

static void say_mismatch(struct gdelt_entry *entry, const struct buffer *zip)
{
    const bool page = zip->size != 0 && memchr(" \r\n\t<", zip->data[0], 5) != NULL;
    entry->state = GDELT_CHECKSUM_MISMATCH;
    (void)snprintf(entry->message, sizeof entry->message,
                   "%zu bytes came with MD5 %s, the list says %s%s%.*s%s", zip->size,
                   entry->md5_received, entry->md5_listed,
                   page ? "; it is a web page or other text: '" : "",
                   page ? (int)(zip->size < SHOWN_BYTES ? zip->size : SHOWN_BYTES) : 0,
                   zip->size != 0 ? zip->data : "", page ? "'" : "");
}

// Whether the reply is the file that the list meant.
static bool judge(struct gdelt_entry *entry, const struct http_reply *reply)
{
    if (reply->status == 404) {
        entry->state = GDELT_MISSING;
        (void)snprintf(entry->message, sizeof entry->message,
                       "listed, but the site answers with 404");
        return true;
    }
    entry->size_received = reply->body.size;
    entry->fetched_at = clock_microseconds();
    md5_text(&reply->body, entry->md5_received);
    if (strcmp(entry->md5_received, entry->md5_listed) != 0) {
        say_mismatch(entry, &reply->body);
        return false;
    }
    entry->state = GDELT_FETCHED;
    entry->message[0] = '\0';
    return true;
}

// Downloads until the MD5 is right, or has been wrong too often.
static int get_judged(struct gdelt_site *site, const char *url, struct gdelt_entry *entry,
                      struct http_reply *reply, struct err *err)
{
    char shown[SITE_URL_BYTES];
    http_shown(url, shown, sizeof shown);
    const struct http_request request = {.url = url,
                                         .shown = shown,
                                         .give_up = has_ended,
                                         .give_up_context = site,
                                         .redirects = SITE_REDIRECTS,
                                         .stall_seconds = site->stall_seconds};
    for (int tries = 0; tries <= MISMATCH_TRIES; tries++) {
        TRY(wait_seconds(site, mismatch_seconds * tries, err));
        TRY(request_file(site, &request, reply, err));
        if (judge(entry, reply))
            return 0;
    }
    return 0;
}

int gdelt_site_get(struct gdelt_site *site, struct gdelt_entry *entry, struct buffer *zip,
                   struct err *err)
{
    char name[GDELT_NAME_BYTES], url[SITE_URL_BYTES];
    struct http_reply reply = {.body = *zip};
    struct err problem = {0};
    gdelt_name_format(&entry->slot, name);
    TRY(site_url(site, name, url, err));
    const int code = get_judged(site, url, entry, &reply, &problem);
    *zip = reply.body; // however it ended: its memory may have moved
    TRY(check_ended(site, err));
    if (problem.code == EX_OSERR)
        return err_set(err, problem.code, "%s", problem.text);
    if (code != 0) {
        entry->state = GDELT_LISTED;
        memcpy(entry->message, problem.text, sizeof entry->message);
    }
    if (entry->state != GDELT_FETCHED)
        entry->attempts++;
    return 0;
}
