"""Checks of configuration values: the answer is an empty string, or a sentence that says what is wrong."""

from __future__ import annotations

from collections.abc import Callable

from congress.datalog.builtins.builtin import Builtin, number, textual
from congress.datalog.builtins.patterns import matches
from congress.datalog.values import Real, Value

_NO = (0, "", "0", "False", "false")
MAX_NUMERAL = 4_300


def _validate_number(convert: Callable[[Value], float], low: Value, high: Value, value: Value) -> str:
    """Bounds are numbers, or the empty string for none."""
    minimum = None if low == "" else number(low)
    maximum = None if high == "" else number(high)
    if minimum is not None and maximum is not None and maximum < minimum:
        return "Max value is less than min value"
    try:
        candidate = convert(value)
    except (ValueError, OverflowError) as error:
        return str(error)
    if minimum is not None and candidate < minimum:
        return f"Should be greater than or equal to {minimum:g}"
    if maximum is not None and candidate > maximum:
        return f"Should be less than or equal to {maximum:g}"
    return ""


def _integer(value: Value) -> int:
    if isinstance(value, str) and len(value) > MAX_NUMERAL:
        raise ValueError("the number has too many digits")
    return int(value)


def _real(value: Value) -> float:
    return float(value.strip() if isinstance(value, str) else value)


def validate_int(low: Value, high: Value, value: Value) -> str:
    return _validate_number(_integer, low, high, value)


def validate_float(low: Value, high: Value, value: Value) -> str:
    return _validate_number(_real, low, high, value)


def validate_string(regex: Value, max_length: Value, quotes: Value, ignore_case: Value, value: Value) -> str:
    candidate = value if isinstance(value, str) else str(float(value) if isinstance(value, Real) else value)
    if quotes not in _NO and candidate[:1] in ("'", '"') and candidate:
        if len(candidate) < 2 or candidate[-1] != candidate[0]:
            return textual(f"Non-closed quote: {candidate}")
        candidate = candidate[1:-1]
    if number(max_length) > 0 and len(candidate) > number(max_length):
        return textual(f"Value '{candidate}' exceeds maximum length {int(number(max_length))}")
    if regex != "" and not matches(regex, ignore_case not in _NO, candidate):
        return textual(f"Value {candidate!r} doesn't match regex {regex!r}")
    return ""


_FAMILY = "validation"
_BOUNDED = "min, max, value, out"

BUILTINS = (
    Builtin(
        "validate_int",
        3,
        1,
        validate_int,
        _FAMILY,
        "out is empty when the value is an integer within the bounds, else a sentence that says"
        ' why not; "" is no bound',
        _BOUNDED,
    ),
    Builtin("validate_float", 3, 1, validate_float, _FAMILY, "as `validate_int`, for real numbers", _BOUNDED),
    Builtin(
        "validate_string",
        5,
        1,
        validate_string,
        _FAMILY,
        "out is empty when the value matches the regular"
        ' expression ("" for none) and is not too long (0 for no limit), else a sentence; `quotes` = 1 takes off'
        " quotes first. An expression that could take too long on the value has no answer",
        "regex, max_length, quotes, ignore_case, value, out",
    ),
)
