"""Horizon under Apache on each node. A session is in the browser's cookie, signed, so any node knows it."""

from __future__ import annotations

from typing import ClassVar

import pydantic

from congress.cluster.declaring import running
from congress.cluster.declaring.access import KEYSTONE_PORT
from congress.cluster.secrets import mark
from congress.cluster.services.contract import Check, Declaration, File, Listener, Mode, Port, Service, Site, Unit

PORT, ENCRYPTED_PORT = 80, 443
# Read after the settings of the package, in which its paths are.
SETTINGS = "/etc/openstack-dashboard/local_settings.d/_90_cluster.py"
SITE = "/etc/apache2/sites-enabled/010-horizon.conf"
LOGIN = "/auth/login/"


class Options(pydantic.BaseModel):
    """Names and processes."""

    model_config = pydantic.ConfigDict(extra="forbid")

    names: list[str] = pydantic.Field(
        default_factory=list, description="Names that browsers know it by, beside its address. Others are refused."
    )
    processes: int = pydantic.Field(3, ge=1, description="Processes on each node.")


class Horizon(Service):
    """Also sticky, which spares it loading what a user just saw."""

    name = "horizon"
    title = "Dashboard (horizon)"
    mode = Mode.ACTIVE_ACTIVE
    needs: ClassVar = ("loadbalancer", "memcached", "keystone")
    after: ClassVar = ("keystone",)
    default_address = "horizon"
    entry: ClassVar = ("apache2-clone",)
    exit: ClassVar = (("apache2-clone", "start"),)
    Options = Options

    def declare(self, site: Site, options: pydantic.BaseModel) -> Declaration:
        assert isinstance(options, Options)
        return Declaration(
            packages=("openstack-dashboard", "apache2", "libapache2-mod-wsgi-py3", "python3-pymemcache", "curl"),
            files=(
                File(SETTINGS, _settings(site, options), mode=0o640, group="www-data", notify=("apache2",)),
                *(
                    file
                    for node in site.nodes
                    for file in (
                        File(
                            "/etc/apache2/ports.conf",
                            f"Listen {site.address(node)}:{PORT}\n",
                            node=node,
                            notify=("apache2",),
                        ),
                        File(SITE, _site(site, node, options), node=node, notify=("apache2",)),
                    )
                ),
            ),
            ports=(Port(PORT, "internal", "apache2"),),
            units=(Unit("apache2", "/usr/sbin/apachectl -D FOREGROUND -k start"),),
            resources=(running.everywhere(running.unit("apache2")),),
            listeners=(
                Listener(
                    "horizon",
                    "horizon",
                    ENCRYPTED_PORT if _encrypted(site) else PORT,
                    PORT,
                    # The page itself: Apache would also answer for an application that does not start.
                    Check(http=LOGIN, interval=2.0),
                    stickiness="cookie",
                    client_timeout=180.0,
                    server_timeout=180.0,
                ),
            ),
            health=running.http_health(f"http://$(sed -n 's/^Listen //p' /etc/apache2/ports.conf){LOGIN}"),
        )


def _encrypted(site: Site) -> bool:
    return site.endpoint("horizon", PORT).startswith("https:")


def _settings(site: Site, options: Options) -> str:
    # The proxy asks by the name of its listener.
    hosts = [site.virtual_ip("horizon"), *(site.address(node) for node in site.nodes), "horizon", *options.names]
    caches = [server for server in site.caches().split(",") if server]
    lines = [
        "DEBUG = False",
        'WEBROOT = "/"',
        f"ALLOWED_HOSTS = {hosts!r}",
        f'SECRET_KEY = "{mark("horizon-secret")}"',
        'SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"',
        "SESSION_COOKIE_HTTPONLY = True",
        'CACHES = {"default": {"BACKEND": "django.core.cache.backends.memcached.PyMemcacheCache",',
        f'    "LOCATION": {caches!r}, "OPTIONS": {{"ignore_exc": True, "connect_timeout": 1, "timeout": 1}}}}}}',
        f'OPENSTACK_KEYSTONE_URL = "{site.endpoint("keystone", KEYSTONE_PORT, path="/v3")}"',
        'OPENSTACK_API_VERSIONS = {"identity": 3, "image": 2, "volume": 3}',
        'TIME_ZONE = "UTC"',
    ]
    if _encrypted(site):
        # Only then does the proxy write this header, and take it from nobody else.
        lines.append('SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")')
        lines.append("SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True")
    if site.authority:
        lines.append(f'OPENSTACK_SSL_CACERT = "{site.authority}"')
    return "\n".join(lines) + "\n"


def _site(site: Site, node: str, options: Options) -> str:
    return (
        f"<VirtualHost {site.address(node)}:{PORT}>\n"
        f"    ServerName {site.virtual_ip('horizon')}\n"
        "    WSGIScriptAlias / /usr/share/openstack-dashboard/wsgi.py\n"
        f"    WSGIDaemonProcess horizon user=www-data group=www-data processes={options.processes} threads=10\n"
        "    WSGIProcessGroup horizon\n"
        "    WSGIApplicationGroup %{GLOBAL}\n"
        "    Alias /static /var/lib/openstack-dashboard/static\n"
        "    <Directory /usr/share/openstack-dashboard>\n        Require all granted\n    </Directory>\n"
        "    <Directory /var/lib/openstack-dashboard/static>\n        Require all granted\n    </Directory>\n"
        "</VirtualHost>\n"
    )
