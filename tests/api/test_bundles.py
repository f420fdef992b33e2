"""Beyond the original: sets of policies are uploaded, activated, rolled back and deleted over HTTP."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from congress.policies.bundles import key_id, pack, sign
from tests.api.refusals import says
from tests.api.server_process import Client, ServerProcess
from tests.policies.bundles.versions import bundle

Fresh = Callable[[str], str]
BYTES = {"Content-Type": "application/octet-stream"}


def upload(client: Client, data: bytes) -> requests.Response:
    return client.post("/v1/bundles", data=data, headers=BYTES)


def uploaded(client: Client, name: str, version: str, *rules: str) -> str:
    """Upload a bundle of one policy, which has its name; answers the path of the version."""
    assert upload(client, pack(bundle(version, name=name, **{name: rules}))).status_code == 201
    return f"/v1/bundles/{name}/versions/{version}"


def active(client: Client, name: str) -> Any:
    return client.get(f"/v1/bundles/{name}").json()["active"]


def test_a_bundle_from_its_upload_to_its_end(client: Client, fresh: Fresh) -> None:
    name = fresh("shop")
    data = pack(bundle("1.0", name=name, **{name: ["error(1)"]}))
    answer = upload(client, data)
    assert (answer.status_code, answer.headers["Location"]) == (201, f"{client.url}/v1/bundles/{name}")
    body = answer.json()
    assert (body["id"], body["uploaded"], body["active"], body["policies"]) == (name, "1.0", None, [])
    assert body["versions"][0]["uploaded_by"] == "anybody (auth_strategy is noauth)"
    assert upload(client, data).status_code == 200
    path = uploaded(client, name, "1.1", "error(2)")
    assert client.post(f"/v1/bundles/{name}/versions/1.0/activate").json()["active"] == "1.0"
    assert client.rows(name, "error") == [[1]]
    preview = client.post(f"{path}/activate?preview=true").json()
    assert preview["appear"] == [{"policy": name, "table": "error", "rows": [[2]]}]
    assert preview["vanish"] == [{"policy": name, "table": "error", "rows": [[1]]}]
    assert active(client, name) == "1.0"
    shown = client.post(f"{path}/activate", {"enforcement": "monitor"}).json()
    assert (shown["active"], shown["previous"], shown["policies"]) == ("1.1", "1.0", [name])
    assert {each["version"]: each["state"] for each in shown["versions"]} == {"1.1": "active", "1.0": "previous"}
    assert client.get(f"/v1/policies/{name}").json()["bundle"] == name
    assert client.post(f"/v1/bundles/{name}/rollback").json()["active"] == "1.0"
    assert client.rows(name, "error") == [[1]]
    says(client.post(f"/v1/bundles/{name}/rollback"), 409, 409, "no earlier version")
    says(client.delete(f"/v1/bundles/{name}"), 409, 409, "is active; activate another one or deactivate it first")
    assert client.post(f"/v1/bundles/{name}/deactivate").json()["policies"] == []
    assert client.get(f"/v1/policies/{name}").status_code == 404
    history = client.get(f"/v1/bundles/{name}").json()["history"]
    assert [each["what"] for each in history] == ["deactivated", "rolled back", "activated", "activated"]
    assert client.delete(f"/v1/bundles/{name}").status_code == 200
    says(client.get(f"/v1/bundles/{name}"), 404, 404, f"there is no bundle {name}")


def test_a_version_is_shown_with_all_that_is_in_it(client: Client, fresh: Fresh) -> None:
    name = fresh("shop")
    shown = client.get(uploaded(client, name, "1.0", "error(x) :- q(x)", "q(1)")).json()
    assert (shown["bundle"], shown["version"], shown["description"]) == (name, "1.0", "of a test")
    assert [rule["rule"] for rule in shown["policies"][0]["rules"]] == ["error(x) :- q(x)", "q(1)"]
    assert (shown["signers"], shown["tests"], shown["state"]) == ([], [], "stored")
    says(client.get(f"/v1/bundles/{name}/versions/2.0"), 404, 404, f"there is no version 2.0 of bundle {name}")


def test_bundles_are_listed_in_pages(client: Client, fresh: Fresh) -> None:
    names = [fresh("listed") for _ in range(3)]
    for name in names:
        uploaded(client, name, "1.0", "t(1)")
    page = client.get("/v1/bundles?limit=1").json()
    assert page["next_marker"] == page["results"][0]["name"]
    assert [each["name"] for each in client.get(f"/v1/bundles?name={names[1]}").json()["results"]] == [names[1]]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "the file is no bundle, or is damaged"),
        (b"x" * 2000, "the file is no bundle, or is damaged"),
        (pack(bundle("1.0", p=["t(1)"]))[:-4000], "the archive"),
        (pack(bundle("1.0", p=["t(1)"])).replace(b"t(1)", b"t(2)"), "is not the file that manifest.json names"),
        (b"x" * 5_000_000, "and [bundles] max_size allows 4,000,000"),
    ],
)
def test_what_is_no_bundle_is_refused_with_the_reason(client: Client, data: bytes, said: str) -> None:
    says(upload(client, data), 400, 400, said)


def test_an_archive_is_sent_as_bytes(client: Client) -> None:
    says(client.post("/v1/bundles", {"name": "x"}), 400, 400, "send the archive as 'application/octet-stream'")


def test_policies_of_a_bundle_are_not_edited_by_hand(client: Client, fresh: Fresh) -> None:
    name = fresh("shop")
    path = uploaded(client, name, "1.0", "error(1)")
    assert client.post(f"{path}/activate").status_code == 200
    rules = f"/v1/policies/{name}/rules"
    rule = f"{rules}/" + client.get(rules).json()["results"][0]["id"]
    for verb, place, body in (
        ("POST", rules, {"rule": "error(2)"}),
        ("POST", f"{rules}?preview=true", {"rule": "error(2)"}),
        ("PUT", rule, {"rule": "error(2)"}),
        ("PATCH", rule, {"enabled": False}),
        ("DELETE", rule, None),
        ("DELETE", f"/v1/policies/{name}", None),
        ("PATCH", f"/v1/policies/{name}", {"description": "mine"}),
    ):
        said = f"policy {name} belongs to bundle {name}, and only its enforcement can be changed here"
        says(client.request(verb, place, body), 409, 409, said)
    assert client.patch(f"/v1/policies/{name}", {"enforcement": "propose"}).json()["enforcement"] == "propose"
    assert client.rows(name, "error") == [[1]]


def test_what_was_seen_is_what_is_changed(client: Client, fresh: Fresh) -> None:
    name = fresh("shop")
    one, two = (uploaded(client, name, version, f"t({number})") for number, version in enumerate(("1.0", "2.0")))
    seen = {"If-Match": client.get(f"/v1/bundles/{name}").headers["ETag"]}
    assert client.post(f"{one}/activate", headers=seen).status_code == 200
    assert client.post(f"{two}/activate", headers=seen).status_code == 412
    assert client.post(f"/v1/bundles/{name}/deactivate", headers=seen).status_code == 412
    assert client.delete(two, headers=seen).status_code == 412
    assert active(client, name) == "1.0"


def test_an_activation_that_is_asked_for_again_is_done_once(client: Client, fresh: Fresh) -> None:
    name = fresh("shop")
    path = uploaded(client, name, "1.0", "t(1)")
    first = client.post(f"{path}/activate")
    assert client.post(f"{path}/activate").json() == first.json()
    assert len(first.json()["history"]) == 1


def test_of_simultaneous_activations_one_wins_and_the_state_is_never_a_mix(client: Client, fresh: Fresh) -> None:
    name = fresh("race")
    versions = [f"{number}.0" for number in range(1, 5)]
    for version in versions:
        policies = {f"{name}{side}": [f"t({version[0]})"] for side in ("a", "b")}
        assert upload(client, pack(bundle(version, name=name, **policies))).status_code == 201
    for _ in range(5):
        begin = threading.Barrier(len(versions))
        statuses: list[int] = []

        def activate(version: str, begin: threading.Barrier = begin, statuses: list[int] = statuses) -> None:
            begin.wait(10)
            answer = Client(client.url).post(f"/v1/bundles/{name}/versions/{version}/activate")
            statuses.append(answer.status_code)

        threads = [threading.Thread(target=activate, args=(version,)) for version in versions]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert set(statuses) <= {200, 409} and 200 in statuses
        shown = active(client, name)
        assert [client.rows(f"{name}{side}", "t") for side in ("a", "b")] == [[[int(shown[0])]]] * 2


# -- with keys


@pytest.fixture(scope="module")
def key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory, key: Ed25519PrivateKey) -> Iterator[Client]:
    """A server that takes signed bundles only."""
    place = tmp_path_factory.mktemp("strict")
    (place / "ours.pem").write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    (place / "congress.conf").write_text(
        f"[DEFAULT]\nauth_strategy = noauth\n[bundles]\ntrusted_keys = {place / 'ours.pem'}\nrequire_signature = true\n"
    )
    server = ServerProcess(place / "state", "--config-file", str(place / "congress.conf")).start()
    yield Client(server.url)
    server.close()


def test_only_bundles_of_trusted_keys_are_taken(strict: Client, key: Ed25519PrivateKey) -> None:
    data = pack(bundle("1.0", p=["t(1)"]))
    says(upload(strict, data), 400, 400, "bundle shop 1.0 is not signed; sign it with `congress bundle sign`")
    stranger = Ed25519PrivateKey.generate()
    says(upload(strict, sign(data, stranger)), 400, 400, f"is signed by {key_id(stranger.public_key())[:16]}")
    answer = upload(strict, sign(data, key))
    assert answer.status_code == 201
    assert answer.json()["versions"][0]["signer"] == key_id(key.public_key())
    assert strict.post("/v1/bundles/shop/versions/1.0/activate").status_code == 200
    assert 'congress_active_bundle{bundle="shop",version="1.0"} 1.0' in strict.get("/metrics").text


def test_a_server_without_the_keys_that_it_needs_does_not_start(tmp_path: Path) -> None:
    (tmp_path / "congress.conf").write_text("[DEFAULT]\nauth_strategy = noauth\n[bundles]\nrequire_signature = true\n")
    server = ServerProcess(tmp_path / "state", "--config-file", str(tmp_path / "congress.conf"))
    with pytest.raises(AssertionError, match="require_signature is on, and trusted_keys names no key"):
        server.start()


def test_a_restart_keeps_what_is_active(own_server: ServerProcess) -> None:
    client = Client(own_server.url)
    for number in (1, 2):
        path = uploaded(client, "kept", f"{number}.0", f"t({number})")
        assert client.post(f"{path}/activate").status_code == 200
    own_server.kill()
    own_server.start()
    client = Client(own_server.url)
    assert (active(client, "kept"), client.rows("kept", "t")) == ("2.0", [[2]])
    assert client.post("/v1/bundles/kept/rollback").json()["active"] == "1.0"
    assert client.rows("kept", "t") == [[1]]
