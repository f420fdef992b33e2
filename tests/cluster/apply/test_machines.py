"""Commands of plans on a real machine: this one, in a directory of its own."""

from __future__ import annotations

import subprocess
from importlib.resources import files as resources
from pathlib import Path

import pytest

from congress.cluster.apply import looking
from congress.cluster.apply.doing import do
from congress.cluster.apply.runner import Machines, over_ssh, this_machine
from congress.cluster.plan.desired import desired
from congress.cluster.plan.state import Found, digest
from congress.cluster.plan.steps import Remove, Script, Write
from congress.cluster.secrets import mark
from congress.cluster.services.contract import File
from tests.cluster.plan.test_plan import secret, small


@pytest.fixture
def here() -> Machines:
    return this_machine()


def test_a_file_is_written_with_its_directory_mode_and_secret(here: Machines, tmp_path: Path) -> None:
    path = tmp_path / "deep" / "down" / "it's here.conf"
    assert do(here, Write("n", File(str(path), f"key = {mark('a')}\n", 0o640, "nobody", "nogroup")), secret)
    assert path.read_text() == "key = the value of a\n"
    assert looking.files(here, "n", [str(path), "/no/such/file"]) == {
        str(path): Found(digest("key = the value of a\n"), 0o640, "nobody", "nogroup")
    }
    assert list(path.parent.iterdir()) == [path]


def test_a_file_that_something_is_mounted_at_is_written_over(tmp_path: Path) -> None:
    under, path = tmp_path / "under", tmp_path / "hosts"
    under.write_text("old\n")
    path.write_text("hidden\n")
    mounting = f'mount --bind {under} {path} && exec "$@"'
    inside = Machines(lambda _: ("unshare", "--mount", "sh", "-c", mounting, "sh"), quoted=False)
    assert do(inside, Write("n", File(str(path), "new\n", 0o600)), secret)
    assert (under.read_text(), path.read_text()) == ("new\n", "hidden\n")
    assert under.stat().st_mode & 0o777 == 0o600


def test_a_file_can_be_removed_twice(here: Machines, tmp_path: Path) -> None:
    path = tmp_path / "it"
    path.write_text("x")
    assert do(here, Remove("n", str(path)), secret)
    assert do(here, Remove("n", str(path)), secret)
    assert not path.exists()


def test_a_command_cannot_take_the_rest_of_a_script_for_its_input(here: Machines, tmp_path: Path) -> None:
    assert do(here, Script("n", f"cat\necho done >{tmp_path}/done"), secret)
    assert (tmp_path / "done").read_text() == "done\n"


def test_a_script_may_have_input_of_its_own(here: Machines, tmp_path: Path) -> None:
    assert do(here, Script("n", f"cat >{tmp_path}/said <<'END'\n{mark('a')}\nEND"), secret)
    assert (tmp_path / "said").read_text() == "the value of a\n"


def test_a_script_runs_as_its_user(here: Machines) -> None:
    assert looking.answers(here, "n", 'test "$(id -un)" = nobody', secret, user="nobody", timeout=10)


def test_what_takes_too_long_is_a_no(here: Machines) -> None:
    outcome = here.run("n", "sleep 5", timeout=0.1)
    assert not outcome
    assert outcome.error == "no answer within 0.1 s"


def test_a_program_that_is_not_there_is_a_no() -> None:
    assert not Machines(lambda _: ("/no/such/program",), quoted=False).run("n", "true")


def test_packages_that_are_installed_are_known(here: Machines) -> None:
    assert here.installed("n", ["bash", "no-such-package"]) == {"bash"}


def test_accounts_that_are_there_are_known(here: Machines) -> None:
    assert looking.accounts(here, "n", {"nobody", "no-such-account"}) == {"nobody"}


def test_ssh_gets_the_command_as_one_word_and_no_secret() -> None:
    way = over_ssh({"node1": "10.0.0.11"}, options=("-p", "2222"))
    words = [*way._prefix("node1")]
    assert words[-2:] == ["root@10.0.0.11", "--"]
    assert [*way._prefix("node7")][-2] == "root@node7"


def test_playbook_and_plan_note_the_same_version_of_files(tmp_path: Path) -> None:
    machine = desired(small().deployment, secret).machines["node1"]
    text = (resources("congress.cluster") / "render" / "ansible" / "read_again.sh").read_text()
    program = tmp_path / "read_again.sh"
    program.write_text(text.replace("/var/lib/congress-cluster/read", str(tmp_path)))
    written = [file for file in machine.files if "keystone" in file.notify]
    paths = []
    for number, file in enumerate(written):
        path = tmp_path / str(number)
        do(this_machine(), Write("n", File(str(path), file.content, 0o600)), secret)
        paths.append(str(path))
    told = [
        subprocess.run(  # noqa: S603
            ["/bin/sh", str(program), "keystone", f"echo ran >>{tmp_path}/ran", first, *paths],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for first in ("again", "again", "start")
    ]
    assert told == ["changed\n", "the same\n", "the same\n"]
    assert not (tmp_path / "ran").exists()
    expected = "".join(f"{path} {machine.found(file).digest}\n" for path, file in zip(paths, written, strict=True))
    assert (tmp_path / "keystone").read_text() == f"{digest(expected)}\n"
