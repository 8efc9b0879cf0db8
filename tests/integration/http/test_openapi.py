"""The API does what its OpenAPI says."""

from pathlib import Path

import httpx
import pytest
from tests.browser.conftest import send_visits
from tests.conftest import Server
from tests.openapi import explore

SECONDS = 60


@pytest.mark.timeout(SECONDS + 90)
def test_the_api_is_as_described(own_server: Server, tmp_path: Path) -> None:
    """No 5xx, and no answer that the description does not have, over every operation with data in the store."""
    send_visits(own_server, 5)
    explore(own_server, tmp_path, seconds=SECONDS, examples=5, seed=1)
    with own_server.api() as api:
        assert api.get("/api/v1/services").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/api/v1/sql", "POST"),
        ("PUT", "/api/v1/keys", "GET, POST"),
        ("OPTIONS", f"/api/v1/users/{'0' * 32}", "DELETE, PATCH"),
        ("GET", "/api/v1/auth/login", "POST"),
        ("DELETE", "/api/v1/system/retention", "GET, PUT"),
    ],
)
def test_another_method_is_405_and_names_those_there_are(server: Server, method: str, path: str, allowed: str) -> None:
    """All of them, also where each has a route of its own; a path of no route stays a 404."""
    with server.api() as api:
        answer = api.request(method, path)
        assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
        assert answer.json()["code"] == "method_not_allowed"
        assert api.get("/api/v1/nothing").status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("PUT", "/api/v1/system/retention", {"traces": -1, "logs": 0, "metrics": 0}, "traces"),
        ("PUT", "/api/v1/system/retention", {"traces": 1e308, "logs": 0, "metrics": 0}, "traces"),
        ("PUT", "/api/v1/system/retention", {"traces": True, "logs": 0, "metrics": 0}, "traces"),
        ("POST", "/api/v1/keys", {"name": "k", "items_per_second": 1 << 70}, "items_per_second"),
        ("POST", "/api/v1/keys", {"name": "k", "origins": ["x" * 1000]}, "origins"),
        ("POST", "/api/v1/tokens", {"name": "t", "expires_days": "7"}, "expires_days"),
    ],
)
def test_a_value_out_of_bounds_is_named(server: Server, method: str, path: str, body: object, field: str) -> None:
    """422 with the field's name, and nothing changed."""
    with server.api() as api:
        before = api.get(path).json()
        answer: httpx.Response = api.request(method, path, json=body)
        assert (answer.status_code, field in answer.json()["error"]) == (422, True), answer.text
        assert api.get(path).json() == before


def test_the_root_is_the_page_for_everybody(server: Server) -> None:
    """For `curl` and uptime checks too, which take anything; other addresses only for who wants HTML."""
    with server.api(token=None) as anybody:
        root = anybody.get("/", headers={"accept": "*/*"})
        assert root.headers["content-type"].startswith("text/html")
        assert anybody.get("/logs", headers={"accept": "application/json"}).status_code == 404
