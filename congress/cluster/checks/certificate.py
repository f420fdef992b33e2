"""CL065: the certificate of the addresses is valid."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from congress.cluster.checks.check import Check, Subject, Surroundings
from congress.cluster.errors import Problem


def _find(subject: Subject) -> Iterator[Problem]:
    text = subject.surroundings.certificate
    if subject.described.description.tls is None or text is None:
        return
    path = ("tls", "certificate")
    try:
        certificate = read(text)
    except ValueError as error:
        yield subject.problem(
            path, f"it is no certificate in PEM: {error}", "name a file that begins with the certificate"
        )
        return
    now = subject.surroundings.now
    if certificate.not_valid_after_utc <= now:
        what = f"the certificate ended on {certificate.not_valid_after_utc:%Y-%m-%d}"
        yield subject.problem(path, what, "replace it by a new one")
    if certificate.not_valid_before_utc > now:
        what = f"the certificate begins on {certificate.not_valid_before_utc:%Y-%m-%d}"
        yield subject.problem(path, what, "look at the clock, or wait")
    if not _fits(certificate, subject.surroundings):
        yield subject.problem(("tls", "key"), "the key is not the certificate's", "name the key that was made with it")
    yield from _strangers(subject, certificate)


def read(text: str) -> x509.Certificate:
    """The first certificate of a text in PEM. Raises ValueError."""
    return x509.load_pem_x509_certificates(text.encode())[0]


def _fits(certificate: x509.Certificate, surroundings: Surroundings) -> bool:
    if surroundings.key is None:
        return True
    try:
        key = load_pem_private_key(surroundings.key.encode(), password=None)
    except (ValueError, TypeError):
        return False
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return key.public_key().public_bytes(*form) == certificate.public_key().public_bytes(*form)


def _strangers(subject: Subject, certificate: x509.Certificate) -> Iterator[Problem]:
    """Addresses with listeners that the certificate does not name."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        known = set(names.get_values_for_type(x509.IPAddress))
    except x509.ExtensionNotFound:
        known = set()
    used = {
        listener.address
        for _, placed in subject.placed()
        for listener in placed.declaration.listeners
        if listener.mode == "http"
    }
    for virtual_ip in subject.deployment.virtual_ips:
        if virtual_ip.name in used and ip_address(virtual_ip.address) not in known:
            what = f"the certificate does not name {virtual_ip.address}, the address of {virtual_ip.name!r}"
            instead = f"ask for one with the alternative name IP:{virtual_ip.address}"
            yield subject.problem(("tls", "certificate"), what, instead)


CHECK = Check(
    "CL065",
    "The certificate is valid, fits its key and names the addresses",
    "Clients refuse an address whose certificate has ended or is another's, and HAProxy does not start with a key "
    "that is another's: on all nodes at the same time.",
    _find,
)
