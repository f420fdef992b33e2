"""`congress bundle`: policies as one signed archive."""

from __future__ import annotations

import os
from argparse import SUPPRESS, ArgumentParser, Namespace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from congress.authoring.bundletests import cases_of
from congress.authoring.checking import check
from congress.authoring.drivers import schemas_of
from congress.authoring.errors import InputUnusable
from congress.authoring.files import open_project, read_text
from congress.authoring.loading import Faulty
from congress.authoring.packing import bundle_of, project_of
from congress.cli.authoring import test
from congress.cli.authoring.command import Command, Exit, Result, json_option
from congress.policies.bundles import (
    BundleRefused,
    Opened,
    key_id,
    pack,
    read_private_key,
    read_public_key,
    sign,
    unpack,
    verify,
)
from congress.policies.bundles.archive import MOST_BYTES

SUFFIX = ".bundle"


def _options(parser: ArgumentParser) -> None:
    steps = parser.add_subparsers(dest="step", metavar="STEP", required=True)
    build = steps.add_parser("build", help="make the archive of a project", description=_BUILD)
    build.add_argument(
        "path", nargs="?", type=Path, default=Path(), metavar="PATH", help="the project (default: this directory)"
    )
    build.add_argument("--output", type=Path, metavar="FILE", help="where to (default: NAME-VERSION.bundle)")
    tried = steps.add_parser("test", help="run the tests in an archive", description=_TEST)
    tried.add_argument("--coverage", action="store_true", help="list the rules that no test made use of")
    signed = steps.add_parser("sign", help="sign an archive, in place", description=_SIGN)
    signed.add_argument("--key", type=Path, required=True, metavar="FILE", help="the private key, in PEM")
    verified = steps.add_parser("verify", help="say whether a trusted key signed an archive", description=_VERIFY)
    verified.add_argument(
        "--key", type=Path, action="append", required=True, metavar="FILE", help="a public key, in PEM; or several"
    )
    inspected = steps.add_parser("inspect", help="say what is in an archive", description=_INSPECT)
    for one in (tried, signed, verified, inspected):
        one.add_argument("file", type=Path, metavar="BUNDLE", help="the archive")
    keygen = steps.add_parser("keygen", help="make a pair of keys to sign with", description=_KEYGEN)
    keygen.add_argument("name", metavar="NAME", help="the keys become NAME.pem and NAME.pub.pem")
    for one in (build, tried, signed, verified, inspected, keygen):
        json_option(one, default=SUPPRESS)  # it may stand before the step, too


_BUILD = (
    "Packs the policies, their parameters and tests. Equal projects give equal bytes. Policies with mistakes are not "
)
_BUILD += "packed."
_TEST = "Runs the tests that the archive carries against the policies and columns that it carries."
_SIGN = "Adds a signature (Ed25519) over all that the archive holds. Several keys may sign."
_VERIFY = "Exits with 1 when the archive is damaged, not signed, or signed by none of these keys."
_INSPECT = "Shows name, version, policies, tests, the tables that are read, and who signed."
_KEYGEN = "Makes an Ed25519 key pair. Keep the private one to yourself; who verifies needs the public one."


def _run(given: Namespace) -> Result:
    try:
        return _STEPS[given.step](given)
    except BundleRefused as error:
        return Result(f"refused: {error}", {"error": str(error)}, Exit.FOUND)


def _build(given: Namespace) -> Result:
    project = open_project([given.path])
    schemas = schemas_of(project)
    if mistakes := [each.problem.diagnostic for each in check(project, schemas).findings if each.is_error]:
        raise Faulty(mistakes)
    tests = {file.name: read_text(file) for file in project.tests}
    if len(tests) != len(project.tests):
        raise InputUnusable(f"{project.root}: two files of tests have the same name; rename one of them")
    archive = pack(bundle_of(project, schemas, tests))
    opened = unpack(archive)
    output = given.output or Path(f"{opened.bundle.name}-{opened.bundle.version}{SUFFIX}")
    _write(output, archive)
    return Result(f"{output}: {_summary(opened)}", {"file": str(output), **_data(opened)})


def _test(given: Namespace) -> Result:
    opened = unpack(_read(given.file))
    project, schemas = project_of(opened)
    cases = cases_of(opened)
    if not cases:
        return Result("the bundle has no tests", {"tests": []}, Exit.FOUND)
    return test.report(*test.run_cases(project, schemas, cases), given.coverage)


def _sign(given: Namespace) -> Result:
    key = read_private_key(_read(given.key))
    signed = sign(_read(given.file), key)
    _write(given.file, signed)
    signer = key_id(key.public_key())
    return Result(f"{given.file}: signed by {signer}", {"file": str(given.file), "key": signer})


def _verify(given: Namespace) -> Result:
    opened = unpack(_read(given.file))
    signer = verify(opened, [read_public_key(_read(file)) for file in given.key])
    return Result(f"{given.file}: {_summary(opened)}, signed by {signer}", {"key": signer, **_data(opened)})


def _inspect(given: Namespace) -> Result:
    opened = unpack(_read(given.file))
    bundle = opened.bundle
    lines = [f"{bundle.name} {bundle.version}" + (f": {bundle.description}" if bundle.description else "")]
    lines.append(f"  digest {opened.digest}")
    for policy in bundle.policies:
        shown = f": {policy.description}" if policy.description else ""
        lines.append(f"  policy {policy.name} ({policy.kind}), {len(policy.rules)} rules{shown}")
        given_values = policy.values
        lines += [
            f"    {each['name']} = {given_values.get(each['name'], each.get('default'))!r}"
            for each in policy.parameters
        ]
    lines += [f"  test {name}" for name in bundle.tests]
    for name, tables in bundle.datasources.items():
        lines += [f"  reads {name}:{table}" for table in tables]
    lines += [f"  signed by {signature.key}" for signature in opened.signatures] or ["  not signed"]
    return Result("\n".join(lines), _data(opened))


def _keygen(given: Namespace) -> Result:
    key = Ed25519PrivateKey.generate()
    private, public = Path(f"{given.name}.pem"), Path(f"{given.name}.pub.pem")
    for path in (private, public):
        if path.exists():
            raise InputUnusable(f"{path} exists already; choose another name, or move it away")
    _write(public, key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    _write(private, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), mode=0o600)
    signer = key_id(key.public_key())
    return Result(
        f"{private} signs, {public} verifies; the key is {signer}",
        {"private": str(private), "public": str(public), "key": signer},
    )


_STEPS = {
    "build": _build,
    "test": _test,
    "sign": _sign,
    "verify": _verify,
    "inspect": _inspect,
    "keygen": _keygen,
}


def _summary(opened: Opened) -> str:
    bundle = opened.bundle
    return f"{bundle.name} {bundle.version}, {len(bundle.policies)} policies, {len(bundle.tests)} files of tests"


def _data(opened: Opened) -> dict[str, object]:
    bundle = opened.bundle
    return {
        "name": bundle.name,
        "version": bundle.version,
        "digest": opened.digest,
        "policies": [policy.to_data() for policy in bundle.policies],
        "tests": list(bundle.tests),
        "datasources": {name: dict(tables) for name, tables in bundle.datasources.items()},
        "signed_by": [signature.key for signature in opened.signatures],
    }


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise InputUnusable(f"{path} cannot be read: {error.strerror}") from error


def _write(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Whole or not at all: a reader sees the old file or the new one."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise InputUnusable(f"{path} cannot be written: {error.strerror}") from error


COMMAND = Command(
    "bundle",
    "pack policies with their tests into one archive, sign and verify it",
    _options,
    _run,
    "Archives that are damaged, hostile or of another format are refused with the reason.",
    {
        "file": "the archive; `build` and `sign`",
        "key": "the id of the key; `keygen`, `sign` and `verify`",
        "private": "its file; `keygen`",
        "public": "its file; `keygen`",
        "name": "of the bundle; `build`, `inspect` and `verify`, as all that follow",
        "version": "of the bundle",
        "digest": "SHA-256 of the manifest",
        "policies": "each with `name`, `kind`, `rules`, `parameters`, `values` and more",
        "tests": "names of the files; of `test` what `congress test` answers",
        "datasources": "datasource -> table -> columns",
        "signed_by": "ids of keys",
        "error": "why the archive is refused",
    },
)
