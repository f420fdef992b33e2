"""The dashboard's files are served as browsers want them, refer to each other only, and bring nothing in line."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import requests

from congress.dashboard import files
from tests.api.server_process import Client, ServerProcess

STATIC = Path(files.__file__).parent / "static"
OURS = sorted(path for path in STATIC.glob("*.js") if path.name not in ("preact.js", "codemirror.js"))


@pytest.mark.parametrize(
    ("name", "kind"),
    [("", "text/html"), ("/style.css", "text/css"), ("/app.js", "text/javascript"), ("/mark.svg", "image/svg+xml")],
)
def test_a_file_has_its_type_and_is_not_sent_twice(server: ServerProcess, name: str, kind: str) -> None:
    first = requests.get(f"{server.url}/dashboard{name}", timeout=10)
    assert first.status_code == 200
    assert first.headers["Content-Type"].startswith(kind)
    assert first.headers["X-Content-Type-Options"] == "nosniff"
    again = requests.get(f"{server.url}/dashboard{name}", headers={"If-None-Match": first.headers["ETag"]}, timeout=10)
    assert (again.status_code, again.content) == (304, b"")


def test_the_content_security_policy_lets_nothing_in(server: ServerProcess) -> None:
    told = requests.get(f"{server.url}/dashboard", timeout=10).headers["Content-Security-Policy"]
    rules = dict(each.strip().split(" ", 1) for each in told.split(";"))
    assert rules["default-src"] == "'none'"
    assert {rules[name] for name in ("script-src", "style-src", "connect-src")} == {"'self'"}
    assert rules["require-trusted-types-for"] == "'script'"
    assert "unsafe" not in told


@pytest.mark.parametrize(
    "name", ["nothing.js", "..%2Ffiles.py", "%2e%2e/files.py", "index.html", "app.js/more", "a%00b"]
)
def test_nothing_else_is_served(server: ServerProcess, name: str) -> None:
    answer = requests.get(f"{server.url}/dashboard/{name}", timeout=10)
    # A path that is no route at all is answered with 300 and a hint at the API, as it always was.
    assert answer.status_code in (300, 404)
    assert answer.headers["Content-Type"].startswith("application/json")


def test_a_browser_that_asks_for_the_root_is_led_to_the_dashboard(server: ServerProcess) -> None:
    shown = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    answer = requests.get(f"{server.url}/", headers=shown, allow_redirects=False, timeout=10)
    assert (answer.status_code, answer.headers["Location"]) == (303, "dashboard")
    assert requests.get(f"{server.url}/", timeout=10).json()["versions"]
    slash = requests.get(f"{server.url}/dashboard/", allow_redirects=False, timeout=10)
    assert (slash.status_code, slash.headers["Location"]) == (303, "../dashboard")


def test_an_operator_can_do_without_it(tmp_path: Path) -> None:
    (tmp_path / "congress.conf").write_text("[DEFAULT]\nauth_strategy = noauth\n[dashboard]\nenabled = false\n")
    options = ("--config-file", str(tmp_path / "congress.conf"), "--bind-host", "127.0.0.1")
    process = ServerProcess(tmp_path / "state", *options).start()
    try:
        client = Client(process.url)
        for path in ("", "/app.js", "/session"):
            assert requests.get(f"{process.url}/dashboard{path}", timeout=10).status_code in (300, 404)
        assert client.get("/v1/policies").status_code == 200
    finally:
        process.close()


def test_all_that_a_module_imports_is_there() -> None:
    for path in OURS:
        for name in re.findall(r'from "([^"]+)"', path.read_text()):
            assert name.startswith("./"), f"{path.name} imports {name}"
            assert (STATIC / name).exists(), f"{path.name} imports {name}"


def test_every_name_that_is_imported_is_exported() -> None:
    for path in OURS:
        for names, target in re.findall(r'import \{([^}]+)\} from "\./([^"]+)"', path.read_text()):
            exported = _exported((STATIC / target).read_text())
            missing = {name.split(" as ")[0].strip() for name in names.split(",")} - exported
            assert not missing, f"{path.name} imports {missing} from {target}"


def _exported(text: str) -> set[str]:
    own = re.findall(r"export (?:async )?(?:function|const|class) (\w+)", text)
    bundled = [
        name.split(" as ")[-1].strip()
        for group in re.findall(r"export ?\{([^}]+)\}", text)
        for name in group.split(",")
    ]
    return {*own, *bundled}


def test_every_module_is_reached_from_the_page() -> None:
    reached, waiting = set[str](), ["app.js"]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += re.findall(r'from "\./([^"]+)"', (STATIC / name).read_text())
    assert reached == {path.name for path in STATIC.glob("*.js")}


def test_nothing_is_written_in_line_and_nothing_comes_from_elsewhere() -> None:
    page = (STATIC / "index.html").read_text()
    assert not re.search(r"<style|<script(?![^>]*\ssrc=)|\son\w+=|\sstyle=|https?://", page)
    for path in [*OURS, STATIC / "style.css"]:
        text = path.read_text()
        assert "://" not in text, path.name
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|dangerouslySet|document\.write|\beval\(", text), (
            path.name
        )


def test_the_notice_names_every_package_with_its_licence() -> None:
    lock = json.loads((STATIC.parent / "vendor" / "package-lock.json").read_text())
    notice = (STATIC / "NOTICE.txt").read_text()
    for place, package in lock["packages"].items():
        name = place.removeprefix("node_modules/")
        if name and "esbuild" not in name:
            assert f"{name} {package['version']}, {package['license']}, from " in notice


def test_colours_can_be_told_apart() -> None:
    """WCAG AA: text has a contrast of 4.5 on every surface that it stands on, in both themes."""
    light, dark = (
        _tokens(block)
        for block in re.findall(r":root(?:\[[^\]]*\])? \{([^}]*)\}", (STATIC / "style.css").read_text())[:2]
    )
    grounds = ("ground", "surface", "sunken")
    pairs = [(text, ground) for text in ("ink", "muted", "accent") for ground in grounds]
    pairs += [(text, f"{text}-soft") for text in ("accent", "bad", "warn", "good")]
    words = ("bad", "warn", "good", "word", "text", "number", "comment", "keyword")
    pairs += [(text, ground) for text in words for ground in grounds[1:]]
    pairs += [("accent-ink", "accent")]
    for theme in (light, {**light, **dark}):
        for text, ground in pairs:
            assert _contrast(theme[text], theme[ground]) >= 4.5, (text, ground, theme[text], theme[ground])


def _tokens(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_files_of_unknown_types_are_not_taken_in() -> None:
    assert set(files.load()) == {path.name for path in STATIC.iterdir() if path.suffix in files.TYPES}
