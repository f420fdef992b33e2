"""Links from explanations to the rows of datasources that they rest on."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from congress.policies.explaining import sources

_LONGEST = 200


def with_links(data: dict[str, Any]) -> dict[str, Any]:
    """The same data; each row of a datasource says where it is to be had."""
    for source in sources(data):
        path = f"/v1/data-sources/{quote(source['datasource'], safe='')}/tables/{quote(source['table'], safe='')}/rows"
        # Cells that are too long for a link are left out: it leads to a few rows more, then.
        cells = {
            f"column.{place}": cell
            for place, cell in enumerate(source["cells"].values())
            if len(str(cell)) <= _LONGEST and cell != ""
        }
        source["href"] = f"{path}?{urlencode(cells)}" if cells else path
    return data
