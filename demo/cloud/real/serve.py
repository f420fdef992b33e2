"""Run one service's WSGI application on loopback: serve.py SERVICE PORT CONFIG-DIRECTORY."""

import importlib
import os
import sys

MODULES = {"nova": "nova.wsgi.osapi_compute"}


def application(service: str, directory: str):
    os.environ[f"OS_{service.upper()}_CONFIG_DIR"] = directory
    os.environ["OS_KEYSTONE_CONFIG_FILES"] = f"{directory}/keystone.conf"
    os.environ["OS_NEUTRON_CONFIG_FILES"] = "neutron.conf;ml2.ini"
    os.environ["OS_NOVA_CONFIG_FILES"] = "api-paste.ini;nova.conf"
    sys.argv = [service] + (["--config-file", f"{directory}/cinder.conf"] if service == "cinder" else [])
    return importlib.import_module(MODULES.get(service, f"{service}.wsgi.api")).application


if __name__ == "__main__":
    from waitress import serve

    name, port, config = sys.argv[1:4]
    serve(application(name, config), host="127.0.0.1", port=int(port), threads=4, _quiet=True)
