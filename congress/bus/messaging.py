"""The bus between processes: oslo.messaging over RabbitMQ.

Fan-out goes through one stream, so that nobody who is slow or away makes a queue grow; calls go to a queue of the node
that is asked, and to nobody else. There is one stream for all topics, since a broker that lost a node mends its streams
one after the other, and takes two seconds for each; within a node each topic has a thread of its own. A node sends
itself an echo; when none comes back it listens anew, since such a broker can forget whom it serves, and when none comes
however often it listens, it has the stream made anew: what was lost with it is asked for. All names carry `bus_id`, so
that several installations share a broker without hearing each other. Nothing here waits for the broker except a call,
and that only as long as it may.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Mapping
from concurrent import futures
from typing import Any

import oslo_messaging

from congress.bus.answering import Handlers, unwrapped
from congress.bus.contract import BusTimeout, Handler, Message, Receive
from congress.bus.lanes import Lanes
from congress.bus.outbox import Outbox
from congress.telemetry import metrics, tracing

LOG = logging.getLogger(__name__)

_RENEWALS = metrics.counter(
    "congress_bus_streams_renewed_total", "Times that this node had the broker make its stream anew."
)
EXCHANGE = "congress"
_CALLS = "calls"
_ALL = "all"
"""The library's topics: of calls to one node, and of what is told to all of them."""
_PING = "bus.ping"
_ANSWERING_THREADS = 8
_STOP_SECONDS = 2.0
_ASKING_THREADS = 32
_GRACE_SECONDS = 0.5
_LONGEST_PATIENCE = 12.0
_IN_VAIN = 4
"""So often in a row a node listens and hears nothing, half a minute by default, until it has the stream made anew."""
_ECHO = "bus.echo"
_TRACE = "trace"
"""Where a message came from, for traces."""


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
        self._lanes = Lanes(self._hand_over)
        self._takes: _Takes | None = None
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
        self._outbox.start()
        self._serve(_CALLS, _Answers(self._handlers), _ANSWERING_THREADS)
        self._listen()
        threading.Thread(target=self._connect, name="bus-connect", daemon=True).start()

    def stop(self) -> None:
        self._stopped.set()
        self._outbox.stop()
        self._lanes.stop()
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
        trace = tracing.carried()
        self._outbox.put(topic, {**message, _TRACE: trace} if trace else dict(message))

    def subscribe(self, topic: str, receive: Receive) -> None:
        with self._lock:
            self._receivers[topic] = (*self._receivers.get(topic, ()), receive)

    def serve(self, handlers: Mapping[str, Handler]) -> None:
        self._handlers.add(handlers)

    def call(self, node: str, method: str, arguments: Message, timeout: float) -> Any:
        started = time.monotonic()
        if not self._connected.wait(timeout):
            raise BusTimeout(node, method, timeout)
        remaining = max(0.1, timeout - (time.monotonic() - started))
        # A broker that takes nothing (it has no memory left) holds up the library for several times as long.
        try:
            asking = self._asking.submit(self._ask, node, method, arguments, remaining, timeout, tracing.carried())
        except RuntimeError as error:  # we are stopped
            raise BusTimeout(node, method, timeout) from error
        try:
            answer = asking.result(remaining + _GRACE_SECONDS)
        except (futures.TimeoutError, futures.CancelledError) as error:
            asking.cancel()
            raise BusTimeout(node, method, timeout) from error
        return unwrapped(answer)

    # -- the inside

    def _ask(
        self,
        node: str,
        method: str,
        arguments: Message,
        remaining: float,
        timeout: float,
        trace: tracing.Carried | None = None,
    ) -> Mapping[str, Any]:
        try:
            answer: Mapping[str, Any] = (
                self._client(_CALLS)
                .prepare(server=node, timeout=remaining, retry=1)
                .call(dict(trace or {}), "ask", what=method, arguments=dict(arguments))
            )
        except (oslo_messaging.MessagingTimeout, oslo_messaging.MessageDeliveryFailure) as error:
            raise BusTimeout(node, method, timeout) from error
        return answer

    def _cast(self, topic: str, message: dict[str, object]) -> None:
        self._client(_ALL).prepare(fanout=True, retry=None).cast({}, "take", topic=topic, message=message)

    def _client(self, topic: str) -> oslo_messaging.RPCClient:
        with self._lock:
            if topic not in self._clients:
                self._clients[topic] = oslo_messaging.get_rpc_client(self._transport, self._target(topic))
            return self._clients[topic]

    def _target(self, topic: str, **more: Any) -> oslo_messaging.Target:
        return oslo_messaging.Target(exchange=EXCHANGE, topic=f"{EXCHANGE}-{self._bus_id}-{topic}", **more)

    def _listen(self, in_vain: int = 0) -> None:
        # One thread of the library keeps the order in which the broker delivers.
        self._takes = _Takes(self._lanes, 2 * self._echo_period, in_vain)
        self._serve(_ALL, self._takes, 1)

    def _serve(self, topic: str, endpoint: _Takes | _Answers, threads: int) -> None:
        """Receive, from when the broker is there; the library waits for it in the thread that starts a server."""
        server = oslo_messaging.get_rpc_server(self._transport, self._target(topic, server=self.node), [endpoint])
        with self._lock:
            self._servers[topic] = server
        begin = threading.Thread(target=self._begin, args=(server, endpoint, threads), name=f"bus-{topic}", daemon=True)
        begin.start()

    def _begin(self, server: oslo_messaging.RPCServer, endpoint: _Takes | _Answers, threads: int) -> None:
        while not self._stopped.is_set():
            try:
                server.start(override_pool_size=threads)
                if isinstance(endpoint, _Takes):
                    endpoint.begin()
                return
            except Exception as error:  # whatever keeps it from listening now, later it may not
                LOG.warning("the broker cannot be listened to: %s", error)
                self._stopped.wait(1.0)

    def _hand_over(self, topic: str, message: Message) -> None:
        with tracing.follow(f"take {topic}", message.get(_TRACE), "consumer"):
            for receive in self._receivers.get(topic, ()):
                try:
                    receive(message)
                except Exception:  # one receiver's trouble is not another's, and the sender must not hear of it
                    LOG.exception("a message on topic '%s' was not taken in", topic)

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
                self._look_after_stream()
            except Exception:  # the next look may do better
                LOG.exception("the stream could not be looked after")

    def _look_after_stream(self) -> None:
        """Send an echo now and then, and at once when nothing comes; listen anew when it stays so, unless the library
        still waits for the broker to listen at all. No call decides whether the broker is there: when it lost a node,
        those that come back over that node take longest to be found dead."""
        now, takes = time.monotonic(), self._takes
        if takes is None:
            return
        quiet = takes.began and now - takes.heard > 1.5 * self._echo_period
        if now >= self._echo_at or quiet:
            self._echo_at = now + self._echo_period
            self.publish("", {"kind": _ECHO, "node": self.node})
        if not quiet or now - takes.heard <= takes.patience:
            return
        LOG.warning("nothing comes from the broker; listening anew")
        former = self._servers.get(_ALL)
        in_vain = takes.in_vain + 1 if takes.was_silent else 0
        if in_vain >= _IN_VAIN and self._renew_stream():
            in_vain = 0
        self._listen(in_vain)
        if former is not None:
            threading.Thread(target=_end, args=(former,), daemon=True).start()

    def _renew_stream(self) -> bool:
        """Delete the stream if the broker is well otherwise; answers whether it did. A broker that was cut apart twice
        within seconds can keep the address of a leader that is no more for good: it takes everything in and hands
        nothing out."""
        try:
            self._ask(self.node, _PING, {}, 2.0, 2.0)
            _delete_stream(self._transport, self._target(_ALL).topic)
        except Exception as error:  # it is away, or has no majority: what it lost will come back with it
            LOG.warning("the stream is silent, and the broker does not answer: %s", error)
            return False
        LOG.warning("the broker answers and hands nothing out for long; its stream is made anew")
        _RENEWALS.inc()
        return True


def _delete_stream(transport: oslo_messaging.Transport, topic: str) -> None:
    """Delete the stream of a topic with all that is in it, for which the library has no word. Whoever listens to it is
    told so, and makes it again. Raises what the library raises when the broker is away."""
    with transport._driver._get_connection() as context:
        connection = context.connection
        with connection._connection_lock:
            connection.channel.queue_delete(f"{topic}_fanout")


def _end(server: oslo_messaging.RPCServer) -> None:
    """Let a server receive nothing more, and its threads end."""
    server.stop()
    server.wait()


class _Answers:
    """The endpoint of directed calls."""

    def __init__(self, handlers: Handlers) -> None:
        self._handlers = handlers

    def ask(self, context: Mapping[str, str], what: str, arguments: Message) -> Any:
        with tracing.follow(f"answer {what}", context, "server"):
            return self._handlers.answer(what, arguments)


class _Takes:
    """The endpoint of fan-out; `heard`: when something came; `in_vain`: how many before it heard nothing at all;
    `patience`: seconds of silence until it is given up. The second one follows as soon as the first: whoever began to
    listen before the broker gave up a lost node may hear nothing. Further ones come later, so that a busy machine is
    not made busier."""

    def __init__(self, lanes: Lanes, patience: float, in_vain: int = 0) -> None:
        self._lanes, self.in_vain, self.began = lanes, in_vain, False
        self.patience = min(max(1, in_vain) * patience, _LONGEST_PATIENCE)
        self.heard = self._since = time.monotonic()

    def begin(self) -> None:
        """Silence counts from now on."""
        if self.was_silent:
            self.heard = self._since = time.monotonic()
        self.began = True

    @property
    def was_silent(self) -> bool:
        """Whether nothing came since it began."""
        return self.heard == self._since

    def take(self, _context: object, topic: str, message: Message) -> None:
        self.heard = math.inf  # while it waits for those before it, which may take long
        try:
            if message.get("kind") != _ECHO:
                self._lanes.put(topic, message)
        finally:
            self.heard = time.monotonic()
