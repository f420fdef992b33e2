"""The page about descriptions, from the model: `python -m congress.cluster.model.reference`."""

from __future__ import annotations

import types
from importlib.resources import files
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from congress.cluster.model.description import (
    ClusterDescription,
    Description,
    FencingDevice,
    Network,
    NodeDescription,
    Secrets,
    SecretSource,
    ServiceDescription,
    TlsDescription,
    VirtualIpDescription,
)

HEAD = """\
# Descriptions of a control plane

<!-- Written by `python -m congress.cluster.model.reference`; a test fails when this page is out of date. -->

A control plane is described in one YAML file, from which `congress-cluster` makes everything else. `congress-cluster
init` writes a commented one, `congress-cluster schema` prints what this page says as JSON schema for editors, with the
options of each [service](cluster-services.md). `congress-cluster check` finds what is wrong, with file, line and field,
and what is unwise ([checks](cluster-checks.md)). Names are lower-case letters, digits and `-`. Times are seconds.
Unknown fields are errors.

A password is never written here. Where one belongs, `{secret: NAME}` says which, and `secrets` where it comes from.
"""

SECTIONS: tuple[tuple[str, type[BaseModel]], ...] = (
    ("The file", Description),
    ("`networks.NAME`", Network),
    ("`nodes.NAME`", NodeDescription),
    ("`fencing.NAME`", FencingDevice),
    ("`virtual_ips.NAME`", VirtualIpDescription),
    ("`secrets`", Secrets),
    ("`secrets.default`, `secrets.named.NAME`", SecretSource),
    ("`tls`", TlsDescription),
    ("`clusters.NAME`", ClusterDescription),
    ("`clusters.NAME.services.SERVICE`", ServiceDescription),
)

WORDS: dict[Any, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    Any: "any value",
    IPv4Address: "address",
    IPv6Address: "address",
    IPv4Network: "range of addresses",
    IPv6Network: "range of addresses",
}


def reference() -> str:
    """The page in Markdown."""
    parts = [HEAD]
    for title, model in SECTIONS:
        parts.append(f"## {title}\n\n{(model.__doc__ or '').strip()}\n\n| Field | Value | Meaning |\n|---|---|---|\n")
        parts[-1] += "".join(_row(name, field) for name, field in model.model_fields.items())
    example = files("congress.cluster.model").joinpath("example.yaml").read_text(encoding="utf-8")
    parts.append(f"## An example\n\n```yaml\n{example}```\n")
    return "\n".join(parts)


def _row(name: str, field: FieldInfo) -> str:
    value = kind(field.annotation)
    if field.is_required():
        value += ", required"
    elif field.default not in (None, PydanticUndefined, ()):
        value += f", {str(field.default).lower() if isinstance(field.default, bool) else field.default} by default"
    return f"| `{name}` | {value} | {field.description} |\n"


def kind(annotation: Any) -> str:
    """What a field takes, in words."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return kind(arguments[0])
    if origin is Literal:
        return ", ".join(f"`{word}`" for word in arguments)
    if origin in (Union, types.UnionType):
        return " or ".join(dict.fromkeys(kind(one) for one in arguments if one is not type(None)))
    if origin is tuple:
        return f"list of {_plural(kind(arguments[0]))}"
    if origin is dict:
        return f"mapping of names to {_plural(kind(arguments[1]))}"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "`{secret: NAME}`" if annotation.__name__ == "SecretReference" else "mapping, see below"
    return WORDS[annotation]


def _plural(word: str) -> str:
    return {
        "text": "texts",
        "address": "addresses",
        "any value": "values",
        "list of texts": "lists of names",
        "mapping, see below": "mappings, see below",
    }.get(word, word)


if __name__ == "__main__":
    print(reference(), end="")
