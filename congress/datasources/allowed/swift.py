"""Requests to Swift, as its API describes them: https://docs.openstack.org/api-ref/object-store/."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from congress.datasources.actions import CloudAction
from congress.datasources.arguments import LONGEST_ID, Parameter, a_place, identifier, pairs, texts_by_key
from congress.datasources.contract import ArgumentsInvalid

CONTAINER = identifier("container", "name of the container")
OBJECT = Parameter("objects", "name of the object", a_place)
_SETTABLE = re.compile(r"X-Container-(Read|Write|Meta-[A-Za-z0-9-]{1,128})", re.IGNORECASE)


def _headers(raw: Sequence[Any]) -> Mapping[str, str]:
    found = texts_by_key(raw)
    for name, value in found.items():
        if not _SETTABLE.fullmatch(name):
            raise ArgumentsInvalid(
                f"has {name[:60]!r} in it; set X-Container-Read, X-Container-Write or X-Container-Meta-…"
            )
        if not re.fullmatch(r"(?! )[\x20-\x7e]*", value) or len(value) > LONGEST_ID:
            raise ArgumentsInvalid(f"has a value of {name} in it that no header can carry; use printable ASCII")
    return found


def _source(raw: Any) -> str:
    """`container/object`, as the header that names what is copied has it."""
    found = a_place(raw)
    if "/" not in found:
        raise ArgumentsInvalid(f"is {found[:60]!r}; give container/object")
    return "/" + quote(found, safe="/")


ACTIONS = (
    CloudAction("delete", "Delete an object", "DELETE", "/{container}/{objects}", (CONTAINER, OBJECT)),
    CloudAction("delete_container", "Delete an empty container", "DELETE", "/{container}", (CONTAINER,)),
    CloudAction(
        "post", "Set who may read and write a container, and its metadata", "POST", "/{container}",
        (CONTAINER, pairs("options", "headers such as X-Container-Read", _headers)), headers={"**": "{options}"},
    ),
    CloudAction(
        "copy", "Copy an object", "PUT", "/{container}/{objects}",
        (CONTAINER, OBJECT, Parameter("source", "what is copied, container/object", _source)),
        headers={"X-Copy-From": "{source}"},
    ),
)  # fmt: skip
