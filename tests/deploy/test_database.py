"""A database that is founded again goes on where it was, so that nodes can be compared after the next failure too."""

from __future__ import annotations

from demo.ha.galera import Database
from tests.deploy.database import one_node


def history(node: Database) -> tuple[str, int]:
    """The cluster's id, and how many transactions it has had."""
    state = node.state()
    return state["wsrep_cluster_state_uuid"], int(state["wsrep_last_committed"])


def test_a_cluster_that_is_founded_again_keeps_its_history() -> None:
    with one_node() as node:
        node.query("CREATE TABLE congress.t (number INT PRIMARY KEY)")
        for _ in range(20):
            node.query("INSERT INTO congress.t SELECT COALESCE(MAX(number), 0) + 1 FROM congress.t")
        identity, before = history(node)
        for _ in range(2):
            node.process.kill()
            assert node.position() >= before
            node.may_found()
            node.start(bootstrap=True)
            node.await_synced()
            found, after = history(node)
            assert found == identity
            assert after >= before
            assert node.query("SELECT COUNT(*) FROM congress.t") == [(20,)]
