"""CL073: one way to ask keystone about tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator

from congress.cluster.checks.check import Check, Subject
from congress.cluster.errors import Problem

SECTION = re.compile(r"(?ms)^\[keystone_authtoken\]$(.*?)(?=^\[|\Z)")
OLD = re.compile(
    r"(?m)^\s*(auth_host|auth_port|auth_protocol|auth_uri|auth_admin_prefix|identity_uri|admin_token|admin_user"
    r"|admin_password|admin_tenant_name)\s*="
)
NEEDED = ("auth_type", "auth_url")


def _find(subject: Subject) -> Iterator[Problem]:
    for _, placed in subject.placed():
        path = subject.service_path(placed)
        for file in placed.declaration.files:
            for section in SECTION.findall(file.content):
                old = sorted(set(OLD.findall(section)))
                if old:
                    what = f"{file.path} asks keystone in a former way, by {', '.join(old)}"
                    yield subject.problem(path, what, "use auth_type, auth_url, username, password and project_name")
                lacking = [name for name in NEEDED if not re.search(rf"(?m)^\s*{name}\s*=", section)]
                if lacking:
                    what = f"{file.path} does not say {' and '.join(lacking)} in keystone_authtoken"
                    yield subject.problem(path, what, "say how and where tokens are checked")


CHECK = Check(
    "CL073",
    "Tokens are checked in one way",
    "The options of keystone's middleware changed twice. Old ones are ignored, and mixed with new ones it is chance "
    "which server a token is checked at.",
    _find,
)
