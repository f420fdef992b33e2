"""The JSON schema says what descriptions may hold, with each service's options."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from congress.cluster.model.schema import schema
from tests.cluster.stand_ins import DESCRIPTION, SERVICES, WITH_COMPUTES

SCHEMA = schema(SERVICES)


def complaints(text: str) -> list[Any]:
    return [list(error.absolute_path) for error in Draft202012Validator(SCHEMA).iter_errors(yaml.safe_load(text))]


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("text", [DESCRIPTION, WITH_COMPUTES])
def test_descriptions_fit_it(text: str) -> None:
    assert complaints(text) == []


def test_options_of_services_are_in_it() -> None:
    assert SCHEMA["$defs"]["web-options"]["properties"]["threads"]["description"] == "Threads of each server."
    assert complaints(DESCRIPTION.replace("threads: 2", "threads: many"))


def test_what_does_not_exist_does_not_fit() -> None:
    assert complaints(DESCRIPTION.replace("architecture: collapsed", "architecture: flat")) == [["architecture"]]
    assert complaints(DESCRIPTION.replace("      scheduler:", "      schedule:"))
    assert complaints(DESCRIPTION + "      fax:\n")


def test_every_field_says_what_it_is() -> None:
    bare = [
        f"{name}.{field}"
        for name, part in SCHEMA["$defs"].items()
        for field, value in part.get("properties", {}).items()
        if "description" not in value and "$ref" not in value and "anyOf" not in value
    ]
    assert bare == []
