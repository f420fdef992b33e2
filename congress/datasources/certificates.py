"""Certificates, in files and as TLS servers present them: whose they are and when they end."""

from __future__ import annotations

import glob
import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.x509 import Certificate

from congress.datasources.contract import CloudUnreachable, DriverError, Option
from congress.datasources.documents import read_file
from congress.datasources.listed import TIMEOUT, ListedDriver, Objects
from congress.datasources.members import Answer, Member, ask_all, members
from congress.datasources.options import LAZY_TABLES, LIST, POLL_TIME
from congress.datasources.translate import ITEMS, SELF, Field, Root, Table

PORT = 443
SOURCE = Field("source", type="Str", description="the endpoint by its name, or the path of the file")
SOURCES = Table(
    "sources",
    (
        Field("name", type="Str", description="name of the endpoint, or the path of the file"),
        Field("place", type="Str", description="where it was looked for"),
        Field("kind", type="Str", description="file or endpoint"),
        Field("reachable", type="Bool", description="whether there was a certificate"),
        Field("problem", type="Str", description="why there was none"),
        Field("protocol", type="Str", description="TLSv1.3, ... of an endpoint"),
        Field("verified", type="Bool", description="whether clients accept an endpoint; None for a file"),
        Field("complaint", type="Str", description="why they do not"),
    ),
)
CERTIFICATES = Table(
    "certificates",
    (
        SOURCE,
        Field(
            "position", type="Int", description="its place in a file from 0 on; an endpoint tells its own only, as 0"
        ),
        Field("subject", type="Str", description="whom it is for, as in CN=api.example.org"),
        Field("issuer", type="Str", description="who signed it"),
        Field("serial", type="Str", description="its number, in hexadecimal digits"),
        Field("not_before", type="Str", description="valid from, YYYY-MM-DD hh:mm:ss in UTC"),
        Field("not_after", type="Str", description="valid until, YYYY-MM-DD hh:mm:ss in UTC"),
        Field("authority", type="Bool", description="whether it may sign others"),
        Field("key", type="Str", description="kind of its key: RSA, EC, Ed25519, ..."),
        Field("key_size", type="Int", description="bits of the key"),
        Field("signature", type="Str", description="the hash that was signed: sha256, ..."),
        Field("fingerprint", type="Str", description="SHA-256 of the whole, in hexadecimal digits"),
    ),
)
NAMES = Table(
    "names",
    (
        Field("source", Root("source"), "Str", "the endpoint by its name, or the path of the file"),
        Field("position", Root("position"), "Int", "which certificate of the source"),
        Field("name", SELF, "Str", "a host name or address that it is for"),
    ),
    walk=("names", ITEMS),
)
_KEYS = (
    (rsa.RSAPublicKey, "RSA"),
    (ec.EllipticCurvePublicKey, "EC"),
    (ed25519.Ed25519PublicKey, "Ed25519"),
    (ed448.Ed448PublicKey, "Ed448"),
)
_BLOCK = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


class Shown(NamedTuple):
    """What a source presents: its certificates, the server's first; `complaint`: why clients refuse an endpoint."""

    chain: tuple[Certificate, ...]
    protocol: str | None = None
    complaint: str | None = None


class CertificatesDriver(ListedDriver):
    """Never asks for a private key, and looks at endpoints whose certificates nobody should accept, too."""

    id = "certificates"
    description = "Certificates in files and at TLS endpoints: subject, names and the time they end"
    options = (
        Option(
            "files",
            description="Files with certificates (PEM or DER), separated by commas; * and ? are understood",
            type=LIST,
            default="",
        ),
        Option(
            "endpoints",
            description=f"TLS servers: [name=]host[:port], separated by commas; port {PORT} when not given",
        ),
        Option(
            "cacert", description="File with the authorities that endpoints are verified by, the system's otherwise"
        ),
        TIMEOUT,
        POLL_TIME._replace(default="300"),
        LAZY_TABLES,
    )
    sights = ((SOURCES, CERTIFICATES, NAMES),)

    def __init__(self, name: str, config: Mapping[str, str]) -> None:
        super().__init__(name, config)
        self._files = tuple(filter(None, self.settings["files"]))
        endpoints = self.settings["endpoints"]
        self._endpoints = members("endpoints", endpoints) if endpoints else ()
        if not (self._files or self._endpoints):
            raise DriverError("give files or endpoints (or both) to look at")
        self._timeout: float = self.settings["timeout"]

    def look(self, group: str) -> tuple[Objects]:
        asked = [Member(path, (path,)) for path in self._paths()] + list(self._endpoints)
        kinds = {one.name: "endpoint" for one in self._endpoints}
        if not asked:
            raise CloudUnreachable(f"datasource '{self.name}': there is no file {', '.join(self._files)}")
        answers = ask_all(self.name, asked, lambda name, place: self._ask(place, is_file=name not in kinds))
        sources = [_source(one, kinds.get(one.name, "file")) for one in answers]
        certificates = [
            {"source": one.name, "position": position, **about(certificate)}
            for one in answers
            for position, certificate in enumerate(one.value.chain if one.value else ())
        ]
        return ({SOURCES.name: sources, CERTIFICATES.name: certificates, NAMES.name: certificates},)

    def _paths(self) -> Iterator[str]:
        """A pattern stands for what it finds, and a path for itself: that nothing is there is worth knowing."""
        for pattern in self._files:
            yield from sorted(glob.glob(pattern)) if glob.has_magic(pattern) else [pattern]

    def _ask(self, place: str, *, is_file: bool) -> Shown:
        return Shown(certificates_of(read_file(Path(place)))) if is_file else self._presented(place)

    def _presented(self, place: str) -> Shown:
        """What an endpoint shows to whoever asks, and whether it would be believed. Raises DriverError."""
        host, port = _host_and_port(place)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        try:
            shown, protocol = self._handshake(context, host, port)
        except OSError as error:
            raise DriverError(_reason(error)) from error
        if shown is None:
            raise DriverError("it presents no certificate")
        complaint = None
        try:
            self._handshake(ssl.create_default_context(cafile=self.settings["cacert"]), host, port)
        except ssl.SSLCertVerificationError as error:
            complaint = error.verify_message or _reason(error)
        except OSError as error:
            complaint = _reason(error)
        return Shown((x509.load_der_x509_certificate(shown),), protocol, complaint)

    def _handshake(self, context: ssl.SSLContext, host: str, port: int) -> tuple[bytes | None, str | None]:
        with (
            socket.create_connection((host, port), timeout=self._timeout) as link,
            context.wrap_socket(link, server_hostname=host) as secured,
        ):
            return secured.getpeercert(binary_form=True), secured.version()


def certificates_of(content: bytes) -> tuple[Certificate, ...]:
    """The certificates in a file, keys and what else it holds left out. Raises DriverError."""
    blocks = _BLOCK.findall(content)
    try:
        if blocks:
            return tuple(x509.load_pem_x509_certificate(block) for block in blocks)
        return (x509.load_der_x509_certificate(content),)
    except ValueError as error:
        raise DriverError("it holds no certificate in PEM or DER") from error


def about(one: Certificate) -> dict[str, Any]:
    """What the tables tell of a certificate."""
    key = one.public_key()
    return {
        "subject": one.subject.rfc4514_string(),
        "issuer": one.issuer.rfc4514_string(),
        "serial": f"{one.serial_number:x}",
        "not_before": _time(one.not_valid_before_utc),
        "not_after": _time(one.not_valid_after_utc),
        "authority": _may_sign(one),
        "key": next((name for kind, name in _KEYS if isinstance(key, kind)), "other"),
        "key_size": getattr(key, "key_size", None),
        "signature": one.signature_hash_algorithm.name if one.signature_hash_algorithm else None,
        "fingerprint": one.fingerprint(hashes.SHA256()).hex(),
        "names": _names(one),
    }


def _source(one: Answer[Shown], kind: str) -> dict[str, Any]:
    row: dict[str, Any] = {**one.told(), "kind": kind}
    if one.value is not None and kind == "endpoint":
        row |= {
            "protocol": one.value.protocol,
            "verified": one.value.complaint is None,
            "complaint": one.value.complaint,
        }
    return row


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _may_sign(one: Certificate) -> bool:
    try:
        return bool(one.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
    except (x509.ExtensionNotFound, ValueError):
        return False


def _names(one: Certificate) -> list[str]:
    try:
        names = one.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return []
    addresses = (str(address) for address in names.get_values_for_type(x509.IPAddress))
    return [*names.get_values_for_type(x509.DNSName), *addresses]


def _host_and_port(place: str) -> tuple[str, int]:
    try:
        parts = urlsplit(place if "://" in place else f"//{place}")
        host, port = parts.hostname, parts.port or PORT
    except ValueError:
        host = None
    if not host:
        raise DriverError(f"'{place}' is no endpoint; write host or host:port")
    return host, port


def _reason(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return str(getattr(error, "reason", None) or error.strerror or error)
