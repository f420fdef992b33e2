"""Group dashboard: the web page."""

from __future__ import annotations

from oslo_config import cfg

GROUP = "dashboard"

OPTIONS = [
    cfg.BoolOpt("enabled", default=True, help="Serve the dashboard at `/dashboard`, beside the API."),
    cfg.StrOpt(
        "keystone_url",
        help="Where the dashboard logs people in, as the server reaches it. Without it, what [keystone_authtoken] "
        "says: `auth_url`, else `www_authenticate_uri`.",
    ),
    cfg.FloatOpt(
        "login_seconds", default=10.0, min=0.1, max=60.0, help="How long Keystone may take for a login, in seconds."
    ),
]
