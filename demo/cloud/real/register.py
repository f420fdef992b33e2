"""Tell Keystone about the other services: their users, services and endpoints."""

from __future__ import annotations

import openstack
import settings


def register() -> None:
    """Idempotent; nova-conductor and nova-scheduler log in at their start and do not try twice."""
    identity = openstack.connect(**settings.credentials()).identity
    if identity.find_user("cinder"):
        return
    project = identity.find_project("service") or identity.create_project(name="service", domain_id="default")
    roles = [identity.find_role(name) or identity.create_role(name=name) for name in ("admin", "service")]
    for name in settings.APIS[1:]:
        user = identity.create_user(
            name=name,
            password=settings.SERVICE_PASSWORD,
            domain_id="default",
            default_project_id=project.id,
            description=f"service {name}",
        )
        for role in roles:
            identity.assign_project_role_to_user(project, user, role)
        service = identity.create_service(name=name, type=settings.TYPES[name])
        for interface in ("public", "internal", "admin"):
            identity.create_endpoint(
                service_id=service.id, interface=interface, url=settings.url(name), region_id=settings.REGION
            )
