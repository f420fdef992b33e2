"""What drivers run on their node: what its administrator permits, and nothing that the API was told."""

import time

import pytest

from congress.datasources import commands
from congress.datasources.commands import BadDriverCommand, output, permit
from congress.datasources.contract import DriverError


@pytest.fixture(autouse=True)
def permitted():
    quoted = """quoted=env 'AB=C D' sh -c 'echo "$@"; env | grep ^AB=' sh"""
    permit([quoted, "slow=sh -c 'sleep 60' sh", "gone=/no/such"])
    yield
    permit([])


def test_the_words_of_the_driver_come_behind_the_command():
    assert output("quoted", ("crm_mon", "--x=1 2"), 10).splitlines() == ["crm_mon --x=1 2", "AB=C D"]


def test_local_runs_the_words_of_the_driver_alone():
    assert output("local", ("printf", "%s", "$HOME; x"), 10) == "$HOME; x"


@pytest.mark.parametrize(
    ("name", "words", "message"),
    [
        ("sh -c 'touch /tmp/x'", ("a",), "may not run a command 'sh -c .*driver_commands .* names gone, quoted, slow"),
        ("gone", ("a",), "/no/such cannot be run: No such file"),
        ("local", ("sh", "-c", "echo no cluster >&2; exit 102"), "ended with 102: no cluster"),
        ("local", ("sh", "-c", "exit 3"), "ended with 3: it says nothing"),
    ],
)
def test_what_goes_wrong_is_said(name, words, message):
    with pytest.raises(DriverError, match=message):
        output(name, words, 10)


def test_a_command_that_takes_too_long_is_ended_with_all_it_started():
    began = time.monotonic()
    with pytest.raises(DriverError, match=r"crm_mon took more than 0\.2 s"):
        output("slow", ("crm_mon",), 0.2)
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("entry", ["control", "control=", "=ssh host", "local=ssh host", "control='ssh"])
def test_a_command_must_have_a_name_and_words(entry):
    with pytest.raises(BadDriverCommand, match="driver_commands: "):
        permit([entry])


def test_permitting_takes_the_place_of_what_was_permitted():
    permit(["only=true"])
    assert set(commands._permitted) == {"only"}
