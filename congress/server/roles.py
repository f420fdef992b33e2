"""Which parts of the service one process plays."""

from __future__ import annotations

from dataclasses import dataclass

from oslo_config import cfg

from congress.errors import CongressError


class RolesInvalid(CongressError):
    """The combination of roles cannot work in this process; the text says why."""


@dataclass(frozen=True, slots=True)
class Roles:
    """api: answers requests; datasources: reads the clouds. Every process has a policy engine beside these."""

    api: bool
    datasources: bool

    def names(self) -> tuple[str, ...]:
        """As the command line calls them."""
        return (*(["api"] if self.api else []), "policy-engine", *(["datasources"] if self.datasources else []))


def chosen(conf: cfg.ConfigOpts) -> Roles:
    """The roles that the configuration names, all of them when it names none. Raises RolesInvalid."""
    if not (conf.role_api or conf.role_policy_engine or conf.role_datasources):
        return Roles(api=True, datasources=True)
    if conf.role_datasources and not (conf.role_api or conf.role_policy_engine) and not conf.transport_url:
        raise RolesInvalid(
            "--datasources alone would read the clouds for nobody: without `transport_url` table data travels inside "
            "one process only. Name the message broker in congress.conf, or name no role to play all"
        )
    return Roles(api=bool(conf.role_api), datasources=bool(conf.role_datasources))
