"""Errors as they come: by Sentry's SDK for Python, by envelopes as browsers send them, by OpenTelemetry, by a CSP."""

import json
import secrets
import time
from collections import Counter
from typing import Any

import sentry_sdk
from sentry_sdk.integrations.logging import LoggingIntegration

from tests import bodies
from tests.conftest import KEY, Server
from tests.eventually import eventually

FLOOD = 80
"""More than what is kept whole of an issue in a minute."""
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
CRAWLER = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


class PaymentFailed(Exception):
    """The team's own."""


def send_all(server: Server) -> None:
    """One of each kind, and seven of the Python one; on return they are issues."""
    for user in range(7):
        send_payment(server, user=str(user), release="shop@1.2.3")
    send_envelope(server, cart_error())
    send_envelope(server, cart_error(release="web@2.0.1", user="ada", minified=True))
    flood(server)
    send_envelope(server, cart_error(agent=CRAWLER))
    send_csp(server)
    send_span(server)
    send_line(server)
    with server.api() as api:
        eventually(lambda: api.get("/api/v1/issues", params={"status": "all"}).json()["total"] >= 7, seconds=60)


def flood(server: Server) -> None:
    """As many of one issue in one minute as make its newest one that is counted alone."""
    sent: Counter[int] = Counter()
    while max(sent.values(), default=0) < FLOOD:
        send_envelope(server, boundary_crash())
        sent[int(time.time() // 60)] += 1


def send_payment(server: Server, *, user: str, release: str) -> None:
    """By Sentry's SDK, which is this program's alone while it sends."""
    sentry_sdk.init(
        dsn(server),
        release=release,
        environment="prod",
        traces_sample_rate=1.0,
        default_integrations=False,
        integrations=[LoggingIntegration()],
        in_app_include=["tests"],
    )
    with sentry_sdk.isolation_scope() as scope:
        scope.set_user({"id": user, "email": f"{user}@shop.example"})
        scope.set_tag("service", "checkout")
        scope.set_tag("plan", "pro" if user in "012" else "free")
        scope.set_context("order", {"number": 1234, "lines": {"count": 2}})
        scope.add_breadcrumb(category="cart", message="two pencils put in")
        scope.add_breadcrumb(category="http", data={"method": "POST", "url": "/bank/charge", "status_code": 502})
        with sentry_sdk.start_transaction(op="http.server", name="POST /pay"):
            try:
                pay(1234)
            except PaymentFailed:
                scope.add_attachment(bytes=b"cart: 2 pencils", filename="cart.txt", content_type="text/plain")
                sentry_sdk.capture_exception()
    sentry_sdk.flush(10)
    sentry_sdk.get_client().close()
    sentry_sdk.get_global_scope().set_client(None)


def pay(order: int) -> None:
    amount = 42
    try:
        json.loads('{"bank": oops}')
    except ValueError as error:
        raise PaymentFailed(f"payment of order {order} failed, {amount} EUR") from error


def dsn(server: Server) -> str:
    return f"{server.url.replace('://', f'://{KEY}@')}/1"


def send_envelope(server: Server, event: dict[str, Any]) -> None:
    event_id = event.setdefault("event_id", secrets.token_hex(16))
    header = {"event_id": event_id, "dsn": dsn(server)}
    lines = [json.dumps(one) for one in (header, {"type": "event"}, event)]
    with server.door(content_type="application/x-sentry-envelope") as door:
        answer = door.post("/api/1/envelope/", content="\n".join(lines))
        assert answer.status_code == 200, answer.text


def cart_error(
    *, release: str = "web@2.0.0", user: str = "bob", agent: str = FIREFOX, minified: bool = False
) -> dict[str, Any]:
    """As @sentry/browser tells of it; where its source maps were found, or, with `minified`, were not."""
    own = {
        "filename": "src/cart.ts",
        "abs_path": "https://shop.example/src/cart.ts",
        "function": "total",
        "lineno": 12,
        "colno": 27,
        "in_app": True,
        "pre_context": ["export function total(cart: Cart): number {", "  let sum = 0;"],
        "context_line": "  for (const line of cart.lines) sum += line.item.price;",
        "post_context": ["  return sum;", "}"],
    }
    library = {
        "filename": "node_modules/react-dom/client.js",
        "function": "callCallback",
        "context_line": "  callback.call(context);",
        "lineno": 99,
        "colno": 3,
        "in_app": False,
    }
    raw = {
        "filename": "https://shop.example/assets/index-4f2a.js",
        "function": "t",
        "lineno": 1,
        "colno": 5120,
        "in_app": True,
    }
    one: dict[str, Any] = {
        "type": "TypeError",
        "value": "Cannot read properties of undefined (reading 'price')",
        "mechanism": {"type": "auto.browser.global_handlers.onerror", "handled": False},
        "stacktrace": {"frames": [library, library, own]},
        "raw_stacktrace": {"frames": [{**raw, "colno": 7}, {**raw, "colno": 99}, raw]},
    }
    if minified:
        one["stacktrace"] = one.pop("raw_stacktrace")
    return {
        "platform": "javascript",
        "timestamp": time.time(),
        "release": release,
        "environment": "prod",
        "exception": {"values": [one]},
        "user": {"id": user},
        "tags": {"service": "web"},
        "request": {"url": "https://shop.example/cart?step=2", "headers": {"User-Agent": agent}},
        "contexts": {"browser": {"name": "Firefox", "version": "128.0"}, "os": {"name": "Linux"}},
        "breadcrumbs": {
            "values": [
                {"category": "ui.click", "message": "button#buy", "timestamp": time.time() - 3},
                {"category": "navigation", "data": {"from": "/", "to": "/cart"}, "timestamp": time.time() - 2},
                {"category": "console", "level": "warning", "message": "stock is low", "timestamp": time.time() - 1},
            ]
        },
        "sdk": {"name": "sentry.javascript.browser", "version": "10.40.0"},
    }


def boundary_crash() -> dict[str, Any]:
    """As @sentry/react tells of a crash that an error boundary caught: the components are a cause of it."""
    frames = [{"filename": "src/Basket.tsx", "function": "Basket", "lineno": 7, "in_app": True}]
    return {
        "platform": "javascript",
        "timestamp": time.time(),
        "exception": {
            "values": [
                {"type": "React ErrorBoundary Error", "value": "basket is broken", "stacktrace": {"frames": frames}},
                {
                    "type": "RangeError",
                    "value": "basket is broken",
                    "mechanism": {"type": "auto.function.react.error_boundary", "handled": True},
                    "stacktrace": {"frames": frames},
                },
            ]
        },
        "contexts": {"react": {"componentStack": "\n    at Basket\n    at App"}},
        "tags": {"service": "web"},
    }


def send_csp(server: Server) -> None:
    report = {
        "document-uri": "https://shop.example/",
        "effective-directive": "script-src",
        "blocked-uri": "https://x.test",
    }
    with server.door(key=None, content_type="application/csp-report") as door:
        answer = door.post("/api/1/security/", params={"sentry_key": KEY}, content=json.dumps({"csp-report": report}))
        assert answer.is_success, answer.text


def send_span(server: Server) -> None:
    """An exception that OpenTelemetry recorded on a span."""
    called = '  File "/app/stock.py", line 5, in reserve\n    raise KeyError("pencil")\n'
    stack = f"Traceback (most recent call last):\n{called}KeyError: 'pencil'\n"
    span = bodies.span(name="reserve stock")
    event = span.events.add(name="exception", time_unix_nano=time.time_ns())
    for name, value in (("type", "KeyError"), ("message", "'pencil'"), ("stacktrace", stack)):
        event.attributes.add(key=f"exception.{name}").value.string_value = value
    with server.door() as door:
        content = bodies.traces("stock", [span]).SerializeToString()
        assert door.post("/v1/traces", params={"wait": "visible"}, content=content).is_success


def send_line(server: Server) -> None:
    """A line of log with an exception in it."""
    line = {
        "timestamp": time.time_ns() // 1_000_000,
        "level": "error",
        "message": "mail was not sent",
        "service": "mailer",
        "exception.type": "SMTPException",
        "exception.message": "mailbox is full",
    }
    with server.door(content_type="application/x-ndjson") as door:
        assert door.post("/ingest/ndjson", params={"wait": "visible"}, content=json.dumps(line)).is_success
