"""Dates and times, read in any form that python-dateutil knows; an offset from UTC in the text is dropped.

What a text leaves out is taken from midnight of 1900-01-01, never from today: a builtin must always answer the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache
from operator import eq, ge, gt, le, lt

from dateutil import parser as dateutil_parser

from congress.datalog.builtins.builtin import Builtin, number, text
from congress.datalog.values import Value

EPOCH = datetime(1900, 1, 1)
MAX_TEXT = 100
_USUAL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ T][0-9]{2}:[0-9]{2}:[0-9]{2})?")
_UNITS = ("seconds", "minutes", "hours", "days", "weeks")


@lru_cache(maxsize=8192)
def _parse(written: str) -> datetime:
    if _USUAL.fullmatch(written):
        return datetime.fromisoformat(written)
    if len(written) > MAX_TEXT:
        raise ValueError("too long for a date")
    try:
        return dateutil_parser.parse(written, default=EPOCH, ignoretz=True)
    except Exception as error:  # the parser lets a dozen kinds of exception through on odd input
        raise ValueError(f"not a date: {written!r}") from error


def moment(value: Value) -> datetime:
    """The point in time that a value means. Raises TypeError, ValueError."""
    return _parse(text(value))


def written(time: datetime) -> str:
    return time.isoformat(sep=" ", timespec="seconds")


def interval(value: Value) -> timedelta:
    """A length of time: a number of seconds, or `[weeks:[days:[hours:]]]minutes:seconds`."""
    if not isinstance(value, str):
        return timedelta(seconds=value)
    parts = value.split(":")
    if len(parts) > len(_UNITS):
        raise ValueError(f"not an interval: {value!r}")
    return timedelta(**{unit: int(part) for unit, part in zip(_UNITS, reversed(parts), strict=False)})


def unpack_date(d: Value) -> tuple[int, int, int]:
    time = moment(d)
    return time.year, time.month, time.day


def unpack_time(d: Value) -> tuple[int, int, int]:
    time = moment(d)
    return time.hour, time.minute, time.second


def unpack_datetime(d: Value) -> tuple[int, int, int, int, int, int]:
    return (*unpack_date(d), *unpack_time(d))


def pack_date(year: Value, month: Value, day: Value) -> str:
    return f"{int(number(year))}-{int(number(month))}-{int(number(day))}"


def pack_time(hour: Value, minute: Value, second: Value) -> str:
    return f"{int(number(hour))}:{int(number(minute))}:{int(number(second))}"


def pack_datetime(year: Value, month: Value, day: Value, hour: Value, minute: Value, second: Value) -> str:
    return f"{pack_date(year, month, day)} {pack_time(hour, minute, second)}"


def extract_date(d: Value) -> str:
    return moment(d).date().isoformat()


def extract_time(d: Value) -> str:
    return moment(d).time().isoformat(timespec="seconds")


def datetime_to_seconds(d: Value) -> int:
    return (moment(d) - EPOCH) // timedelta(seconds=1)


def datetime_plus(d: Value, delta: Value) -> str:
    return written(moment(d) + interval(delta))


def datetime_minus(d: Value, delta: Value) -> str:
    return written(moment(d) - interval(delta))


def _comparison(compare: Callable[[datetime, datetime], bool]) -> Callable[[Value, Value], bool]:
    return lambda a, b: compare(moment(a), moment(b))


_FAMILY = "dates and times"

BUILTINS = (
    Builtin("unpack_date", 1, 3, unpack_date, _FAMILY, "the parts of a date", "date, year, month, day"),
    Builtin("unpack_time", 1, 3, unpack_time, _FAMILY, "the parts of a time", "time, hour, minute, second"),
    Builtin(
        "unpack_datetime",
        1,
        6,
        unpack_datetime,
        _FAMILY,
        "the parts of a point in time",
        "time, year, month, day, hour, minute, second",
    ),
    Builtin("pack_date", 3, 1, pack_date, _FAMILY, "the date `y-m-d`, without leading zeros", "year, month, day, date"),
    Builtin(
        "pack_time", 3, 1, pack_time, _FAMILY, "the time `h:m:s`, without leading zeros", "hour, minute, second, time"
    ),
    Builtin(
        "pack_datetime",
        6,
        1,
        pack_datetime,
        _FAMILY,
        "`y-m-d h:m:s`, without leading zeros",
        "year, month, day, hour, minute, second, time",
    ),
    Builtin("extract_date", 1, 1, extract_date, _FAMILY, "y is the date of a point in time, `YYYY-MM-DD`"),
    Builtin("extract_time", 1, 1, extract_time, _FAMILY, "y is the time of a point in time, `hh:mm:ss`"),
    Builtin(
        "datetime_to_seconds", 1, 1, datetime_to_seconds, _FAMILY, "y is the number of whole seconds since 1900-01-01"
    ),
    Builtin(
        "datetime_plus",
        2,
        1,
        datetime_plus,
        _FAMILY,
        "z is y later than x, `YYYY-MM-DD hh:mm:ss`; y is seconds or `[weeks:[days:[hours:]]]minutes:seconds`",
    ),
    Builtin("datetime_minus", 2, 1, datetime_minus, _FAMILY, "as `datetime_plus`, earlier"),
    Builtin("datetime_lt", 2, 0, _comparison(lt), _FAMILY, "x is before y"),
    Builtin("datetime_lteq", 2, 0, _comparison(le), _FAMILY, "x is before y, or the same time"),
    Builtin("datetime_gt", 2, 0, _comparison(gt), _FAMILY, "x is after y"),
    Builtin("datetime_gteq", 2, 0, _comparison(ge), _FAMILY, "x is after y, or the same time"),
    Builtin("datetime_equal", 2, 0, _comparison(eq), _FAMILY, "x and y are the same time, however written"),
)
