"""What openstackclient asks of a plugin: its options, and the client of a session."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from osc_lib import utils

from congress_openstackclient.api import Api

DEFAULT_API_VERSION = "1"
API_VERSION_OPTION = "os_congress_api_version"
API_NAME = "congress"
API_VERSIONS = {"1": "congress_openstackclient.api.Api"}


def make_client(instance: Any) -> Api:
    """The API as the caller's session reaches it."""
    return Api(instance.session, region_name=instance.region_name, interface=instance.interface)


def build_option_parser(parser: ArgumentParser) -> ArgumentParser:
    """Add the global options of the plugin."""
    parser.add_argument(
        "--os-congress-api-version",
        metavar="<version>",
        default=utils.env("OS_CONGRESS_API_VERSION", default=DEFAULT_API_VERSION),
        help=f"Version of the Congress API, default={DEFAULT_API_VERSION} (Env: OS_CONGRESS_API_VERSION)",
    )
    return parser
