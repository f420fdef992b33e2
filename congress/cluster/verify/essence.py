"""What Pacemaker's scheduler looks at in a configuration, without what it only hands on to others.

What agents are told and how long they may take is the executor's and the fencer's business. Without it a state is half
as large, and a change of it leaves a proof as it is.
"""

from __future__ import annotations

from dataclasses import replace

from congress.cluster.pacemaker.cib import REMOTE
from congress.cluster.pacemaker.resources import Clone, Configuration, Group, Primitive, Resource

HANDED_ON = frozenset(
    (
        "cluster-name",
        "cluster-recheck-interval",
        "dc-deadtime",
        "load-threshold",
        "stonith-max-attempts",
        "stonith-timeout",
    )
)
"""Properties for the controller and the fencer; `pacemaker-controld metadata` and `pacemaker-fenced metadata`."""

TIMEOUT = 60.0


def essence(configuration: Configuration) -> Configuration:
    """The configuration as the scheduler sees it."""
    return replace(
        configuration,
        resources=tuple(map(_resource, configuration.resources)),
        fencing=tuple(map(_primitive, configuration.fencing)),
        properties={name: value for name, value in configuration.properties.items() if name not in HANDED_ON},
    )


def _resource(resource: Resource) -> Resource:
    match resource:
        case Clone():
            return replace(resource, primitive=_primitive(resource.primitive))
        case Group():
            return replace(resource, members=tuple(map(_primitive, resource.members)))
        case _:
            return _primitive(resource)


def _primitive(primitive: Primitive) -> Primitive:
    # The parameters of a connection to a partial member are the scheduler's own business.
    parameters = primitive.parameters if primitive.agent == REMOTE else {}
    operations = tuple(replace(operation, timeout=TIMEOUT) for operation in primitive.operations)
    return replace(primitive, parameters=parameters, operations=operations)
