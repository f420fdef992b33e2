"""The reference page says what the services say."""

from pathlib import Path

from congress.cluster.services.reference import page
from congress.cluster.services.registry import services

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "cluster-services.md"


def test_the_page_is_up_to_date() -> None:
    assert page() == PAGE.read_text(encoding="utf-8"), "write it again with: make docs"


def test_every_option_is_described() -> None:
    for service in services().values():
        for name, field in service.Options.model_fields.items():
            assert field.description, f"{service.name}: {name}"
