"""The archive around a bundle: made in one way only, and taken in that form only."""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from congress.policies.bundles.content import (
    FORMAT,
    MANIFEST_SCHEMA,
    Bundle,
    checked,
    dumped,
    loaded,
    policy_from,
    refuse_unfit,
)
from congress.policies.bundles.errors import BundleRefused
from congress.policies.bundles.signatures import SIGNATURES, Signature, signatures_from

MANIFEST = "manifest.json"
MOST_BYTES = 32_000_000
"""Size of an archive; since nothing is compressed, what it holds is no larger."""
MOST_FILES = 2_000
_FILE = re.compile(r"(policies/[0-9]{3}\.json|tests/[A-Za-z0-9_][A-Za-z0-9._-]{0,80}\.yaml)")
"""Names of files but the manifest and the signatures. Policies are numbered: their names need not fit a file's."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A bundle that was opened. `manifest`: the bytes that signatures are over; `digest`: their SHA-256, in hex."""

    bundle: Bundle
    manifest: bytes
    digest: str
    signatures: tuple[Signature, ...]


def pack(bundle: Bundle, signatures: Sequence[Signature] = ()) -> bytes:
    """The archive of a bundle. Raises BundleRefused for one that could not be opened again."""
    files = {f"policies/{n:03}.json": dumped(policy.to_data()) for n, policy in enumerate(checked(bundle).policies)}
    files |= {f"tests/{name}": text.encode() for name, text in sorted(bundle.tests.items())}
    for name in files:
        _refuse_name(name)
    manifest = dumped(
        {
            "format": FORMAT,
            "name": bundle.name,
            "version": bundle.version,
            "description": bundle.description,
            "policies": [policy.name for policy in bundle.policies],
            "tests": sorted(bundle.tests),
            "datasources": {
                name: {table: list(columns) for table, columns in tables.items()}
                for name, tables in bundle.datasources.items()
            },
            "files": {name: hashlib.sha256(raw).hexdigest() for name, raw in files.items()},
        }
    )
    members = {MANIFEST: manifest, **files}
    for name in members.keys() - {f"tests/{test}" for test in bundle.tests}:
        loaded(members[name], name)
    if signatures:
        members[SIGNATURES] = dumped([signature.to_data() for signature in signatures])
    archive = _tar(members)
    if len(archive) > MOST_BYTES or len(members) > MOST_FILES:
        raise BundleRefused(f"the bundle is too large: at most {MOST_BYTES:,} bytes and {MOST_FILES:,} files")
    return archive


def unpack(data: bytes) -> Opened:
    """The bundle in an archive. Raises BundleRefused for whatever `pack` did not make."""
    members = _members(data)
    if MANIFEST not in members:
        raise BundleRefused(f"the archive has no {MANIFEST}; it is no bundle")
    manifest = loaded(members[MANIFEST], MANIFEST)
    found = manifest.get("format") if isinstance(manifest, dict) else None
    if found != FORMAT and isinstance(found, int):
        raise BundleRefused(f"the bundle has format {found}, and this version reads format {FORMAT}; use a newer one")
    refuse_unfit(manifest, MANIFEST_SCHEMA, MANIFEST)
    files = {name: raw for name, raw in members.items() if name not in (MANIFEST, SIGNATURES)}
    _refuse_other_files(files, manifest["files"])
    signatures = signatures_from(loaded(members[SIGNATURES], SIGNATURES)) if SIGNATURES in members else ()
    opened = Opened(
        _bundle(manifest, files), members[MANIFEST], hashlib.sha256(members[MANIFEST]).hexdigest(), signatures
    )
    if pack(opened.bundle, signatures) != data:
        raise BundleRefused(
            "the archive is not the one that belongs to its content; build it with `congress bundle build`"
        )
    return opened


def _bundle(manifest: Mapping[str, Any], files: Mapping[str, bytes]) -> Bundle:
    policies = [
        policy_from(loaded(raw, name), name) for name, raw in sorted(files.items()) if name.startswith("policies/")
    ]
    if [policy.name for policy in policies] != manifest["policies"]:
        raise BundleRefused(f"{MANIFEST} names other policies than there are")
    return Bundle(
        manifest["name"],
        manifest["version"],
        tuple(policies),
        manifest["description"],
        {name.removeprefix("tests/"): _text(raw, name) for name, raw in files.items() if name.startswith("tests/")},
        manifest["datasources"],
    )


def _text(raw: bytes, name: str) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BundleRefused(f"{name} is not text in UTF-8") from error


def _refuse_other_files(files: Mapping[str, bytes], digests: Mapping[str, str]) -> None:
    if missing := sorted(set(digests) - set(files)):
        raise BundleRefused(f"the archive lacks {missing[0][:100]}, which {MANIFEST} names")
    for name, raw in files.items():
        if name not in digests:
            raise BundleRefused(f"the archive has {name}, which {MANIFEST} does not name")
        if hashlib.sha256(raw).hexdigest() != digests[name]:
            raise BundleRefused(f"{name} is not the file that {MANIFEST} names: its digest is another one")


# -- the form of the archive


def _tar(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, raw in members.items():
            member = tarfile.TarInfo(name)  # time 0, owner 0, no names: the same bytes whoever builds it
            member.size, member.mode = len(raw), 0o644
            archive.addfile(member, io.BytesIO(raw))
    return out.getvalue()


def _members(data: bytes) -> dict[str, bytes]:
    """The files of an archive. Raises BundleRefused."""
    if len(data) > MOST_BYTES:
        raise BundleRefused(f"the archive has {len(data):,} bytes; a bundle has at most {MOST_BYTES:,}")
    found: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
            for member in _some(archive):
                _refuse_member(member, found)
                file = archive.extractfile(member)
                found[member.name] = file.read() if file else b""
                if len(found[member.name]) != member.size:
                    raise BundleRefused(f"the archive ends within {member.name}")
    except (tarfile.TarError, EOFError, ValueError, OverflowError, OSError) as error:
        raise BundleRefused(f"the file is no bundle, or is damaged: {str(error)[:200]}") from error
    return found


def _some(archive: tarfile.TarFile) -> Iterable[tarfile.TarInfo]:
    for number, member in enumerate(archive):
        if number >= MOST_FILES:
            raise BundleRefused(f"the archive has more than {MOST_FILES:,} files")
        yield member


def _refuse_member(member: tarfile.TarInfo, found: Mapping[str, bytes]) -> None:
    if member.name not in (MANIFEST, SIGNATURES):
        _refuse_name(member.name)
    if member.type != tarfile.REGTYPE or member.pax_headers:
        raise BundleRefused(f"{member.name} is no plain file; a bundle holds nothing else")
    if member.size < 0 or member.size > MOST_BYTES:
        raise BundleRefused(
            f"{member.name} says that it has {member.size:,} bytes; a bundle has at most {MOST_BYTES:,}"
        )
    if member.name in found:
        raise BundleRefused(f"the archive has {member.name} twice")


def _refuse_name(name: str) -> None:
    if not _FILE.fullmatch(name):
        raise BundleRefused(f"{name!r:.120} is no name of a file of a bundle")
