"""Encrypts what must not be read in the database: the secret options of datasources."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from congress.errors import CongressError

KEY_FILE = "aes_key"


class SecretUnreadable(CongressError):
    """A stored secret was encrypted with another key; the text says which file is needed."""


class Secrets:
    """Encrypts and decrypts with the key in `<directory>/aes_key`, which is created when it is missing."""

    def __init__(self, directory: Path) -> None:
        self._file = directory / KEY_FILE
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._fernet = Fernet(self._key())

    def _key(self) -> bytes:
        try:
            handle = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return self._file.read_bytes().strip()
        key = Fernet.generate_key()
        with os.fdopen(handle, "wb") as file:
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
        return key

    def encrypt(self, text: str) -> str:
        """Ciphertext that can be stored as text."""
        return self._fernet.encrypt(text.encode()).decode()

    def decrypt(self, stored: str) -> str:
        """The text again. Raises SecretUnreadable."""
        try:
            return self._fernet.decrypt(stored.encode()).decode()
        except InvalidToken as error:
            raise SecretUnreadable(
                f"a stored secret cannot be decrypted with {self._file}: bring back the key file it was stored with, "
                "or delete and create the datasource again"
            ) from error
