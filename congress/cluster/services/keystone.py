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
    Rotation,
    Service,
    Site,
)

DATABASE, BROKER = database("keystone"), broker_account("keystone")
FERNET, CREDENTIAL = "/etc/keystone/fernet-keys", "/etc/keystone/credential-keys"
# Keystone takes the file with the highest number for the primary key, and 0 for the next one. It looks each time.
STAGED, FORMER, PRIMARY = range(3)
BOOTSTRAP = "/etc/keystone/bootstrap.env"
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
            once=_once(site),
            units=(api.running(),),
            resources=(everywhere(unit("keystone")),),
            listeners=(api.listener("keystone"),),
            health=api.health(),
            secrets=(ADMIN_PASSWORD,),
            rotations=tuple(_rotation(kind) for kind in ("fernet", "credential")),
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


def _rotation(kind: str) -> Rotation:
    return Rotation(
        f"keystone-{kind}",
        staged=f"keystone-{kind}-staged-key",
        primary=f"keystone-{kind}-primary-key",
        former=f"keystone-{kind}-former-key",
    )


def _keys() -> tuple[File, ...]:
    """The same on all nodes. A key is 32 bytes in the alphabet of URLs; the sign of their end is not part of the
    secret. While nodes have different ones, each still knows the key that any of the others signs with."""
    return tuple(
        File(f"{directory}/{number}", mark(secret) + "=", mode=0o400, owner="keystone", group="keystone")
        for directory, rotation in ((FERNET, _rotation("fernet")), (CREDENTIAL, _rotation("credential")))
        for number, secret in ((STAGED, rotation.staged), (FORMER, rotation.former), (PRIMARY, rotation.primary))
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
            BOOTSTRAP,
            "".join(f"{name}='{value}'\n" for name, value in bootstrap.items()),
            mode=0o640,
            group="keystone",
        ),
        File(DATABASE_CLIENT, text({"client": client}), mode=0o640, group="keystone"),
    )


def _once(site: Site) -> tuple[Once, ...]:
    query = "SELECT 1 FROM local_user WHERE name = 'admin'"
    asked = f"mariadb --defaults-extra-file={DATABASE_CLIENT} -NBe"
    newest = f"$(sha1sum < {CREDENTIAL}/{PRIMARY} | cut -c -40)"
    older = f"SELECT 1 FROM credential WHERE key_hash <> '{newest}' LIMIT 1"  # noqa: S608
    bootstrapping = f"set -a; . {BOOTSTRAP}; keystone-manage bootstrap"
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
            bootstrapping,
            done=f'{asked} "{query}" | grep -q 1',
            user="keystone",
            after=("database",),
        ),
        # The same command gives the administrator another password, when there is one.
        Once(
            "keystone: password of the administrator",
            bootstrapping,
            done=_admitted(site),
            user="keystone",
            after=("keystone",),
        ),
        # The key before the former one is gone after the next rotation, with whatever only it can open.
        Once(
            "keystone: credentials under the primary key",
            "keystone-manage credential_migrate",
            done=f'test -z "$({asked} "{older}")"',
            user="keystone",
            after=("keystone",),
        ),
    )


def _admitted(site: Site) -> str:
    """Whether keystone takes the administrator's password, which is in no command's arguments."""
    trusted = f" --cacert {site.authority}" if site.authority else ""
    user = '{"name":"admin","domain":{"id":"default"},"password":"%s"}'
    login = '{"auth":{"identity":{"methods":["password"],"password":{"user":' + user + "}}}}"
    return (
        f". {BOOTSTRAP}; printf '{login}' \"$OS_BOOTSTRAP_PASSWORD\" | curl -fsS -o /dev/null --max-time 15{trusted} "
        "-H 'Content-Type: application/json' --data-binary @- \"$OS_BOOTSTRAP_INTERNAL_URL/auth/tokens\""
    )
