"""nova-network, which former deployments had instead of neutron."""

from congress.cluster.services.contract import Refused


class NovaNetwork(Refused):
    """Named to say what to have instead."""

    name = "nova-network"
    title = "Network by nova (nova-network), historical"
    reason = "nova has been without it since 2018, and one failed host took the network of its instances along"
    instead = "write `neutron-server` and `neutron-agents`"
