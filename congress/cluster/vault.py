"""The values of secrets: from the environment, from files, or made once and kept in a file that its owner reads."""

from __future__ import annotations

import os
import re
import secrets
import string
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import yaml

from congress.cluster.model.description import Secrets, SecretSource, TlsDescription
from congress.cluster.model.loading import Described
from congress.errors import CongressError

PLAIN = re.compile(r"[A-Za-z0-9._~-]+")
LETTERS = string.ascii_letters + string.digits
KEY_SUFFIX, KEY_LENGTH = "-key", 43
"""A secret of such a name is 32 bytes in base64 without the sign of its end, as Fernet's keys are."""


class SecretError(CongressError):
    """A secret that is not to be had; `name` is which."""

    def __init__(self, name: str, why: str) -> None:
        self.name, self.why = name, why
        super().__init__(f"secret {name!r}: {why}")


class Vault:
    """The secrets of one description. Call it with a name for the value. `environment`: the process's one when None."""

    def __init__(self, described: Described, environment: Mapping[str, str] | None = None) -> None:
        self._secrets: Secrets = described.description.secrets
        self._tls: TlsDescription | None = described.description.tls
        self._directory = described.directory
        self._environment = os.environ if environment is None else environment
        self._kept: dict[str, str] | None = None

    @property
    def store(self) -> Path:
        """The file that keeps what was generated."""
        return self._directory / self._secrets.store

    def __call__(self, name: str) -> str:
        """The value; it is generated and kept when the description says so. Raises SecretError."""
        found = self._found(name)
        if found is not None:
            return found
        source = self._source(name)
        assert source.generated is not None
        return self._generate(name, source.generated)

    def renew(self, name: str) -> str:
        """Another value for a generated secret. Raises SecretError when it comes from elsewhere: change it there."""
        source = self._source(name)
        if source.generated is None:
            origin = f"the variable {source.environment}" if source.environment else f"the file {source.file}"
            raise SecretError(name, f"it comes from {origin}; change it there")
        return self._generate(name, source.generated)

    def rotate(self, staged: str, primary: str, former: str) -> None:
        """Let the staged key become the primary one, and the primary one the former; another one is staged.

        In one go: whoever is interrupted has rotated, or not. Raises SecretError when one is not generated."""
        for name in (staged, primary, former):
            if self._source(name).generated is None:
                raise SecretError(
                    name, "it is not generated, and keys that follow each other have to be; see `secrets`"
                )
        followed = {former: self(primary), primary: self(staged), staged: _key()}
        kept = {**self._generated(), **followed}
        self._write(kept)
        self._kept = kept

    def missing(self, names: Iterable[str]) -> tuple[SecretError, ...]:
        """Why those that are not to be had are not. Generates nothing."""
        errors = []
        for name in sorted(names):
            try:
                self._found(name)
            except SecretError as error:
                errors.append(error)
        return tuple(errors)

    def awkward(self, names: Iterable[str]) -> frozenset[str]:
        """Those that have other characters than letters, digits and `._~-`; PEM texts aside. Generates nothing."""
        gone = {error.name for error in self.missing(names)}
        values = {name: self._found(name) for name in names if name not in gone and not name.startswith("tls.")}
        return frozenset(name for name, value in values.items() if value is not None and not PLAIN.fullmatch(value))

    def _source(self, name: str) -> SecretSource:
        if self._tls is not None and name.startswith("tls."):
            file = getattr(self._tls, name.removeprefix("tls."), None)
            if file is not None:
                return SecretSource(file=file)
        source = self._secrets.named.get(name, self._secrets.default)
        if source is None:
            advice = f"add it to `secrets.named`, as `{name}: {{file: {name}.txt}}`"
            raise SecretError(name, f"nothing says where it comes from; {advice}")
        return source

    def _found(self, name: str) -> str | None:
        """The value; None when it has to be generated first."""
        source = self._source(name)
        if source.environment is not None:
            value = self._environment.get(source.environment)
            if not value:
                raise SecretError(name, f"the variable {source.environment} is not set; export it")
            return value
        if source.file is not None:
            return self._of_file(name, self._directory / source.file)
        return self._generated().get(name)

    def _of_file(self, name: str, path: Path) -> str:
        try:
            value = path.read_text(encoding="utf-8").removesuffix("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise SecretError(name, f"{path} cannot be read: {error}") from error
        if not value:
            raise SecretError(name, f"{path} is empty")
        return value

    def _generated(self) -> dict[str, str]:
        if self._kept is None:
            try:
                if self.store.stat().st_mode & 0o077:
                    raise SecretError(self._secrets.store, "others may read the file; run `chmod 600` on it")
                kept = yaml.safe_load(self.store.read_text(encoding="utf-8")) or {}
            except FileNotFoundError:
                kept = {}
            except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
                raise SecretError(self._secrets.store, f"{self.store} cannot be read: {error}") from error
            if not isinstance(kept, dict) or not all(isinstance(value, str) for value in kept.values()):
                raise SecretError(self._secrets.store, f"{self.store} is not a list of `name: value` lines")
            self._kept = kept
        return self._kept

    def _generate(self, name: str, length: int) -> str:
        value = _key() if name.endswith(KEY_SUFFIX) else _letters(length)
        kept = {**self._generated(), name: value}
        self._write(kept)
        self._kept = kept
        return value

    def _write(self, kept: Mapping[str, str]) -> None:
        """In one go, and never readable by others, not even while it is written."""
        text = "# Generated secrets. Whoever has them has the control plane; without them it cannot be changed.\n"
        text += yaml.safe_dump(dict(sorted(kept.items())))
        try:
            self.store.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=self.store.parent, prefix=f".{self.store.name}.")
            with os.fdopen(handle, "w", encoding="utf-8") as out:
                out.write(text)
                out.flush()
                os.fsync(out.fileno())
            Path(temporary).replace(self.store)
        except OSError as error:
            raise SecretError(self._secrets.store, f"{self.store} cannot be written: {error}") from error


def _letters(length: int) -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(length))


def _key() -> str:
    return _letters(KEY_LENGTH)
