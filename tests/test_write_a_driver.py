"""The driver on the page "Write a driver" does what the page says."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.api.server_process import Client, ServerProcess
from tests.docs import pages
from tests.waiting import until

PAGE = pages.ROOT / "docs" / "write-a-driver.md"


def blocks(language: str) -> list[str]:
    return [block.text for block in pages.blocks(PAGE) if block.language == language]


class Inventory(ThreadingHTTPServer):
    """The service of the page. `sent` are the requests that changed something."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.racks: list[dict[str, Any]] = [
            {"id": f"r{number}", "place": {"room": "hall"}, "hosts": [{"name": f"h{number}", "power": {"watts": 90}}]}
            for number in range(5)
        ]
        self.sent: list[tuple[str, Any]] = []
        self.pages = 0
        self.url = f"http://127.0.0.1:{self.server_port}"


class Answers(BaseHTTPRequestHandler):
    server: Inventory

    def do_GET(self) -> None:
        asked = {name: int(values[0]) for name, values in parse_qs(urlsplit(self.path).query).items()}
        begin, end = asked.get("from", 0), asked.get("from", 0) + asked["limit"]
        more = f"/racks?limit={asked['limit']}&from={end}" if end < len(self.server.racks) else None
        self.server.pages += 1
        self._answer({"racks": self.server.racks[begin:end], "next": more})

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.sent.append((self.path, json.loads(body)))
        self._answer(None)

    def _answer(self, content: Any) -> None:
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: Any) -> None:
        """Nobody reads it."""


@pytest.fixture(scope="module")
def inventory() -> Iterator[Inventory]:
    service = Inventory()
    thread = threading.Thread(target=service.serve_forever)
    thread.start()
    yield service
    service.shutdown()
    thread.join()
    service.server_close()


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    place = tmp_path_factory.mktemp("driver")
    (place / "inventory.py").write_text(blocks("python")[0])
    (place / "congress.conf").write_text(f"{blocks('ini')[0]}auth_strategy = noauth\n")
    with pytest.MonkeyPatch.context() as changed:
        changed.setenv("PYTHONPATH", str(place))
        process = ServerProcess(place / "state", "--config-file", str(place / "congress.conf")).start()
    yield Client(process.url)
    process.close()


@pytest.fixture(scope="module")
def datasource(client: Client, inventory: Inventory) -> str:
    body = json.loads(blocks("json")[0])
    body["config"] |= {"url": inventory.url, "poll_time": "0.2"}
    answer = client.post("/v1/data-sources", body)
    assert answer.status_code == 201, answer.text
    return f"/v1/data-sources/{body['name']}"


def rows(client: Client, datasource: str, table: str) -> list[list[Any]]:
    return sorted(row["data"] for row in client.get(f"{datasource}/tables/{table}/rows").json()["results"])


def test_the_driver_is_offered_with_its_options_and_tables(client: Client) -> None:
    told = client.get("/v1/system/drivers/inventory").json()
    assert (told["config"]["url"], told["config"]["page_size"]) == ("required", "(optional)")
    assert {"password", "token"} <= set(told["secret"])
    tables = {table["table_id"]: [column["name"] for column in table["columns"]] for table in told["tables"]}
    assert tables == {"racks": ["id", "room"], "hosts": ["rack_id", "name", "watts"]}


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"url": "http://127.0.0.1:9", "page_size": "many"}, "page_size must be an integer from 1 to 1000, not 'many'"),
        ({"url": "inventory"}, "url must be a URL (http or https), not 'inventory'"),
        ({}, "Missing required config options: url"),
        ({"url": "http://127.0.0.1:9", "pagesize": 2}, "did you mean 'page_size' instead of 'pagesize'"),
    ],
)
def test_a_configuration_that_does_not_fit_is_refused(client: Client, config: dict[str, Any], message: str) -> None:
    answer = client.post("/v1/data-sources", {"name": "wrong", "driver": "inventory", "config": config})
    assert (answer.status_code, message in answer.text) == (400, True), answer.text


def test_rows_of_all_pages_appear_and_follow_the_service(client: Client, datasource: str, inventory: Inventory) -> None:
    until(lambda: rows(client, datasource, "racks") == [[f"r{number}", "hall"] for number in range(5)], seconds=30)
    assert rows(client, datasource, "hosts") == [[f"r{number}", f"h{number}", 90] for number in range(5)]
    assert inventory.pages >= 3
    inventory.racks[4]["hosts"] = [{"name": "h9"}]
    until(lambda: rows(client, datasource, "hosts")[4:] == [["r4", "h9", "None"]], seconds=30)


def test_its_action_becomes_a_request(client: Client, datasource: str, inventory: Inventory) -> None:
    offered = client.get(f"{datasource}/actions").json()["results"]
    assert [one["name"] for one in offered] == ["hosts.power"]
    body = {"name": "hosts.power", "args": {"positional": ["h 1"], "named": {"state": "off"}}}
    answer = client.post(f"{datasource}?action=execute", body)
    assert (answer.status_code, inventory.sent) == (200, [("/hosts/h%201/power", {"is": "off"})]), answer.text
    refused = client.post(f"{datasource}?action=execute", {"name": "hosts.power", "args": {"positional": ["h1", "up"]}})
    assert (refused.status_code, len(inventory.sent)) == (400, 1), refused.text


def test_the_rule_of_the_page_is_accepted(client: Client, datasource: str) -> None:
    rule = blocks("datalog")[0].strip()
    assert client.post("/v1/policies/action/rules", {"rule": rule}).status_code == 201


def test_rows_of_a_table_without_a_key_are_found_by_their_contents_as_the_page_shows() -> None:
    known: dict[str, Any] = {}
    for block in blocks("python"):
        exec(block, known)  # noqa: S102 - our own page
    shared = eval("rows_by_table((METRICS,), [{'name': 'm', 'dims': {'a': 'b'}}])", known)  # noqa: S307
    assert {row[1] for row in shared["metrics"]} == {row[0] for row in shared["dimensions"]}
