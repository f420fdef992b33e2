"""haproxy.cfg of a cluster's load balancers: every listener whose address lives in the cluster.

Measured choices: a listener redispatches a connection that its server refuses, so that a killed server costs no request
before its check has failed; checks ask over HTTP wherever the service can, since a stopped process still accepts
connections; sessions of a server that is down are closed, since their clients would wait for hours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from congress.cluster.deployment import Cluster, Deployment, Node, Tls
from congress.cluster.secrets import mark
from congress.cluster.services.contract import File, Listener
from congress.cluster.services.loadbalancer import PEERS_PORT, STATISTICS_PORT

SERVICE = "loadbalancer"
PATH = "/etc/haproxy/haproxy.cfg"
CERTIFICATE = "/etc/haproxy/tls.pem"
SOCKET = "/run/haproxy/admin.sock"

_GLOBAL = f"""\
global
    log /dev/log local0
    maxconn 10000
    user haproxy
    group haproxy
    stats socket {SOCKET} mode 660 level admin
    stats timeout 30s
"""

_DEFAULTS = """\
defaults
    log global
    option dontlognull
    option redispatch 1
    retries 3
    timeout queue 30s
    timeout http-request 10s
    default-server on-marked-down shutdown-sessions
"""


def listeners(deployment: Deployment, cluster: Cluster) -> tuple[tuple[Listener, tuple[str, ...]], ...]:
    """The listeners of the cluster's addresses, by name, and the nodes behind each, wherever those are."""
    here = {address.name for address in deployment.virtual_ips if address.cluster == cluster.name}
    found: dict[str, tuple[Listener, list[str]]] = {}
    for other in deployment.clusters:
        for placed in other.services:
            for listener in placed.declaration.listeners:
                if listener.address in here:
                    _, behind = found.setdefault(listener.name, (listener, []))
                    behind += [node for node in listener.members or placed.nodes if node not in behind]
    return tuple((listener, tuple(behind)) for _, (listener, behind) in sorted(found.items()))


def files(deployment: Deployment, cluster: Cluster, node: Node) -> tuple[File, ...]:
    """The configuration of one node's load balancer; nothing on a node without one."""
    balancing = {name for placed in cluster.services if placed.service == SERVICE for name in placed.nodes}
    if node.name not in balancing:
        return ()
    peers = [other for other in cluster.nodes if other.name in balancing]
    found = [File(PATH, configuration(deployment, cluster, node, peers), notify=("haproxy",))]
    if deployment.tls is not None:
        both = f"{mark(deployment.tls.certificate)}\n{mark(deployment.tls.key)}\n"
        found.append(File(CERTIFICATE, both, 0o600, notify=("haproxy",)))
    return tuple(found)


def configuration(deployment: Deployment, cluster: Cluster, node: Node, peers: Iterable[Node]) -> str:
    """haproxy.cfg for one node; `peers`: all nodes of the cluster that balance, this one included."""
    shown = listeners(deployment, cluster)
    addresses = {address.name: address.address for address in deployment.virtual_ips}
    nodes = {each.name: each for other in deployment.clusters for each in other.nodes}
    parts = [_GLOBAL + _statistics(node), _DEFAULTS]
    if any(listener.stickiness == "first" for listener, _ in shown):
        parts[0] += f"    localpeer {node.name}\n"
        members = [f"    peer {peer.name} {peer.addresses['internal']}:{PEERS_PORT}\n" for peer in peers]
        parts.append("".join(["peers writers\n", *members]))
    parts += [_listener(listener, behind, addresses, nodes, deployment.tls) for listener, behind in shown]
    return "\n".join(parts)


def _statistics(node: Node) -> str:
    """Where others see what this one thinks of its servers; nobody changes anything there."""
    return f"    stats socket ipv4@{node.addresses['internal']}:{STATISTICS_PORT} level user\n"


def _listener(
    listener: Listener,
    behind: tuple[str, ...],
    addresses: Mapping[str, str],
    nodes: Mapping[str, Node],
    tls: Tls | None,
) -> str:
    encrypted = tls is not None and listener.mode == "http"
    lines = [
        f"listen {listener.name}",
        f"    bind {addresses[listener.address]}:{listener.port}" + (f" ssl crt {CERTIFICATE}" if encrypted else ""),
        f"    mode {listener.mode}",
        f"    option {listener.mode}log",
        f"    timeout connect {_time(listener.connect_timeout)}",
        f"    timeout client {_time(listener.client_timeout)}",
        f"    timeout server {_time(listener.server_timeout)}",
        f"    timeout check {_time(listener.check.timeout)}",
    ]
    if listener.tunnel_timeout is not None:
        lines.append(f"    timeout tunnel {_time(listener.tunnel_timeout)}")
    lines += [f"    {line}" for line in (*_stickiness(listener), *_mode(listener), *_check(listener))]
    if encrypted:
        lines.append("    http-request set-header X-Forwarded-Proto https")
    lines += [f"    option {option}" for option in listener.options if f"    option {option}" not in lines]
    lines += [_server(listener, name, nodes[name]) for name in behind]
    return "\n".join(lines) + "\n"


def _stickiness(listener: Listener) -> tuple[str, ...]:
    match listener.stickiness:
        case "cookie":
            return ("balance roundrobin", "cookie SERVERID insert indirect nocache httponly")
        case "source":
            return ("balance source", "hash-type consistent")
        case "first":
            # One entry, by the address that clients came to, so all of them are at one server, and stay there when a
            # server that was first returns. The table is told to the other load balancers.
            return ("stick-table type ip size 1k peers writers", "stick on dst", "option tcpka")
        case "none":
            return ("balance roundrobin",)


def _mode(listener: Listener) -> tuple[str, ...]:
    if listener.mode == "tcp":
        return ()
    # A request that may have had an effect is not sent twice.
    return (
        "option forwardfor",
        "retry-on conn-failure empty-response",
        "http-request disable-l7-retry unless { method GET HEAD OPTIONS }",
    )


def _check(listener: Listener) -> tuple[str, ...]:
    if listener.check.http is None:
        return ()
    return (
        "option httpchk",
        f"http-check send meth GET uri {listener.check.http} ver HTTP/1.1 hdr Host {listener.name}",
        f"http-check expect status {listener.check.status}",
    )


def _server(listener: Listener, name: str, node: Node) -> str:
    check = listener.check
    line = (
        f"    server {name} {node.addresses[listener.network]}:{listener.server_port}"
        f" check inter {_time(check.interval)}"
    )
    if check.again is not None:
        line += f" fastinter {_time(check.again)}"
    line += f" fall {check.fall} rise {check.rise}"
    if check.port is not None:
        line += f" port {check.port}"
    if listener.stickiness == "cookie":
        line += f" cookie {name}"
    if listener.stickiness == "first":
        line += " backup"
    return line


def _time(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    return f"{milliseconds}ms" if milliseconds % 1000 else f"{milliseconds // 1000}s"
