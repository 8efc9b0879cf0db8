"""The API does what its OpenAPI says."""

from pathlib import Path

import httpx
import pytest
from tests.browser.conftest import send_visits
from tests.conftest import Server
from tests.openapi import explore

SECONDS = 15
"""For every operation a few times; `make fuzz` takes five minutes over it."""


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


@pytest.mark.parametrize("path", ["/", "/v1/trace", "/v1/traces/", "/ingest", "/api/v2/logs", "/logs"])
def test_data_for_no_door_is_404_and_names_the_doors(server: Server, path: str) -> None:
    """A mistyped address, and a base address where a signal's was asked for."""
    with server.door() as door:
        answer = door.post(path, content=b"{}")
    assert answer.status_code == 404
    assert f"cannot find {path}: data is taken at POST /v1/traces" in answer.json()["error"]
    assert "allow" not in answer.headers


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("PUT", "/api/v1/system/retention", {"traces": -1, "logs": 0, "metrics": 0}, "traces"),
        ("PUT", "/api/v1/system/retention", {"traces": 1e308, "logs": 0, "metrics": 0}, "traces"),
        ("PUT", "/api/v1/system/retention", {"traces": True, "logs": 0, "metrics": 0}, "traces"),
        ("POST", "/api/v1/keys", {"name": "k", "items_per_second": 1 << 70}, "items_per_second"),
        ("POST", "/api/v1/keys", {"name": "k", "origins": ["x" * 1000]}, "origins"),
        (
            "POST",
            "/api/v1/keys",
            {"name": "k", "origins": ["shop.example"]},
            "origins.0: expected https://shop.example",
        ),
        ("POST", "/api/v1/keys", {"name": "k", "origins": ["https://shop.example/page"]}, "origins"),
        ("POST", "/api/v1/keys", {"name": "k", "origins": ["https://*.example"]}, "origins"),
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


def test_a_body_without_its_type_says_what_is_missing(server: Server) -> None:
    """As `curl -d` sends it."""
    with server.api() as api:
        answer = api.post(
            "/api/v1/sql",
            content='{"query": "SELECT 1"}',
            headers={"content-type": "application/x-www-form-urlencoded"},
        )
    assert answer.status_code == 422
    assert answer.json()["error"] == "body: expected a JSON object, with the header content-type: application/json"


def test_origins_are_kept_as_browsers_send_them(server: Server) -> None:
    """What people copy from an address bar would match nothing."""
    copied = [
        "https://Shop.Example/",
        "http://localhost:80",
        "https://[2001:DB8::1]:8443",
        "capacitor://localhost",
        "*",
    ]
    with server.api() as api:
        made = api.post("/api/v1/keys", json={"name": "browser", "origins": copied})
    assert made.json()["origins"] == [
        "https://shop.example",
        "http://localhost",
        "https://[2001:db8::1]:8443",
        "capacitor://localhost",
        "*",
    ]


@pytest.mark.parametrize("path", ["/", "/health", "/ready"])
def test_head_is_answered_as_get_without_a_body(server: Server, path: str) -> None:
    """It is what many uptime checks ask by default."""
    with server.api(token=None) as anybody:
        head, get = anybody.head(path), anybody.get(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == get.headers["content-type"]


def test_the_root_is_the_page_for_everybody(server: Server) -> None:
    """For `curl` and uptime checks too, which take anything; other addresses only for who wants HTML."""
    with server.api(token=None) as anybody:
        root = anybody.get("/", headers={"accept": "*/*"})
        assert root.headers["content-type"].startswith("text/html")
        assert anybody.get("/logs", headers={"accept": "application/json"}).status_code == 404
