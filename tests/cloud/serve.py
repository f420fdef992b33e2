"""Serves the API of one service; runs in the environment of the cloud: serve.py SERVICE PORT CONFIGURATION-FILE."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import Any

MODULES = {"nova": "nova.wsgi.osapi_compute"}
BY_ARGUMENT = ("cinder", "heat")


def application(service: str, file: Path) -> Any:
    """The WSGI application, which each service configures in its own way."""
    directory, name = str(file.parent), service.upper()
    os.environ[f"OS_{name}_CONFIG_DIR"] = directory
    if service == "keystone":
        os.environ["OS_KEYSTONE_CONFIG_FILES"] = str(file)
    if service == "neutron":
        os.environ["OS_NEUTRON_CONFIG_FILES"] = "neutron.conf;ml2.ini"
    if service == "nova":
        os.environ["OS_NOVA_CONFIG_FILES"] = "api-paste.ini;nova.conf"
    sys.argv = [service, *(["--config-file", str(file)] if service in BY_ARGUMENT else [])]
    if service == "aodh":
        from aodh.api.app import build_wsgi_app  # type: ignore[import-not-found]

        return build_wsgi_app(argv=["--config-file", str(file)])
    return importlib.import_module(MODULES.get(service, f"{service}.wsgi.api")).application


def main() -> None:
    service, port, file = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    from waitress import serve

    app = application(service, file)
    serve(app, host="127.0.0.1", port=port, threads=6, _quiet=True)


if __name__ == "__main__":
    main()
