"""Group json_ingester: API documents for SQL, as OpenStack Congress has them."""

from __future__ import annotations

from oslo_config import cfg

GROUP = "json_ingester"

OPTIONS = [
    cfg.BoolOpt(
        "enable",
        default=False,
        help="Make a datasource of each ingester in `config_path` that has none, and a rule that sends the requests "
        "of its view `_exec_api`.",
    ),
    cfg.StrOpt(
        "config_path",
        default="/etc/congress/json_ingesters",
        help="Directory with a YAML file for each ingester. Every node needs the same files; they are read at its "
        "start.",
    ),
    cfg.StrOpt(
        "config_reusables_path",
        default="/etc/congress/config_reusables.yaml",
        help="YAML file with the values that `!ref` names in them.",
    ),
    cfg.StrOpt(
        "db_connection",
        secret=True,
        sample_default="none: documents are for rules only",
        help="PostgreSQL to keep the documents in, `postgresql://user:password@host/database`. A datasource may name "
        "another one in its option `db_connection`.",
    ),
]
