"""An authority that signs certificates for servers of the tests."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)


class Authority:
    """Signs certificates and writes each, with its key behind it, to a file."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "an authority")])
        self.certificate = self._signed(self.name, self._key.public_key(), NOW + 100 * DAY, None)
        self.file = directory / "authority.pem"
        self.file.write_bytes(_pem(self.certificate))

    def make(self, name: str, ends: datetime, *, host: str = "127.0.0.1") -> Path:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        names = x509.SubjectAlternativeName(
            [x509.DNSName(f"{name}.example"), x509.IPAddress(ipaddress.ip_address(host))]
        )
        encoding, no = serialization.Encoding.PEM, serialization.NoEncryption()
        file = self.directory / f"{name}.pem"
        file.write_bytes(
            _pem(self._signed(subject, key.public_key(), ends, names))
            + key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, no)
            + _pem(self.certificate)
        )
        return file

    def _signed(
        self,
        subject: x509.Name,
        key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey,
        ends: datetime,
        names: x509.SubjectAlternativeName | None,
    ) -> x509.Certificate:
        made = x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(key)
        made = made.serial_number(x509.random_serial_number()).not_valid_before(NOW - 50 * DAY).not_valid_after(ends)
        made = made.add_extension(x509.BasicConstraints(ca=names is None, path_length=None), critical=True)
        if names is not None:
            made = made.add_extension(names, critical=False)
        return made.sign(self._key, hashes.SHA256())


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
