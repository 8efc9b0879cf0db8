"""What keeps other sites, and scripts in ours, from using a signed-in browser."""

import httpx
import pytest
from fastapi import APIRouter
from tests.conftest import Server
from tests.integration.auth.asking import COOKIE, CSRF, ask, new_link, new_session
from tests.integration.auth.routes import MAIN, Needs

from midwatch.server.http.api import build_api
from midwatch.server.http.errors import counted_refusals
from midwatch.server.model.actor import Role

CHANGES = [line for line, needs in MAIN.items() if isinstance(needs, Needs) and not line.startswith("GET ")]
POLICY = {
    "default-src": "'self'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data:",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "object-src": "'none'",
}


@pytest.fixture(scope="module")
def admin(server: Server) -> dict[str, str]:
    """The cookie of an admin."""
    return new_session(server, Role.ADMIN)


@pytest.mark.parametrize("line", CHANGES)
@pytest.mark.parametrize(
    "sent",
    [{}, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "cross-site", **CSRF}],
    ids=["no header of ours", "from another site", "from another site with our header"],
)
def test_no_other_site_can_change_anything(
    server: Server, admin: dict[str, str], line: str, sent: dict[str, str]
) -> None:
    """An admin's cookie alone is a 403 that says why, at every route that changes something; not so with our header."""
    with httpx.Client(base_url=server.url, timeout=30) as client:
        refused = ask(client, line, admin | sent)
        assert refused.status_code == 403
        if line.startswith("POST /loki/") or " /alertmanager/" in line:  # whose refusals are a text
            assert "x-midwatch-csrf" in refused.text
        else:
            assert refused.json()["code"] == "csrf"
        assert ask(client, line, admin | CSRF | {"sec-fetch-site": "same-origin"}).status_code != 403


def test_no_other_site_can_sign_anybody_in_or_out(server: Server) -> None:
    """A form sends text and no cookie: nobody is signed in by it, no session ends, the browser keeps its cookie."""
    session = new_session(server, Role.VIEWER)
    with httpx.Client(base_url=server.url) as client:
        body = f'{{"token": "{new_link(server, Role.VIEWER)}"}}'
        for content_type in ("text/plain", "application/x-www-form-urlencoded"):
            form = client.post("/api/v1/auth/link", content=body, headers={"content-type": content_type})
            assert (form.status_code, "set-cookie" in form.headers) == (422, False)
        assert client.post("/api/v1/auth/logout", headers=session).json()["code"] == "csrf"
        assert "set-cookie" not in client.post("/api/v1/auth/logout").headers
        assert client.get("/api/v1/auth/me", headers=session).status_code == 200
        out = client.post("/api/v1/auth/logout", headers=session | CSRF)
        assert out.headers["set-cookie"].startswith(f'{COOKIE}=""')
        assert client.get("/api/v1/auth/me", headers=session).status_code == 401


def test_the_cookie_is_for_browsers_alone(server: Server) -> None:
    """No script reads it, no other site sends it with a change; without TLS it is not `Secure`, or it would be lost."""
    with httpx.Client(base_url=server.url) as browser:
        answer = browser.post("/api/v1/auth/link", json={"token": new_link(server, Role.VIEWER)})
    name, *flags = answer.headers["set-cookie"].split("; ")
    assert name.startswith(f"{COOKIE}=")
    assert {flag.lower() for flag in flags if not flag.startswith("Max-Age")} == {"httponly", "samesite=lax", "path=/"}


def assert_defended(answer: httpx.Response) -> None:
    """Every header that a browser heeds is there, once."""
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy == POLICY
    expected = {
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "x-frame-options": "DENY",
        "cross-origin-opener-policy": "same-origin",
    }
    assert {name: answer.headers[name] for name in expected} == expected
    assert "access-control-allow-origin" not in answer.headers


def test_every_answer_to_a_browser_is_defended(server: Server, admin: dict[str, str]) -> None:
    """The page, its files, the API, and what each says when it refuses."""
    asked = {
        "/": 200,
        "/logs?query=x": 200,
        "/api/v1/services": 200,
        "/api/v1/openapi.json": 200,
        "/api/v1/logs/tail": 200,
        "/api/v1/logs?query=%22": 400,
        "/api/v1/logs?limit=x": 422,
        "/api/v1/nothing": 404,
        "/api/v1/sql": 405,
        "/assets/nothing.js": 404,
        "/jaeger/api/services": 200,
        "/health": 200,
        "/metrics": 200,
    }
    browser = admin | {"accept": "text/html,*/*;q=0.8"}
    with httpx.Client(base_url=server.url, headers=browser, timeout=30) as client:
        page = client.get("/").text
        script = page.partition('src="')[2].partition('"')[0]
        asked[script] = 200
        for path, status in asked.items():
            answer = ask(client, f"GET {path}", {})
            assert answer.status_code == status, path
            assert_defended(answer)
            if path.startswith(("/api/", "/jaeger/")):
                assert answer.headers["cache-control"] in {"no-store", "no-cache"}, path
        assert script.startswith("/assets/")
        client.headers.pop("cookie")
        assert_defended(client.get("/api/v1/services"))


async def test_a_bug_is_answered_like_the_rest() -> None:
    """What nobody expected is a 500 with the same headers, the request's id, and nothing of the error itself."""
    router = APIRouter()

    @router.get("/api/v1/bug")
    async def bug() -> None:
        raise RuntimeError("secret")

    transport = httpx.ASGITransport(
        build_api(doors=[], routers=[router], refused=counted_refusals()),
        raise_app_exceptions=False,
    )
    async with httpx.AsyncClient(transport=transport, base_url="http://midwatch") as client:
        answer = await client.get("/api/v1/bug")
    assert answer.status_code == 500
    assert_defended(answer)
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert "secret" not in answer.text
