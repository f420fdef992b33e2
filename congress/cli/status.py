"""`congress-status upgrade check`: what an operator should know before the server starts on a database."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence

from oslo_config import cfg
from oslo_upgradecheck.upgradecheck import Code, Result, UpgradeCommands
from oslo_upgradecheck.upgradecheck import main as run

import congress.conf
from congress.conf import former, paste, paths
from congress.datasources import registry
from congress.datasources.contract import Driver
from congress.datasources.masking import secret_names
from congress.datasources.secrets import KeyFileUnusable, Secrets, SecretUnreadable
from congress.db import datasources as stored_datasources
from congress.db import migration
from congress.db import policies as stored_policies
from congress.db import rules as stored_rules
from congress.db.datasources import DatasourceRecord
from congress.db.session import Database
from congress.engine.workspace import Transaction, Workspace
from congress.errors import CongressError


class Checks(UpgradeCommands):
    """Each check answers success, a warning (the server starts, something needs a look) or a failure."""

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self._conf = conf

    def database(self) -> Result:
        """The database is at the revision that this program needs."""
        try:
            database = self._open()
            migration.refuse_foreign(database)
            found, wanted = migration.current(database), migration.head(database)
        except CongressError as error:
            return Result(Code.FAILURE, str(error))
        if found == wanted:
            return Result(Code.SUCCESS, f"at {wanted}")
        origin = "made by the original Congress" if migration.is_original(database) else f"at {found or 'no revision'}"
        return Result(Code.FAILURE, f"it is {origin}: back it up, then run congress-db-manage upgrade head")

    def options(self) -> Result:
        """No option is set that has no meaning any longer, and no api-paste.ini is left."""
        return _result([*former.warnings(self._conf), *paste.explain(self._conf)])

    def datasources(self) -> Result:
        """Every datasource has its driver, and its secrets are encrypted and can be read."""
        return self._examine(unusable_datasources)

    def rules(self) -> Result:
        """Every stored policy and rule is accepted by the engine."""
        return self._examine(_refused)

    def _open(self) -> Database:
        return Database(paths.database_url(self._conf))

    def _examine(self, what: Callable[[Database, cfg.ConfigOpts], Iterator[str]]) -> Result:
        try:
            database = self._open()
            if migration.current(database) != migration.head(database):
                return Result(Code.WARNING, "checked when the database is upgraded; run this command again then")
            return _result(list(what(database, self._conf)))
        except CongressError as error:
            return Result(Code.FAILURE, str(error))

    _upgrade_checks = (
        ("database", database),
        ("options", options),
        ("datasources", datasources),
        ("rules", rules),
    )


def _result(found: Sequence[str]) -> Result:
    return Result(Code.WARNING, "; ".join(found)) if found else Result(Code.SUCCESS)


def _drivers(conf: cfg.ConfigOpts) -> Mapping[str, type[Driver]]:
    return registry.drivers(conf.custom_driver_endpoints, conf.disabled_drivers)


def unusable_datasources(database: Database, conf: cfg.ConfigOpts) -> Iterator[str]:
    drivers = _drivers(conf)
    with database.reader() as session:
        records = stored_datasources.every(session)
    for record in records:
        driver = drivers.get(record.driver)
        if driver is None:
            yield (
                f"datasource {record.name} will not run: there is no driver {record.driver} "
                "(--delete-missing-driver-datasources deletes such ones)"
            )
        elif secret_names(driver, record.config) - set(record.encrypted):
            yield f"datasource {record.name} has secrets in clear; congress-db-manage rotate-keys encrypts them"
    yield from _unreadable([record for record in records if record.encrypted], conf)


def _unreadable(records: Sequence[DatasourceRecord], conf: cfg.ConfigOpts) -> Iterator[str]:
    if not records:
        return
    try:
        secrets = Secrets(paths.key_dir(conf), create=False)
    except KeyFileUnusable as error:
        yield str(error)
        return
    for record in records:
        try:
            for name in record.encrypted:
                secrets.decrypt(record.config[name])
        except SecretUnreadable as error:
            yield f"datasource {record.name}: {error}"


def _refused(database: Database, conf: cfg.ConfigOpts) -> Iterator[str]:
    """What the server would set aside, and why."""
    workspace, drivers = Workspace(), _drivers(conf)

    def attempt(what: str, change: Callable[[Transaction], object]) -> Iterator[str]:
        try:
            with workspace.transaction() as transaction:
                change(transaction)
        except CongressError as error:
            yield f"{what}: {error}"

    with database.reader() as session:
        for source in stored_datasources.every(session):
            columns = _columns(source, drivers)
            yield from attempt(f"datasource {source.name}", _datasource(source.name, columns))
        policies = stored_policies.every(session)
        for policy in policies:
            yield from attempt(f"policy {policy.name}", _policy(policy.name, policy.kind, policy.abbreviation))
        for policy in policies:
            for rule in stored_rules.of_policy(session, policy.id):
                yield from attempt(f"rule {rule.id} of policy {policy.name}", _rule(policy.name, rule.rule))


def _columns(source: DatasourceRecord, drivers: Mapping[str, type[Driver]]) -> dict[str, tuple[str, ...]]:
    driver = drivers.get(source.driver)
    tables = driver.configured_tables(source.config) if driver else {}
    return {table: tuple(column.name for column in columns) for table, columns in tables.items()}


def _datasource(name: str, columns: dict[str, tuple[str, ...]]) -> Callable[[Transaction], object]:
    return lambda change: change.set_datasource(name, columns)


def _policy(name: str, kind: str, abbreviation: str) -> Callable[[Transaction], object]:
    return lambda change: change.create_policy(name, kind, abbreviation)


def _rule(policy: str, text: str) -> Callable[[Transaction], object]:
    return lambda change: change.insert_rules(policy, [text])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `upgrade check`: 0 when all is well, 1 after a warning, 2 after a failure, 255 after an unexpected error."""
    conf = congress.conf.register(cfg.ConfigOpts())
    return int(run(conf, "congress", Checks(conf), sys.argv[1:] if arguments is None else list(arguments)))


if __name__ == "__main__":
    sys.exit(main())
