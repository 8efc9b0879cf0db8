"""What official SDKs send besides errors, through the real door: found among traces, logs, metrics and sessions."""

import os
import secrets
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.conftest import KEY, Server
from tests.eventually import eventually
from tools import npm

pytestmark = pytest.mark.thorough

APP = Path(__file__).parent / "python_app.py"
CLIENTS = Path(__file__).parents[1] / "clients" / "node"
SECONDS = 60.0


def dsn(server: Server) -> str:
    return f"{server.url.replace('://', f'://{KEY}@')}/1"


def run(command: list[str], folder: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(
        command, check=False, cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS
    )
    assert done.returncode == 0, done.stderr


def spans_of(api: httpx.Client, trace_id: str, count: int) -> list[dict[str, Any]]:
    def found() -> list[dict[str, Any]] | None:
        answer = api.get(f"/api/v1/traces/{trace_id}")
        spans = answer.json().get("spans", [])
        return spans if len(spans) >= count else None

    return eventually(found, seconds=SECONDS)


def detail(api: httpx.Client, trace_id: str, span: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = api.get(f"/api/v1/traces/{trace_id}/spans/{span['span_id']}").json()
    return found


def lines_of(api: httpx.Client, query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = eventually(
        lambda: api.get("/api/v1/logs", params={"query": query}).json()["rows"], seconds=SECONDS
    )
    return found


def value_of(api: httpx.Client, query: str) -> float:
    def found() -> float | None:
        answer = api.get("/prometheus/api/v1/query", params={"query": query})
        result = answer.json()["data"]["result"]
        return float(result[0]["value"][1]) if result else None

    return eventually(found, seconds=SECONDS)


def test_a_request_of_fastapi_is_a_trace_with_its_log_its_metrics_and_its_session(server: Server) -> None:
    """It goes on with the browser's trace, of which one in four is taken: it stands for four requests."""
    service, trace_id = f"api-{secrets.token_hex(4)}", secrets.token_hex(16)
    run(
        [sys.executable, str(APP)],
        APP.parent,
        {**os.environ, "DSN": dsn(server), "SERVICE": service, "TRACE": trace_id},
    )
    with server.api() as api:
        spans = spans_of(api, trace_id, 2)
        root = next(one for one in spans if one["kind"] == "server")
        assert (root["name"], root["service"]) == ("GET /orders/{order_id}", service)
        assert root["parent_span_id"] == "a" * 16
        told = detail(api, trace_id, root)
        assert told["attributes"]["http.route"] == "/orders/{order_id}"
        assert told["attributes"]["user.id"] == "u-9"
        assert told["attributes"]["http.response.status_code"] == 200
        assert told["resource"]["service.version"] == "api@2.1"
        assert told["resource"]["deployment.environment.name"] == "staging"
        assert told["weight"] == pytest.approx(4.0)
        query = next(one for one in spans if one["name"] == "SELECT books")
        assert detail(api, trace_id, query)["attributes"]["db.system.name"] == "postgresql"

        (line,) = lines_of(api, f'service:{service} "only 2 left"')
        assert (line["trace_id"], line["level"]) == (trace_id, "warn")
        assert line["span_id"] in {one["span_id"] for one in spans}
        assert value_of(api, f'sum(increase(orders_taken_total{{job="{service}",kind="book"}}[1h]))') == 3.0
        weight = value_of(api, f'histogram_quantile(0.5, increase({{"orders.weight",job="{service}"}}[1h]))')
        assert weight == pytest.approx(12.5, rel=0.03)
        calls = f'sum(increase(traces_span_metrics_calls_total{{job="{service}",span_kind="SPAN_KIND_SERVER"}}[1h]))'
        assert value_of(api, calls) == pytest.approx(4.0)
        sessions = lines_of(api, 'event:sentry.session service.version:"api@2.1"')
        assert sum(one["attributes"]["session.count"] for one in sessions) >= 1


@pytest.mark.node
@pytest.mark.xdist_group("node")
def test_a_program_on_node_is_one_trace_with_its_log_and_metric(server: Server) -> None:
    service = f"node-{secrets.token_hex(4)}"
    environment = npm.node_environment()
    npm.install_packages(CLIENTS, environment)
    node = shutil.which("node", path=environment["PATH"])
    assert node is not None
    more = {"DSN": dsn(server), "SERVICE": service}
    run([node, "--import", "@sentry/node/import", "sentry-telemetry.mjs"], CLIENTS, {**environment, **more})
    with server.api() as api:
        (line,) = lines_of(api, f'service:{service} "stock is low"')
        assert line["attributes"]["left"] == 2
        spans = spans_of(api, line["trace_id"], 3)
        names = {(one["name"], one["kind"]) for one in spans}
        assert names == {("order books", "internal"), ("GET 127.0.0.1", "client"), ("GET", "server")}
        served = next(one for one in spans if one["kind"] == "server")
        assert served["span_id"] == line["span_id"]
        assert detail(api, line["trace_id"], served)["attributes"]["url.path"] == "/orders/42"
        assert value_of(api, f'sum(increase(orders_total{{job="{service}",kind="book"}}[1h]))') == 2.0


def test_reports_feedback_and_sessions_are_found_where_they_belong(server: Server) -> None:
    """As older SDKs send them, in one envelope with an item that is none, which costs the others nothing."""
    sid, event = secrets.token_hex(16), secrets.token_hex(16)
    lost = '{"discarded_events":[{"reason":"queue_overflow","category":"error","quantity":7}]}'
    items = [
        ('{"type":"session"}', f'{{"sid":"{sid}","did":"u","init":true,"started":"{_now()}","status":"crashed"}}'),
        ('{"type":"user_report"}', f'{{"event_id":"{event}","name":"Ann","comments":"It {sid} broke"}}'),
        ('{"type":"client_report"}', lost),
        ('{"type":"transaction"}', '{"contexts":{}}'),
    ]
    body = "\n".join(["{}", *(part for item in items for part in item)])
    with httpx.Client() as client:
        answer = client.post(f"{server.url}/api/1/envelope/", params={"sentry_key": KEY}, content=body)
    assert answer.status_code == 200, answer.text
    with server.api() as api:
        (session,) = lines_of(api, f"event:sentry.session session.id:{sid}")
        assert session["attributes"]["session.status"] == "crashed"
        (feedback,) = lines_of(api, f"event:user.feedback sentry.event_id:{event}")
        assert feedback["body"] == f"It {sid} broke"
        query = 'sum(increase(sentry_client_discarded_total{reason="queue_overflow",category="error"}[1h]))'
        assert value_of(api, query) == 7.0


def _now() -> str:
    return datetime.now(UTC).isoformat()
