"""Publications that came too early: few enough to be held, lest a stalled engine grows without end."""

from __future__ import annotations

from congress.bus.contract import Message


class Waiting:
    """Messages by number, as they came, so that packed ones stay small. When they become too large the last ones are
    dropped: what comes first closes the gap, and what was dropped will be noticed as another one."""

    def __init__(self, most: int) -> None:
        """`most`: characters of packed messages, or rows of others, held together."""
        self._most = most
        self._messages: dict[int, Message] = {}
        self._size = 0

    def add(self, number: int, message: Message) -> None:
        if number not in self._messages:
            self._messages[number] = message
            self._size += _size(message)
            while self._size > self._most and self._messages:
                self._remove(max(self._messages))

    def take(self, number: int) -> Message | None:
        """The message of this number, which then is not held any more."""
        return self._remove(number) if number in self._messages else None

    def drop(self, number: int) -> None:
        """Drop the messages up to this number."""
        for each in [each for each in self._messages if each <= number]:
            self._remove(each)

    def clear(self) -> None:
        self._messages.clear()
        self._size = 0

    def __len__(self) -> int:
        return len(self._messages)

    def _remove(self, number: int) -> Message:
        message = self._messages.pop(number)
        self._size -= _size(message)
        return message


def _size(message: Message) -> int:
    updates = message.get("updates", ())
    if isinstance(updates, str):
        return len(updates) + 200
    return sum(len(each.inserted) + len(each.deleted) + 1 for each in updates)
