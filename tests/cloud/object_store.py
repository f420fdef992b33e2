"""A whole Swift in one process: object_store.py PORT DIRECTORY AUTHTOKEN-FILE; runs in the environment of the cloud.

Proxy, account, container and object server listen on ports of their own, with one device in the directory. What usually
takes four programs takes one here: they are the same applications, loaded by the same function.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import eventlet  # type: ignore[import-not-found]
from eventlet import wsgi

eventlet.monkey_patch()

from swift.common import utils  # type: ignore[import-not-found] # noqa: E402
from swift.common.ring import RingBuilder  # type: ignore[import-not-found] # noqa: E402
from swift.common.wsgi import SwiftHttpProtocol, loadapp  # type: ignore[import-not-found] # noqa: E402

BACKENDS = ("account", "container", "object")
DEVICE = "sda1"
_COMMON = """
[DEFAULT]
swift_dir = {place}
devices = {place}/devices
mount_check = false
fallocate_reserve = 0
bind_ip = 127.0.0.1
bind_port = {port}
log_level = WARNING
"""
_BACKEND = """
[pipeline:main]
pipeline = {name}-server
[app:{name}-server]
use = egg:swift#{name}
"""
_PROXY = """
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck listing_formats authtoken keystoneauth dlo slo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:healthcheck]
use = egg:swift#healthcheck
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:dlo]
use = egg:swift#dlo
[filter:slo]
use = egg:swift#slo
[filter:keystoneauth]
use = egg:swift#keystoneauth
operator_roles = admin, member
reseller_admin_role = admin
[filter:authtoken]
paste.filter_factory = keystonemiddleware.auth_token:filter_factory
delay_auth_decision = true
"""


def rings(place: Path, ports: Mapping[str, int]) -> None:
    """One partition table per kind of server, all on the one device."""
    for name in BACKENDS:
        builder = RingBuilder(2, 1, 0)
        device = {"region": 1, "zone": 1, "ip": "127.0.0.1", "port": ports[name], "device": DEVICE, "weight": 1}
        builder.add_dev(device)
        builder.rebalance()
        builder.get_ring().save(str(place / f"{name}.ring.gz"))


def main() -> None:
    port, place, authtoken = int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
    (place / "devices" / DEVICE).mkdir(parents=True, exist_ok=True)
    utils.HASH_PATH_SUFFIX = b"of-the-tests"
    listening = {name: eventlet.listen(("127.0.0.1", 0)) for name in BACKENDS}
    ports = {name: socket.getsockname()[1] for name, socket in listening.items()}
    rings(place, ports)
    listening["proxy"], ports["proxy"] = eventlet.listen(("127.0.0.1", port)), port
    logger = utils.get_logger({"log_level": "WARNING"}, "swift", log_to_console=True)
    serving = []
    for name, socket in listening.items():
        own = _PROXY + authtoken.read_text() if name == "proxy" else _BACKEND.format(name=name)
        file = place / f"{name}-server.conf"
        file.write_text(_COMMON.format(place=place, port=ports[name]) + own)
        app = loadapp(str(file), global_conf={"log_name": name})
        serving.append(eventlet.spawn(wsgi.server, socket, app, logger, protocol=SwiftHttpProtocol))
    for one in serving:
        one.wait()


if __name__ == "__main__":
    main()
