"""How soon a connection to a machine that is gone ends: on every node that has one, for each process."""

from __future__ import annotations

KEEPALIVE = {
    # An idle connection to a host without power is given up after ten seconds, one with data on the way after thirteen.
    "net.ipv4.tcp_keepalive_time": "5",
    "net.ipv4.tcp_keepalive_probes": "5",
    "net.ipv4.tcp_keepalive_intvl": "1",
    "net.ipv4.tcp_retries2": "5",
}
