"""Run by the client's own Python: every method of the client library once, the answers printed as one JSON object."""

import json
import sys

from congressclient.v1.client import Client
from keystoneauth1.session import Session
from keystoneauth1.token_endpoint import Token


class Recorded(Client):
    """Remembers which of its methods were called."""

    called = set()

    def __getattribute__(self, name):
        Recorded.called.add(name)
        return super().__getattribute__(name)


client = Recorded(session=Session(auth=Token(sys.argv[1], "none")), service_type="policy", interface="publicURL")
seen = {}

seen["versions"] = client.list_api_versions()
policy = client.create_policy({"name": "p", "description": None, "abbreviation": None, "kind": None})
seen["policies"] = [item["name"] for item in client.list_policy()["results"]]
assert client.show_policy("p") == policy
rule = client.create_policy_rule("p", {"rule": "q(1)"})
assert client.list_policy_rules("p")["results"] == [client.show_policy_rule("p", rule["id"])]
seen["tables"] = client.list_policy_tables("p")
assert client.show_policy_table("p", "q") == {"id": "q"}
seen["rows"] = client.list_policy_rows("p", "q", True)
question = {"query": "q(x)", "sequence": "q+(2)", "action_policy": "action"}
seen["simulated"] = client.execute_policy_action("p", "simulate", False, True, question)
client.delete_policy_rule("p", rule["id"])
client.delete_policy("p")

item = client.create_library_policy({"name": "kept", "rules": [{"rule": "q(1)"}]})
assert client.show_library_policy(item["id"]) == item
assert "rules" not in client.show_library_policy(item["id"], include_rules=False)
assert all("rules" not in each for each in client.list_library_policy(include_rules=False)["results"])
seen["activated"] = client.create_policy({}, item["id"])["rules"]
client.delete_library_policy(item["id"])

source = client.create_datasource({"name": "d", "driver": "fake_datasource", "config": None})
assert client.show_datasource("d") in client.list_datasources()["results"]
assert client.show_datasource_table("d", "fake_table") == {"id": "fake_table"}
client.update_datasource_rows("d", "fake_table", [{"id": 1, "name": "x"}])
seen["pushed"] = client.list_datasource_rows("d", "fake_table")["results"]
seen["datasource tables"] = client.list_datasource_tables("d")["results"]
seen["status"] = client.list_datasource_status("d")["initialized"]
seen["actions"] = [action["name"] for action in client.list_datasource_actions("d")["results"]]
schema = client.show_datasource_schema("d")
assert schema["tables"] == [client.show_datasource_table_schema("d", "fake_table")]
assert client.request_refresh("d", {}) is None
assert client.execute_datasource_action("d", "execute", {"name": "fake_act", "args": {"positional": ["1"]}}) == {}
client.delete_datasource(source["id"])
seen["drivers"] = [driver["id"] for driver in client.list_drivers()["results"]]
seen["driver"] = [table["table_id"] for table in client.show_driver("nova")["tables"]]

methods = {name for name, value in vars(Client).items() if callable(value) and not name.startswith("_")}
seen["not called"] = sorted(methods - Recorded.called)
print(json.dumps(seen))
