"""What a bus between nodes offers, whatever carries it: fan-out that may lose messages, and calls to one node.

A message is a dict that JSON can express, with `v` (the version of its form) and `kind`. A receiver ignores fields that
it does not know and kinds that it does not know, so that processes of adjacent versions understand each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol, TypeAlias

from congress.errors import CongressError

VERSION: Final = 1
"""The `v` of the messages this program sends. It grows when a receiver must know; a new optional field does not."""

Message: TypeAlias = Mapping[str, Any]
Receive: TypeAlias = Callable[[Message], None]
Handler: TypeAlias = Callable[[Message], Any]
"""Answers a directed call: arguments to an answer that JSON can express."""


class BusTimeout(CongressError):
    """No answer came in time: the node is gone, frozen or cut off. Whether it did what was asked is not known."""

    def __init__(self, node: str, method: str, timeout: float) -> None:
        super().__init__(
            f"node '{node}' did not answer '{method}' within {timeout:g} s; see whether it runs and reaches the broker"
        )
        self.node, self.method = node, method


class RemoteError(CongressError):
    """The node that was called answered with an error. `code`: the name of its kind; `text`: its message."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code, self.text = code, text


class Bus(Protocol):
    """One node's end of the bus. All methods may be called from any thread."""

    @property
    def node(self) -> str:
        """The id of this node, at which others call it."""
        ...

    @property
    def local(self) -> bool:
        """Whether all nodes are in this process: nothing is lost, and objects travel as they are, by reference."""
        ...

    def start(self) -> None:
        """Begin to receive. Subscriptions and handlers may be added before and after. Does not wait for a broker."""
        ...

    def stop(self) -> None:
        """Receive and answer nothing any more; takes at most a few seconds."""
        ...

    def publish(self, topic: str, message: Message) -> None:
        """Send to every subscriber of a topic, this node too. The message may be lost, doubled or overtaken; never
        waits for the broker. On a `local` bus it returns when all have received it, and raises what they raise."""
        ...

    def subscribe(self, topic: str, receive: Receive) -> None:
        """Call `receive` with every message of the topic; on a `local` bus in the publisher's thread."""
        ...

    def serve(self, handlers: Mapping[str, Handler]) -> None:
        """Answer calls of these methods that are directed to this node; adds to what it serves already.

        What a handler raises reaches the caller as RemoteError: of a CongressError class name and text, of any other
        exception `InternalError` and a text without details, which go to this node's log.
        """
        ...

    def call(self, node: str, method: str, arguments: Message, timeout: float) -> Any:
        """Ask one node and wait at most `timeout` seconds. Raises BusTimeout and RemoteError (code `UnknownMethod`
        when the node does not serve the method)."""
        ...
