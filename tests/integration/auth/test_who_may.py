"""Who may do what, by named actors: viewer Vera, editor Edgar, engineer Ines, admin Ada, nobody, and an ingest key."""

from collections.abc import Iterator

import httpx
import pytest
from tests.conftest import KEY, Server

ACTORS = {"vera": "viewer", "edgar": "editor", "ines": "engineer", "ada": "admin"}
RANK = list(ACTORS.values())
ROUTES = [
    ("GET", "/api/v1/logs", None, "viewer"),
    ("GET", "/api/v1/traces", None, "viewer"),
    ("GET", "/api/v1/services", None, "viewer"),
    ("GET", "/api/v1/system/status", None, "viewer"),
    ("GET", "/api/v1/plan", None, "viewer"),
    ("GET", "/jaeger/api/services", None, "viewer"),
    ("GET", "/api/v1/keys", None, "editor"),
    ("POST", "/api/v1/sql", {"query": "SELECT 1"}, "engineer"),
    ("GET", "/api/v1/users", None, "admin"),
    ("GET", "/api/v1/tokens", None, "admin"),
    ("GET", "/api/v1/audit", None, "admin"),
    ("POST", "/api/v1/keys", {"name": "k"}, "admin"),
    ("POST", "/api/v1/system/backups", None, "admin"),
    ("PUT", "/api/v1/system/retention", {"traces": 0, "logs": 0, "metrics": 0}, "admin"),
]


@pytest.fixture(scope="module")
def tokens(server: Server) -> dict[str, str]:
    """An API token for each actor, with every scope."""
    made = {}
    with server.api() as api:
        for name, role in ACTORS.items():
            body = {"name": name, "role": role, "scopes": ["read", "write", "admin"]}
            made[name] = api.post("/api/v1/tokens", json=body).json()["token"]
    return made


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One that is stopped in between, and has no users but its first."""
    started = Server(tmp_path_factory.mktemp("alone")).start()
    yield started
    started.stop()


@pytest.mark.parametrize(("method", "path", "body", "needed"), ROUTES)
def test_each_route_asks_for_its_role(
    server: Server, tokens: dict[str, str], method: str, path: str, body: object, needed: str
) -> None:
    """A role passes when it is at least the one needed; the refusal names it. Nobody and ingest keys get nothing."""
    for name, role in ACTORS.items():
        with server.api(tokens[name]) as api:
            answer = api.request(method, path, json=body)
        if RANK.index(role) >= RANK.index(needed):
            assert answer.is_success, (name, answer.text)
        else:
            assert answer.status_code == 403, name
            assert needed in answer.json()["error"]
    with server.api(None) as api:
        assert api.request(method, path, json=body).status_code == 401
    with server.api(KEY) as api:
        refused = api.request(method, path, json=body)
    assert refused.status_code == 403
    assert "write and never read" in refused.json()["error"]


def test_a_read_token_of_an_admin_changes_nothing(server: Server) -> None:
    """Scopes bound a token below its role."""
    with server.api() as api:
        token = api.post("/api/v1/tokens", json={"name": "r", "role": "admin", "scopes": ["read"]}).json()["token"]
    with server.api(token) as api:
        assert api.get("/api/v1/users").status_code == 200
        assert api.post("/api/v1/keys", json={"name": "k"}).status_code == 403


def test_a_token_is_shown_with_its_owner_and_goes_with_them(server: Server) -> None:
    """Made with a cookie it is the user's: the list says so; made less, disabled and removed, it follows at once."""
    csrf = {"x-midwatch-csrf": "1"}
    with server.api() as api:
        made = api.post("/api/v1/users", json={"email": "otto@example.com", "role": "admin"}).json()
        with httpx.Client(base_url=server.url) as browser:
            browser.post("/api/v1/auth/link", json={"token": made["signin_link"].partition("token=")[2]})
            body = {"name": "otto's", "role": "admin", "scopes": ["read", "admin"]}
            token = browser.post("/api/v1/tokens", json=body, headers=csrf).json()
        owners = {row["name"]: row["owner"] for row in api.get("/api/v1/tokens").json()["tokens"]}
        assert (owners["otto's"], owners["MIDWATCH_API_TOKEN"]) == ("otto@example.com", None)
        with server.api(token["token"]) as his:
            assert his.get("/api/v1/users").status_code == 200
            for change, users, me in (
                ({"role": "editor"}, 403, 200),
                ({"disabled": True}, 401, 401),
                ({"disabled": False}, 403, 200),
            ):
                assert api.patch(f"/api/v1/users/{made['id']}", json=change).status_code == 200
                assert (his.get("/api/v1/users").status_code, his.get("/api/v1/auth/me").status_code) == (users, me)
            assert api.delete(f"/api/v1/users/{made['id']}").status_code == 204
            assert his.get("/api/v1/auth/me").status_code == 401


def test_signing_in_by_link_password_and_out(server: Server) -> None:
    """A link works once; a cookie changes things only with our header; signing out ends it."""
    with server.api() as api:
        made = api.post("/api/v1/users", json={"email": "Nora@example.com", "role": "admin"}).json()
    link = made["signin_link"].partition("token=")[2]
    with httpx.Client(base_url=server.url) as browser:
        assert browser.post("/api/v1/auth/link", json={"token": link}).json()["must_set_password"]
        assert browser.post("/api/v1/auth/link", json={"token": link}).status_code == 401
        new = {"new_password": "a long enough password"}
        assert browser.post("/api/v1/auth/password", json=new).status_code == 403
        csrf = {"x-midwatch-csrf": "1"}
        assert browser.post("/api/v1/auth/password", json=new, headers=csrf).status_code == 204
        assert browser.get("/api/v1/auth/me").json()["email"] == "nora@example.com"
        assert browser.post("/api/v1/auth/logout", headers=csrf).status_code == 204
        assert browser.get("/api/v1/auth/me").status_code == 401
        login = {"email": "nora@example.com", "password": "a long enough password"}
        assert browser.post("/api/v1/auth/login", json=login).status_code == 200
    with server.api() as api:
        assert api.patch(f"/api/v1/users/{made['id']}", json={"disabled": True}).status_code == 200
        noted = [entry for entry in api.get("/api/v1/audit").json()["entries"] if entry["target"] == "nora@example.com"]
    assert {"user.create", "user.password", "user.change", "session.start"} <= {entry["action"] for entry in noted}
    assert {entry["address"] for entry in noted} == {"127.0.0.1"}, "every act says where it came from"


def test_a_keys_limits_are_in_the_audit_log(server: Server) -> None:
    """Whoever reads later what a key was made for sees what it was bound to."""
    asked = {"name": "bounded", "environment": "staging", "origins": ["https://a.example"], "items_per_second": 7}
    with server.api() as api:
        assert api.post("/api/v1/keys", json=asked).status_code == 201
        (noted,) = [one for one in api.get("/api/v1/audit").json()["entries"] if one["target"] == "bounded"]
    assert noted["action"] == "key.create"
    assert noted["details"] == {"project": 1, **{name: asked[name] for name in asked if name != "name"}}


def test_guessing_is_slowed_down(server: Server) -> None:
    """After some failures the account has to wait, and right and unknown accounts are answered alike."""
    with httpx.Client(base_url=server.url) as browser:
        answers = [
            browser.post("/api/v1/auth/login", json={"email": "mallory@example.com", "password": f"guess {attempt}"})
            for attempt in range(8)
        ]
    assert answers[0].status_code == 401
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) >= 1


def test_a_restart_does_not_let_guessing_begin_anew(alone: Server) -> None:
    """Failures are kept where the users are: after a restart there is one try at most before the next wait."""

    def tries() -> list[int]:
        with httpx.Client(base_url=alone.url) as browser:
            body = {"email": "mallory@example.com", "password": "a guess"}
            return [browser.post("/api/v1/auth/login", json=body).status_code for _ in range(8)]

    assert tries()[-1] == 429
    alone.stop()
    alone.start()
    assert tries().count(401) <= 1


def test_the_last_admin_stays(alone: Server) -> None:
    """Nobody can lock everybody out."""
    with alone.api() as api:
        admin = api.get("/api/v1/users").json()["users"][0]
        assert api.patch(f"/api/v1/users/{admin['id']}", json={"role": "viewer"}).status_code == 409
        assert api.delete(f"/api/v1/users/{admin['id']}").status_code == 409


def test_a_revoked_key_is_refused(server: Server) -> None:
    """From the answer on, nothing more is taken under it."""
    with server.api() as api:
        made = api.post("/api/v1/keys", json={"name": "short-lived"}).json()
        with server.door(made["key"], "application/x-ndjson") as door:
            assert door.post("/ingest/ndjson", content="hello").status_code == 200
            assert api.delete(f"/api/v1/keys/{made['id']}").status_code == 204
            assert door.post("/ingest/ndjson", content="hello").status_code == 401
