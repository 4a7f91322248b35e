# SPDX-License-Identifier: Apache-2.0
"""The calendar against exchange_calendars (every day from 1990 to 2035: session or none, open, close) and, minute by minute, on the days
on which clocks change, on short days, and on the days around both: the phase and the effective date, the clock of New York from tzdata.
Five sessions that exchange_calendars has with the usual hours opened late or closed early; they are held to pandas_market_calendars.

usage: trading_calendar.py days DAYS.tsv > MINUTE_DAYS   (mic, date, is_open, open, close; prints the midnights of days to look at closely)
       trading_calendar.py minutes MINUTES.tsv           (mic, instant, phase, effective date)"""

import bisect
import sys
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import exchange_calendars
import pandas_market_calendars

FIRST, LAST = "1990-01-01", "2035-12-31"
NEW_YORK = ZoneInfo("America/New_York")
UNUSUAL = [date(1994, 2, 11), date(1995, 12, 18), date(1996, 1, 8), date(1997, 10, 27), date(2002, 9, 11)]
NYSE_ONLY = [date(1995, 12, 18)]  # trouble with the computers of one exchange


def hours(schedule, opening, closing):
    return {
        day.date(): (int(start.timestamp()), int(end.timestamp()))
        for day, start, end in zip(schedule.index, schedule[opening], schedule[closing])
    }


def oracle(mic):
    sessions = hours(exchange_calendars.get_calendar(mic, start=FIRST, end=LAST).schedule, "open", "close")
    second = pandas_market_calendars.get_calendar("NYSE").schedule(FIRST, LAST)
    second = hours(second, "market_open", "market_close")
    for day in UNUSUAL:
        if mic == "XNYS" or day not in NYSE_ONLY:
            assert sessions[day] != second[day], f"{day}: the oracles agree by now; take it off the list"
            sessions[day] = second[day]
    return sessions


def all_days():
    return [date.fromisoformat(FIRST) + timedelta(days=n) for n in range(16801)]


def midnight(day):
    return int(datetime.combine(day, time(), NEW_YORK).timestamp())


def check_days(path):
    wanted = {mic: oracle(mic) for mic in ("XNYS", "XNAS")}
    compared = wrong = 0
    for line in open(path, encoding="utf-8"):
        mic, day, is_open, opens, closes = line.rstrip("\n").split("\t")
        session = wanted[mic].get(date.fromisoformat(day))
        found = (int(opens), int(closes)) if is_open == "1" else None
        compared += 1
        if found != session:
            wrong += 1
            print(f"{mic} {day}: wanted {session}, found {found}", file=sys.stderr)
    print(f"{compared} days of two exchanges: {compared - wrong} equal", file=sys.stderr)
    assert compared == 2 * 16801
    return wrong == 0


def close_days():
    """Days on which clocks change, unusual and short days, and their neighbours."""
    sessions = oracle("XNYS")
    chosen = set(UNUSUAL)
    for day in all_days():
        changes = midnight(day + timedelta(days=1)) - midnight(day) != 86400
        short = day in sessions and sessions[day][1] - sessions[day][0] < 6.5 * 3600
        if changes or short:
            chosen.update(day + timedelta(days=n) for n in (-1, 0, 1))
    return sorted(chosen)


def check_minutes(path):
    oracles = {mic: oracle(mic) for mic in ("XNYS", "XNAS")}
    dates = {mic: sorted(sessions) for mic, sessions in oracles.items()}
    closes = {mic: [sessions[day][1] for day in dates[mic]] for mic, sessions in oracles.items()}
    compared = {mic: 0 for mic in oracles}
    wrong = 0
    for line in open(path, encoding="utf-8"):
        mic, instant, phase, effective = line.rstrip("\n").split("\t")
        sessions = oracles[mic]
        instant = int(instant)
        local = datetime.fromtimestamp(instant, NEW_YORK)
        wanted = "closed"
        if local.date() in sessions:
            opens, ends = sessions[local.date()]
            begins = datetime.combine(local.date(), time(4), NEW_YORK).timestamp()
            wanted = (
                "pre" if begins <= instant < opens
                else "regular" if opens <= instant < ends
                else "post" if ends <= instant < ends + 4 * 3600
                else "closed"
            )
        first = dates[mic][bisect.bisect_right(closes[mic], instant)].isoformat()
        compared[mic] += 1
        if (phase, effective) != (wanted, first):
            wrong += 1
            if wrong <= 10:
                print(f"{mic} {local}: wanted {wanted} {first}, found {phase} {effective}", file=sys.stderr)
    print(f"minutes compared: {compared}, {wrong} differ")
    return wrong == 0 and compared["XNYS"] > 500000 and compared["XNAS"] > 200000


if sys.argv[1] == "days":
    good = check_days(sys.argv[2])
    for close_day in close_days():
        print(midnight(close_day))
else:
    good = check_minutes(sys.argv[2])
sys.exit(0 if good else 1)
