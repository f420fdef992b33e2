"""The site is built without a warning, and each of its pages can be reached from the first one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.docs.pages import PAGES, ROOT


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as `make docs` builds it."""
    place = tmp_path_factory.mktemp("site")
    command = ["-m", "sphinx", "-q", "-W", "--keep-going", "-n", str(ROOT / "docs"), str(place)]
    ended = subprocess.run(  # noqa: S603
        [sys.executable, *command], capture_output=True, text=True, timeout=280, check=False, env={**os.environ}
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return place


def links(page: Path) -> list[str]:
    return re.findall(r'(?:href|src)="([^"]*)"', page.read_text(encoding="utf-8"))


def test_every_page_is_reached_from_the_first_one(site: Path) -> None:
    reached, ahead = set[Path](), [site / "index.html"]
    while ahead:
        page = ahead.pop()
        if page in reached:
            continue
        reached.add(page)
        places = (urlsplit(link) for link in links(page))
        inside = (page.parent / unquote(place.path) for place in places if not place.scheme and place.path)
        ahead += [target.resolve() for target in inside if target.suffix == ".html" and target.exists()]
    written = {site / page.relative_to(ROOT / "docs").with_suffix(".html") for page in PAGES if "docs" in page.parts}
    assert len(written) > 60
    assert written - reached == set()


def test_every_link_within_the_site_leads_to_a_file_and_a_place_in_it(site: Path) -> None:
    anchors = {
        page: set(re.findall(r'id="([^"]*)"', page.read_text(encoding="utf-8"))) for page in site.rglob("*.html")
    }
    lost = []
    for page in anchors:
        for link in links(page):
            place = urlsplit(link)
            if place.scheme or place.netloc:
                continue
            target = (page.parent / unquote(place.path)).resolve() if place.path else page
            fragment = unquote(place.fragment)
            if not target.exists() or (fragment and target in anchors and fragment not in anchors[target]):
                lost.append(f"{page.relative_to(site)}: {link}")
    assert lost == []


def test_the_site_needs_nothing_from_elsewhere(site: Path) -> None:
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        loaded = re.findall(r'<(?:script|img|iframe)[^>]* src="(?:https?:)?//[^"]*"', text)
        loaded += re.findall(r'<link[^>]* rel="stylesheet"[^>]* href="(?:https?:)?//[^"]*"', text)
        assert loaded == [], page
