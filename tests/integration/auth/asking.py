"""Asking a server as somebody: sessions of users made for it, and calls that change nothing."""

import re
import uuid

import httpx
from tests.conftest import Server

from midwatch.server.model.actor import Role

CSRF = {"x-midwatch-csrf": "1"}
COOKIE = "midwatch_session"


def new_link(server: Server, role: Role) -> str:
    """The secret of a sign-in link of a new user."""
    with server.api() as api:
        made = api.post("/api/v1/users", json={"email": f"{uuid.uuid4().hex}@example.com", "role": role.label})
        return str(made.json()["signin_link"]).partition("token=")[2]


def new_session(server: Server, role: Role) -> dict[str, str]:
    """The cookie of a new user who is signed in, as a header."""
    with httpx.Client(base_url=server.url) as browser:
        browser.post("/api/v1/auth/link", json={"token": new_link(server, role)}).raise_for_status()
        return {"cookie": f"{COOKIE}={browser.cookies[COOKIE]}"}


def ask(client: httpx.Client, line: str, headers: dict[str, str]) -> httpx.Response:
    """Call a route with ids of nothing and an empty object, so that who may come in changes nothing there."""
    method, path = line.split(" ")
    path = re.sub(r"{(\w+)[^}]*}", lambda found: "0" * (16 if found[1] == "span_id" else 32), path)
    body = {} if method in {"GET", "OPTIONS", "DELETE"} else {"json": {}}
    with client.stream(method, path, headers=headers, **body) as answer:  # type: ignore[arg-type]
        if answer.status_code >= 400:
            answer.read()
        return answer
