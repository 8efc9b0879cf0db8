"""What comes with a key of another project is another's: found where it is asked for, and nowhere else."""

import json
import uuid

import httpx
from tests import bodies
from tests.conftest import Server
from tests.integration.query.conftest import now_ns

PROJECT = {"project": 7}


def key_of_project(server: Server) -> str:
    with server.api() as api:
        made = api.post("/api/v1/keys", json={"name": f"p{uuid.uuid4().hex[:6]}", "environment": "apart", **PROJECT})
    key: str = made.json()["key"]
    return key


def test_a_project_is_asked_for_by_its_number(server: Server) -> None:
    """Logs, traces, services, environments, fields, Jaeger's routes: each has it with `project=7`, and not without."""
    name, trace_id, now = f"apart{uuid.uuid4().hex[:8]}", uuid.uuid4().bytes, now_ns()
    span = bodies.span(trace_id=trace_id, start_time_unix_nano=now, end_time_unix_nano=now + 10**6)
    headers = {"authorization": f"Bearer {key_of_project(server)}"}
    with httpx.Client(base_url=server.url, headers=headers, params={"wait": "visible"}, timeout=60) as door:
        line = json.dumps({"message": name, "service": name, "only_apart": 1})
        assert door.post("/ingest/ndjson", content=line).status_code == 200
        traces = bodies.traces(name, [span]).SerializeToString()
        protobuf = {"content-type": "application/x-protobuf"}
        assert door.post("/v1/traces", content=traces, headers=protobuf).status_code == 200
    with server.api() as api:

        def has(path: str, what: str, **asked: str) -> tuple[bool, bool]:
            inside, outside = (api.get(path, params={**asked, **project}) for project in (PROJECT, {}))
            assert inside.status_code == 200, inside.text
            return what in inside.text, what in outside.text

        for path in ("/api/v1/logs", "/api/v1/logs/export", "/api/v1/traces"):
            assert has(path, name, query=f"service:{name}") == (True, False), path
        for path in ("/api/v1/services", f"/api/v1/services/{name}", "/api/v1/service-map"):
            assert has(path, f'"{name}"') == (True, False), path
        assert has("/api/v1/logs/histogram", '"total":1', query=f"service:{name}") == (True, False)
        for path in ("services", f"services/{name}/operations", "v3/services", f"traces/{trace_id.hex()}"):
            assert has(f"/jaeger/api/{path}", span.name if "operations" in path else name) == (True, False), path
        assert has("/jaeger/api/operations", span.name, service=name) == (True, False)
        assert has("/jaeger/api/v3/operations", span.name, service=name) == (True, False)
        assert has("/jaeger/api/traces", name, service=name) == (True, False)
        since = {"query.serviceName": name, "query.startTimeMin": "now-1h"}
        assert has("/jaeger/api/v3/traces", span.name, **since) == (True, False)
        assert has("/api/v1/environments", '"apart"') == (True, False)
        assert has("/api/v1/fields", "only_apart") == (True, False)
        assert has(f"/api/v1/traces/{trace_id.hex().upper()}", name) == (True, False)
        assert has(f"/api/v1/traces/{trace_id.hex()}/spans/{span.span_id.hex()}", name) == (True, False)
        (row,) = api.get("/api/v1/logs", params={"query": name, **PROJECT}).json()["rows"]
        assert has(f"/api/v1/logs/{row['id']}", name) == (True, False)
        assert has(f"/api/v1/logs/{row['id']}/context", name) == (True, False)
        assert api.get("/api/v1/logs", params={"project": 0}).status_code == 422
