"""Clients of a Socket.IO server: who is connected, under which ids their events go on, who came back, who left."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic, perf_counter
from typing import Any

import orjson
from opentelemetry import context as otel_context

from midwatch.sdk import context
from midwatch.sdk.guard import guarded
from midwatch.sdk.integrations.socketio_deliveries import Deliveries, say
from midwatch.sdk.web_socket_metrics import CLIENT, SERVER, EventMetrics
from midwatch.sdk.web_sockets import REASONS

RECONNECT_SECONDS = 120.0
"""Who comes back within it has come back; later it is another visit. Socket.IO's own recovery has two minutes, too."""
REMEMBERED_MAX = 10_000
"""Clients that have left, each some hundred bytes; the oldest are forgotten first."""
RESTART = 1012
"""RFC 6455: the server is going down, and will be back."""

CLIENT_IDS = ("clientId", "client_id", "deviceId", "device_id", "sessionId", "session_id")
PREVIOUS = ("previousSid", "previous_sid")
"""What a client says in its `auth`: who it is, and which connection it had before, on whatever server that was."""

ClientOf = Callable[[Mapping[str, Any], Any], str | None]


@dataclass(slots=True)
class Session:
    """One client in one namespace."""

    sid: str
    route: str
    work: context.Context
    parent: otel_context.Context
    """With the span of the connect: spans of events are its children."""
    fields: dict[str, Any]
    key: str
    """Tells a client from others; never sent."""
    previous: str
    eio_sid: str
    started: float = field(default_factory=perf_counter)
    received: int = 0


@dataclass(slots=True)
class _Left:
    sid: str
    at: float


class Sessions:
    """Of one server. With several threads, as the app serves them."""

    def __init__(self, metrics: EventMetrics, deliveries: Deliveries, client_of: ClientOf | None) -> None:
        self._metrics = metrics
        self._deliveries = deliveries
        self._client_of = client_of
        self._lock = threading.Lock()
        self._open: dict[str, Session] = {}
        self._left: OrderedDict[str, _Left] = OrderedDict()
        """By what tells a client from others, and by its sid."""

    def of(self, sid: str) -> Session | None:
        return self._open.get(sid)

    def has_left(self, sid: Any) -> bool:
        """Whether it was one of ours not long ago and is gone."""
        return isinstance(sid, str) and sid in self._left

    @guarded
    def key_of(self, environ: Mapping[str, Any], auth: Any) -> str:
        """The same for a client that comes back; empty where nothing tells it from others."""
        if self._client_of is not None:
            return str(self._client_of(environ, auth) or "")
        if not auth:
            return ""
        told = _first(auth, CLIENT_IDS)
        if told:
            return told
        without = {key: value for key, value in auth.items() if key not in PREVIOUS} if isinstance(auth, dict) else auth
        # A token, as a rule: kept as what cannot be read back.
        return hashlib.sha256(orjson.dumps(without, str, orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)).hexdigest()

    @guarded
    def opened(self, session: Session) -> None:
        fields: dict[str, Any] = {"route": session.route, **session.fields}
        with self._lock:
            self._open[session.sid] = session
            left = self._left.pop(session.key, None) if session.key else None
        if left is not None and monotonic() - left.at > RECONNECT_SECONDS:
            left = None
        if left is not None:
            fields |= {"previous_sid": left.sid, "away_ms": round((monotonic() - left.at) * 1000, 3)}
        elif session.previous:
            fields["previous_sid"] = session.previous
        if "previous_sid" in fields:
            fields["reconnected"] = True
            self._metrics.reconnects.inc(route=session.route)
        self._metrics.active.add(1, route=session.route)
        say("info", "socket connected", fields)

    @guarded
    def closed(self, session: Session, reason: str, code: int | None) -> None:
        undelivered = self._deliveries.lost(session.sid)
        with self._lock:
            if self._open.pop(session.sid, None) is None:
                return
            left = _Left(session.sid, monotonic())
            for key in filter(None, (session.key, session.sid)):
                self._left[key] = left
                self._left.move_to_end(key)
            while self._left and (
                len(self._left) > REMEMBERED_MAX or monotonic() - next(iter(self._left.values())).at > RECONNECT_SECONDS
            ):
                self._left.popitem(last=False)
        by, reason = _ended(reason, code)
        self._metrics.active.add(-1, route=session.route)
        self._metrics.disconnects.inc(route=session.route, by=by, reason=reason)
        fields: dict[str, Any] = {"route": session.route, "by": by, "reason": reason}
        if code is not None:
            fields["code"] = code
        fields |= {"received": session.received, "undelivered": undelivered}
        fields["duration_ms"] = round((perf_counter() - session.started) * 1000, 3)
        say("info", "socket disconnected", fields)


def client_fields(auth: Any) -> tuple[dict[str, Any], str]:
    """What lines of a client may show of its `auth`, and the connection that it says it had before."""
    told, previous = _first(auth, CLIENT_IDS), _first(auth, PREVIOUS)
    return ({"client_id": told} if told else {}), previous


def _first(auth: Any, names: tuple[str, ...]) -> str:
    if not isinstance(auth, dict):
        return ""
    return next((found for name in names if (found := context.sound_id(str(auth.get(name) or "")))), "")


def _ended(reason: str, code: int | None) -> tuple[str, str]:
    """Who ended it, and why: a word of Engine.IO's, or the WebSocket's own where that says more."""
    if reason == "server disconnect":
        return SERVER, reason.replace(" ", "_")
    if code == RESTART:
        return SERVER, REASONS[RESTART]
    known = REASONS.get(code or 0) if reason == "transport close" else None
    return CLIENT, known or reason.replace(" ", "_")
