"""Group bundles: whose bundles of policies are taken, and how large they may be."""

from __future__ import annotations

from oslo_config import cfg

GROUP = "bundles"

OPTIONS = [
    cfg.ListOpt(
        "trusted_keys",
        default=[],
        help="Files with public keys (Ed25519, in PEM, as `congress bundle keygen` writes them) of those who sign "
        "bundles, and directories whose files `*.pem` are such keys. They are read whenever a bundle comes, so keys "
        "can be added and taken away while the server runs.",
    ),
    cfg.BoolOpt(
        "require_signature",
        default=False,
        help="Whether bundles are refused that none of the trusted keys signed, when they are uploaded and when they "
        "are activated.",
    ),
    cfg.IntOpt(
        "max_size",
        default=4_000_000,
        min=10_240,
        max=32_000_000,
        help="Largest archive in bytes; `[api] max_body_size` must allow it too, and MariaDB's `max_allowed_packet` "
        "twice as much.",
    ),
    cfg.IntOpt("most_versions", default=50, min=2, max=1000, help="Versions of one bundle that are kept."),
    cfg.FloatOpt(
        "test_seconds",
        default=30.0,
        min=0.1,
        max=600.0,
        help="How long all tests of a bundle together may take before it is activated, in seconds; each evaluation in "
        "them is bounded as a query is.",
    ),
]
