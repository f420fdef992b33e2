"""Keystone under uWSGI on each node, with Fernet keys that all nodes share.

The administrator and keystone's own endpoints come from its bootstrap command, everything else from the services.
"""

from __future__ import annotations

from typing import ClassVar

import pydantic

from congress.cluster.declaring.access import (
    KEYSTONE_PORT,
    REGION,
    broker_account,
    broker_settings,
    cache_settings,
    database,
    database_settings,
    notification_settings,
)
from congress.cluster.declaring.catalogue import ADMIN_PASSWORD
from congress.cluster.declaring.running import everywhere, unit
from congress.cluster.declaring.settings import merged, text
from congress.cluster.declaring.wsgi import PACKAGES, Api, script
from congress.cluster.secrets import mark
from congress.cluster.services.contract import (
    Declaration,
    File,
    Mode,
    Once,
    Service,
    Site,
)

DATABASE, BROKER = database("keystone"), broker_account("keystone")
# Two keys: the second signs tokens, the first is the next to sign. All nodes have to have the same ones.
FERNET, CREDENTIAL = "/etc/keystone/fernet-keys", "/etc/keystone/credential-keys"
DATABASE_CLIENT = "/etc/keystone/database-client.cnf"


class Options(pydantic.BaseModel):
    """Tokens and processes."""

    model_config = pydantic.ConfigDict(extra="forbid")

    token_seconds: int = pydantic.Field(3600, ge=300, description="How long a token is valid, in seconds.")
    processes: int = pydantic.Field(4, ge=1, description="Processes of the API on each node.")


class Keystone(Service):
    """Any node judges the tokens of any other."""

    name = "keystone"
    title = "Identity (keystone)"
    mode = Mode.ACTIVE_ACTIVE
    needs: ClassVar = ("loadbalancer", "database", "messaging", "memcached")
    after: ClassVar = ("loadbalancer", "database", "messaging", "memcached")
    default_address = "keystone"
    entry: ClassVar = ("keystone-clone",)
    exit: ClassVar = (("keystone-clone", "start"),)
    Options = Options

    def declare(self, site: Site, options: pydantic.BaseModel) -> Declaration:
        assert isinstance(options, Options)
        api = Api(
            "keystone",
            "keystone",
            KEYSTONE_PORT,
            script("/usr/bin/keystone-wsgi-public"),
            processes=options.processes,
        )
        return Declaration(
            packages=(
                "keystone",
                "python3-keystone",
                "python3-memcache",
                "python3-pymysql",
                "mariadb-client",
                *PACKAGES,
            ),
            files=(
                File(
                    "/etc/keystone/keystone.conf",
                    _configuration(site, options),
                    mode=0o640,
                    group="keystone",
                    notify=("keystone",),
                ),
                *_keys(),
                *_for_first_steps(site),
                *api.files(site),
            ),
            ports=(api.port_taken(),),
            databases=(DATABASE,),
            broker_accounts=(BROKER,),
            once=_once(),
            units=(api.running(),),
            resources=(everywhere(unit("keystone")),),
            listeners=(api.listener("keystone"),),
            health=api.health(),
            secrets=(ADMIN_PASSWORD,),
        )


def _configuration(site: Site, options: Options) -> str:
    return text(
        merged(
            {"DEFAULT": {"log_dir": "/var/log/keystone", "public_endpoint": site.endpoint("keystone", KEYSTONE_PORT)}},
            broker_settings(site, BROKER),
            notification_settings(site),
            database_settings(site, DATABASE),
            cache_settings(site),
            {
                "token": {"provider": "fernet", "expiration": options.token_seconds},
                "fernet_tokens": {"key_repository": FERNET, "max_active_keys": 3},
                "fernet_receipts": {"key_repository": FERNET},
                "credential": {"key_repository": CREDENTIAL},
                "oslo_middleware": {"enable_proxy_headers_parsing": True},
            },
        )
    )


def _keys() -> tuple[File, ...]:
    """A key is 32 bytes in the alphabet of URLs; the sign of their end is not part of the secret."""
    return tuple(
        File(
            f"{directory}/{number}",
            mark(f"keystone-{kind}-{number}-key") + "=",
            mode=0o400,
            owner="keystone",
            group="keystone",
            notify=("keystone",),
        )
        for kind, directory in (("fernet", FERNET), ("credential", CREDENTIAL))
        for number in (0, 1)
    )


def _for_first_steps(site: Site) -> tuple[File, ...]:
    """What would otherwise stand on a command line, where everybody can read it."""
    url = site.endpoint("keystone", KEYSTONE_PORT, path="/v3")
    bootstrap = {
        "OS_BOOTSTRAP_USERNAME": "admin",
        "OS_BOOTSTRAP_PASSWORD": mark(ADMIN_PASSWORD),
        "OS_BOOTSTRAP_PROJECT_NAME": "admin",
        "OS_BOOTSTRAP_ROLE_NAME": "admin",
        "OS_BOOTSTRAP_SERVICE_NAME": "keystone",
        "OS_BOOTSTRAP_REGION_ID": REGION,
        "OS_BOOTSTRAP_PUBLIC_URL": url,
        "OS_BOOTSTRAP_INTERNAL_URL": url,
        "OS_BOOTSTRAP_ADMIN_URL": url,
    }
    client = {
        "host": site.virtual_ip("database"),
        "user": DATABASE.account,
        "password": mark(DATABASE.password),
        "database": DATABASE.name,
    }
    return (
        File(
            "/etc/keystone/bootstrap.env",
            "".join(f"{name}='{value}'\n" for name, value in bootstrap.items()),
            mode=0o640,
            group="keystone",
        ),
        File(DATABASE_CLIENT, text({"client": client}), mode=0o640, group="keystone"),
    )


def _once() -> tuple[Once, ...]:
    query = "SELECT 1 FROM local_user WHERE name = 'admin'"
    return (
        Once(
            "keystone: tables",
            "keystone-manage db_sync",
            done="keystone-manage db_sync --check",
            user="keystone",
            after=("database",),
        ),
        Once(
            "keystone: administrator and own endpoints",
            "set -a; . /etc/keystone/bootstrap.env; keystone-manage bootstrap",
            done=f'mariadb --defaults-extra-file={DATABASE_CLIENT} -NBe "{query}" | grep -q 1',
            user="keystone",
            after=("database",),
        ),
    )
