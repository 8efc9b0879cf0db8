"""A query parameter that a route does not have is refused: a misspelled filter must not answer everything."""

import pytest
from tests.conftest import Server


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/api/v1/logs?service=api", "service: expected one of cursor, end, env, limit, order, project, query, start"),
        ("/api/v1/traces?environment=prod", "did you mean env?"),
        ("/api/v1/services?strat=now-1h", "did you mean start?"),
        ("/api/v1/logs/facets?query=a&field=level", "did you mean fields?"),
        ("/api/v1/system/status?verbose=1", "verbose: this route has no parameters"),
    ],
)
def test_unknown_ones_are_named_with_those_that_there_are(server: Server, path: str, says: str) -> None:
    with server.api() as api:
        answer = api.get(path)
    assert answer.status_code == 400, answer.text
    assert says in answer.json()["error"]


def test_other_products_clients_may_send_what_they_like(server: Server) -> None:
    """Jaeger's UI and Grafana send parameters that are theirs alone."""
    with server.api() as api:
        assert api.get("/jaeger/api/services", params={"_": "1", "raw": "true"}).status_code == 200
