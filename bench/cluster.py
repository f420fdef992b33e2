"""How long the proof of a control plane takes, and how it grows with the nodes and the services.

    python -m bench.cluster                       # 3, 5, 9 and 16 nodes; 4, 12 and 40 services
    python -m bench.cluster --nodes 3 5 --services 12 --double

A service is a clone on every node that starts after the database; one in ten is single. `--double` tries every two
failures, too, without which a proof is each failure alone. Seconds are of processors, so that what else a machine does
does not count; as many processes as there are processors divide them among themselves.
"""

from __future__ import annotations

import argparse
import os
import resource
from pathlib import Path

from congress.cluster.pacemaker.resources import (
    INFINITY,
    Clone,
    Colocation,
    Configuration,
    Constraint,
    Location,
    Operation,
    Order,
    Primitive,
    Resource,
)
from congress.cluster.verify.expectations import expectations
from congress.cluster.verify.proof import ground_of, prove
from congress.cluster.verify.simulator import scratch

OPERATIONS = (Operation("start", 60), Operation("stop", 60), Operation("monitor", 20, interval=10))


def control_plane(nodes: int, services: int) -> Configuration:
    """A cluster as the composer makes them: proxy, addresses, database, and services that come after the database."""
    names = tuple(f"node{number}" for number in range(1, nodes + 1))
    resources: list[Resource] = [_clone("haproxy"), _clone("database")]
    constraints: list[Constraint] = [Location(f"fence-{node}", -INFINITY, node) for node in names]
    for number in range(2):
        address = {"ip": f"10.0.0.{200 + number}"}
        resources.append(Primitive(f"vip-{number}", "ocf:heartbeat:IPaddr2", address, OPERATIONS))
        constraints.append(Colocation(f"vip-{number}", "haproxy-clone"))
    for number in range(services):
        if number % 10 == 9:
            resources.append(Primitive(f"single-{number}", "systemd:single", operations=OPERATIONS))
            constraints.append(Order("database-clone", f"single-{number}", kind="Optional"))
        else:
            resources.append(_clone(f"service-{number}"))
            constraints.append(Order("database-clone", f"service-{number}-clone", kind="Optional"))
    return Configuration(
        nodes=names,
        resources=tuple(resources),
        constraints=tuple(constraints),
        fencing=tuple(_fence(node) for node in names),
        properties={"stonith-enabled": "true", "no-quorum-policy": "stop"},
        resource_defaults={"resource-stickiness": "100", "migration-threshold": "3"},
    )


def _clone(name: str) -> Clone:
    return Clone(f"{name}-clone", Primitive(name, f"systemd:{name}", operations=OPERATIONS))


def _fence(node: str) -> Primitive:
    return Primitive(f"fence-{node}", "stonith:fence_ipmilan", {"pcmk_host_list": node}, OPERATIONS[2:])


def spent() -> float:
    """Seconds of processors that this process and those that it has waited for have used."""
    parts = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(part.ru_utime + part.ru_stime for part in parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, nargs="+", default=[3, 5, 9, 16])
    parser.add_argument("--services", type=int, nargs="+", default=[4, 12, 40])
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--double", action="store_true")
    given = parser.parse_args()
    print("| nodes | services | instances | cold start s | scenarios | pairs | calls | s | ms a call | broken |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for nodes in given.nodes:
        for services in given.services:
            expected = expectations(control_plane(nodes, services))
            with scratch() as place:
                begun = spent()
                ground_of(expected, Path(place))
                cold = spent() - begun
            begun = spent()
            proof = prove("bench", expected, jobs=given.jobs, double=given.double)
            seconds = spent() - begun
            figures = (
                *(nodes, services, sum(instance.active for instance in proof.base.instances), f"{cold:.2f}"),
                *(len(proof.verdicts), proof.coverage.pairs, proof.calls, f"{seconds:.1f}"),
                *(f"{1000 * seconds / max(proof.calls, 1):.0f}", len(proof.broken)),
            )
            print("|", " | ".join(map(str, figures)), "|", flush=True)


if __name__ == "__main__":
    main()
