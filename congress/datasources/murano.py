"""Murano: environments with everything in them, as one graph of objects. The service is retired upstream."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from congress.datasources import muranomodel
from congress.datasources.actions import Call, where
from congress.datasources.allowed import murano
from congress.datasources.arguments import bound
from congress.datasources.cloud import STANDARD_OPTIONS, CloudDriver, Listing
from congress.datasources.contract import DriverError
from congress.datasources.translate import ITEMS, Field, Table


def _table(name: str, flat: Callable[[Any], Any], *fields: Field) -> Table:
    return Table(name, fields, walk=(flat, ITEMS))


TABLES = (
    _table(
        "objects",
        muranomodel.objects,
        Field("object_id", description="id of the object"),
        Field("owner_id", description="object it is in; for an environment its project"),
        Field("type", description="its type, e.g. io.murano.Environment"),
    ),
    _table(
        "parent_types",
        muranomodel.parent_types,
        Field("id", description="id of the object"),
        Field("parent_type", description="its type, or one that is known to be above it"),
    ),
    _table(
        "properties",
        muranomodel.properties,
        Field("owner_id", description="the object"),
        Field("name", description="name of the property, inner ones with dots"),
        Field("value", description="its value"),
    ),
    _table(
        "relationships",
        muranomodel.relationships,
        Field("source_id", description="object that uses the other"),
        Field("target_id", description="the other"),
        Field("name", description="as what it uses it"),
    ),
    _table(
        "connected",
        muranomodel.connected,
        Field("source_id", description="object that uses the other, also through others"),
        Field("target_id", description="the other"),
    ),
    _table(
        "states",
        muranomodel.states,
        Field("id", description="id of the environment"),
        Field("state", description="ready, deploying, deploy failure, ..."),
    ),
)


class MuranoDriver(CloudDriver):
    id = "murano"
    description = "Environments of Murano (OpenStack application catalog, retired) as a graph of objects"
    service = "application_catalog"
    options = tuple(one for one in STANDARD_OPTIONS if one.name != "lazy_tables")
    listings = (Listing("/v1/environments/{id}", "", TABLES, within=Listing("/v1/environments", "environments", ())),)
    offered = (*murano.ACTIONS, murano.CALL)

    def execute(self, action: str, positional: Sequence[Any], named: Mapping[str, Any]) -> None:
        if action != murano.CALL.name:
            return super().execute(action, positional, named)
        values = bound(where(action, self.name), murano.CALL.parameters, positional, named)
        environment = f"/v1/environments/{quote(values['env_id'], safe='')}"
        identity, name = values["obj_id"], values["murano_action_name"]
        found = muranomodel.action_ids(self._answer("GET", environment), identity, name)
        if len(found) != 1:
            raise DriverError(f"{self._where()}: object {identity} has {len(found)} actions called '{name}', not one")
        return self.act(Call("POST", f"{environment}/actions/{quote(found[0], safe='')}", {}))
