// SPDX-License-Identifier: Apache-2.0
// Trading sessions of the New York exchanges, every day from 1990 to 2035: one table an exchange,
// built once (155 KiB, under a millisecond), after which every question is a look-up.
//
// A session belongs to an exchange date and lasts from open to close, the close not included.
// Around it lie the extended hours as they are today, also for years that had none: before it from
// 04:00 New York time, after it for four hours (to 20:00; to 17:00 after a close at 13:00).
// Dates are days since 1970-01-01 (base/time.h), instants are seconds since 1970-01-01 UTC.
#ifndef TICKHOUSE_MARKET_CALENDAR_H
#define TICKHOUSE_MARKET_CALENDAR_H

#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CALENDAR_FIRST_DAY = 7305, // 1990-01-01
    CALENDAR_LAST_DAY = 24105, // 2035-12-31
    CALENDAR_DAYS = CALENDAR_LAST_DAY - CALENDAR_FIRST_DAY + 1,
    CALENDAR_MAX_SESSIONS = 12000,
    CALENDAR_NO_DATE = 0, // 1970-01-01: there is no such session, or the calendar does not reach it
};

enum exchange { XNYS, XNAS, EXCHANGE_COUNT };

enum trading_phase { PHASE_PRE = 1, PHASE_REGULAR, PHASE_POST, PHASE_CLOSED };

struct calendar_day {
    uint16_t open, close; // minutes after New York's midnight; both 0 on a day without a session
    uint16_t sessions;    // from the first day up to this one, itself included
    uint8_t utc_offset;   // hours that New York lies behind UTC, from 03:00 on
    uint8_t reason;       // why there is no session, or not the usual one
};

struct calendar {
    struct calendar_day days[CALENDAR_DAYS];
    uint16_t sessions[CALENDAR_MAX_SESSIONS]; // the day of each session, after CALENDAR_FIRST_DAY
    uint16_t session_count;
};

void calendar_build(struct calendar *calendar, enum exchange exchange);

// The exchange of a market identifier code: XNYS or NYSE, XNAS or NASDAQ, in any case.
int exchange_parse(const char *mic, size_t length, enum exchange *exchange, struct err *err);
const char *exchange_mic(enum exchange exchange);

// The day's entry; NULL outside the calendar's years.
const struct calendar_day *calendar_day(const struct calendar *calendar, int32_t date);

// Why the day has no session or an unusual one ("Good Friday"); "" for a usual session.
const char *calendar_reason(const struct calendar_day *day);

bool calendar_is_open(const struct calendar *calendar, int32_t date);

// The next session after the date, the last one before it; `date` itself never.
int32_t calendar_next(const struct calendar *calendar, int32_t date);
int32_t calendar_prev(const struct calendar *calendar, int32_t date);

// Sessions from `from` on and before `to`, as NumPy counts business days; negative where `to` is
// the earlier. There are none outside the calendar's years.
int32_t calendar_sessions_between(const struct calendar *calendar, int32_t from, int32_t to);

// The instant at which it was `minute` minutes past New York's midnight of a date of the calendar;
// for minutes from 03:00 on.
int64_t calendar_instant(const struct calendar *calendar, int32_t date, unsigned minute);

enum trading_phase calendar_phase(const struct calendar *calendar, int64_t instant);

// The first session that could trade on what was known at the instant: the first whose close lies
// after it. What comes at the instant of the close counts for the next session.
int32_t calendar_effective_date(const struct calendar *calendar, int64_t instant);

#endif
