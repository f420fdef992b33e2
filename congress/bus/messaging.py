"""The bus between processes: oslo.messaging over RabbitMQ.

Fan-out goes through one stream for each topic, so that nobody who is slow or away makes a queue grow; calls go to a
queue of the node that is asked, and to nobody else. A node sends itself an echo over every topic it listens to; when
none comes back although its calls do, it listens anew, since a broker that lost nodes can forget whom it serves. All
names carry `bus_id`, so that several installations share a broker without hearing each other. Nothing here waits for
the broker except a call, and that only as long as it may.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Mapping
from concurrent import futures
from typing import Any

import oslo_messaging

from congress.bus.answering import Handlers, unwrapped
from congress.bus.contract import BusTimeout, Handler, Message, Receive
from congress.bus.outbox import Outbox

LOG = logging.getLogger(__name__)

EXCHANGE = "congress"
_CALLS = "calls"
_PING = "bus.ping"
_ANSWERING_THREADS = 8
_STOP_SECONDS = 2.0
_ASKING_THREADS = 32
_GRACE_SECONDS = 0.5
_LONGEST_PATIENCE = 30.0
_ECHO = "bus.echo"


class MessagingBus:
    """One node's end. Connects in the background and again whenever it must."""

    local = False

    def __init__(
        self,
        transport: oslo_messaging.Transport,
        node: str,
        bus_id: str,
        outbox: int = 64 * 2**20,
        *,
        echo_period: float = 2.0,
    ) -> None:
        """`outbox`: characters that wait for a broker at most; `echo_period`: seconds between two echoes."""
        self.node, self._bus_id, self._transport = node, bus_id, transport
        self._handlers = Handlers()
        self._handlers.add({_PING: lambda _arguments: {}})
        self._lock = threading.Lock()
        self._receivers: dict[str, tuple[Receive, ...]] = {}
        self._servers: dict[str, oslo_messaging.RPCServer] = {}
        self._takes: dict[str, _Takes] = {}
        self._echo_period, self._echo_at = echo_period, 0.0
        self._started = False
        self._stopped = threading.Event()
        self._connected = threading.Event()
        self._outbox = Outbox(self._cast, outbox)
        self._clients: dict[str, oslo_messaging.RPCClient] = {}
        self._asking = futures.ThreadPoolExecutor(_ASKING_THREADS, "bus-call")

    def start(self) -> None:
        with self._lock:
            self._started = True
            topics = list(self._receivers)
        self._outbox.start()
        self._serve(_CALLS, _Answers(self._handlers), _ANSWERING_THREADS)
        for topic in topics:
            self._listen(topic)
        threading.Thread(target=self._connect, name="bus-connect", daemon=True).start()

    def stop(self) -> None:
        self._stopped.set()
        self._outbox.stop()
        self._asking.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            servers, self._servers = dict(self._servers), {}
        ending = [threading.Thread(target=_end, args=(each,), daemon=True) for each in servers.values()]
        for thread in ending:
            thread.start()
        deadline = time.monotonic() + _STOP_SECONDS
        for thread in ending:
            thread.join(max(0.0, deadline - time.monotonic()))
        cleanup = threading.Thread(target=self._transport.cleanup, daemon=True)
        cleanup.start()
        cleanup.join(max(0.1, deadline - time.monotonic()))

    @property
    def connected(self) -> bool:
        """Whether the broker was reached since the start; what is sent before waits or is refused."""
        return self._connected.is_set()

    def publish(self, topic: str, message: Message) -> None:
        self._outbox.put(topic, dict(message))

    def subscribe(self, topic: str, receive: Receive) -> None:
        with self._lock:
            first = topic not in self._receivers
            self._receivers[topic] = (*self._receivers.get(topic, ()), receive)
        if first and self._started:
            self._listen(topic)

    def serve(self, handlers: Mapping[str, Handler]) -> None:
        self._handlers.add(handlers)

    def call(self, node: str, method: str, arguments: Message, timeout: float) -> Any:
        started = time.monotonic()
        if not self._connected.wait(timeout):
            raise BusTimeout(node, method, timeout)
        remaining = max(0.1, timeout - (time.monotonic() - started))
        # A broker that takes nothing (it has no memory left) holds up the library for several times as long.
        try:
            asking = self._asking.submit(self._ask, node, method, arguments, remaining, timeout)
        except RuntimeError as error:  # we are stopped
            raise BusTimeout(node, method, timeout) from error
        try:
            answer = asking.result(remaining + _GRACE_SECONDS)
        except (futures.TimeoutError, futures.CancelledError) as error:
            asking.cancel()
            raise BusTimeout(node, method, timeout) from error
        return unwrapped(answer)

    # -- the inside

    def _ask(self, node: str, method: str, arguments: Message, remaining: float, timeout: float) -> Mapping[str, Any]:
        try:
            answer: Mapping[str, Any] = (
                self._client(_CALLS)
                .prepare(server=node, timeout=remaining, retry=1)
                .call({}, "ask", what=method, arguments=dict(arguments))
            )
        except (oslo_messaging.MessagingTimeout, oslo_messaging.MessageDeliveryFailure) as error:
            raise BusTimeout(node, method, timeout) from error
        return answer

    def _cast(self, topic: str, message: dict[str, object]) -> None:
        self._client(topic).prepare(fanout=True, retry=None).cast({}, "take", message=message)

    def _client(self, topic: str) -> oslo_messaging.RPCClient:
        with self._lock:
            if topic not in self._clients:
                self._clients[topic] = oslo_messaging.get_rpc_client(self._transport, self._target(topic))
            return self._clients[topic]

    def _target(self, topic: str, **more: Any) -> oslo_messaging.Target:
        return oslo_messaging.Target(exchange=EXCHANGE, topic=f"{EXCHANGE}-{self._bus_id}-{topic}", **more)

    def _listen(self, topic: str, patience: float | None = None) -> None:
        # One thread for each topic keeps the order in which the broker delivers.
        takes = _Takes(topic, lambda: self._receivers.get(topic, ()), patience or 2 * self._echo_period)
        self._takes[topic] = takes
        self._serve(topic, takes, 1)

    def _serve(self, topic: str, endpoint: object, threads: int) -> None:
        """Receive, from when the broker is there; the library waits for it in the thread that starts a server."""
        server = oslo_messaging.get_rpc_server(self._transport, self._target(topic, server=self.node), [endpoint])
        with self._lock:
            self._servers[topic] = server
        threading.Thread(target=self._begin, args=(server, threads), name=f"bus-{topic}", daemon=True).start()

    def _begin(self, server: oslo_messaging.RPCServer, threads: int) -> None:
        while not self._stopped.is_set():
            try:
                server.start(override_pool_size=threads)
                return
            except Exception as error:  # whatever keeps it from listening now, later it may not
                LOG.warning("the broker cannot be listened to: %s", error)
                self._stopped.wait(1.0)

    def _connect(self) -> None:
        """Call ourselves until we answer: then the broker is there, and the library has its queue for answers."""
        while not self._stopped.is_set():
            try:
                self._ask(self.node, _PING, {}, 2.0, 2.0)
            except Exception as error:  # among them many of the library; all of them mean to try again
                LOG.warning("the broker does not answer yet: %s", error)
                self._stopped.wait(0.5)
            else:
                LOG.info("node %s is on bus '%s'", self.node, self._bus_id)
                self._connected.set()
                break
        while not self._stopped.wait(self._echo_period / 4):
            try:
                self._look_after_topics()
            except Exception:  # the next look may do better
                LOG.exception("the topics could not be looked after")

    def _look_after_topics(self) -> None:
        """Send echoes now and then, and at once over topics on which nothing comes though the broker answers; listen
        anew to those that stay silent."""
        now = time.monotonic()
        if now >= self._echo_at:
            self._echo_at = now + self._echo_period
            for topic in list(self._takes):
                self._echo(topic)
        quiet = [topic for topic, takes in list(self._takes.items()) if now - takes.heard > 1.5 * self._echo_period]
        if not quiet or not self._answers():
            return
        for topic in quiet:
            takes = self._takes[topic]
            if now - takes.heard <= takes.patience:
                self._echo(topic)
                continue
            LOG.warning("nothing comes over topic '%s' although the broker is there; listening anew", topic)
            former = self._servers.get(topic)
            self._listen(topic, takes.next_patience())
            if former is not None:
                threading.Thread(target=_end, args=(former,), daemon=True).start()

    def _echo(self, topic: str) -> None:
        self.publish(topic, {"kind": _ECHO, "node": self.node})

    def _answers(self) -> bool:
        """Whether the broker passes on calls; when it is away altogether, the library waits for it."""
        try:
            self._ask(self.node, _PING, {}, self._echo_period / 2, self._echo_period / 2)
        except BusTimeout:
            return False
        return True


def _end(server: oslo_messaging.RPCServer) -> None:
    """Let a server receive nothing more, and its threads end."""
    server.stop()
    server.wait()


class _Answers:
    """The endpoint of directed calls."""

    def __init__(self, handlers: Handlers) -> None:
        self._handlers = handlers

    def ask(self, _context: object, what: str, arguments: Message) -> Any:
        return self._handlers.answer(what, arguments)


class _Takes:
    """The endpoint of one topic's fan-out; `heard`: when something came; `patience`: seconds of silence until it is
    given up."""

    def __init__(self, topic: str, receivers: Callable[[], tuple[Receive, ...]], patience: float) -> None:
        self._topic, self._receivers, self.patience = topic, receivers, patience
        self.heard = self._since = time.monotonic()

    def next_patience(self) -> float | None:
        """That of the next one: longer each time when nothing came at all, so that a busy machine is not made busier;
        None: as at first."""
        return min(2 * self.patience, _LONGEST_PATIENCE) if self.heard == self._since else None

    def take(self, _context: object, message: Message) -> None:
        self.heard = math.inf  # while it is taken in, which may take long
        try:
            if message.get("kind") != _ECHO:
                self._hand_over(message)
        finally:
            self.heard = time.monotonic()

    def _hand_over(self, message: Message) -> None:
        for receive in self._receivers():
            try:
                receive(message)
            except Exception:  # one receiver's trouble is not another's, and the sender must not hear of it
                LOG.exception("a message on topic '%s' was not taken in", self._topic)
