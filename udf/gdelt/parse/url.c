// SPDX-License-Identifier: Apache-2.0
// The form is made part by part, left to right; each part's rules end where applying them again
// changes nothing, so that the form of a form is itself. AMP caches carry the address of the page
// in their path: it is unwrapped first, a few times at most. Ends are cut by one cursor that goes
// back, so the time is linear.
#include "url.h"

#include <strings.h>

struct url {
    struct view host, port, path, query; // port: with its colon, or empty; query: without '?'
};

// Hosts for telephones, and `www`, which says nothing.
static const char *const host_labels[] = {"www", "m", "mobile", "amp", "touch", "wap"};

static const char *const amp_segments[] = {"amp", "_amp", "amphtml"};

// Parameters that say where a reader came from, not what is read. Those that end in '*' stand for
// all that begin so; those with '=' for that value only.
static const char *const tracking[] = {
    "utm_*",
    "mc_cid",
    "mc_eid",
    "fbclid",
    "gclid",
    "gclsrc",
    "dclid",
    "gbraid",
    "wbraid",
    "msclkid",
    "yclid",
    "twclid",
    "ttclid",
    "igshid",
    "igsh",
    "_ga",
    "_gl",
    "_hsenc",
    "_hsmi",
    "hsctat*",
    "mkt_tok",
    "oly_enc_id",
    "oly_anon_id",
    "vero_id",
    "wickedid",
    "cmpid",
    "icid",
    "ncid",
    "ocid",
    "smid",
    "s_cid",
    "xtor",
    "spref",
    "sr_share",
    "ref_src",
    "ref_url",
    "ito",
    "soc_src",
    "soc_trk",
    "guccounter",
    "guce_referr*",
    "ns_*",
    "at_*",
    "partner=rss",
    "feedtype",
    "feedname",
    "__twitter_impression",
    "taid",
    "tsrc",
    "amp_js_v",
    "amp_gsa",
    "usqp",
    "amp",
    "amphtml",
    "isamp*",
    "__amp_source_origin",
    "output=amp",
    "outputtype=amp",
    "format=amp",
    "mode=amp",
    "view=amp",
    "viewas=amp",
    "viewmode=amp",
    "version=amp",
    "display=amp",
    "layout=amp",
    "render=amp",
    "template=amp",
    "tpl=amp",
    "pagetype=amp",
    "platform=amp",
    "service=amp",
    "context=amp",
    "amp-content=amp",
};

// The second label of names under which a country registers firms: co.uk, com.au.
static const char *const shared_labels[] = {"ac",  "co",  "com", "edu", "go", "gob",
                                            "gov", "gub", "ne",  "net", "or", "org"};

#define COUNT(array) (sizeof(array) / sizeof *(array))

// White space and control characters, as URLs lose them at both ends.
static bool is_blank(char c)
{
    return (unsigned char)c <= ' ';
}

static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

static struct view trim(struct view text)
{
    while (text.size != 0 && is_blank(text.data[0]))
        text = view_from(text, 1);
    while (text.size != 0 && is_blank(text.data[text.size - 1]))
        text.size--;
    return text;
}

static bool has_space(struct view text)
{
    for (size_t i = 0; i < text.size; i++)
        if (is_blank(text.data[i]) || text.data[i] == 0x7F)
            return true;
    return false;
}

static bool is_any(struct view text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strncasecmp(text.data, words[i], text.size) == 0 && words[i][text.size] == '\0')
            return true;
    return false;
}

// Takes "http://" or "https://" off the front.
static bool take_scheme(struct view *text)
{
    static const struct view schemes[] = {{"http://", 7}, {"https://", 8}};
    for (size_t i = 0; i < COUNT(schemes); i++)
        if (text->size > schemes[i].size &&
            strncasecmp(text->data, schemes[i].data, schemes[i].size) == 0) {
            *text = view_from(*text, schemes[i].size);
            return true;
        }
    return false;
}

// user@HOST:port, where a host in brackets holds colons itself.
static bool split_authority(struct view authority, struct url *url)
{
    const size_t at = view_find_last(authority, '@');
    if (at < authority.size)
        authority = view_from(authority, at + 1);
    const size_t bracket = view_find_last(authority, ']');
    size_t colon = view_find_last(authority, ':');
    if (colon < authority.size && bracket < authority.size && colon < bracket)
        colon = authority.size;
    url->host = view_to(authority, colon);
    url->port = view_from(authority, colon);
    while (url->host.size != 0 && url->host.data[url->host.size - 1] == '.')
        url->host.size--;
    for (size_t i = 1; i < url->port.size; i++)
        if (url->port.data[i] < '0' || url->port.data[i] > '9')
            return false;
    if (url->port.size == 1 || view_equal(url->port, VIEW(":80")) ||
        view_equal(url->port, VIEW(":443")))
        url->port.size = 0;
    const bool bracketed = url->host.size != 0 && url->host.data[0] == '[' &&
                           url->host.data[url->host.size - 1] == ']';
    return url->host.size != 0 && (bracketed || view_find(url->host, ':') == url->host.size);
}

static size_t authority_size(struct view text)
{
    size_t size = 0;
    while (size < text.size && text.data[size] != '/' && text.data[size] != '?')
        size++;
    return size;
}

// What follows the scheme.
static bool split(struct view text, struct url *url)
{
    const size_t end = authority_size(text);
    const struct view rest = view_from(text, end);
    const size_t question = view_find(rest, '?');
    url->path = view_to(rest, question);
    url->query = view_from(rest, question + (question < rest.size));
    return split_authority(view_to(text, end), url);
}

static bool ends_with(struct view text, struct view end)
{
    return text.size >= end.size &&
           strncasecmp(text.data + text.size - end.size, end.data, end.size) == 0;
}

static bool is_cache(struct view host)
{
    return ends_with(host, VIEW(".cdn.ampproject.org")) ||
           (host.size == sizeof "cdn.ampproject.org" - 1 &&
            ends_with(host, VIEW("cdn.ampproject.org")));
}

// Search engines show AMP pages under their own name: google.TLD/amp/s/HOST/PATH.
static bool is_viewer(struct view host)
{
    static const struct view names[] = {{"google.", 7}, {"bing.", 5}};
    for (size_t i = 0; i < COUNT(names); i++)
        if (host.size > names[i].size && strncasecmp(host.data, names[i].data, names[i].size) == 0)
            return true;
    return false;
}

// Takes a prefix off, if what follows begins with a host.
static bool take_prefix(struct view *text, struct view prefix)
{
    if (!view_starts(*text, prefix))
        return false;
    const struct view rest = view_from(*text, prefix.size);
    const struct view authority = view_to(rest, authority_size(rest));
    const size_t dot = view_find(authority, '.');
    if (dot == 0 || dot == authority.size)
        return false;
    *text = rest;
    return true;
}

// `text`: what follows the scheme; `host`: url's in canonical form. True when it was the address of
// a wrapped page.
static bool unwrap(const struct url *url, struct view host, struct view *text)
{
    static const struct view cache[] = {{"/c/s/", 5}, {"/v/s/", 5}, {"/c/", 3}, {"/v/", 3}};
    static const struct view viewer[] = {{"/amp/s/", 7}, {"/amp/", 5}};
    struct view rest = {url->path.data, text->size - (size_t)(url->path.data - text->data)};
    const bool cached = is_cache(host);
    const struct view *prefixes = cached ? cache : viewer;
    const size_t count = cached ? COUNT(cache) : COUNT(viewer);
    if (!cached && !is_viewer(host))
        return false;
    for (size_t i = 0; i < count; i++)
        if (take_prefix(&rest, prefixes[i])) {
            *text = rest;
            return true;
        }
    return false;
}

static size_t put(char *out, size_t at, struct view text)
{
    if (text.size != 0)
        memmove(out + at, text.data, text.size);
    return at + text.size;
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'f');
}

static char upper(char c)
{
    return (char)(c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c);
}

// Escapes in upper case.
static size_t put_escaped(char *out, size_t at, struct view text)
{
    for (size_t i = 0; i < text.size; i++) {
        out[at++] = text.data[i];
        if (text.data[i] == '%' && text.size - i > 2 && is_hex(text.data[i + 1]) &&
            is_hex(text.data[i + 2])) {
            out[at++] = upper(text.data[++i]);
            out[at++] = upper(text.data[++i]);
        }
    }
    return at;
}

static size_t labels_of(struct view host)
{
    size_t count = 1;
    for (size_t i = 0; i < host.size; i++)
        count += host.data[i] == '.';
    return count;
}

// Whether what follows a label is the name of a site. Not a lone label, nor co.uk: amp.co.uk is a
// site itself.
static bool is_site(struct view host, size_t labels)
{
    enum { COUNTRY_BYTES = 2 };
    if (labels != 2)
        return labels > 2;
    const size_t dot = view_find(host, '.');
    return host.size - dot - 1 != COUNTRY_BYTES ||
           !is_any(view_to(host, dot), shared_labels, COUNT(shared_labels));
}

// Lower case, without the labels of telephones before the name of the site.
static size_t put_host(char *out, size_t at, struct view host)
{
    struct view label;
    for (size_t left = labels_of(host); left > 0; left--) {
        const size_t dot = view_find(host, '.');
        label = view_to(host, dot);
        host = view_from(host, dot + (dot < host.size));
        if (is_site(host, left - 1) && is_any(label, host_labels, COUNT(host_labels)))
            continue;
        for (size_t i = 0; i < label.size; i++)
            out[at++] = lower(label.data[i]);
        if (left > 1)
            out[at++] = '.';
    }
    return at;
}

enum { AMP_MARK_BYTES = 4 };

// As the numbers of articles are.
static bool ends_in_number(struct view text)
{
    enum { DIGITS = 5 };
    size_t count = 0;
    while (count < text.size && count < DIGITS && text.data[text.size - 1 - count] >= '0' &&
           text.data[text.size - 1 - count] <= '9')
        count++;
    return count == DIGITS;
}

// A name may end in the word: "-amp" is a mark only behind an article's number and where the ending
// of a file follows.
static bool is_marked(struct view text, bool before_ending)
{
    return ends_with(text, VIEW(".amp")) || ends_with(text, VIEW("_amp")) ||
           (ends_with(text, VIEW("-amp")) &&
            (before_ending || ends_in_number(view_to(text, text.size - AMP_MARK_BYTES))));
}

static struct view without_marks(struct view text, bool before_ending)
{
    while (is_marked(text, before_ending))
        text.size -= AMP_MARK_BYTES;
    return text;
}

// Takes the marks off the segment that ends at `at`: `name.amp`, `name-amp.html`. Returns its end.
static size_t strip_marks(char *out, size_t from, size_t at)
{
    const struct view segment = without_marks((struct view){out + from, at - from}, false);
    const size_t dot = view_find_last(segment, '.');
    const struct view stem = without_marks(view_to(segment, dot), dot < segment.size);
    return put(out, from + stem.size, view_from(segment, dot));
}

static bool says_nothing(struct view segment)
{
    return segment.size == 0 || is_any(segment, amp_segments, COUNT(amp_segments)) ||
           view_equal(segment, VIEW("lite"));
}

// Takes what AMP and light pages have at the end, and slashes, off the path out[from, at). Returns
// its end.
static size_t shorten_end(char *out, size_t from, size_t at)
{
    while (at > from) {
        const size_t segment = from + view_find_last((struct view){out + from, at - from}, '/') + 1;
        at = strip_marks(out, segment, at);
        if (!says_nothing((struct view){out + segment, at - segment}))
            break;
        at = segment - 1;
    }
    return at;
}

static size_t put_path(char *out, size_t at, struct view path)
{
    const size_t from = at;
    while (path.size != 0) {
        path = view_from(path, 1); // its '/'
        const size_t slash = view_find(path, '/');
        struct view segment = view_to(path, slash);
        path = view_from(path, slash);
        const bool empty = segment.size == 0;
        while (view_starts(segment, VIEW("amp_")))
            segment = view_from(segment, 4);
        if ((segment.size == 0 && !empty) || is_any(segment, amp_segments, COUNT(amp_segments)))
            continue;
        out[at++] = '/';
        at = put_escaped(out, at, segment);
    }
    return shorten_end(out, from, at);
}

static bool is_tracking(struct view piece)
{
    const struct view name = view_to(piece, view_find(piece, '='));
    for (size_t i = 0; i < COUNT(tracking); i++) {
        const struct view word = {tracking[i], strlen(tracking[i])};
        const struct view what = view_find(word, '=') < word.size ? piece : name;
        if (word.data[word.size - 1] == '*') {
            if (what.size >= word.size - 1 && strncasecmp(what.data, word.data, word.size - 1) == 0)
                return true;
        } else if (what.size == word.size && strncasecmp(what.data, word.data, word.size) == 0) {
            return true;
        }
    }
    return false;
}

static size_t put_query(char *out, size_t at, struct view query)
{
    char before = '?';
    for (struct view piece; view_next(&query, '&', &piece);) {
        if (piece.size == 0 || is_tracking(piece))
            continue;
        out[at++] = before;
        at = put_escaped(out, at, piece);
        before = '&';
    }
    return at;
}

// Splits what follows the scheme, as often as it is the address of a wrapped page; the host goes to
// out[start...) in canonical form. False when it is no URL, or one wrapped too often.
static bool split_wrapped(struct view text, char *out, size_t start, struct url *url,
                          struct view *host)
{
    for (int wraps = 0; wraps <= URL_MAX_WRAPS; wraps++) {
        if (!split(text, url))
            return false;
        *host = (struct view){out + start, put_host(out, start, url->host) - start};
        if (!unwrap(url, *host, &text))
            return true;
    }
    return false;
}

size_t url_write_canonical(struct view text, char *out)
{
    struct url url;
    struct view host;
    const struct view whole = trim(text);
    if (whole.size > URL_MAX_BYTES)
        return put(out, 0, whole);
    const size_t start = put(out, 0, VIEW("https://"));
    text = trim(view_to(whole, view_find(whole, '#')));
    if (!take_scheme(&text) || has_space(text) || !split_wrapped(text, out, start, &url, &host))
        return put(out, 0, whole);
    size_t at = put(out, start + host.size, url.port);
    at = is_cache(host) ? put(out, at, url.path) : put_path(out, at, url.path);
    return put_query(out, at, url.query);
}
