"""Run by the client's own Python: its commands, each with the options that are its own, printed as one JSON object."""

import json
from importlib.metadata import entry_points


def options(command):
    return {name for each in command(None, None).get_parser("")._actions for name in each.option_strings}


def plain(command):
    """A command of the same kind that adds no options."""
    kind = next(each for each in command.__mro__ if each.__module__.startswith("cliff."))
    return type("Plain", (kind,), {"__doc__": "nothing", "take_action": lambda *_: None})


found = {}
for entry in entry_points(group="openstack.congressclient.v1"):
    command = entry.load()
    name = entry.name.removeprefix("congress_").replace("_", " ")
    found[name] = sorted(options(command) - options(plain(command)))
print(json.dumps(found))
