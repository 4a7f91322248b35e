// SPDX-License-Identifier: Apache-2.0
#include "net/http.h"
#include "base/version.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    HTTP_CONNECT_SECONDS = 10,
    HTTP_STALL_SECONDS = 120,
    HTTP_UPLOAD_BYTES = 1 << 20,
    HTTP_SLOW_BYTES = 1024
};

struct http_client {
    CURL *curl;
    const struct http_request *request; // under way
    struct http_reply *reply;
    struct err body_error;
    char text[CURL_ERROR_SIZE];
};

// What a refusal says is for an error text: its beginning is enough, and a large page is no error
// of its own.
static int keep_refusal(struct buffer *body, const char *data, size_t size, struct err *err)
{
    const size_t room = body->size < HTTP_REFUSAL_BYTES ? HTTP_REFUSAL_BYTES - body->size : 0;
    return buffer_append(body, data, size < room ? size : room, err);
}

static size_t on_body(char *data, size_t one, size_t size, void *context)
{
    struct http_client *client = context;
    const struct http_request *request = client->request;
    struct buffer *body = &client->reply->body;
    long status = 0;
    int code;
    (void)one;
    (void)curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200)
        code = keep_refusal(body, data, size, &client->body_error);
    else if (request->take != NULL)
        code = request->take(request->take_context, data, size, &client->body_error);
    else
        code = buffer_append(body, data, size, &client->body_error);
    return code == 0 ? size : 0;
}

static size_t on_header(char *data, size_t one, size_t size, void *context)
{
    static const char name[] = "X-ClickHouse-Exception-Code:";
    struct http_client *client = context;
    char text[64];
    (void)one;
    if (size < sizeof text && size > sizeof name && strncasecmp(data, name, sizeof name - 1) == 0) {
        memcpy(text, data, size);
        text[size] = '\0';
        client->reply->clickhouse_code = strtol(text + sizeof name - 1, NULL, 10);
    }
    return size;
}

static int on_progress(void *context, curl_off_t download_size, curl_off_t downloaded,
                       curl_off_t upload_size, curl_off_t uploaded)
{
    const struct http_request *request = context;
    (void)download_size;
    (void)downloaded;
    (void)upload_size;
    (void)uploaded;
    return request->give_up(request->give_up_context);
}

int http_open(struct http_client **client, struct err *err)
{
    struct http_client *opened = calloc(1, sizeof *opened);
    *client = NULL;
    if (opened == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
        (opened->curl = curl_easy_init()) == NULL) {
        free(opened);
        return err_set(err, EX_OSERR, "cannot start libcurl: out of memory");
    }
    *client = opened;
    return 0;
}

void http_close(struct http_client *client)
{
    if (client == NULL)
        return;
    curl_easy_cleanup(client->curl);
    free(client);
}

void http_shown(const char *url, char *out, size_t size)
{
    const char *mark = strstr(url, "://");
    const char *host = mark != NULL ? mark + 3 : url;
    const char *end = host + strcspn(host, "/?#");
    const char *at = memrchr(host, '@', (size_t)(end - host));
    (void)snprintf(out, size, "%.*s%s", at != NULL ? (int)(host - url) : 0, url,
                   at != NULL ? at + 1 : url);
}

static bool is_loopback(const char *host)
{
    struct in_addr address;
    if (strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0)
        return true;
    return inet_pton(AF_INET, host, &address) == 1 && ntohl(address.s_addr) >> 24 == 127;
}

bool http_is_loopback(const char *url)
{
    CURLU *parsed = curl_url();
    char *host = NULL;
    const bool loopback =
        parsed != NULL &&
        curl_url_set(parsed, CURLUPART_URL, url, CURLU_GUESS_SCHEME) == CURLUE_OK &&
        curl_url_get(parsed, CURLUPART_HOST, &host, 0) == CURLUE_OK && is_loopback(host);
    curl_free(host);
    curl_url_cleanup(parsed);
    return loopback;
}

static void set_options(struct http_client *client, const struct http_request *request,
                        struct curl_slist *headers)
{
    CURL *curl = client->curl;
    curl_easy_reset(curl);
    (void)curl_easy_setopt(curl, CURLOPT_URL, request->url);
    (void)curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, request->once ? 1L : 0L);
    (void)curl_easy_setopt(curl, CURLOPT_USERAGENT, "tickhouse/" TICKHOUSE_VERSION);
    (void)curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, client->text);
    (void)curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)HTTP_CONNECT_SECONDS);
    // A query may well answer nothing for long, a download has no reason to trickle.
    (void)curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT,
                           request->stall_seconds != 0 ? (long)HTTP_SLOW_BYTES : 1L);
    (void)curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME,
                           request->stall_seconds != 0 ? request->stall_seconds
                                                       : (long)HTTP_STALL_SECONDS);
    (void)curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, request->redirects != 0 ? 1L : 0L);
    (void)curl_easy_setopt(curl, CURLOPT_MAXREDIRS, request->redirects);
    // Who asked for https gets nothing that others could read or change.
    (void)curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR,
                           strncasecmp(request->url, "https:", 6) == 0 ? "https" : "http,https");
    (void)curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    // A proxy of the environment is for the world outside: it cannot reach what listens on loopback
    // here. For other hosts libcurl's own rules hold, no_proxy among them.
    if (http_is_loopback(request->url))
        (void)curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    (void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, client);
    (void)curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    (void)curl_easy_setopt(curl, CURLOPT_HEADERDATA, client);
    if (request->give_up != NULL) {
        (void)curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
        (void)curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
        (void)curl_easy_setopt(curl, CURLOPT_XFERINFODATA, request);
    }
    if (request->method != NULL)
        (void)curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
    if (request->body == NULL)
        return;
    (void)curl_easy_setopt(curl, CURLOPT_POST, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_UPLOAD_BUFFERSIZE, (long)HTTP_UPLOAD_BYTES);
    (void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body);
    (void)curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_size);
}

// "Expect: 100-continue" would cost a round trip, and a second where the peer does not know it.
static int list_headers(const struct http_request *request, struct curl_slist **list,
                        struct err *err)
{
    *list = curl_slist_append(NULL, "Expect:");
    for (const char *const *h = request->headers; *list != NULL && h != NULL && *h != NULL; h++) {
        struct curl_slist *longer = curl_slist_append(*list, *h);
        if (longer == NULL)
            curl_slist_free_all(*list);
        *list = longer;
    }
    return *list != NULL ? 0 : err_set(err, EX_OSERR, "out of memory for HTTP headers");
}

static int explain(const struct http_client *client, const struct http_request *request,
                   CURLcode code, struct err *err)
{
    const char *shown = request->shown != NULL ? request->shown : request->url;
    const char *text = client->text[0] != '\0' ? client->text : curl_easy_strerror(code);
    if (client->body_error.code != 0)
        return err_set(err, client->body_error.code, "the reply of %s: %s", shown,
                       client->body_error.text);
    if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL)
        return err_set(err, EX_USAGE, "'%s' is no HTTP address: %s", shown, text);
    if (code == CURLE_TOO_MANY_REDIRECTS)
        return err_set(err, EX_UNAVAILABLE, "%s leads in circles: more than %ld redirections",
                       shown, request->redirects);
    return err_set_retriable(err, EX_UNAVAILABLE, "no reply from %s: %s", shown, text);
}

int http_send(struct http_client *client, const struct http_request *request,
              struct http_reply *reply, struct err *err)
{
    struct curl_slist *headers;
    TRY(list_headers(request, &headers, err));
    client->request = request;
    client->reply = reply;
    client->body_error = (struct err){0};
    client->text[0] = '\0';
    reply->status = reply->clickhouse_code = reply->retry_after = 0;
    reply->body.size = 0;
    set_options(client, request, headers);
    const CURLcode code = curl_easy_perform(client->curl);
    (void)curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &reply->status);
    curl_off_t wait = 0;
    (void)curl_easy_getinfo(client->curl, CURLINFO_RETRY_AFTER, &wait);
    reply->retry_after = (long)wait;
    (void)curl_easy_setopt(client->curl, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(headers);
    return code == CURLE_OK ? 0 : explain(client, request, code, err);
}

int http_escape(struct buffer *url, const char *text, struct err *err)
{
    static const char digits[] = "0123456789ABCDEF";
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
        const bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                           (*c >= '0' && *c <= '9') || strchr("-._~", *c) != NULL;
        const char escaped[3] = {'%', digits[*c >> 4], digits[*c & 15]};
        TRY(plain ? buffer_append(url, c, 1, err) : buffer_append(url, escaped, 3, err));
    }
    char *end = buffer_reserve(url, 1, err);
    if (end == NULL)
        return err_code(err, EX_OSERR);
    *end = '\0';
    return 0;
}
