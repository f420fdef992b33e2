"""Ingesters of the configuration become datasources, and the requests that their views want become actions.

A view `_exec_api` is a table of the ingester's datasource, and one rule for each turns its rows into calls; so the
ledger of actions does each of them once, whichever nodes come and go.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from oslo_config import cfg

from congress.datasources import ingesterfiles
from congress.datasources.errors import DatasourceNameTaken
from congress.datasources.ingesterfiles import IngesterFiles
from congress.datasources.jsondocuments import JsonDriver
from congress.datasources.jsonexport import EXEC_COLUMNS, EXEC_VIEW
from congress.datasources.service import DatasourceService
from congress.datasources.validation import NewDatasource
from congress.engine.errors import RuleExists
from congress.errors import CongressError
from congress.policies.content import NewPolicy, NewRule
from congress.policies.errors import PolicyNameTaken
from congress.policies.service import PolicyService

LOG = logging.getLogger(__name__)
POLICY = "json_ingester"
_CALL = ", ".join(EXEC_COLUMNS)


def files(conf: cfg.ConfigOpts) -> IngesterFiles:
    """What group json_ingester names; nothing while it is not enabled."""
    told = conf.json_ingester
    if not told.enable:
        return IngesterFiles()
    return ingesterfiles.scan(told.config_path, told.config_reusables_path, told.db_connection)


def rule_of(ingester: str) -> str:
    """The rule that has the requests sent that the view of an ingester wants."""
    return f"execute[{ingester}:call({_CALL})] :- {ingester}:{EXEC_VIEW}({_CALL})"


def prepare(datasources: DatasourceService, policies: PolicyService) -> None:
    """Store the datasources and rules that are missing. Several nodes may do so at the same time; what is there stays
    as somebody made it."""
    known = ingesterfiles.configured().paths
    there = {record.name for record in datasources.datasources()}
    for name in sorted(set(known) - there):
        try:
            datasources.create_ingester(NewDatasource(name, JsonDriver.id, {"ingester": name}))
            LOG.info("datasource %s is made for the ingester in %s", name, known[name])
        except DatasourceNameTaken:
            LOG.debug("another node made datasource %s meanwhile", name)
        except CongressError as error:
            LOG.error("the ingester in %s cannot be used: %s", known[name], error)
    _store_rules(policies, [name for name in sorted(known) if ingesterfiles.ingester(name, None).allow_exec_api])


def _store_rules(policies: PolicyService, ingesters: Iterable[str]) -> None:
    wanted = [rule_of(name) for name in ingesters]
    if not wanted:
        return
    try:
        policies.create_policy(NewPolicy(POLICY, description="Requests that views of JSON ingesters want"))
    except PolicyNameTaken:
        LOG.debug("there is a policy %s", POLICY)
    for rule in wanted:
        try:
            policies.insert_rule(POLICY, NewRule(rule))
        except RuleExists:
            continue
        except CongressError as error:
            LOG.error("requests of an ingester are not sent, since its rule is not taken: %s: %s", rule, error)
