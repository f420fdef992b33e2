"""Group DEFAULT: where the service listens, where it keeps its files, which drivers it offers."""

from __future__ import annotations

from oslo_config import cfg

GROUP = "DEFAULT"

OPTIONS = [
    cfg.StrOpt(
        "auth_strategy",
        choices=[
            ("keystone", "by a token of Keystone, see authentication.md"),
            ("noauth", "not at all, everybody who can reach the port may do everything"),
        ],
        sample_default="keystone with a configuration file, noauth without any",
        help="How callers prove who they are.",
    ),
    cfg.ListOpt("disabled_drivers", default=[], help="Ids of drivers that are hidden and cannot be used."),
    cfg.ListOpt(
        "custom_driver_endpoints",
        default=[],
        help="Additional drivers, each as name=module:Class.",
    ),
    cfg.MultiStrOpt(
        "driver_commands",
        default=[],
        help="A command that datasources may run on this node, as name=words of a shell; may be given several times. A "
        "datasource of driver pacemaker names one, and its own words (crm_mon, cibadmin) come behind these: "
        "control=ssh -o BatchMode=yes monitor@control1 sudo -n. No datasource brings commands of its own.",
    ),
    cfg.BoolOpt(
        "enable_execute_action",
        default=True,
        help="Whether requested actions reach the cloud. When false they are checked and logged, and nothing else.",
    ),
    cfg.StrOpt(
        "policy_library_path",
        help="Directory whose *.yaml files, recursively, are read into the policy library beside the packaged ones.",
    ),
    cfg.StrOpt(
        "encryption_key_path",
        sample_default="<state_dir>/keys, or /etc/congress/keys if only that is there",
        help="Directory of the file aes_key, with which the secrets of datasources are encrypted in the database. "
        "Created with mode 0700 at the first start. Whoever moves the database needs this file too.",
    ),
]

CLI_OPTIONS = [
    cfg.HostAddressOpt(
        "bind-host",
        sample_default="127.0.0.1 without authentication",
        help="Address to listen on. Without authentication that is this machine only, unless an address is given here.",
    ),
    cfg.PortOpt("bind-port", default=1789, help="Port to listen on; 0 takes any free one and says which."),
    cfg.StrOpt(
        "state-dir",
        sample_default="/var/lib/congress if it is writable, else ./var/congress",
        help="Directory for what the server keeps when it is told nothing else: the SQLite file and the key.",
    ),
]

# The options carry another name inside, since `conf.api` and its like are groups.
ROLES = [
    cfg.BoolOpt("api", dest="role_api", default=False, help="Serve the REST API, with a policy engine beside it."),
    cfg.BoolOpt("policy-engine", dest="role_policy_engine", default=False, help="Evaluate policies."),
    cfg.BoolOpt("datasources", dest="role_datasources", default=False, help="Read the clouds and act on them."),
    cfg.BoolOpt(
        "delete-missing-driver-datasources",
        dest="delete_missing_driver_datasources",
        default=False,
        help="Delete the stored datasources whose driver is not available any longer, with what was pushed into them. "
        "Without it they stay, do not run, and say so in their status.",
    ),
    cfg.StrOpt("node-id", dest="node_id", sample_default="host name", help="The name of this process among its peers."),
]
