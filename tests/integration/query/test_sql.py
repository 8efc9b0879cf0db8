"""SQL of users, asked from outside; what the fence refuses is in tests/unit/query/test_sql_fence.py."""

from tests import bodies
from tests.conftest import Server


def test_a_state_of_an_aggregate_says_how_it_is_read(server: Server) -> None:
    """`SELECT *` from a roll-up is a 400 that names the way; that way is answered."""
    with server.door() as door:
        body = bodies.traces("sql", [bodies.span()]).SerializeToString()
        assert door.post("/v1/traces", params={"wait": "visible"}, content=body).status_code == 200
    with server.api() as api:
        refused = api.post("/api/v1/sql", json={"query": "SELECT * FROM service_red"})
        assert refused.status_code == 400, refused.text
        assert "quantilesTDigestWeightedMerge" in refused.json()["error"]
        merged = "SELECT quantilesTDigestWeightedMerge(0.5, 0.95, 0.99)(Durations) FROM service_red"
        assert api.post("/api/v1/sql", json={"query": merged}).status_code == 200
