"""Several members are asked at once; silence of one is a fact, silence of all is an outage."""

import pytest

from congress.datasources.contract import CloudUnreachable, DriverError
from congress.datasources.members import Member, ask_all, members


def test_members_are_named_or_called_after_their_hosts():
    found = members("nodes", "db1=10.0.0.1:3307, 10.0.0.2:3306 ,http://mq1:15672/,/run/haproxy/admin,a=one|two")
    assert found == (
        Member("db1", ("10.0.0.1:3307",)),
        Member("10.0.0.2", ("10.0.0.2:3306",)),
        Member("mq1", ("http://mq1:15672/",)),
        Member("/run/haproxy/admin", ("/run/haproxy/admin",)),
        Member("a", ("one", "two")),
    )


def test_an_address_with_an_equals_sign_is_no_name():
    assert members("urls", "http://mq1/?a=b")[0].places == ("http://mq1/?a=b",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "nodes is empty; write"),
        (" , ", "nodes is empty; write"),
        ("a=|", "'a=|' says nowhere to ask"),
        ("a=one,a=two", "two members are called 'a'"),
        ("10.0.0.1:1,10.0.0.1:2", "two members are called '10.0.0.1'; give them names"),
    ],
)
def test_what_cannot_be_meant_is_refused(text, message):
    with pytest.raises(DriverError, match=message):
        members("nodes", text)


def ask(_name, place):
    if place.startswith("silent"):
        raise DriverError(f"nobody answers at tcp://me:secret-word@{place}")
    return place


def test_each_member_answers_at_the_first_place_that_works():
    first, second = ask_all("db", members("nodes", "a=silent1|two|three,b=silent2"), ask)
    assert (first.value, first.place, first.problem) == ("two", "two", None)
    assert (second.value, second.place) == (None, "silent2")
    assert first.told() == {"name": "a", "place": "two", "reachable": True, "problem": None}


def test_no_login_is_told():
    (_first, second) = ask_all("db", members("nodes", "one,b=silent"), ask)
    assert second.problem == "nobody answers at tcp://<hidden>@silent"


def test_when_nobody_answers_the_datasource_is_unreachable():
    with pytest.raises(CloudUnreachable, match="none of its members answers: a at silent1: nobody .*; b at silent2"):
        ask_all("db", members("nodes", "a=silent1,b=silent2"), ask)
