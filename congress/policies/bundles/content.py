"""What is in a bundle, and the manifest that says so."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

import jsonschema

from congress import datalog
from congress.policies.bundles.errors import BundleRefused
from congress.policies.content import KINDS
from congress.policies.parameters import ParameterInvalid, declared, values

FORMAT = 1
"""Version of the archive's own form."""
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
VERSION = re.compile(r"[0-9]+(\.[0-9]+)*([.+-][A-Za-z0-9.]+)?")
MOST_POLICIES = 500
_DEEPEST = 30
_UNSTORABLE = re.compile("[\\0\ud800-\udfff]")
"""What no database takes."""
_STRING = {"type": "string"}
_NAMES = {"type": "array", "items": _STRING}

POLICY_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name", "kind", "description", "abbreviation", "rules", "parameters", "values", "depends_on"],
    "properties": {
        "name": {**_STRING, "maxLength": 255},
        "kind": {"enum": [kind for kind in KINDS if kind != "datasource"]},
        "description": {**_STRING, "maxLength": 15_000},
        "abbreviation": {"type": ["string", "null"], "maxLength": 5},
        "rules": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["rule"],
                "properties": {
                    "rule": _STRING,
                    "name": {**_STRING, "maxLength": 255},
                    "comment": {**_STRING, "maxLength": 255},
                },
            },
        },
        "parameters": {"type": "array", "items": {"type": "object"}},
        "values": {"type": "object"},
        "depends_on": _NAMES,
    },
}
MANIFEST_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["format", "name", "version", "description", "policies", "tests", "datasources", "files"],
    "properties": {
        "format": {"const": FORMAT},
        "name": _STRING,
        "version": {**_STRING, "maxLength": 100},
        "description": {**_STRING, "maxLength": 15_000},
        "policies": {"type": "array", "minItems": 1, "maxItems": MOST_POLICIES, "items": _STRING},
        "tests": _NAMES,
        "datasources": {
            "type": "object",
            "additionalProperties": {"type": "object", "additionalProperties": _NAMES},
        },
        "files": {
            "type": "object",
            "additionalProperties": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        },
    },
}


@dataclass(frozen=True, slots=True)
class BundledPolicy:
    """A policy of a bundle. `rules`: objects with `rule` and possibly `name` and `comment`. `parameters`: as library
    policies declare them (`congress.policies.parameters`); `values`: those that are not the defaults."""

    name: str
    rules: tuple[Mapping[str, str], ...]
    kind: str = "nonrecursive"
    description: str = ""
    abbreviation: str | None = None
    parameters: tuple[Mapping[str, Any], ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    depends_on: tuple[str, ...] = ()

    def to_data(self) -> dict[str, Any]:
        """As JSON-ready data."""
        return {
            "name": self.name,
            "kind": self.kind,
            "description": self.description,
            "abbreviation": self.abbreviation,
            "rules": [dict(rule) for rule in self.rules],
            "parameters": [dict(parameter) for parameter in self.parameters],
            "values": dict(self.values),
            "depends_on": list(self.depends_on),
        }


@dataclass(frozen=True, slots=True)
class Bundle:
    """`tests`: name of the file -> its text. `datasources`: datasource -> table -> columns, of all tables that the
    policies read."""

    name: str
    version: str
    policies: tuple[BundledPolicy, ...]
    description: str = ""
    tests: Mapping[str, str] = field(default_factory=dict)
    datasources: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)


def checked(bundle: Bundle) -> Bundle:
    """The bundle, if names, rules and parameters are what they should be. Raises BundleRefused."""
    if not NAME.fullmatch(bundle.name):
        raise BundleRefused(f"{bundle.name!r:.120} is no name of a bundle; use letters, digits, dots, - and _")
    if not VERSION.fullmatch(bundle.version):
        raise BundleRefused(f"{bundle.version!r:.120} is no version of a bundle; write one such as 1.2.0")
    names = [policy.name for policy in bundle.policies]
    if not 0 < len(names) <= MOST_POLICIES:
        raise BundleRefused(f"a bundle has 1 to {MOST_POLICIES} policies, not {len(names)}")
    for policy in bundle.policies:
        _check_policy(policy, names)
    return bundle


def _check_policy(policy: BundledPolicy, names: Sequence[str]) -> None:
    if len(policy.name) > 255 or not datalog.is_policy_name(policy.name):
        raise BundleRefused(f"{policy.name!r:.120} cannot be the name of a policy")
    if names.count(policy.name) > 1:
        raise BundleRefused(f"policy {policy.name} is in the bundle twice")
    refuse_unfit(policy.to_data(), POLICY_SCHEMA, f"policy {policy.name}")
    for number, rule in enumerate(policy.rules, 1):
        try:
            datalog.parse_statement(rule["rule"], source=f"rule {number} of policy {policy.name}")
        except datalog.DatalogError as error:
            raise BundleRefused(str(error)) from error
    try:
        values(declared(policy.parameters), policy.values)
        for parameter, value in values(declared(policy.parameters), policy.values):
            parameter.facts(value)
    except ParameterInvalid as error:
        raise BundleRefused(f"policy {policy.name}: {error}") from error


def refuse_unfit(data: Any, schema: Mapping[str, Any], what: str) -> None:
    """Raises BundleRefused with the first thing that does not fit a schema."""
    problems = sorted(
        jsonschema.Draft202012Validator(schema).iter_errors(data), key=lambda each: list(map(str, each.path))
    )
    if problems:
        where = ".".join(map(str, problems[0].path))
        said = problems[0].message
        said = said if len(said) <= 200 else f"{said[:80]} … {said[-100:]}"
        raise BundleRefused(f"{what}{': ' if where else ''}{where}: {said}")


def policy_from(data: Any, what: str) -> BundledPolicy:
    """The policy in a file of an archive. Raises BundleRefused."""
    refuse_unfit(data, POLICY_SCHEMA, what)
    return BundledPolicy(
        data["name"],
        tuple(data["rules"]),
        data["kind"],
        data["description"],
        data["abbreviation"],
        tuple(data["parameters"]),
        data["values"],
        tuple(data["depends_on"]),
    )


def dumped(data: Any) -> bytes:
    """The one JSON text of data."""
    return (json.dumps(data, sort_keys=True, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode()


def loaded(raw: bytes, what: str) -> Any:
    """The data of a JSON text, of which everything can be stored and written again. Raises BundleRefused."""
    try:
        data = json.loads(raw.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise BundleRefused(f"{what} is not JSON: {str(error)[:200]}") from error
    waiting = [(data, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > _DEEPEST:
            raise BundleRefused(f"{what} has lists and objects in each other deeper than {_DEEPEST}")
        if isinstance(value, dict | list):
            inner = [*value.keys(), *value.values()] if isinstance(value, dict) else value
            waiting += [(each, depth + 1) for each in inner]
        elif isinstance(value, str) and _UNSTORABLE.search(value):
            raise BundleRefused(f"{what} has the character NUL or half a surrogate pair in a text")
    return data


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")
