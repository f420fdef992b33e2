"""How the API server of a Kubernetes cluster is reached, and as whom.

Source: the Kubernetes documentation, kubeconfig files and service account tokens.
"""

from __future__ import annotations

import base64
import binascii
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from congress.datasources.contract import DriverError, Option
from congress.datasources.documents import Web, read_file
from congress.datasources.listed import TIMEOUT
from congress.datasources.options import URL
from congress.datasources.structured import read_yaml

ACCESS_OPTIONS = (
    Option("url", type=URL, description="Where the API server is; not with kubeconfig"),
    Option("token", secret=True, description="Token of a service account"),
    Option("token_file", description="File with the token, read again for each request: mounted ones change"),
    Option("cacert", description="File with the certificates of the authorities that signed the API server's"),
    Option("certificate", description="File with the certificate that we show the API server"),
    Option("key", description="File with that certificate's key"),
    Option("kubeconfig", description="File that says all of that, as kubectl uses it; no plugins for logins"),
    Option("context", description="Which context of that file; its current one when not given"),
    TIMEOUT,
)


@dataclass(frozen=True, slots=True)
class Access:
    """The API server and how it is asked."""

    url: str
    plain: Web
    token_file: str | None = None
    kept: tuple[Any, ...] = field(default=(), repr=False)
    """What must live as long as this does: directories of certificates that were written down."""

    def web(self) -> Web:
        """How to ask now. Raises DriverError when the token cannot be read."""
        if self.token_file is None:
            return self.plain
        token = read_file(Path(self.token_file)).decode(errors="replace").strip()
        return replace(self.plain, headers={**self.plain.headers, "Authorization": f"Bearer {token}"})


def access(settings: Mapping[str, Any]) -> Access:
    """From the settings of `ACCESS_OPTIONS`. Raises DriverError."""
    if bool(settings["url"]) == bool(settings["kubeconfig"]):
        raise DriverError("give one of the config options url and kubeconfig")
    if settings["kubeconfig"]:
        return _of_file(Path(settings["kubeconfig"]), settings["context"], settings["timeout"])
    if bool(settings["certificate"]) != bool(settings["key"]):
        raise DriverError("config options certificate and key go together")
    shown = (settings["certificate"], settings["key"]) if settings["key"] else None
    headers = {"Authorization": f"Bearer {settings['token']}"} if settings["token"] else {}
    web = Web(settings["timeout"], settings["cacert"], headers=headers, certificate=shown)
    return Access(settings["url"].rstrip("/"), web, settings["token_file"])


def _of_file(path: Path, context: str | None, timeout: float) -> Access:
    try:
        content = read_yaml(read_file(path).decode())
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        raise DriverError(f"{path} is not YAML: {' '.join(str(error).split())[:200]}") from error
    if not isinstance(content, dict):
        raise DriverError(f"{path} is no kubeconfig")
    chosen = context or content.get("current-context")
    found = _named(path, content, "contexts", "context", chosen)
    cluster = _named(path, content, "clusters", "cluster", found.get("cluster"))
    user = _named(path, content, "users", "user", found["user"]) if found.get("user") else {}
    if "exec" in user or "auth-provider" in user:
        raise DriverError(f"{path}: user {found['user']} logs in by a program, which is not started; use a token")
    if not str(cluster.get("server", "")).startswith(("http://", "https://")):
        raise DriverError(f"{path}: cluster {found.get('cluster')} has no server")
    written = tempfile.TemporaryDirectory(prefix="congress-kubeconfig-")
    files = _Files(path, Path(written.name))
    shown = files.of(user, "client-certificate"), files.of(user, "client-key")
    headers = {"Authorization": f"Bearer {user['token']}"} if user.get("token") else {}
    web = Web(
        timeout,
        files.of(cluster, "certificate-authority"),
        user.get("username"),
        user.get("password"),
        headers,
        (shown[0], shown[1]) if shown[0] and shown[1] else None,
    )
    return Access(str(cluster["server"]).rstrip("/"), web, files.named(user, "tokenFile"), (written,))


def _named(path: Path, content: Mapping[str, Any], many: str, one: str, name: Any) -> dict[str, Any]:
    entries = content.get(many)
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and entry.get("name") == name and isinstance(entry.get(one), dict):
            return dict(entry[one])
    raise DriverError(f"{path} has no {one} {name}")


@dataclass(frozen=True, slots=True)
class _Files:
    """Certificates and keys of a kubeconfig: names of files beside it, or their contents, written down."""

    config: Path
    directory: Path

    def of(self, entry: Mapping[str, Any], name: str) -> str | None:
        inside = entry.get(f"{name}-data")
        if not inside:
            return self.named(entry, name)
        try:
            content = base64.b64decode(str(inside), validate=True)
        except binascii.Error as error:
            raise DriverError(f"{self.config}: {name}-data is not base64") from error
        file = self.directory / name
        file.touch(mode=0o600)
        file.write_bytes(content)
        return str(file)

    def named(self, entry: Mapping[str, Any], name: str) -> str | None:
        return str(self.config.parent / str(entry[name])) if entry.get(name) else None
