"""The page about descriptions has every field."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel

from congress.cluster.model import description
from congress.cluster.model.reference import SECTIONS, reference

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "cluster-description.md"
IN_THE_TEXT = {description.Part, description.SecretReference}


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference(), (
        "run: python -m congress.cluster.model.reference > docs/reference/cluster-description.md"
    )


def test_every_part_has_its_section() -> None:
    parts = {
        part for part in vars(description).values() if isinstance(part, type) and issubclass(part, description.Part)
    }
    assert parts - IN_THE_TEXT == {model for _, model in SECTIONS}


def test_every_field_says_what_it_is_for() -> None:
    def fields(model: type[BaseModel]) -> list[str]:
        return [name for name, field in model.model_fields.items() if not field.description]

    assert [name for _, model in SECTIONS for name in fields(model)] == []
