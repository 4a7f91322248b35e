// SPDX-License-Identifier: Apache-2.0
// Dates, times, timestamps and intervals, in the units that time.precision.mode asks for.
#include "capture/column.h"
#include "capture/moment.h"
#include "capture/text.h"

// What Java makes of an infinite date and timestamp, in days and in milliseconds.
enum { DATE_INFINITY = 2146033979, DATE_MINUS_INFINITY = -2147472691 };
static const int64_t timestamp_infinity = INT64_C(9223372036825200000);
static const int64_t timestamp_minus_infinity = -INT64_C(9223372036832400000);

enum { TIME_BYTES = 64 };

static int put_signed(struct buffer *out, int64_t value, struct err *err)
{
    TRY(text_room(out, TEXT_INTEGER_BYTES, err));
    text_signed(out, value);
    return 0;
}

// 60 seconds and the like are a time of the next minute; 24:00:00 stays.
int value_date(const struct column *column, const char *text, size_t size, struct buffer *out,
               struct err *err)
{
    struct moment m;
    (void)column;
    if (!moment_date(text, size, &m))
        return value_refuse("a date", text, size, err);
    return put_signed(out,
                      m.kind == MOMENT_INFINITY         ? DATE_INFINITY
                      : m.kind == MOMENT_MINUS_INFINITY ? DATE_MINUS_INFINITY
                                                        : m.days,
                      err);
}

static int read_time(const char *text, size_t size, struct moment *m, struct err *err)
{
    return moment_time(text, size, m) ? 0 : value_refuse("a time", text, size, err);
}

int value_time_milliseconds(const struct column *column, const char *text, size_t size,
                            struct buffer *out, struct err *err)
{
    struct moment m;
    (void)column;
    TRY(read_time(text, size, &m, err));
    return put_signed(out, m.microseconds / 1000, err);
}

int value_time_microseconds(const struct column *column, const char *text, size_t size,
                            struct buffer *out, struct err *err)
{
    struct moment m;
    (void)column;
    TRY(read_time(text, size, &m, err));
    return put_signed(out, m.microseconds, err);
}

int value_time_nanoseconds(const struct column *column, const char *text, size_t size,
                           struct buffer *out, struct err *err)
{
    struct moment m;
    (void)column;
    TRY(read_time(text, size, &m, err));
    return put_signed(out, m.microseconds * 1000, err);
}

static int64_t floor_divide(int64_t value, int64_t by)
{
    return value / by - (value % by < 0);
}

static int64_t microseconds_of(const struct moment *m)
{
    return m->days * MOMENT_DAY + m->microseconds;
}

static int read_timestamp(const char *text, size_t size, struct moment *m, struct err *err)
{
    return moment_timestamp(text, size, m) ? 0 : value_refuse("a timestamp", text, size, err);
}

int value_timestamp_milliseconds(const struct column *column, const char *text, size_t size,
                                 struct buffer *out, struct err *err)
{
    struct moment m;
    (void)column;
    TRY(read_timestamp(text, size, &m, err));
    return put_signed(out,
                      m.kind == MOMENT_INFINITY         ? timestamp_infinity
                      : m.kind == MOMENT_MINUS_INFINITY ? timestamp_minus_infinity
                                                        : floor_divide(microseconds_of(&m), 1000),
                      err);
}

int value_timestamp_microseconds(const struct column *column, const char *text, size_t size,
                                 struct buffer *out, struct err *err)
{
    struct moment m;
    (void)column;
    TRY(read_timestamp(text, size, &m, err));
    return put_signed(out,
                      m.kind == MOMENT_INFINITY         ? INT64_MAX
                      : m.kind == MOMENT_MINUS_INFINITY ? INT64_MIN
                                                        : microseconds_of(&m),
                      err);
}

// Beyond 1677..2262 nanoseconds do not fit 64 bits; Debezium has a null then.
int value_timestamp_nanoseconds(const struct column *column, const char *text, size_t size,
                                struct buffer *out, struct err *err)
{
    struct moment m;
    int64_t nanoseconds;
    (void)column;
    TRY(read_timestamp(text, size, &m, err));
    if (m.kind != MOMENT_FINITE)
        nanoseconds = m.kind == MOMENT_INFINITY ? INT64_MAX : INT64_MIN;
    else if (__builtin_mul_overflow(microseconds_of(&m), INT64_C(1000), &nanoseconds))
        return buffer_append(out, "null", 4, err);
    return put_signed(out, nanoseconds, err);
}

// The year of ISO 8601: four digits, more with a sign.
static void put_date(struct buffer *out, int64_t days)
{
    int64_t year;
    unsigned month, day;
    moment_civil(days, &year, &month, &day);
    if (year < 0 || year > 9999)
        text_char(out, year < 0 ? '-' : '+');
    const uint64_t number = (uint64_t)(year < 0 ? -year : year);
    if (number > 9999) {
        text_unsigned(out, number);
    } else {
        text_two_digits(out, (unsigned)(number / 100));
        text_two_digits(out, (unsigned)(number % 100));
    }
    text_char(out, '-');
    text_two_digits(out, month);
    text_char(out, '-');
    text_two_digits(out, day);
}

static void put_clock(struct buffer *out, int64_t microseconds)
{
    const unsigned seconds = (unsigned)(microseconds / MOMENT_SECOND);
    text_two_digits(out, seconds / 3600);
    text_char(out, ':');
    text_two_digits(out, seconds / 60 % 60);
    text_char(out, ':');
    text_two_digits(out, seconds % 60);
}

// Between `least` and `most` digits, no zeros at the end beyond `least`.
static void put_fraction(struct buffer *out, int64_t microseconds, int least, int most)
{
    unsigned fraction = (unsigned)(microseconds % MOMENT_SECOND);
    int digits = 6;
    while (digits > most || (digits > least && fraction % 10 == 0)) {
        fraction /= 10;
        digits--;
    }
    if (digits == 0)
        return;
    char text[6];
    for (int i = digits - 1; i >= 0; i--, fraction /= 10)
        text[i] = (char)('0' + fraction % 10);
    text_char(out, '.');
    text_put(out, text, (size_t)digits);
}

// The same moment in UTC.
static void to_utc(struct moment *m)
{
    m->microseconds -= m->offset * MOMENT_SECOND;
    const int64_t days = floor_divide(m->microseconds, MOMENT_DAY);
    m->days += days;
    m->microseconds -= days * MOMENT_DAY;
}

int value_zoned_timestamp(const struct column *column, const char *text, size_t size,
                          struct buffer *out, struct err *err)
{
    struct moment m;
    const int digits = column->scale >= 0 && column->scale < 6 ? column->scale : 6;
    TRY(read_timestamp(text, size, &m, err));
    if (m.kind != MOMENT_FINITE)
        return value_text(column, text, size, out, err);
    to_utc(&m);
    TRY(text_room(out, TIME_BYTES, err));
    text_char(out, '"');
    put_date(out, m.days);
    text_char(out, 'T');
    put_clock(out, m.microseconds);
    put_fraction(out, m.microseconds, digits, digits);
    text_literal(out, "Z\"");
    return 0;
}

int value_zoned_time(const struct column *column, const char *text, size_t size, struct buffer *out,
                     struct err *err)
{
    struct moment m;
    (void)column;
    TRY(read_time(text, size, &m, err));
    to_utc(&m);
    TRY(text_room(out, TIME_BYTES, err));
    text_char(out, '"');
    put_clock(out, m.microseconds);
    put_fraction(out, m.microseconds, 0, 6);
    text_literal(out, "Z\"");
    return 0;
}

// What Java's calendar calls the ends of time.
static int put_far(const struct column *column, const struct moment *m, const char *last,
                   const char *first, struct buffer *out, struct err *err)
{
    const char *text = m->kind == MOMENT_INFINITY ? last : first;
    return value_text(column, text, strlen(text), out, err);
}

int value_iso_date(const struct column *column, const char *text, size_t size, struct buffer *out,
                   struct err *err)
{
    struct moment m;
    if (!moment_date(text, size, &m))
        return value_refuse("a date", text, size, err);
    if (m.kind != MOMENT_FINITE)
        return put_far(column, &m, "+5877611-06-21Z", "-5877611-06-22Z", out, err);
    TRY(text_room(out, TIME_BYTES, err));
    text_char(out, '"');
    put_date(out, m.days);
    text_literal(out, "Z\"");
    return 0;
}

int value_iso_time(const struct column *column, const char *text, size_t size, struct buffer *out,
                   struct err *err)
{
    return value_zoned_time(column, text, size, out, err);
}

int value_iso_timestamp(const struct column *column, const char *text, size_t size,
                        struct buffer *out, struct err *err)
{
    struct moment m;
    TRY(read_timestamp(text, size, &m, err));
    if (m.kind != MOMENT_FINITE)
        return put_far(column, &m, "+292278994-08-16T23:00:00Z", "-292275055-05-16T23:00:00Z", out,
                       err);
    to_utc(&m);
    TRY(text_room(out, TIME_BYTES, err));
    text_char(out, '"');
    put_date(out, m.days);
    text_char(out, 'T');
    put_clock(out, m.microseconds);
    put_fraction(out, m.microseconds, 0, 6);
    text_literal(out, "Z\"");
    return 0;
}

static int read_interval(const char *text, size_t size, struct moment_interval *i, struct err *err)
{
    return moment_interval(text, size, i) ? 0 : value_refuse("an interval", text, size, err);
}

// A month is 30.4375 days. The order of the operations is Debezium's, since it decides the last
// digits; beyond 64 bits the value stays at the end of the range.
int value_duration(const struct column *column, const char *text, size_t size, struct buffer *out,
                   struct err *err)
{
    struct moment_interval i;
    (void)column;
    TRY(read_interval(text, size, &i, err));
    const double days = (double)(i.years * 12 + i.months) * 30.4375 + (double)i.days;
    const double seconds = ((days * 24 + (double)i.hours) * 60 + (double)i.minutes) * 60 +
                           (double)i.microseconds / 1e6;
    const double microseconds = seconds * 1e6;
    return put_signed(out,
                      microseconds >= 0x1p63    ? INT64_MAX
                      : microseconds <= -0x1p63 ? INT64_MIN
                                                : (int64_t)microseconds,
                      err);
}

int value_interval(const struct column *column, const char *text, size_t size, struct buffer *out,
                   struct err *err)
{
    struct moment_interval i;
    (void)column;
    TRY(read_interval(text, size, &i, err));
    const int64_t parts[] = {i.years, i.months, i.days, i.hours, i.minutes};
    static const char *const units[] = {"Y", "M", "DT", "H", "M"};
    TRY(text_room(out, 5 * (TEXT_INTEGER_BYTES + 2) + 32, err));
    text_literal(out, "\"P");
    for (size_t n = 0; n < sizeof parts / sizeof *parts; n++) {
        text_signed(out, parts[n]);
        text_put(out, units[n], units[n][1] == '\0' ? 1 : 2);
    }
    const int64_t magnitude = i.microseconds < 0 ? -i.microseconds : i.microseconds;
    if (i.microseconds < 0)
        text_char(out, '-');
    text_unsigned(out, (uint64_t)(magnitude / MOMENT_SECOND));
    put_fraction(out, magnitude, 0, 6);
    text_literal(out, "S\"");
    return 0;
}
