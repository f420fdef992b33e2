"""Every builtin, by examples: what it answers, and what has no answer."""

from __future__ import annotations

import pytest

from congress.datalog.builtins import BUILTINS, Z3_BUILTINS, Builtin
from congress.datalog.values import Real

HOLDS = [
    ("lt", 1, 2),
    ("lt", 1, Real(1.5)),
    ("lt", "a", "b"),
    ("lteq", 1, Real(1.0)),
    ("lteq", "a", "a"),
    ("equal", 1, Real(1.0)),
    ("equal", Real(1.0), 1),
    ("equal", "a", "a"),
    ("gt", 2, 1),
    ("gt", Real(1.5), 1),
    ("gteq", 2, 2),
    ("datetime_lt", "2014-01-05", "2014-01-06"),
    ("datetime_lt", "Jan 5 2014 10:00pm", "2014-01-05 22:00:01"),
    ("datetime_lteq", "2014-01-05", "2014-01-05 00:00:00"),
    ("datetime_gt", "2014-01-06", "2014-01-05T23:59:59Z"),
    ("datetime_gteq", "2014-01-05", "5 January 2014"),
    ("datetime_equal", "2014-01-05T10:00:00+02:00", "2014-01-05 10:00:00"),
    ("ips_equal", "::1", "0:0:0::1"),
    ("ips_lt", "10.0.0.2", "10.0.0.10"),
    ("ips_lteq", "10.0.0.2", "10.0.0.2"),
    ("ips_gt", "::2", "::1"),
    ("ips_gteq", "10.0.1.0", "10.0.0.255"),
    ("networks_equal", "10.1.2.3/8", "10.0.0.0/8"),
    ("networks_overlap", "10.0.0.0/8", "10.1.0.0/16"),
    ("networks_overlap", "10.1.0.0/16", "10.0.0.0/8"),
    ("ip_in_network", "10.1.2.3", "10.0.0.0/8"),
    ("ip_in_network", "2001:db8::5", "2001:db8::/32"),
]
HOLDS_NOT = [
    ("lt", 2, 2),
    ("lteq", 3, 2),
    ("equal", 1, "1"),
    ("equal", "a", "A"),
    ("gt", 1, 2),
    ("gteq", Real(0.5), 1),
    ("datetime_lt", "2014-01-05", "2014-01-05"),
    ("datetime_lteq", "2014-01-06", "2014-01-05"),
    ("datetime_gt", "2014-01-05", "2014-01-05"),
    ("datetime_gteq", "2014-01-04", "2014-01-05"),
    ("datetime_equal", "2014-01-05T10:00:00+02:00", "2014-01-05 08:00:00"),
    ("ips_equal", "10.0.0.1", "10.0.0.2"),
    ("ips_lt", "10.0.0.2", "10.0.0.2"),
    ("ips_lteq", "10.0.0.10", "10.0.0.2"),
    ("ips_gt", "10.0.0.2", "10.0.0.10"),
    ("ips_gteq", "10.0.0.2", "10.0.0.10"),
    ("networks_equal", "10.0.0.0/8", "10.0.0.0/9"),
    ("networks_overlap", "10.0.0.0/9", "10.128.0.0/9"),
    ("networks_overlap", "0.0.0.0/0", "::/0"),
    ("ip_in_network", "11.0.0.1", "10.0.0.0/8"),
]
ANSWERS = [
    ("max", (1, 2), 2),
    ("max", (Real(2.5), 2), Real(2.5)),
    ("max", ("a", "b"), "b"),
    ("plus", (1, 2), 3),
    ("plus", (1, Real(0.5)), Real(1.5)),
    ("minus", (1, 2), -1),
    ("mul", (3, Real(2.0)), Real(6.0)),
    ("div", (7, 2), 3),
    ("div", (-7, 2), -4),
    ("div", (7, Real(2.0)), Real(3.5)),
    ("float", ("1e3",), Real(1000.0)),
    ("float", (2,), Real(2.0)),
    ("int", ("12",), 12),
    ("int", (Real(-1.9),), -1),
    ("concat", ("a", "b"), "ab"),
    ("len", ("größe",), 5),
    ("unpack_date", ("2014-01-05 01:02:03",), (2014, 1, 5)),
    ("unpack_time", ("2014-01-05 01:02:03",), (1, 2, 3)),
    ("unpack_time", ("1:02",), (1, 2, 0)),
    ("unpack_datetime", ("2014-1-5 1:2:3",), (2014, 1, 5, 1, 2, 3)),
    ("pack_date", (2014, 1, 5), "2014-1-5"),
    ("pack_time", (1, 2, 3), "1:2:3"),
    ("pack_datetime", (2014, 1, 5, 1, 2, 3), "2014-1-5 1:2:3"),
    ("extract_date", ("5 Jan 2014 01:02",), "2014-01-05"),
    ("extract_time", ("2014-01-05 1:2:3",), "01:02:03"),
    ("datetime_to_seconds", ("1900-01-02 00:00:01",), 86_401),
    ("datetime_plus", ("2014-01-05 23:59:59", 1), "2014-01-06 00:00:00"),
    ("datetime_plus", ("2014-01-05", "1:0:0:0"), "2014-01-06 00:00:00"),
    ("datetime_plus", ("2014-01-05", "1:1:1:1:1"), "2014-01-13 01:01:01"),
    ("datetime_minus", ("2014-01-05", "1:30"), "2014-01-04 23:58:30"),
    ("validate_int", (1, 5, 3), ""),
    ("validate_int", ("", "", "12"), ""),
    ("validate_int", (1, 5, 6), "Should be less than or equal to 5"),
    ("validate_int", (1, "", 0), "Should be greater than or equal to 1"),
    ("validate_int", (1, 5, "x"), "invalid literal for int() with base 10: 'x'"),
    ("validate_int", (5, 1, 3), "Max value is less than min value"),
    ("validate_float", (Real(0.5), 1, Real(0.7)), ""),
    ("validate_float", (0, 1, "1.5"), "Should be less than or equal to 1"),
    ("validate_float", (0, 1, "x"), "could not convert string to float: 'x'"),
    ("validate_string", ("^[a-z]+$", 0, 0, 0, "abc"), ""),
    ("validate_string", ("^[a-z]+$", 0, 0, 1, "ABC"), ""),
    ("validate_string", ("^[a-z]+$", 0, 0, 0, "ABC"), "Value 'ABC' doesn't match regex '^[a-z]+$'"),
    ("validate_string", ("", 2, 0, 0, "abc"), "Value 'abc' exceeds maximum length 2"),
    ("validate_string", ("", 3, 1, 0, "'abc'"), ""),
    ("validate_string", ("", 0, 1, 0, "'abc"), "Non-closed quote: 'abc"),
    ("validate_string", ("([0-9]{1,3}[.]){3}[0-9]{1,3}", 0, 0, 0, "10.0.0.1"), ""),
    ("validate_string", ("^([0-9a-f]{1,4}:){7}[0-9a-f]{1,4}$", 0, 0, 0, "2001:db8:0:0:0:0:0:1"), ""),
    ("validate_string", ("^(ab|cd)*$", 0, 0, 0, "abcd" * 50), ""),
    ("validate_string", (r"^[a-z]+-[0-9]+-\w+$", 0, 0, 0, "server-12-" + "x" * 53), ""),
    ("validate_string", ("(?=a)(?:a|ab)(?i:C)", 0, 0, 0, "abc"), ""),
]
NO_ANSWER = [
    ("lt", (1, "a")),
    ("lteq", ("a", 1)),
    ("gt", (Real(1.0), "a")),
    ("gteq", ("a", 1)),
    ("max", (1, "a")),
    ("plus", (1, "a")),
    ("plus", ("a", "b")),
    ("mul", (2**8000, 2**8000)),
    ("mul", (Real(1e200), Real(1e200))),
    ("minus", ("5", 1)),
    ("div", (1, 0)),
    ("div", (Real(1.0), Real(0.0))),
    ("float", ("nan",)),
    ("float", ("x",)),
    ("int", ("1.5",)),
    ("int", ("1" * 5000,)),
    ("concat", ("a", 1)),
    ("concat", ("a" * 600_000, "a" * 600_000)),
    ("len", (12,)),
    ("unpack_date", ("yesterday",)),
    ("unpack_time", (12,)),
    ("unpack_datetime", ("",)),
    ("pack_date", ("2014", 1, 5)),
    ("pack_time", ("1", 2, 3)),
    ("pack_datetime", (2014, 1, 5, 1, 2, "3")),
    ("extract_date", ("x" * 1000,)),
    ("extract_time", ("25:00",)),
    ("datetime_to_seconds", ("x",)),
    ("datetime_plus", ("2014-01-05", "x")),
    ("datetime_plus", ("2014-01-05", "1:1:1:1:1:1")),
    ("datetime_plus", ("9999-12-31", 86_400)),
    ("datetime_minus", ("0001-01-01", 1)),
    ("datetime_lt", ("x", "2014-01-05")),
    ("datetime_equal", (1, 1)),
    ("ips_equal", ("10.0.0", "x")),
    ("ips_lt", (1, 2)),
    ("networks_equal", ("10.0.0.0/99", "10.0.0.0/8")),
    ("networks_overlap", ("x", "10.0.0.0/8")),
    ("ip_in_network", ("10.0.0.1", "x")),
    ("validate_int", ("a", 5, 3)),
    ("validate_string", ("(", 0, 0, 0, "a")),
    ("validate_string", ("(a+)+$", 0, 0, 0, "a" * 40)),
    ("validate_string", ("(a|a)*$", 0, 0, 0, "a" * 40)),
    ("validate_string", ("(a?){40}a{40}", 0, 0, 0, "a" * 40)),
    ("validate_string", ("a*" * 20 + "b", 0, 0, 0, "a" * 40)),
    ("validate_string", (r"(a*)\1", 0, 0, 0, "a" * 40)),
]


@pytest.mark.parametrize("example", HOLDS, ids=str)
def test_a_check_holds(example: tuple[object, ...]) -> None:
    name, *inputs = example
    assert BUILTINS[str(name)].function(*inputs) is True


@pytest.mark.parametrize("example", HOLDS_NOT, ids=str)
def test_a_check_does_not_hold(example: tuple[object, ...]) -> None:
    name, *inputs = example
    assert BUILTINS[str(name)].function(*inputs) is False


@pytest.mark.parametrize(("name", "inputs", "answer"), ANSWERS, ids=str)
def test_a_builtin_computes_its_outputs(name: str, inputs: tuple[object, ...], answer: object) -> None:
    computed = BUILTINS[name].function(*inputs)
    assert computed == answer
    assert computed.__class__ is answer.__class__


@pytest.mark.parametrize(("name", "inputs"), NO_ANSWER, ids=lambda item: str(item)[:30])
def test_bad_inputs_have_no_answer(name: str, inputs: tuple[object, ...]) -> None:
    with pytest.raises((TypeError, ValueError, ArithmeticError)):
        BUILTINS[name].function(*inputs)


def test_every_builtin_has_an_example() -> None:
    shown = {str(example[0]) for example in (*HOLDS, *ANSWERS)}
    assert shown == set(BUILTINS)


@pytest.mark.parametrize("builtin", [*BUILTINS.values(), *Z3_BUILTINS.values()], ids=lambda builtin: builtin.name)
def test_every_builtin_is_described(builtin: Builtin) -> None:
    assert builtin.doc and builtin.family and builtin.inputs > 0


@pytest.mark.parametrize(
    ("name", "inputs", "answer"),
    [
        ("lt", (-1, 0), True),
        ("lteq", (2**31, -1), True),
        ("equal", (2**32, 0), True),
        ("gt", (1, 0), True),
        ("gteq", (0, 1), False),
        ("plus", (2**31 - 1, 1), -(2**31)),
        ("minus", (0, 1), -1),
        ("mul", (2**16, 2**16), 0),
        ("and", (6, 3), 2),
        ("or", (6, 3), 7),
        ("bnot", (0,), -1),
    ],
)
def test_integers_of_solver_policies_have_32_bits(name: str, inputs: tuple[int, ...], answer: int) -> None:
    assert Z3_BUILTINS[name].function(*inputs) == answer


@pytest.mark.parametrize("name", sorted(Z3_BUILTINS))
def test_solver_policies_know_integers_only(name: str) -> None:
    builtin = Z3_BUILTINS[name]
    with pytest.raises(TypeError):
        builtin.function(*[Real(1.0)] * builtin.inputs)
