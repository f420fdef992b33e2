"""`congress-lsp`: the language server, on standard input and output."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from importlib.metadata import version


def make_parser() -> argparse.ArgumentParser:
    """What the command takes."""
    parser = argparse.ArgumentParser(
        prog="congress-lsp", description="Answers editors about policies, over the Language Server Protocol."
    )
    parser.add_argument("--verbose", action="store_true", help="say on standard error what is asked")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve one editor until it leaves; 3 when pygls is not installed."""
    given = make_parser().parse_args(arguments)
    logging.basicConfig(level=logging.DEBUG if given.verbose else logging.WARNING, stream=sys.stderr)
    try:
        from congress.languageserver.server import make_server
    except ModuleNotFoundError as error:
        print(f"congress-lsp: {error}; install it with: pip install 'congress[editor]'", file=sys.stderr)
        return 3
    make_server(version("congress")).start_io()
    return 0


if __name__ == "__main__":
    sys.exit(main())
