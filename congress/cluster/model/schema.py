"""What a description may hold, as JSON schema: with the options of each service, so that editors know them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from congress.cluster.model.description import Description
from congress.cluster.services.contract import Refused, Service

DEFINITION = "#/$defs/{}"


def schema(services: Mapping[str, type[Service]]) -> dict[str, Any]:
    """The schema, draft 2020-12."""
    whole = Description.model_json_schema(ref_template=DEFINITION.replace("{}", "{model}"))
    definitions = whole["$defs"]
    properties = {}
    for name, service in services.items():
        if issubclass(service, Refused):
            continue
        options = service.Options.model_json_schema(ref_template=DEFINITION.replace("{}", "{model}"))
        definitions |= options.pop("$defs", {})
        definitions[f"{name}-options"] = {**options, "title": f"Options of {name}"}
        definitions[f"{name}-service"] = _of(definitions["ServiceDescription"], name, service.title)
        properties[name] = {"anyOf": [{"$ref": DEFINITION.format(f"{name}-service")}, {"type": "null"}]}
    every = definitions["ClusterDescription"]["properties"]["services"]
    for of_any_name in ("patternProperties", "propertyNames"):
        every.pop(of_any_name, None)
    every |= {"properties": properties, "additionalProperties": False}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **whole}


def _of(description: dict[str, Any], name: str, title: str) -> dict[str, Any]:
    options = {"$ref": DEFINITION.format(f"{name}-options")}
    return {**description, "title": title, "properties": {**description["properties"], "options": options}}
