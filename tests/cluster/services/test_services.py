"""What is particular to single services."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from uuid import uuid4

import pytest

from congress.cluster.declaring.running import process_health
from congress.cluster.deployment import Deployment
from congress.cluster.errors import DescriptionError
from congress.cluster.pacemaker.resources import Clone, Colocation, Order, Primitive
from congress.cluster.services.contract import Declaration, File
from tests.cluster.services.descriptions import collapsed, composed, declared

TLS = "tls: {certificate: api.crt, key: api.key, authority: authority.crt}\n"


def encrypted() -> Deployment:
    return composed(collapsed().replace("secrets:", f"{TLS}secrets:"))


def with_option(old: str, new: str) -> str:
    assert old in collapsed()
    return collapsed().replace(old, new)


def refusal(text: str) -> str:
    with pytest.raises(DescriptionError) as raised:
        composed(text)
    return str(raised.value)


def file(declaration: Declaration, path: str) -> File:
    return next(each for each in declaration.files if each.path == path)


def clone(declaration: Declaration, name: str) -> Clone:
    return next(each for each in declaration.resources if isinstance(each, Clone) and each.id == name)


class TestDatabase:
    def test_all_nodes_are_promoted_and_clients_use_one(self) -> None:
        database = declared(composed(collapsed()), "database")
        galera = clone(database, "galera-clone")
        assert (galera.promotable, galera.promoted_max) == (True, 3)
        (listener,) = database.listeners
        assert (listener.stickiness, listener.check.http, listener.check.port) == ("first", "/", 9200)

    def test_a_stopped_node_can_be_asked_how_far_it_came_and_does_not_restart_for_a_new_member(self) -> None:
        """The former needs some address in the file; that of all members would change with each of them."""
        content = file(declared(composed(collapsed()), "database"), "/etc/mysql/mariadb.conf.d/99-cluster.cnf").content
        assert "wsrep_cluster_address = gcomm://10.0.0.11\n" in content

    def test_a_silent_node_is_left_behind_quickly_and_in_the_order_that_it_starts_with(self) -> None:
        for seconds in (1.2, 1.5, 5.0):
            text = with_option("database:\n", f"database: {{options: {{suspect_seconds: {seconds}}}}}\n")
            content = file(declared(composed(text), "database"), "/etc/mysql/mariadb.conf.d/99-cluster.cnf").content
            times = {name: float(value) for name, value in re.findall(r"evs\.(\w+)=PT([0-9.]+)S", content)}
            assert times["suspect_timeout"] == seconds
            assert times["keepalive_period"] < times["suspect_timeout"] < times["install_timeout"]
            assert times["install_timeout"] < times["inactive_timeout"]

    def test_a_silence_as_short_as_that_of_who_joins_is_refused(self) -> None:
        text = with_option("database:\n", "database: {options: {suspect_seconds: 1.0}}\n")
        with pytest.raises(DescriptionError, match="suspect_seconds"):
            composed(text)

    def test_what_was_acknowledged_is_on_a_disk(self) -> None:
        content = file(declared(composed(collapsed()), "database"), "/etc/mysql/mariadb.conf.d/99-cluster.cnf").content
        assert "innodb_flush_log_at_trx_commit = 1\n" in content


class TestMessaging:
    def test_members_without_a_majority_pause_and_silent_ones_are_given_up_soon(self) -> None:
        messaging = declared(composed(collapsed()), "messaging")
        assert "cluster_partition_handling = pause_minority\n" in file(messaging, "/etc/rabbitmq/rabbitmq.conf").content
        assert "{net_ticktime, 5}" in file(messaging, "/etc/rabbitmq/advanced.config").content

    def test_members_are_started_at_once_since_those_that_have_data_wait_for_each_other(self) -> None:
        rabbitmq = clone(declared(composed(collapsed()), "messaging"), "rabbitmq-clone")
        assert (rabbitmq.ordered, rabbitmq.notify, rabbitmq.interleave) == (False, False, True)
        assert rabbitmq.primitive.agent == "systemd:rabbitmq-server"

    def test_one_member_may_begin_and_each_knows_the_others(self) -> None:
        messaging = declared(composed(collapsed()), "messaging")
        told = [each.content for each in messaging.files if each.path == "/etc/rabbitmq/member.conf"]
        assert [("BEGINS=yes" in text) for text in told] == [True, False, False]
        assert 'OTHERS="10.0.0.11/5672 10.0.0.13/5672"' in told[1]
        assert "OWN=10.0.0.12/5672\n" in told[1]

    def test_a_change_of_who_is_a_member_restarts_nobody(self) -> None:
        messaging = declared(composed(collapsed()), "messaging")
        paths = {each.path for each in messaging.files if "control1" in each.content and "control2" in each.content}
        assert paths == {"/etc/rabbitmq/conf.d/10-members.conf"}
        assert all(not each.notify for each in messaging.files if each.path in {*paths, "/etc/rabbitmq/member.conf"})

    def test_no_queue_is_mirrored_and_everybody_asks_for_quorum_queues(self) -> None:
        whole = composed(collapsed())
        for cluster in whole.clusters:
            for each in cluster.services:
                for text in each.declaration.files:
                    assert "ha-mode" not in text.content
                    if "transport_url" in text.content and each.service != "congress":
                        assert "rabbit_quorum_queue = true" in text.content

    def test_clients_know_every_member_and_use_no_proxy(self) -> None:
        whole = composed(collapsed())
        content = file(declared(whole, "nova"), "/etc/nova/nova.conf").content
        (url,) = re.findall(r"transport_url = (\S+)", content)
        assert re.findall(r"@([0-9.]+):5672", url) == ["10.0.0.11", "10.0.0.12", "10.0.0.13"]
        assert not declared(whole, "messaging").listeners


class TestKeystone:
    def test_all_nodes_have_the_same_keys(self) -> None:
        keystone = declared(composed(collapsed()), "keystone")
        keys = [each for each in keystone.files if "/fernet-keys/" in each.path or "/credential-keys/" in each.path]
        assert len(keys) == 6
        assert all(key.node is None and key.mode == 0o400 for key in keys)

    def test_whatever_node_signs_a_token_while_keys_are_rotated_all_nodes_know_its_key(self) -> None:
        keystone = declared(composed(collapsed()), "keystone")
        for rotation in keystone.rotations:
            (directory,) = (each for each in ("fernet", "credential") if each in rotation.name)
            path = f"/etc/keystone/{directory}-keys"
            before = {"staged": "b", "primary": "a", "former": "-"}
            after = {"staged": "c", "primary": "b", "former": "a"}
            names = {f"{path}/{n}": name for n, name in enumerate(("staged", "former", "primary"))}
            for own, name in names.items():
                assert f"${{secret:keystone-{directory}-{name}-key}}=" == file(keystone, own).content
            # Keystone signs with the highest number.
            assert names[max(names)] == "primary"
            for signer, other in ((before, after), (after, before)):
                assert signer["primary"] in other.values()

    def test_no_password_is_on_a_command_line(self) -> None:
        for once in declared(composed(collapsed()), "keystone").once:
            assert "${secret:" not in once.command + once.done

    def test_an_instance_listens_at_its_nodes_address(self) -> None:
        keystone = declared(composed(collapsed()), "keystone")
        bound = [each for each in keystone.files if each.path.endswith("uwsgi.ini")]
        assert {(each.node, re.findall(r"http-socket = (\S+)", each.content)[0]) for each in bound} == {
            (f"control{number}", f"10.0.0.1{number}:5000") for number in (1, 2, 3)
        }


class TestCongress:
    def test_one_node_reads_the_clouds_and_all_answer(self) -> None:
        congress = declared(composed(collapsed()), "congress")
        reader = next(each for each in congress.resources if isinstance(each, Primitive))
        assert reader.agent == "ocf:openstack:congress-datasource"
        assert clone(congress, "congress-api-clone")
        (order,) = [each for each in congress.constraints if isinstance(each, Order)]
        assert order.kind == "Optional"

    def test_the_agent_is_brought_along(self) -> None:
        agent = file(
            declared(composed(collapsed()), "congress"), "/usr/lib/ocf/resource.d/openstack/congress-datasource"
        )
        assert agent.mode == 0o755
        assert agent.content.startswith("#!/bin/sh\n")

    def test_a_warm_standby_needs_no_agent(self) -> None:
        congress = declared(composed(with_option("congress:\n", "congress: {options: {standby: warm}}\n")), "congress")
        assert all(isinstance(each, Clone) for each in congress.resources)

    def test_processes_have_names_of_their_own(self) -> None:
        congress = declared(composed(collapsed()), "congress")
        names = re.findall(r"node_id = (\S+)", "".join(each.content for each in congress.files))
        assert len(names) == len(set(names)) == 6


class TestStores:
    def test_images_without_swift_need_a_share(self) -> None:
        lacking = refusal(collapsed(without=("swift-proxy", "swift-storage")))
        assert "images would be in swift, which is in no cluster" in lacking
        assert "is not said where the images are" in refusal(with_option("{store: swift}", "{store: share}"))

    def test_a_share_is_mounted_before_images_are_served(self) -> None:
        text = with_option("{store: swift}", "{store: share, share: 'nfs.example.org:/images'}")
        glance = declared(composed(text), "glance")
        assert Order("glance-images-clone", "glance-api-clone") in glance.constraints
        assert Colocation("glance-api-clone", "glance-images-clone") in glance.constraints

    def test_a_share_has_a_host_and_a_path(self) -> None:
        assert "options.shares" in refusal(with_option("nfs.example.org:/volumes", "/volumes"))

    def test_volumes_belong_to_one_backend_wherever_it_runs(self) -> None:
        cinder = declared(composed(collapsed()), "cinder")
        names = {each for text in cinder.files for each in re.findall(r"backend_host = (\S+)", text.content)}
        assert names == {"cinder-cluster"}

    def test_servers_of_objects_never_run_without_their_disk(self) -> None:
        storage = declared(composed(collapsed()), "swift-storage")
        for kind in ("account", "container", "object"):
            assert Order("swift-disk-clone", f"swift-{kind}-clone") in storage.constraints
            assert Colocation(f"swift-{kind}-clone", "swift-disk-clone") in storage.constraints

    def test_rings_are_the_same_on_all_nodes(self) -> None:
        whole = composed(collapsed())
        scripts = {file(declared(whole, name), "/etc/swift/make-rings.sh") for name in ("swift-storage", "swift-proxy")}
        (script,) = scripts
        assert script.content.count("rebalance 5") == 3
        assert script.content.count(" add ") == 9


class TestNetwork:
    def test_each_network_has_servers_on_as_many_nodes_as_there_are(self) -> None:
        content = file(declared(composed(collapsed()), "neutron-server"), "/etc/neutron/neutron.conf").content
        assert "dhcp_agents_per_network = 3\n" in content
        assert "l3_ha = true\n" in content

    def test_compute_nodes_have_no_account_of_the_database(self) -> None:
        for each in declared(composed(collapsed()), "compute").files:
            assert "mysql+pymysql" not in each.content, each.path

    def test_compute_nodes_run_on_the_remote_ones(self) -> None:
        (cluster,) = composed(collapsed()).clusters
        compute = next(each for each in cluster.services if each.service == "compute")
        assert compute.nodes == ("compute1", "compute2")

    def test_an_address_that_others_have_as_their_route_is_needed(self) -> None:
        assert "add `gateway: {address: ..., follows: gateway}`" in refusal(with_option(", follows: gateway", ""))
        assert "add `redis: {address: ..., follows: redis}`" in refusal(with_option(", follows: redis", ""))


class TestKeepalived:
    def test_a_holder_that_comes_back_takes_nothing(self) -> None:
        for each in declared(composed(collapsed()), "keepalived").files:
            assert "state BACKUP\n    nopreempt\n" in each.content
            assert "192.0.2.100/24" in each.content

    def test_without_an_address_it_is_refused(self) -> None:
        assert "no address that keepalived should hold" in refusal(with_option(", by: keepalived", ""))


class TestHealth:
    @pytest.mark.parametrize("running", [True, False])
    def test_a_process_is_found_when_it_runs_and_not_otherwise(self, running: bool) -> None:
        """The shell that asks has the words on its own command line."""
        words = f"{uuid4()}.agent"
        started = None
        if running:
            started = subprocess.Popen([sys.executable, "-c", "input()", words], stdin=subprocess.PIPE)  # noqa: S603
        command = process_health(words).command
        asked = subprocess.run(["/bin/sh", "-c", f"{command}; status=$?; exit $status"], timeout=60, check=False)  # noqa: S603
        assert (asked.returncode == 0) is running
        if started is not None:
            started.communicate(b"\n", timeout=60)


class TestTls:
    def test_clients_trust_the_described_authority(self) -> None:
        content = file(declared(encrypted(), "nova"), "/etc/nova/nova.conf").content
        assert content.count("cafile = /etc/ssl/certs/congress-cluster-authority.pem\n") == 5
        wishes = json.loads(file(declared(encrypted(), "nova"), "/etc/nova/registration.json").content)
        assert wishes["auth_url"] == "https://10.0.255.1:5000/v3"
        assert wishes["authority"] == "/etc/ssl/certs/congress-cluster-authority.pem"

    def test_the_dashboard_is_at_the_port_that_browsers_expect(self) -> None:
        assert [each.port for each in declared(encrypted(), "horizon").listeners] == [443]

    def test_the_database_is_reached_as_before(self) -> None:
        content = file(declared(encrypted(), "keystone"), "/etc/keystone/keystone.conf").content
        assert "mysql+pymysql://keystone:${secret:keystone-database}@10.0.255.2:3306/keystone" in content
