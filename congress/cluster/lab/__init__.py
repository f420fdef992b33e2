"""A laboratory: the rendered deployment on one Linux machine, each node in namespaces of its own, to be broken there.

`congress.cluster.lab.switch` is the power switch and the cables; `boot` is the first process of a node; `rehearsal`
says what differs from real machines; `up`, `status`, `faults` and `down` are what people do.
"""
