"""The watch over secrets catches what it is there to catch."""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path

import pytest

from tests.canaries import Canaries, written

ROOT = Path(__file__).parents[1]
CONFTEST = """
from tests import canaries

def pytest_configure(config):
    config.pluginmanager.register(canaries.Plugin(canaries.CANARIES))
"""
SERVER = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        print(sys.argv[2] if self.path == "/log" else "nothing", flush=True)
        body = sys.argv[2].encode() if self.path == "/body" else b""
        self.send_response(200)
        self.send_header("X-Told", sys.argv[2] if self.path == "/header" else "nothing")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
open(sys.argv[1], "w").write(str(server.server_port))
server.serve_forever()
"""
LEAKS = """
import base64, logging, subprocess, sys
from pathlib import Path
import falcon, falcon.testing, pytest, requests
from tests import canaries
from tests.waiting import until

SECRET = "canary-" + "planted"
HERE = Path(__file__).parent

@pytest.fixture
def url(tmp_path):
    port = tmp_path / "port"
    with (tmp_path / "log").open("wb") as log:
        command = [sys.executable, str(HERE / "congress.fake.py"), str(port), SECRET]
        process = subprocess.Popen(command, stdout=log, stderr=log)
    until(lambda: port.exists() and port.read_text(), seconds=20)
    yield f"http://127.0.0.1:{port.read_text()}"
    process.kill()
    process.wait(10)

def test_body_leaks(url):
    requests.get(url + "/body", timeout=10)

def test_header_leaks(url):
    requests.get(url + "/header", timeout=10)

def test_log_of_a_process_leaks(url):
    requests.get(url + "/log", timeout=10)

def test_output_of_a_process_leaks():
    subprocess.run([sys.executable, "-c", f"print('{SECRET}')", "congress-status"], capture_output=True)

def test_log_record_leaks():
    logging.getLogger("congress.x").debug("%s", {"password": SECRET})

def test_traceback_leaks():
    try:
        raise ValueError(SECRET)
    except ValueError:
        logging.getLogger("any").exception("it happened")

def test_print_leaks():
    print(base64.b64encode(f"user:{SECRET}".encode()).decode())

def test_print_that_was_read_leaks(capsys):
    print(SECRET)
    capsys.readouterr()

def test_test_client_leaks():
    class Told:
        def on_get(self, request, response):
            response.text = SECRET
    app = falcon.App()
    app.add_route("/", Told())
    falcon.testing.TestClient(app).simulate_get("/")

def test_watched_token_leaks():
    print(canaries.watch("gAAAAA" + "token"))

def test_nothing_is_told(url):
    requests.get(url + "/", headers={"X-Auth-Token": SECRET}, timeout=10)

def test_a_foreign_server_may_tell(url):
    canaries.ignore(url)
    requests.get(url + "/body", timeout=10)
"""


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_planted_leak_fails_the_test_in_which_it_happens(tmp_path: Path, workers: str) -> None:
    for name, text in (("conftest.py", CONFTEST), ("congress.fake.py", SERVER), ("test_leaks.py", LEAKS)):
        (tmp_path / name).write_text(text)
    options = ["-n", workers, "-q", "-rf", "--rootdir", str(tmp_path), "-p", "no:cacheprovider"]
    ended = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "pytest", *options, str(tmp_path)],
        capture_output=True, text=True, timeout=120, cwd=ROOT, check=False,
    )  # fmt: skip
    planted = {line.split("(")[0].removeprefix("def ") for line in LEAKS.splitlines() if "leaks(" in line}
    failed = {line.split("::")[1].split()[0] for line in ended.stdout.splitlines() if line.startswith("FAILED")}
    assert failed == planted, ended.stdout
    assert "2 passed" in ended.stdout
    assert "a secret came out" in ended.stdout


@pytest.mark.parametrize("before", ["", "x", "us:", "user", "user:"])
def test_a_secret_is_found_in_base64_wherever_it_begins(before: str) -> None:
    encoded = base64.b64encode(f"{before}canary-x".encode())
    assert any(needle in encoded for needle in written("canary-"))


def test_what_was_found_is_told_once() -> None:
    canaries = Canaries()
    canaries.look("here", "a canary-" + "1")
    assert len(canaries.told()) == 1
    assert canaries.told() == []
