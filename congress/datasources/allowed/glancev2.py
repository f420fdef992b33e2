"""Requests to Glance, as its API describes them: https://docs.openstack.org/api-ref/image/v2/."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from congress.datasources.actions import CloudAction
from congress.datasources.arguments import attributes, choice, identifier, pairs, text

IMAGE = identifier("image_id", "id of the image")
MEMBER = identifier("member_id", "id of the project")
TAG = identifier("tag_value", "the tag")


def patches(raw: Sequence[Any]) -> list[dict[str, Any]]:
    """`key1, value1, …` as a JSON patch (RFC 6902). `add` also replaces what is there."""
    pointers = ((key.replace("~", "~0").replace("/", "~1"), value) for key, value in attributes(raw).items())
    return [{"op": "add", "path": f"/{key}", "value": value} for key, value in pointers]


ACTIONS = (
    CloudAction(
        "images.deactivate",
        "Refuse the image's data to everybody but administrators",
        "POST",
        "/images/{image_id}/actions/deactivate",
        (IMAGE,),
    ),
    CloudAction(
        "images.reactivate",
        "Allow the image's data again",
        "POST",
        "/images/{image_id}/actions/reactivate",
        (IMAGE,),
    ),
    CloudAction("images.delete", "Delete the image", "DELETE", "/images/{image_id}", (IMAGE,)),
    CloudAction(
        "images.update",
        "Set properties of the image, such as visibility or protected",
        "PATCH",
        "/images/{image_id}",
        (IMAGE, pairs("properties", "properties", patches)),
        "{properties}",
        headers={"Content-Type": "application/openstack-images-v2.1-json-patch"},
    ),
    CloudAction("image_tags.update", "Add a tag", "PUT", "/images/{image_id}/tags/{tag_value}", (IMAGE, TAG)),
    CloudAction("image_tags.delete", "Remove a tag", "DELETE", "/images/{image_id}/tags/{tag_value}", (IMAGE, TAG)),
    CloudAction(
        "image_members.create",
        "Share the image with a project",
        "POST",
        "/images/{image_id}/members",
        (IMAGE, text("member_id", "id of the project")),
        {"member": "{member_id}"},
    ),
    CloudAction(
        "image_members.update",
        "Answer for a project whether it takes a shared image",
        "PUT",
        "/images/{image_id}/members/{member_id}",
        (IMAGE, MEMBER, choice("member_status", "", "accepted", "rejected", "pending")),
        {"status": "{member_status}"},
    ),
    CloudAction(
        "image_members.delete",
        "No longer share the image with a project",
        "DELETE",
        "/images/{image_id}/members/{member_id}",
        (IMAGE, MEMBER),
    ),
)
