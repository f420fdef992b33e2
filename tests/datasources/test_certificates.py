"""The driver certificates, over files and TLS servers with certificates of an authority that the test makes."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from congress.datasources.certificates import CertificatesDriver
from congress.datasources.contract import CloudUnreachable, DriverError
from congress.datasources.runner import DatasourceRunner
from tests.authority import DAY, NOW, Authority
from tests.databases import free_port
from tests.datasources.tables import by, seen


@contextmanager
def serving(file: Path) -> Iterator[str]:
    """A TLS server that says nothing; its place."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)

    def serve() -> None:
        while True:
            try:
                link = listening.accept()[0]
            except OSError:
                return
            with suppress(OSError), link, context.wrap_socket(link, server_side=True) as secured:
                secured.settimeout(5)
                secured.recv(1)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve, daemon=True).start()
        yield f"127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


def driver(**config: str) -> CertificatesDriver:
    return CertificatesDriver("certificates", config)


def test_a_file_tells_each_of_its_certificates_and_no_key(authority: Authority) -> None:
    ends = NOW + 30 * DAY
    file = authority.make("api", ends)
    tables = seen(driver(files=str(file)))
    assert tables["sources"] == [
        {
            "name": str(file), "place": str(file), "kind": "file", "reachable": "True", "problem": "None",
            "protocol": "None", "verified": "None", "complaint": "None",
        }
    ]  # fmt: skip
    own, signer = (by(tables["certificates"], "position")[position] for position in (0, 1))
    assert (own["subject"], own["issuer"], own["authority"]) == ("CN=api", "CN=an authority", "False")
    assert own["not_after"] == ends.strftime("%Y-%m-%d %H:%M:%S")
    assert own["not_before"] == (NOW - 50 * DAY).strftime("%Y-%m-%d %H:%M:%S")
    assert (own["key"], own["key_size"], own["signature"]) == ("EC", 256, "sha256")
    assert (signer["subject"], signer["key"], signer["key_size"], signer["authority"]) == (
        "CN=an authority", "RSA", 2048, "True"
    )  # fmt: skip
    assert {(row["position"], row["name"]) for row in tables["names"]} == {(0, "api.example"), (0, "127.0.0.1")}
    assert "PRIVATE" not in str(tables)


def test_a_pattern_stands_for_the_files_that_are_there(authority: Authority) -> None:
    authority.make("one", NOW + DAY)
    authority.make("other", NOW + DAY)
    found = seen(driver(files=f"{authority.directory}/o*.pem"))["sources"]
    assert {Path(row["name"]).name for row in found} == {"one.pem", "other.pem"}
    with pytest.raises(CloudUnreachable, match="there is no file .*/none"):
        driver(files=f"{authority.directory}/none*.pem").fetch("sources")


def test_a_certificate_in_der_is_understood(authority: Authority, tmp_path: Path) -> None:
    file = tmp_path / "authority.der"
    file.write_bytes(authority.certificate.public_bytes(serialization.Encoding.DER))
    assert seen(driver(files=str(file)))["certificates"][0]["subject"] == "CN=an authority"


def test_an_endpoint_tells_its_certificate_and_whether_clients_accept_it(authority: Authority) -> None:
    with serving(authority.make("good", NOW + 10 * DAY)) as place:
        trusted = seen(driver(endpoints=f"api={place}", cacert=str(authority.file)))
        distrusted = seen(driver(endpoints=place))
    own = trusted["sources"][0]
    assert (own["name"], own["kind"], own["verified"], own["complaint"]) == ("api", "endpoint", "True", "None")
    assert own["protocol"] == "TLSv1.3"
    assert [(row["source"], row["subject"]) for row in trusted["certificates"]] == [("api", "CN=good")]
    assert distrusted["sources"][0]["verified"] == "False"
    assert "certificate" in distrusted["sources"][0]["complaint"]


@pytest.mark.parametrize(
    ("name", "ends", "host", "complaint"),
    [
        ("expired", NOW - DAY, "127.0.0.1", "certificate has expired"),
        ("foreign", NOW + DAY, "192.0.2.1", "IP address mismatch"),
    ],
)
def test_an_endpoint_that_nobody_should_accept_is_told_nevertheless(
    authority: Authority, name: str, ends: datetime, host: str, complaint: str
) -> None:
    with serving(authority.make(name, ends, host=host)) as place:
        tables = seen(driver(endpoints=place, cacert=str(authority.file)))
    assert complaint in tables["sources"][0]["complaint"]
    assert tables["certificates"][0]["not_after"] == ends.strftime("%Y-%m-%d %H:%M:%S")


def test_what_is_no_certificate_or_not_there_is_a_row_with_the_reason(authority: Authority, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("nothing of the kind")
    good, port = authority.make("fine", NOW + DAY), free_port()
    files = f"{good}, {tmp_path}/text, {tmp_path}/missing"
    sources = by(seen(driver(files=files, endpoints=f"gone=127.0.0.1:{port}"))["sources"], "name")
    assert sources[str(good)]["reachable"] == "True"
    assert sources[f"{tmp_path}/text"]["problem"] == "it holds no certificate in PEM or DER"
    assert sources[f"{tmp_path}/missing"]["problem"] == f"{tmp_path}/missing cannot be read: No such file or directory"
    assert sources["gone"]["problem"] == "Connection refused"


def test_an_endpoint_that_does_not_speak_tls_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=lambda: listening.accept()[0].sendall(b"hello\r\n"), daemon=True).start()
        with pytest.raises(CloudUnreachable, match="WRONG_VERSION_NUMBER|wrong version number"):
            driver(endpoints=f"127.0.0.1:{listening.getsockname()[1]}", timeout="2").fetch("sources")


def test_certificates_are_looked_at_every_five_minutes_unless_told_otherwise() -> None:
    assert driver(files="/a").settings["poll_time"] == 300
    assert driver(files="/a", poll_time="7").settings["poll_time"] == 7
    DatasourceRunner("certificates", driver(files="/a"), lambda _updates: None).stop()


def test_something_must_be_looked_at() -> None:
    with pytest.raises(DriverError, match="give files or endpoints"):
        driver(files=" , ")
