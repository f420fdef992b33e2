"""The page about bundles on a running service works as it is written."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.api.server_process import ServerProcess
from tests.test_api_guide import examples, refuse_other_answers

PAGE = Path(__file__).parents[1] / "docs" / "bundles.md"


def test_every_answer_is_as_the_page_shows_it(tmp_path: Path) -> None:
    keys, place = tmp_path / "bundle-keys", tmp_path / "work"
    keys.mkdir()
    place.mkdir()
    someone = Ed25519PrivateKey.generate().public_key()
    (keys / "someone.pem").write_bytes(someone.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    (tmp_path / "congress.conf").write_text(
        f"[DEFAULT]\nauth_strategy = noauth\n[bundles]\ntrusted_keys = {keys}\nrequire_signature = true\n"
    )
    server = ServerProcess(tmp_path / "state", "--config-file", str(tmp_path / "congress.conf")).start()
    try:
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        first = [f"congress={server.url}", f"keys={keys}"]
        refuse_other_answers(examples(PAGE), first, cwd=place, env={**os.environ, "PATH": path})
    finally:
        server.close()


def test_the_page_names_every_option() -> None:
    text = PAGE.read_text()
    assert [name for name in ("trusted_keys", "require_signature", "max_size") if name not in text] == []
