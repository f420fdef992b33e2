"""What can be wrong with a target of events."""

from __future__ import annotations

from congress.errors import CongressError


class WebhookInvalid(CongressError):
    """The address cannot be sent to; the text says why."""


class TooManyWebhooks(CongressError):
    """There are as many webhooks as there may be."""


class WebhookNotFound(CongressError):
    """There is no such webhook."""

    def __init__(self, identity: str) -> None:
        super().__init__(f"There is no webhook for events {identity[:100]}; GET /v1/event-webhooks lists them.")


class LetterNotFound(CongressError):
    """The webhook has no such dead letter."""

    def __init__(self, identity: str) -> None:
        super().__init__(f"The webhook has no dead letter {identity[:100]}; it was delivered, deleted, or forgotten.")


class NotDelivered(CongressError):
    """A target did not take what was sent; the text says why."""
