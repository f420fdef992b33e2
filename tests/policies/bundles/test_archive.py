"""Bundles come out as they went in, in the same bytes, and nothing but a bundle is taken for one."""

from __future__ import annotations

import io
import json
import tarfile
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from congress.datalog import print_value
from congress.policies.bundles import (
    Bundle,
    BundledPolicy,
    BundleRefused,
    SignatureRefused,
    activations,
    key_id,
    pack,
    read_private_key,
    read_public_key,
    sign,
    unpack,
    verify,
)
from congress.policies.parameters import ParameterInvalid

POLICY = BundledPolicy(
    "Big",
    ({"rule": "error(x) :- nova:flavors(id=x, vcpus=n), most(m), gt(n, m)", "comment": "too big"},),
    description="Finds big flavors",
    parameters=({"name": "most", "type": "number", "default": 4},),
    values={"most": 8},
)
BUNDLE = Bundle(
    "shop",
    "1.2.0",
    (POLICY, BundledPolicy("act", ({"rule": 'action("stop")'},), "action")),
    "Rules of the shop",
    {"big_test.yaml": "tests: []\n"},
    {"nova": {"flavors": ["id", "name", "vcpus"]}},
)
KEY = Ed25519PrivateKey.generate()


def members(archive: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        return {each.name: opened.extractfile(each).read() for each in opened}  # type: ignore[union-attr]


def archived(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, raw in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(raw)
            archive.addfile(member, io.BytesIO(raw))
    return out.getvalue()


def test_a_bundle_comes_out_as_it_went_in() -> None:
    assert unpack(pack(BUNDLE)).bundle == BUNDLE


_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\n\r"), max_size=12)
_RULES = st.lists(
    st.one_of(
        st.builds(lambda text: {"rule": f"p({print_value(text)})"}, _TEXT),
        st.builds(lambda number, why: {"rule": f"q(x) :- p(x), gt(x, {number})", "comment": why}, st.integers(), _TEXT),
    ),
    max_size=4,
).map(tuple)
_POLICIES = st.lists(
    st.builds(BundledPolicy, st.from_regex(r"[a-z]{1,6}", fullmatch=True), _RULES, description=_TEXT),
    min_size=1,
    max_size=3,
    unique_by=lambda policy: policy.name,
).map(tuple)
_TESTS = st.dictionaries(st.from_regex(r"[a-z]{1,6}\.yaml", fullmatch=True), _TEXT, max_size=3)


@given(policies=_POLICIES, tests=_TESTS, description=_TEXT)
def test_any_bundle_comes_out_as_it_went_in(
    policies: tuple[BundledPolicy, ...], tests: dict[str, str], description: str
) -> None:
    bundle = Bundle("any", "1.0", policies, description, tests)
    assert unpack(pack(bundle)).bundle == bundle
    assert unpack(sign(pack(bundle), KEY)).bundle == bundle


def test_equal_bundles_are_equal_bytes() -> None:
    again = replace(BUNDLE, tests=dict(reversed(list({**BUNDLE.tests, "a.yaml": ""}.items()))))
    assert pack(replace(BUNDLE, tests={**BUNDLE.tests, "a.yaml": ""})) == pack(again)
    assert pack(BUNDLE) == pack(unpack(pack(BUNDLE)).bundle)


def test_the_digest_tells_contents_apart_and_not_signatures() -> None:
    signed = sign(pack(BUNDLE), Ed25519PrivateKey.generate())
    assert unpack(signed).digest == unpack(pack(BUNDLE)).digest
    assert unpack(pack(replace(BUNDLE, version="1.2.1"))).digest != unpack(signed).digest


def test_activation_makes_facts_of_parameters() -> None:
    first, second = activations(BUNDLE)
    assert (first.policy.name, first.policy.kind, first.policy.description) == (
        "Big",
        "nonrecursive",
        POLICY.description,
    )
    assert [rule.rule for rule in first.rules] == ["most(8)", POLICY.rules[0]["rule"]]
    assert (second.policy.kind, [rule.rule for rule in second.rules]) == ("action", ['action("stop")'])
    with pytest.raises(ParameterInvalid):
        activations(replace(BUNDLE, policies=(replace(POLICY, values={"most": "x"}),)))


# -- signatures


def test_a_signature_is_verified_with_its_key_only() -> None:
    key, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    opened = unpack(sign(pack(BUNDLE), key))
    assert verify(opened, [other.public_key(), key.public_key()]) == key_id(key.public_key())
    with pytest.raises(SignatureRefused, match="none of which is trusted"):
        verify(opened, [other.public_key()])
    with pytest.raises(SignatureRefused, match=r"shop 1\.2\.0 is not signed"):
        verify(unpack(pack(BUNDLE)), [key.public_key()])


def test_several_may_sign_and_each_once() -> None:
    keys = [Ed25519PrivateKey.generate() for _ in range(2)]
    archive = pack(BUNDLE)
    for key in [*keys, keys[0]]:
        archive = sign(archive, key)
    assert len(unpack(archive).signatures) == 2
    for key in keys:
        verify(unpack(archive), [key.public_key()])


def test_a_signature_does_not_fit_another_content() -> None:
    key = Ed25519PrivateKey.generate()
    signed = unpack(sign(pack(BUNDLE), key))
    forged = unpack(pack(replace(BUNDLE, version="9.9.9"), signed.signatures))
    with pytest.raises(SignatureRefused, match="was changed after it was signed"):
        verify(forged, [key.public_key()])


def test_keys_are_read_from_pem_and_others_are_refused() -> None:
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    assert key_id(read_private_key(private).public_key()) == key_id(read_public_key(public))
    rsa = generate_private_key(65537, 1024)  # noqa: S505 - nothing is signed with it
    for pem in (b"", public, rsa.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())):
        with pytest.raises(SignatureRefused):
            read_private_key(pem)
    with pytest.raises(SignatureRefused):
        read_public_key(private)


# -- hostile archives


def changed(**files: bytes | None) -> bytes:
    """The archive with other files, or without some."""
    found = members(pack(BUNDLE))
    for name, raw in files.items():
        found[name] = raw or b""
        if raw is None:
            del found[name]
    return archived(found)


def manifest(**members_of_it: object) -> bytes:
    found = json.loads(members(pack(BUNDLE))["manifest.json"])
    return (json.dumps({**found, **members_of_it}, sort_keys=True, indent=1) + "\n").encode()


NESTED: list[object] = []
for _level in range(40):
    NESTED = [NESTED]


@pytest.mark.parametrize("name", ["../up.json", "/etc/passwd", "policies/../../x", "policies\\x", "", "tests/.hidden"])
def test_names_that_lead_elsewhere_are_refused(name: str) -> None:
    with pytest.raises(BundleRefused, match="is no name of a file of a bundle"):
        unpack(changed(**{name: b"{}"}))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links_directories_and_devices_are_refused(kind: bytes) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        member = tarfile.TarInfo("policies/000.json")
        member.type, member.linkname = kind, "/etc/passwd"
        archive.addfile(member)
    with pytest.raises(BundleRefused, match="is no plain file"):
        unpack(out.getvalue())


def test_compressed_archives_are_refused_unopened() -> None:
    bomb = io.BytesIO()
    with tarfile.open(fileobj=bomb, mode="w:gz") as archive:
        member = tarfile.TarInfo("manifest.json")
        member.size = 50_000_000
        archive.addfile(member, io.BytesIO(bytes(member.size)))
    assert len(bomb.getvalue()) < 100_000
    with pytest.raises(BundleRefused, match="is no bundle, or is damaged"):
        unpack(bomb.getvalue())


def test_a_size_that_is_not_there_is_refused() -> None:
    header = tarfile.TarInfo("manifest.json")
    header.size = 20_000_000
    with pytest.raises(BundleRefused):
        unpack(header.tobuf(tarfile.USTAR_FORMAT) + b"{}")
    header.size = 10**11 - 1
    with pytest.raises(BundleRefused):
        unpack(header.tobuf(tarfile.GNU_FORMAT) + b"{}" * 1000)


@pytest.mark.parametrize(
    ("archive", "says"),
    [
        (b"", "no bundle"),
        (b"PK\x03\x04 something else", "no bundle"),
        (changed(**{"manifest.json": None}), "has no manifest.json"),
        (changed(**{"manifest.json": b"{"}), "manifest.json is not JSON"),
        (changed(**{"manifest.json": b"[" * 100_000}), "manifest.json is not JSON"),
        (changed(**{"manifest.json": manifest(format=2)}), "has format 2, and this version reads format 1"),
        (changed(**{"manifest.json": manifest(format="1")}), "format: 1 was expected"),
        (changed(**{"manifest.json": manifest(surprise=1)}), "'surprise' was unexpected"),
        (changed(**{"manifest.json": manifest(version="../1")}), "is no version of a bundle"),
        (changed(**{"manifest.json": manifest(policies=["Other", "act"])}), "names other policies than there are"),
        (changed(**{"manifest.json": manifest(description="\0")}), "manifest.json has the character NUL"),
        (changed(**{"manifest.json": manifest(description="\ud800")}), "half a surrogate pair"),
        (changed(**{"manifest.json": manifest(description=float("nan"))}), "NaN is not a JSON value"),
        (changed(**{"manifest.json": manifest(datasources=NESTED)}), "deeper than 30"),
        (changed(**{"policies/000.json": None}), "lacks policies/000.json"),
        (changed(**{"policies/000.json": b"{}"}), "policies/000.json is not the file that manifest.json names"),
        (changed(**{"policies/007.json": b"{}"}), "which manifest.json does not name"),
        (changed(**{"signatures.json": b"[]"}), "signatures.json"),
        (changed(**{"signatures.json": b'[{"key": "x", "signature": ""}]'}), "signatures.json: 0.key"),
        (pack(BUNDLE) + b"hidden", "is not the one that belongs to its content"),
        (pack(BUNDLE)[:3000], "damaged|ends within|lacks policies"),
        (archived(dict(reversed(members(pack(BUNDLE)).items()))), "is not the one that belongs to its content"),
    ],
    ids=range(22),
)
def test_what_is_no_bundle_is_refused_with_the_reason(archive: bytes, says: str) -> None:
    with pytest.raises(BundleRefused, match=says):
        unpack(archive)


@pytest.mark.parametrize(
    ("policy", "says"),
    [
        (replace(POLICY, name="a b"), "cannot be the name of a policy"),
        (replace(POLICY, name="act"), "is in the bundle twice"),
        (replace(POLICY, rules=({"rule": "p(x"},)), r"rule 1 of policy Big:1:4"),
        (replace(POLICY, rules=({"rule": "p(1)", "colour": "red"},)), "colour"),
        (replace(POLICY, description="what\0ever"), "has the character NUL"),
        (replace(POLICY, rules=({"rule": "p(1)", "comment": "x" * 256},)), "rules.0.comment: .*too long"),
        (replace(POLICY, values={"most": "many"}), "does not fit"),
        (replace(POLICY, values={"least": 1}), "there is no parameter least"),
        (replace(POLICY, kind="datasource"), "kind"),
    ],
    ids=range(9),
)
def test_policies_that_cannot_be_are_refused_when_a_bundle_is_made(policy: BundledPolicy, says: str) -> None:
    with pytest.raises(BundleRefused, match=says):
        pack(replace(BUNDLE, policies=(policy, BUNDLE.policies[1])))


SIGNED = sign(pack(BUNDLE), KEY)


@given(place=st.integers(0, len(SIGNED) - 1), bit=st.integers(0, 7))
def test_no_bit_of_a_signed_bundle_can_be_changed(place: int, bit: int) -> None:
    archive = bytearray(SIGNED)
    archive[place] ^= 1 << bit
    with pytest.raises(BundleRefused):
        verify(unpack(bytes(archive)), [KEY.public_key()])
