"""Encrypts what must not be read in the database: the secret options of datasources.

The key file holds Fernet keys, one in a line; the first encrypts, all of them decrypt. Beside it may lie the file of
keys that were in use before (`.old`), so that nothing becomes unreadable while keys are being exchanged.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from congress.datasources.masking import Mask
from congress.errors import CongressError

KEY_FILE = "aes_key"
OLD_KEY_FILE = "aes_key.old"


class SecretUnreadable(CongressError):
    """A stored secret was encrypted with another key; the text says which file is needed."""


class KeyFileUnusable(CongressError):
    """The key file is missing or holds no key; the text names it."""


class Secrets:
    """Encrypts and decrypts with the key in `<directory>/aes_key`, which is created when it is missing.

    With `create=False` a missing file raises KeyFileUnusable, as an unusable one does always.
    `mask` hides every text that was encrypted or decrypted here.
    """

    def __init__(self, directory: Path, *, create: bool = True) -> None:
        self._file, self._old = directory / KEY_FILE, directory / OLD_KEY_FILE
        if create:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            _create(self._file)
        self._keys = self._read()
        self.mask = Mask()

    def encrypt(self, text: str) -> str:
        """Ciphertext that can be stored as text."""
        self.mask.remember(text)
        # Another process may have exchanged the key any number of times, and forgotten the one that is known here.
        self._keys = self._read()
        return self._keys.encrypt(text.encode()).decode()

    def decrypt(self, stored: str) -> str:
        """The text again. Raises SecretUnreadable."""
        text = self._decrypted(stored)
        self.mask.remember(text)
        return text

    def _decrypted(self, stored: str) -> str:
        try:
            return self._keys.decrypt(stored.encode()).decode()
        except InvalidToken:
            self._keys = self._read()  # another process may have exchanged the key meanwhile
        try:
            return self._keys.decrypt(stored.encode()).decode()
        except InvalidToken as error:
            raise SecretUnreadable(
                f"a stored secret cannot be decrypted with {self._file}: bring back the key file it was stored with, "
                "or delete and create the datasource again"
            ) from error

    def clear(self, config: Mapping[str, str], encrypted: Collection[str]) -> dict[str, str]:
        """A configuration whose values that `encrypted` names are readable again. Raises SecretUnreadable."""
        return {key: self.decrypt(text) if key in encrypted else text for key, text in config.items()}

    def exchange(self) -> None:
        """Encrypt with a new key from now on; what is encrypted with the old ones stays readable."""
        before = _lines(self._file) + _lines(self._old)
        _write(self._old, before)
        _write(self._file, [Fernet.generate_key()])
        self._keys = self._read()

    def forget(self) -> None:
        """Keep, of the old keys, only the one that was in use last; nothing may need the others any more."""
        _write(self._old, _lines(self._old)[:1])
        self._keys = self._read()

    def _read(self) -> MultiFernet:
        keys = _lines(self._file)
        if not keys:
            raise KeyFileUnusable(
                f"{self._file} holds no key; bring back the file that the datasources were stored with, "
                "or name its directory with `encryption_key_path`"
            )
        try:
            return MultiFernet([Fernet(key) for key in keys + _lines(self._old)])
        except ValueError as error:
            raise KeyFileUnusable(f"{self._file} or {self._old} holds something that is no Fernet key") from error


def _lines(file: Path) -> list[bytes]:
    try:
        return [line.strip() for line in file.read_bytes().splitlines() if line.strip()]
    except FileNotFoundError:
        return []


def _create(file: Path) -> None:
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    _fill(handle, [Fernet.generate_key()])


def _write(file: Path, keys: list[bytes]) -> None:
    """Replace a file as a whole, never leaving half of it."""
    aside = file.with_name(file.name + ".part")
    _fill(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), keys)
    aside.replace(file)
    # A database that already holds what only the new key opens must not meet the old file after a power failure.
    directory = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _fill(handle: int, keys: list[bytes]) -> None:
    with os.fdopen(handle, "wb") as opened:
        opened.write(b"\n".join(keys))
        opened.flush()
        os.fsync(opened.fileno())
