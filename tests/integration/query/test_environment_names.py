"""The plan's names of environments, over data that is there already."""

import json
import uuid

from tests import bodies
from tests.conftest import Server
from tests.integration.query.conftest import now_ns

PLAN = """
environments:
  production: {default: true, aliases: [prod, live]}
  dev: {}
"""


def test_one_environment_under_all_of_its_names(own_server: Server) -> None:
    """Once the plan says so, `production` finds what was sent as `prod` and `live`, everywhere, and is listed once."""
    service = f"named{uuid.uuid4().hex[:8]}"
    with own_server.door(content_type="application/x-ndjson") as lines, own_server.door() as door:
        for name in ("production", "prod", "live", "dev"):
            line = json.dumps({"message": name, "service": service, "env": name})
            assert lines.post("/ingest/ndjson", params={"wait": "visible"}, content=line).status_code == 200
            span = bodies.span(start_time_unix_nano=now_ns(), end_time_unix_nano=now_ns() + 10**6)
            traces = bodies.traces(service, [span], **{"deployment.environment.name": name}).SerializeToString()
            assert door.post("/v1/traces", params={"wait": "visible"}, content=traces).status_code == 200
    with own_server.api() as api:

        def found(env: str) -> tuple[set[str], int, float]:
            lines = api.get("/api/v1/logs", params={"env": env}).json()["rows"]
            traces = api.get("/api/v1/traces", params={"env": env}).json()["traces"]
            services = api.get("/api/v1/services", params={"env": env}).json()["services"]
            return {line["body"] for line in lines}, len(traces), services[0]["requests"]

        assert found("production") == ({"production"}, 1, 1)
        assert api.get("/api/v1/environments").json()["environments"] == ["dev", "live", "prod", "production"]
        assert api.post("/api/v1/plan/apply", json={"files": {"midwatch.yml": PLAN}}).json()["applied"]
        for name in ("production", "prod", "live"):
            assert found(name) == ({"production", "prod", "live"}, 3, 3), name
        assert found("dev") == ({"dev"}, 1, 1)
        assert api.get("/api/v1/environments").json()["environments"] == ["production", "dev"]
