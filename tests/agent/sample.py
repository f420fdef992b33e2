"""Options as a service would declare them, and its files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from oslo_config import cfg

CANARY = "canary-5e1f"

OPTIONS: list[tuple[str | cfg.OptGroup | None, Sequence[cfg.Opt]]] = [
    (
        None,
        [
            cfg.IntOpt("workers", default=1, min=1, max=8, help="How many."),
            cfg.StrOpt("transport", secret=True, default=f"rabbit://u:{CANARY}@h", sample_default=CANARY),
            cfg.BoolOpt("debug", default=False, mutable=True),
            cfg.MultiStrOpt("driver"),
            cfg.HostAddressOpt("my_ip"),
            cfg.StrOpt("url", default="http://$my_ip/"),
        ],
    ),
    (
        cfg.OptGroup("api"),
        [
            cfg.FloatOpt("ratio", min=0.5),
            cfg.StrOpt("mode", regex="fast|slow", deprecated_name="speed", deprecated_group="old"),
            cfg.ListOpt("names"),
            cfg.StrOpt("gone", deprecated_for_removal=True, deprecated_reason="nobody needs it"),
            cfg.StrOpt("must", required=True),
            cfg.PortOpt("port", default=80),
            cfg.URIOpt("endpoint", schemes=["http", "https"], max_length=99),
            cfg.IPOpt("address", version=4),
            cfg.StrOpt("level", choices=["high", "low"], ignore_case=True, max_length=4),
            cfg.Opt("span", type=cfg.types.Range(min=1, max=9)),
        ],
    ),
]

FILE = f"""
[DEFAULT]
workers = 12
transport = rabbit://u:{CANARY}@elsewhere
debug = yes
driver = one
driver = two
my_ip = 192.0.2.1
url = http://$my_ip/v1
unknown_password = {CANARY}
[api]
ratio = much
names = a, b
gone = x
[old]
speed = fast
"""
TEMPLATE = "[DEFAULT]\nnamespace = sample.conf\nnamespace = oslo.log\nnamespace = not.installed\n"


def write(directory: Path, content: str = FILE) -> tuple[str, str]:
    """The paths of the configuration file and of its template."""
    directory.mkdir(parents=True, exist_ok=True)
    file, template = directory / "sample.conf", directory / "generator.conf"
    file.write_text(content, encoding="utf-8")
    template.write_text(TEMPLATE, encoding="utf-8")
    return str(file), str(template)


def install(directory: Path) -> None:
    """Make the options known as the namespace `sample.conf` to every Python that has the directory on its path."""
    metadata = directory / "sample-1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: sample\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[oslo.config.opts]\nsample.conf = sample_options:list_opts\n")
    source = Path(__file__).read_text(encoding="utf-8")
    (directory / "sample_options.py").write_text(source + "\n\ndef list_opts():\n    return OPTIONS\n")
