"""IPv4 and IPv6 addresses and networks."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from operator import eq, ge, gt, le, lt

from netaddr import IPAddress, IPNetwork

from congress.datalog.builtins.builtin import Builtin, text
from congress.datalog.values import Value


@lru_cache(maxsize=8192)
def _address(written: str) -> IPAddress:
    try:
        return IPAddress(written)
    except Exception as error:  # netaddr's own errors derive from Exception alone
        raise ValueError(f"not an address: {written!r}") from error


@lru_cache(maxsize=8192)
def _network(written: str) -> IPNetwork:
    try:
        return IPNetwork(written)
    except Exception as error:
        raise ValueError(f"not a network: {written!r}") from error


def _comparison(compare: Callable[[IPAddress, IPAddress], bool]) -> Callable[[Value, Value], bool]:
    return lambda a, b: bool(compare(_address(text(a)), _address(text(b))))


def networks_equal(a: Value, b: Value) -> bool:
    return bool(_network(text(a)).cidr == _network(text(b)).cidr)


def networks_overlap(a: Value, b: Value) -> bool:
    one, other = _network(text(a)), _network(text(b))
    return bool(one.version == other.version and one.first <= other.last and other.first <= one.last)


def ip_in_network(ip: Value, network: Value) -> bool:
    return _address(text(ip)) in _network(text(network))


_FAMILY = "addresses and networks"

BUILTINS = (
    Builtin("ips_equal", 2, 0, _comparison(eq), _FAMILY, "x and y are the same address, however written"),
    Builtin("ips_lt", 2, 0, _comparison(lt), _FAMILY, "address x is below y (IPv4 is below IPv6)"),
    Builtin("ips_lteq", 2, 0, _comparison(le), _FAMILY, "address x is below y or the same"),
    Builtin("ips_gt", 2, 0, _comparison(gt), _FAMILY, "address x is above y"),
    Builtin("ips_gteq", 2, 0, _comparison(ge), _FAMILY, "address x is above y or the same"),
    Builtin(
        "networks_equal", 2, 0, networks_equal, _FAMILY, "x and y are the same network (CIDR); host bits do not count"
    ),
    Builtin("networks_overlap", 2, 0, networks_overlap, _FAMILY, "networks x and y have an address in common"),
    Builtin("ip_in_network", 2, 0, ip_in_network, _FAMILY, "address x belongs to network y"),
)
