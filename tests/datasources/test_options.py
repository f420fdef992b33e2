"""The options of drivers: what they take, as text or as JSON, and what is said to those who give something else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oslo_config import types

from congress.datasources.options import FLAG, LIST, POLL_TIME, URL, Json, Option, OptionInvalid, Seconds, settings
from congress.datasources.pushed import FakeDriver, PushDriver
from congress.datasources.validation import DatasourceInvalid, checked_config

SIZE = types.Integer(min=1, max=9)
POLLED = {"poll_time": 10.0, "poll_times": {}, "lazy_tables": []}
"""What every driver has, when nothing is given."""


@pytest.mark.parametrize(
    ("kind", "given_", "stored", "found"),
    [
        (types.String(), "a", "a", "a"),
        (types.String(), 5, "5", "5"),
        (types.String(), True, "True", "True"),
        (SIZE, "5", "5", 5),
        (SIZE, 5, "5", 5),
        (types.Float(), "0.5", "0.5", 0.5),
        (Seconds(), 1, "1", 1.0),
        (FLAG, "true", "true", True),
        (FLAG, "False", "False", False),
        (FLAG, True, "True", True),
        (FLAG, 0, "0", False),
        (LIST, "a, b", "a, b", ["a", "b"]),
        (LIST, ["a", "b"], "a,b", ["a", "b"]),
        (LIST, [], "", []),
        (types.List(types.Integer()), [1, 2], "1,2", [1, 2]),
        (URL, "https://h:5000/v3", "https://h:5000/v3", "https://h:5000/v3"),
        (types.HostAddress(), "10.0.0.1", "10.0.0.1", "10.0.0.1"),
        (types.String(choices=["a", "b"]), "b", "b", "b"),
        (Json(), {"a": [1]}, '{"a": [1]}', {"a": [1]}),
        (Json(), '{"a": [1]}', '{"a": [1]}', {"a": [1]}),
        (Json(list), [{"a": 1}], '[{"a": 1}]', [{"a": 1}]),
    ],
)
def test_a_value_is_taken_as_text_and_as_json(kind, given_, stored, found):
    option = Option("o", type=kind)
    assert option.text(given_) == stored
    assert option.read(stored) == found


@pytest.mark.parametrize(
    ("kind", "given_", "message"),
    [
        (SIZE, "ten", "config option o must be an integer from 1 to 9, not 'ten'"),
        (SIZE, 10, "an integer from 1 to 9, not '10'"),
        (types.Integer(min=1), "0", "an integer, 1 or more, not '0'"),
        (types.Integer(max=5), "9", "an integer, 5 or less, not '9'"),
        (types.Integer(), "0.5", "an integer, not '0.5'"),
        (types.Float(), "x", "a number, not 'x'"),
        (types.Float(), "nan", "a number, not 'nan'"),
        (Seconds(), "-1", "a number of seconds, 0 or more, not '-1'"),
        (Seconds(), "inf", "a number of seconds"),
        (FLAG, "maybe", "True or False, not 'maybe'"),
        (URL, "controller", r"a URL \(http or https\), not 'controller'"),
        (URL, "file:///etc/passwd", "a URL"),
        (types.HostAddress(), "a b", "the name or address of a host, not 'a b'"),
        (types.String(choices=["a", "b"]), "c", "one of a, b, not 'c'"),
        (types.Port(), "99999", "an integer from 0 to 65535"),
        (types.List(SIZE), "1,x", "a list, separated by commas, each item an integer from 1 to 9, not '1,x'"),
        (types.String(), ["x"], "a string, not a list"),
        (types.String(), {"x": 1}, "a string, not an object"),
        (LIST, ["a,b"], "a list"),
        (Json(), "{", "a JSON object, not '{'"),
        (Json(), "[]", "a JSON object"),
        (Json(), "[" * 100_000, "a JSON object"),
        (Json(list), {}, "a JSON list"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_what_would(kind, given_, message):
    option = Option("o", type=kind)
    with pytest.raises(OptionInvalid, match=message):
        option.read(option.text(given_))


def test_a_refused_secret_is_not_repeated():
    with pytest.raises(OptionInvalid) as refused:
        Option("pin", secret=True, type=types.Integer()).read("swordfish")
    assert "swordfish" not in str(refused.value)


def test_what_is_not_given_or_empty_has_its_default():
    options = (Option("size", type=SIZE, default="3"), Option("name"))
    assert settings(options, {}) == {**POLLED, "size": 3, "name": None}
    assert settings(options, {"size": "", "name": "n"})["size"] == 3


def test_a_driver_may_have_its_own_default_for_the_time_between_polls():
    assert settings((POLL_TIME._replace(default="3600"),), {})["poll_time"] == 3600


def test_a_driver_finds_the_values_of_its_options():
    assert PushDriver("p", {"description": "d", "persist_data": "no"}).settings == {
        **POLLED, "description": "d", "columns": ["value"], "persist_data": False
    }  # fmt: skip


def test_a_configuration_is_stored_as_text():
    config = checked_config(PushDriver, {"description": 7, "persist_data": False, "columns": ["a", "b"]})
    assert config == {"description": "7", "persist_data": "False", "columns": "a,b"}


def test_an_unknown_option_is_refused_with_the_nearest_name():
    with pytest.raises(DatasourceInvalid, match="Invalid driver options: pol_time; did you mean 'poll_time'"):
        checked_config(FakeDriver, {"pol_time": "5"})


def test_an_address_with_a_login_is_refused_without_repeating_the_login():
    with pytest.raises(DatasourceInvalid) as refused:
        checked_config(FakeDriver, {"auth_url": "ftp://me:swordfish@h/"})
    assert "swordfish" not in str(refused.value)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([option.name for option in FakeDriver.options]), anything))
def test_whatever_is_given_is_taken_or_refused(config):
    try:
        stored = checked_config(FakeDriver, config)
    except DatasourceInvalid:
        return
    FakeDriver("f", stored)
