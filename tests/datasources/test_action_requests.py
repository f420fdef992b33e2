"""Every action of every cloud driver as the request it becomes, and what no arguments can make of it.

`requests/<driver>.jsonl` has a line per example: action, arguments by position, method, path, body, headers and
microversion.
"""

import json
import re
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from congress.datasources.actions import ChosenAction, CloudAction, Offered, by_name
from congress.datasources.cloud import CloudDriver
from congress.datasources.contract import ArgumentsInvalid
from congress.datasources.registry import drivers

EXAMPLES = Path(__file__).parent / "requests"
ACTING = {
    name: by_name(driver.offered)
    for name, driver in drivers().items()
    if issubclass(driver, CloudDriver) and driver.offered
}
EVERY = [(name, one) for name, offered in ACTING.items() for one in offered.values()]


def examples(name):
    return [json.loads(line) for line in (EXAMPLES / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("name", ACTING)
def test_every_action_becomes_the_request_of_its_examples(name):
    for action, arguments, method, path, body, headers, microversion in examples(name):
        call = ACTING[name][action].call("d", arguments, {})
        assert (call.method, call.path, call.body, dict(call.headers), call.microversion) == (
            method, path, body, headers, microversion
        ), action  # fmt: skip


@pytest.mark.parametrize("name", ACTING)
def test_every_action_has_an_example(name):
    assert {one[0] for one in examples(name)} == set(ACTING[name])


def requests_of(one: Offered) -> list[CloudAction]:
    if isinstance(one, CloudAction):
        return [one]
    return list(one.requests.values()) if isinstance(one, ChosenAction) else []


def places(template):
    """Names in braces anywhere in a template; a text that is not wholly one is refused."""
    if isinstance(template, str):
        if found := re.fullmatch(r"\{(\w+)\}", template):
            yield found[1]
        else:
            assert "{" not in template
    for inner in template if isinstance(template, list | tuple) else ():
        yield from places(inner)
    for key, inner in template.items() if isinstance(template, dict) else ():
        yield from (*places(key), *places(inner))


@pytest.mark.parametrize(("name", "one"), EVERY, ids=lambda one: one if isinstance(one, str) else one.action.name)
def test_a_request_uses_each_argument_and_no_other(name, one):
    for request in requests_of(one):
        used = set(re.findall(r"\{(\w+)\}", request.path))
        used |= {place for part in (request.body, request.query, request.headers) for place in places(part)}
        declared = {parameter.name for parameter in one.parameters} - {getattr(one, "by", "")}
        words = {"resource_type", "obj_id", "maint_reason"}  # looked up, or of one of the requests only
        assert used <= declared | words
        assert declared - used <= words


HOSTILE = st.sampled_from([
    "..", "../..", "a/../b", "%2e%2e%2f", "a/b", "a?x=1", "a#b", "a;b", "a&b=c", "\\..\\", "", " ", "None", "\x00",
    "a\r\nX: y", "\ud800", "é", "[", "{", "- a", "&a [*a]", "a: &b {c: *b}", "[1, .nan]", "2026-01-01", "!!binary aGk=",
    '{"a": 1}', "True", "all", "SOFT", "networks", "network", "on", "container/object", "X-Container-Read", 1e400, -1,
    True, None,
])  # fmt: skip
VALUES = HOSTILE | st.text(max_size=20) | st.integers() | st.floats() | st.none() | st.recursive(
    HOSTILE, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip


@settings(max_examples=1500, deadline=None)
@given(st.data())
def test_any_arguments_are_one_request_in_the_place_of_the_action_or_refused(data):
    name, one = data.draw(st.sampled_from(EVERY), label="action")
    names = [parameter.name for parameter in one.action.args]
    positional = data.draw(st.lists(VALUES, max_size=len(names) + 2), label="by position")
    named = data.draw(st.dictionaries(st.sampled_from([*names, "other"]), VALUES, max_size=2), label="by name")
    try:
        call = one.call(name, positional, named)
    except ArgumentsInvalid as error:
        assert one.action.name in str(error)
        return
    json.dumps(call.body, allow_nan=False).encode()
    assert all(re.fullmatch(r"[\x20-\x7e]*", text) for header in call.headers.items() for text in header)
    parts = urlsplit(call.path)
    assert not parts.scheme and not parts.netloc and not parts.fragment
    assert re.fullmatch(r"[\x21-\x7e]+", call.path)
    assert not {"", ".", ".."} & {unquote(part) for part in parts.path.split("/")[1:]}
    if isinstance(one, CloudAction):
        assert re.fullmatch(shape(one), parts.path)
        assert {key for key, _ in parse_qsl(parts.query, keep_blank_values=True)} <= set(one.query)


def shape(action):
    """What paths of the action look like: only names of Swift's objects and of Murano's applications have slashes."""
    split = {parameter.name for parameter in action.parameters if parameter.check.__name__ == "a_place"}
    found = (part[1:-1] in split and ".+" or "[^/]+" if part.startswith("{") else re.escape(part)
             for part in action.path.split("/"))  # fmt: skip
    return "/".join(found)


def test_a_secret_among_attributes_is_refused_since_it_would_be_kept():
    with pytest.raises(ArgumentsInvalid, match="password in it, a secret"):
        ACTING["keystonev3"]["users.update"].call("d", ["u1", "password", "s3cret"], {})


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("a: &b [1]\nc: *b", "anchors cannot be used"),
        ('{"network": {"name": NaN}}', "for which JSON has no value"),
        ("[" * 1000, "neither JSON nor YAML"),
        ('{"subnet": {}}', "the one member network"),
        ('{"network": {"1": {"a": !!python/object:os.system {}}}}', "neither JSON nor YAML"),
        ("x" * 300_000, "at most 262144"),
        ("network: {1: a}", "keys must be texts"),
    ],
)
def test_a_body_that_cannot_be_sent_is_refused(body, message):
    with pytest.raises(ArgumentsInvalid, match=message):
        ACTING["neutronv2"]["create_network"].call("d", [body], {})


@pytest.mark.parametrize("body", ['{"network": {"name": "a"}}', "network: {name: a}", {"network": {"name": "a"}}])
def test_a_body_may_be_an_object_or_its_json_or_yaml_text(body):
    assert ACTING["neutronv2"]["create_network"].call("d", [body], {}).body == {"network": {"name": "a"}}


def test_dates_in_yaml_stay_texts():
    call = ACTING["neutronv2"]["create_network"].call("d", ["network: {name: 2026-01-01}"], {})
    assert call.body == {"network": {"name": "2026-01-01"}}


def test_attributes_may_be_given_by_name():
    call = ACTING["nova"]["quotas.update"].call("d", [], {"tenant_id": "t", "cores": 5, "ram": 1024})
    assert call.body == {"quota_set": {"cores": 5, "ram": 1024}}


def test_none_leaves_an_optional_argument_out():
    call = ACTING["nova"]["servers.evacuate"].call("d", ["s1", "None"], {})
    assert call.body == {"evacuate": {}}
