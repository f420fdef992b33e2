"""Requests to Tacker, as its API describes them: https://docs.openstack.org/api-ref/nfv-orchestration/."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from congress.datasources.actions import CloudAction
from congress.datasources.arguments import document, envelope, identifier


class Kind(NamedTuple):
    """A kind of resource of the older API, and whether that has a request to change one."""

    name: str
    words: str
    changes: bool = False


KINDS = (
    Kind("vnfd", "VNF descriptor"),
    Kind("vnf", "VNF", True),
    Kind("vnffgd", "forwarding graph descriptor"),
    Kind("vnffg", "forwarding graph", True),
    Kind("nsd", "network service descriptor"),
    Kind("ns", "network service"),
    Kind("cluster", "cluster of VNFs"),
    Kind("clustermember", "member of a cluster"),
)
VNF, PACKAGE = identifier("vnf_id", "id of the VNF"), identifier("vnf_package", "id of the package")
INSTANCES, PACKAGES = "/vnflcm/v1/vnf_instances", "/vnfpkgm/v1/vnf_packages"


def _of_kind(kind: Kind) -> Iterator[CloudAction]:
    path = f"/v1.0/{kind.name}s"
    own = identifier(kind.name, f"id of the {kind.words}")
    place = f"{path}/{{{kind.name}}}"
    yield CloudAction(f"create_{kind.name}", f"Create a {kind.words}", "POST", path, (envelope(kind.name),), "{body}")
    if kind.changes:
        yield CloudAction(
            f"update_{kind.name}", f"Change a {kind.words}", "PUT", place, (own, envelope(kind.name)), "{body}"
        )
    yield CloudAction(f"delete_{kind.name}", f"Delete a {kind.words}", "DELETE", place, (own,))


def _on_instance(name: str, description: str, verb: str, example: str) -> CloudAction:
    body = document("body", f"body of the request, {example}")
    return CloudAction(
        f"{name}_vnf_instance", description, "POST", f"{INSTANCES}/{{vnf_id}}/{verb}", (VNF, body), "{body}"
    )


ACTIONS = (
    *(one for kind in KINDS for one in _of_kind(kind)),
    CloudAction(
        "scale_vnf", "Make a VNF larger or smaller", "POST", "/v1.0/vnfs/{vnf}/actions",
        (identifier("vnf", "id of the VNF"), envelope("scale")), "{body}",
    ),
    CloudAction("delete_vim", "Forget a site", "DELETE", "/v1.0/vims/{vim}", (identifier("vim", "id of the site"),)),
    CloudAction(
        "create_vnf_instance", "Enter a VNF", "POST", INSTANCES,
        (document("body", 'body of the request, {"vnfdId": ...}'),), "{body}",
    ),
    _on_instance("instantiate", "Start a VNF", "instantiate", '{"flavourId": ...}'),
    _on_instance("terminate", "End a VNF", "terminate", '{"terminationType": "GRACEFUL"}'),
    _on_instance("heal", "Repair a VNF", "heal", '{"cause": ...}'),
    CloudAction("delete_vnf_instance", "Forget a VNF that has ended", "DELETE", f"{INSTANCES}/{{vnf_id}}", (VNF,)),
    CloudAction(
        "create_vnf_package", "Enter a package", "POST", PACKAGES,
        (document("body", "body of the request").otherwise({}),), "{body}",
    ),
    CloudAction(
        "update_vnf_package", "Change a package", "PATCH", f"{PACKAGES}/{{vnf_package}}",
        (PACKAGE, document("body", 'body of the request, {"operationalState": "DISABLED"}')), "{body}",
    ),
    CloudAction("delete_vnf_package", "Delete a package", "DELETE", f"{PACKAGES}/{{vnf_package}}", (PACKAGE,)),
)  # fmt: skip
