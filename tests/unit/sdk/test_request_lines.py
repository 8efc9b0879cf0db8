"""The short way of a request's two lines tells what the pipe tells of the same fields, to the byte."""

import io
import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.sdk.resources import Resource
from prometheus_client import CollectorRegistry

from midwatch.contract.privacy_actions import Action
from midwatch.contract.privacy_hashing import HashKeys
from midwatch.contract.privacy_rules import FieldRule, PrivacyPolicy
from midwatch.contract.redaction.values import Redactor
from midwatch.sdk import context
from midwatch.sdk.lines_out import LinesOut
from midwatch.sdk.log_lines import LINE_BYTES_MAX, LogKeys
from midwatch.sdk.log_output import JsonLines
from midwatch.sdk.logging import LogPipe
from midwatch.sdk.metrics import Metrics
from midwatch.sdk.problems import Problems
from midwatch.sdk.request_lines import ANSWERS_MAX
from midwatch.sdk.sampling import sampler_for
from midwatch.sdk.tracing import TracerProvider
from midwatch.sdk.web import SLOW_SECONDS, WebMetrics, WebServer
from midwatch.sdk.wire.logs import LogEncoder, LogRecord

SECRET = "path-of-the-team-0123456789abcdef"
POLICIES = {
    "defaults": PrivacyPolicy(),
    "hashed path": PrivacyPolicy(
        rules=(FieldRule("path", Action("hash")),), keys=HashKeys.of(f"k1:{SECRET}"), region="US"
    ),
    "no route": PrivacyPolicy(rules=(FieldRule("route", Action("drop")),)),
    "neither route nor status": PrivacyPolicy(
        rules=(FieldRule("route", Action("drop")), FieldRule("status", Action("drop")))
    ),
    "nothing but ids": PrivacyPolicy(
        rules=tuple(FieldRule(name, Action("drop")) for name in ("method", "path", "route", "status", "duration_ms"))
    ),
    "removed": PrivacyPolicy(rules=(FieldRule("method", Action("remove")), FieldRule("duration_ms", Action("remove")))),
}
KEYS: dict[str, dict[str, str]] = {
    "defaults": {},
    "named": {"timestamp": "ts", "message": "event", "correlation_id": "story", "logger": 'a "logger"'},
    "nested": {"metadata": "data"},
    "in each other's way": {"correlation_id": "path", "logger": "status"},
    "one for two": {"correlation_id": "id", "request_id": "id", "level": "message"},
    "reserved": {"service": "route", "trace_id": "duration_ms"},
}


class Clock:
    """Goes on by what a request takes."""

    seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds

    def now_ns(self) -> int:
        return 1_700_000_000_000_000_000 + int(self.seconds * 1e9)


class Pipe(LogPipe):
    """Counts what goes the long way."""

    emitted = 0

    def emit(self, *given: Any, **more: Any) -> None:
        self.emitted += 1
        super().emit(*given, **more)


class Served:
    """A server of its own, and what it tells; `short`: where it may go the short way."""

    def __init__(self, keys: Mapping[str, str], policy: PrivacyPolicy, *, short: bool) -> None:
        self.out = io.StringIO()
        self.records: list[LogRecord] = []
        self._clock = Clock()
        lines = JsonLines(out=LinesOut(Problems(), lambda: self.out))
        self.pipe = Pipe(
            service="api",
            environment="prod",
            keys=LogKeys(**keys),
            redactor=Redactor(policy),
            # Nothing else takes lines that are rendered already.
            write=lines if short else lines.__call__,
            send=self.records.append,
            now=self._clock.now_ns,
        )
        provider = TracerProvider(resource=Resource({}), sampler=sampler_for(1))
        metrics = WebMetrics(Metrics(CollectorRegistry(), Problems()))
        self._server = WebServer(provider.get_tracer("t"), self.pipe, metrics, clock=self._clock)

    def serve(self, asked: "Asked") -> None:
        # Ids are no secrets: the same again.
        random.seed(1)
        exchange = self._server.begin(asked.method, asked.path, asked.carrier, {})
        assert exchange is not None
        if asked.bound:
            context.bind(**asked.bound)
        self._clock.seconds += asked.seconds
        self._server.finish(exchange, asked.status, asked.route, asked.error, client_gone=asked.client_gone)
        self._server.leave(exchange)

    def told(self) -> tuple[str, list[LogRecord], list[bytes], list[bytes]]:
        """Lines, records, and those as they are sent, from what was encoded before and from what they say."""
        encode = LogEncoder().record
        anew = [encode(replace(record, encoded=None)) for record in self.records]
        return self.out.getvalue(), self.records, [encode(record) for record in self.records], anew


@dataclass
class Asked:
    method: str = "GET"
    path: str = "/items/7"
    route: str = "/items/{item_id}"
    status: int = 200
    seconds: float = 0.0123456
    carrier: dict[str, str] = field(default_factory=dict)
    bound: dict[str, Any] = field(default_factory=dict)
    error: Exception | None = None
    client_gone: bool = False


TRACEPARENT = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "x-correlation-id": "c-1"}
TEXTS = st.one_of(
    st.sampled_from(
        ("/", "", "/ann@example.org", "/call/+14155552671", "/?token=hunter2hunter2", f"/{SECRET}", "/\ud800", '/ü\n"')
    ),
    st.text(max_size=80),
)
ASKED = st.builds(
    Asked,
    method=st.sampled_from(("GET", "POST", "BREW", "get", "ann@example.org")),
    path=TEXTS,
    route=st.one_of(st.sampled_from(("", "/items/{item_id}", "/call/+14155552671")), st.text(max_size=20)),
    status=st.sampled_from((200, 204, 404, 499, 500, 503, -1, 2**70, HTTPStatus.OK, True)),
    seconds=st.sampled_from((0.0, 1e-9, 0.0015, 0.1 + 0.2, SLOW_SECONDS, 7.0)),
    carrier=st.sampled_from(({}, TRACEPARENT, {"x-request-id": "r-1"}, {"x-trace-id": "no trace"})),
    bound=st.one_of(st.just({}), st.dictionaries(st.sampled_from(("user_id", "path", "password")), TEXTS, max_size=2)),
    error=st.sampled_from((None, None, None, ValueError("no such item"))),
    client_gone=st.sampled_from((False, False, False, True)),
)


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES.keys())
@pytest.mark.parametrize("keys", KEYS.values(), ids=KEYS.keys())
@settings(max_examples=15, deadline=None)
@given(asked=st.lists(ASKED, max_size=4))
def test_both_ways_tell_the_same(keys: dict[str, str], policy: PrivacyPolicy, asked: list[Asked]) -> None:
    """Whatever is asked and answered, whatever a team calls its keys and keeps to itself; of each request twice."""
    short, plain = Served(keys, policy, short=True), Served(keys, policy, short=False)
    for one in asked + asked:
        short.serve(one)
        plain.serve(one)
    assert short.told() == plain.told()
    assert len(plain.records) == plain.pipe.emitted == 4 * len(asked)


@pytest.mark.parametrize(
    ("asked", "by_emit"),
    [
        (Asked(), 0),
        (Asked(carrier=TRACEPARENT, status=404, route=""), 0),
        (Asked(bound={"user_id": "u-1"}), 1),
        (Asked(seconds=SLOW_SECONDS), 1),
        (Asked(status=500), 1),
        (Asked(error=ValueError("late")), 1),
        (Asked(client_gone=True), 1),
        (Asked(method="BREW"), 2),
        (Asked(path="/\ud800"), 2),
        # Six bytes each in JSON.
        (Asked(path="\x01" * (LINE_BYTES_MAX // 6)), 2),
        (Asked(path="\x01" * (LINE_BYTES_MAX // 6 - 100)), 0),
    ],
)
def test_what_is_not_usual_goes_the_long_way(asked: Asked, by_emit: int) -> None:
    """And what is, does not: otherwise the comparison above would compare nothing."""
    short, plain = Served({}, PrivacyPolicy(), short=True), Served({}, PrivacyPolicy(), short=False)
    short.serve(asked)
    plain.serve(asked)
    assert (short.pipe.emitted, len(short.records)) == (by_emit, 2)
    assert short.told() == plain.told()


def test_a_listener_changes_what_is_sent() -> None:
    served = Served({}, PrivacyPolicy(), short=True)

    def change(record: LogRecord, _: BaseException | None) -> None:
        record.attributes["path"], record.encoded = "/changed", None

    served.pipe.listeners.append(change)
    served.serve(Asked())
    assert served.pipe.emitted == 0
    assert all(b"/changed" in LogEncoder().record(record) for record in served.records)


def test_more_routes_than_are_remembered_are_told_all_the_same() -> None:
    short, plain = Served({}, PrivacyPolicy(), short=True), Served({}, PrivacyPolicy(), short=False)
    for number in [*range(ANSWERS_MAX + 2), 0]:
        short.serve(Asked(route=f"/{number}/{{item_id}}"))
        plain.serve(Asked(route=f"/{number}/{{item_id}}"))
    assert short.told() == plain.told()
