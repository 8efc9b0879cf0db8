"""No secret arrives: generated ones, in every place of every signal, are in nothing that leaves.

What leaves is read at a real OTLP server (every byte of every body), on stdout, in the log file, in the headers of an
outgoing request, and in the exposition of metrics.
"""

import json
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import prometheus_client
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from opentelemetry import baggage, context, trace
from opentelemetry.trace import Link, SpanContext, StatusCode, TraceFlags, TraceState

import midwatch
from midwatch.sdk.propagation import inject
from midwatch.sdk.setup import METRICS
from tests.integration.sdk_inside.secrets_made import BY_KEY, BY_LOOK, Secret
from tests.otlp_sink import OtlpSink, plain, running_sink

tracer = trace.get_tracer("shop")
counted = midwatch.counter("privacy_test_total", "", ("who", "password"))


class Held:
    """An object of the app's that would tell what it holds."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return f"Held({self.text})"


def nested(text: str) -> Any:
    return {"plain": [{"deep": text, "pair": (text, 1)}, {text}], text: 1, "raw": text.encode(), "held": Held(text)}


def told_everywhere(by_look: Secret, key: str, by_key: Secret) -> None:
    """Both secrets, in every place that an app can put a value in."""
    text, said = by_look.text, f"<{by_look.text}> and then"
    under = {key: by_key.text}
    log = midwatch.get_logger(text)
    with midwatch.work(text, bound=said, **{f"user_{key}": by_key.text}):
        log.info(said, field=said, value=nested(text), body_of=under, **{text: 1}, **under)
        logging.getLogger("app").warning("%s", said, extra={"detail": nested(text), **under})
        midwatch.event(f"event {text}", entity=("person", text), note=said, **under)
        midwatch.transition("person", text, text, said)
        midwatch.heartbeat(f"job {text}", note=said)
        counted.inc(who=said, password=by_key.text)
        link = Link(SpanContext(1, 2, True, TraceFlags(1), TraceState([("a", "b")])), {"note": said, **under})
        with tracer.start_as_current_span(
            f"GET {text}", attributes={"note": said, text: 1, **under}, links=[link]
        ) as span:
            span.set_attribute("list", [said, text])
            span.add_event(f"sent {text}", {"note": said, **under})
            span.set_attribute("url.full", f"https://x.example/?q={text}")
            quoted = text.replace("'", "''")
            span.set_attribute("db.statement", f"SELECT 1 FROM t WHERE a = '{quoted}'")
            span.set_attribute("http.request.header.authorization", [by_key.text])
            span.set_status(StatusCode.ERROR, said)
            span.update_name(f"POST {text}")
        try:
            fail(said, under, nested(text))
        except RuntimeError as error:
            log.exception("failed", note=said)
            midwatch.capture_exception(
                ValueError(said), user={"id": text, **under}, tags={"to": text}, extras=nested(text), fingerprint=[text]
            )
            with pytest.raises(RuntimeError), tracer.start_as_current_span("fails"):
                raise error


def fail(said: str, under: dict[str, str], value: Any) -> None:
    local, holder, headers = said, Held(said), [("x-api-key", next(iter(under.values())))]
    try:
        raise KeyError(local)
    except KeyError as cause:
        raise RuntimeError(f"cannot send {said}: {under} {headers[0][0]} {holder}") from cause


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[OtlpSink, Path]]:
    file = tmp_path_factory.mktemp("lines") / "app.log"
    patch = pytest.MonkeyPatch()
    patch.setenv("OTEL_METRIC_EXPORT_INTERVAL", "3600000")
    with running_sink() as sink:
        midwatch.init(service="shop", environment="test", dsn=sink.dsn, log_file=str(file))
        yield sink, file
        midwatch.shutdown()
    patch.undo()


EXAMPLES = settings(
    max_examples=40,
    deadline=None,
    # What is found is small enough: to make it smaller takes minutes.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@EXAMPLES
@given(by_look=BY_LOOK, by_key=BY_KEY)
def test_no_secret_arrives_anywhere(
    running: tuple[OtlpSink, Path], capfd: pytest.CaptureFixture[str], by_look: Secret, by_key: tuple[str, Secret]
) -> None:
    sink, file = running
    sink.bodies.clear()
    before = file.stat().st_size
    told_everywhere(by_look, *by_key)
    assert midwatch.flush()
    shown = capfd.readouterr()
    left = {
        "stdout": shown.out.encode(),
        "stderr": shown.err.encode(),
        "file": file.read_bytes()[before:],
        "exposition": prometheus_client.generate_latest(METRICS.registry),
        **{f"{path} {number}": body for number, (path, body) in enumerate(sink.bodies)},
    }
    assert sink.of("traces")
    assert sink.of("metrics")
    assert len(sink.events("exception")) == 2
    for trace_of in (*by_look.traces, *by_key[1].traces):
        # Also as JSON writes it.
        for written in {trace_of.encode(), json.dumps(trace_of)[1:-1].encode()}:
            found = {place: around(written, content) for place, content in left.items() if written in content}
            assert found == {}, (by_look, by_key)


def around(secret: bytes, content: bytes) -> bytes:
    at = content.index(secret)
    return content[max(0, at - 60) : at + 60]


@settings(max_examples=40, deadline=None)
@given(by_look=BY_LOOK, by_key=BY_KEY)
def test_no_secret_goes_along_with_a_request(by_look: Secret, by_key: tuple[str, Secret]) -> None:
    """Nothing private is in the baggage that is sent, nor an id that is one; what is harmless is there."""
    name, secret = by_key
    at_hand = baggage.set_baggage("note", by_look.text, baggage.set_baggage("plan", "pro"))
    token = context.attach(baggage.set_baggage(name, secret.text, at_hand))
    carrier: dict[str, str] = {}
    try:
        with midwatch.work(by_look.text):
            inject(carrier)
    finally:
        context.detach(token)
    assert carrier["baggage"] == "plan=pro"
    sent = " ".join(carrier.values())
    assert [one for one in (*by_look.traces, *secret.traces) if one in sent] == []


@pytest.fixture
def ruled(tmp_path: Path) -> Iterator[OtlpSink]:
    """An app with a plan and a key."""
    (tmp_path / "midwatch.yml").write_text(
        """
environments: {production: {aliases: [prod]}}
privacy:
  keep: [completion]
  region: US
  fields:
    - {field: user.phone, action: phone_hash}
    - {field: customer, action: hash}
    - {field: iban, action: last 4}
    - {field: note, action: drop, signals: [traces, metrics]}
    - {field: exception.message, action: remove}
    - {field: exception.stacktrace, action: drop}
    - {field: draft, action: keep}
sampling: {production: {traces: 1, log_level: info}}
""",
        encoding="utf-8",
    )
    with running_sink() as sink:
        midwatch.init(
            service="shop",
            environment="prod",
            dsn=sink.dsn,
            plan=tmp_path,
            privacy_key="k1:3f8a1c5e7b9d2046f1e3a5c7d9b80214",
        )
        yield sink
        midwatch.shutdown()


NUMBER = "k1:de3706045688fc3a5e695068ec86372c"


def test_the_plans_rules_hold_in_every_signal(ruled: OtlpSink, capfd: pytest.CaptureFixture[str]) -> None:
    """Lines, spans, events, errors and labels; what the plan keeps stays, and the key is nowhere."""
    fields: dict[str, Any] = {
        "customer": "Ann Müller",
        "iban": "DE89370400440532013000",
        "note": "n",
        "draft": "a@b.example",
    }
    log = midwatch.get_logger()
    log.debug("not told")
    log.info("sms", **fields, user={"phone": "415 555 2671"}, completion="all done", body="hi mom")
    log.info("call (415) 555-2671", phone_hash=midwatch.phone_hash("4155552671"), last2=midwatch.last2("4155552671"))
    with tracer.start_as_current_span("send", attributes=fields):
        pass
    midwatch.counter("ruled_total", "", ("iban", "note")).inc(iban=fields["iban"], note="n")
    midwatch.event("sms.sent", **fields)
    customer = "Ann Müller"
    try:
        raise ValueError(f"no such customer: {customer}")
    except ValueError:
        log.exception("failed")
    assert midwatch.flush()
    ann = "k1:e8387e417e61dd3fd8458b57fe5be379"
    lines = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert [line["message"] for line in lines] == ["sms", f"call [phone {NUMBER}]", "sms.sent", "failed"]
    sms = lines[0]
    assert (sms["customer"], sms["iban"], sms["note"], sms["draft"]) == (ann, "***3000", "n", "a@b.example")
    assert (sms["user"], sms["completion"], sms["body"]) == ({"phone": NUMBER}, "all done", "[removed]")
    assert (lines[1]["phone_hash"], lines[1]["last2"]) == (NUMBER, "71")
    assert lines[3]["error"] == {"name": "ValueError", "message": "[removed]"}
    (span,) = ruled.spans
    assert plain(span.attributes) == {"customer": ann, "iban": "***3000", "draft": "a@b.example"}
    ((_, event),) = ruled.events("sms.sent")
    assert (event["customer"], event["note"]) == (ann, "n")
    ((_, error),) = ruled.events("exception")
    assert error["exception.message"] == "[removed]"
    assert "exception.stacktrace" not in error
    assert json.loads(error["exception.frames"])[-1]["locals"]["customer"] == ann
    assert (("iban", "***3000"),) in ruled.series("ruled_total")
    sent = b"".join(body for _, body in ruled.bodies)
    for secret in ("Ann M", "hi mom", "3f8a1c5e7b9d2046f1e3a5c7d9b80214", "5552671", "not told"):
        assert secret.encode() not in sent


def test_a_line_costs_little_to_clean(ruled: OtlpSink) -> None:
    """Eight fields, one of them an id that is never the same: microseconds, with rules and a key in force."""
    from midwatch.sdk.context import new_id
    from midwatch.sdk.redaction_signals import in_force

    clean = in_force().logs.put
    rows = [
        {
            "user_id": f"u-{n % 50}",
            "session_id": new_id(),
            "route": "/items/{id}",
            "method": "GET",
            "status": 200,
            "duration_ms": 12.345,
            "host": "api-7f9c6d5b8-x2x9z",
            "path": f"/items/{n % 99}",
        }
        for n in range(2000)
    ]
    best = float("inf")
    for _ in range(7):
        started = time.process_time()
        for row in rows:
            clean({}, row)
        best = min(best, (time.process_time() - started) / len(rows))
    assert best < 10e-6
