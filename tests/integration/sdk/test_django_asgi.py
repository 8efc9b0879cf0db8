"""Django behind ASGI, served by uvicorn."""

import concurrent.futures
from collections.abc import Callable

import httpx

from tests.eventually import eventually
from tests.integration.sdk.conftest import Process, half_read
from tests.integration.sdk.heard import Heard

Serve = Callable[..., Process]
APP = "djangoed:asgi"


def test_requests_to_sync_and_async_views_keep_their_ids(serve: Serve, heard: Heard) -> None:
    app = serve(APP)

    def ask(number: int) -> int:
        path = f"items/{number}" if number % 2 else f"api/later/{number}"
        return httpx.get(f"{app.url}/{path}", headers={"x-request-id": f"r{number}"}).status_code

    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        assert set(threads.map(ask, range(20))) == {200}
    eventually(lambda: len(heard.lines("request completed")) == 20)
    assert len(heard.spans("GET /items/<str:item_id>")) == 10
    assert len(heard.spans("GET /api/later/<int:number>")) == 10
    for line in heard.lines("later"):
        assert line.attributes["request_id"] == f"r{line.attributes['number']}"
    for line in heard.lines("looked up"):
        assert line.attributes["request_id"] == f"r{line.attributes['item_id']}"
    done = [one.attributes for one in heard.lines("request completed")]
    assert {one["user_id"] for one in done if "user_id" in one} == {f"user-{n}" for n in range(1, 20, 2)}


def test_a_failure_is_a_500_with_its_exception_and_ids(serve: Serve, heard: Heard) -> None:
    app = serve(APP)
    answer = httpx.get(f"{app.url}/broken", headers={"x-request-id": "req-2"})
    assert (answer.status_code, answer.headers["x-request-id"]) == (500, "req-2")
    span = eventually(lambda: heard.spans("GET /broken"))[0]
    assert [one["exception.message"] for one in span.events] == ["no such item"]


def test_a_client_that_is_gone_is_told_and_no_error(serve: Serve, heard: Heard) -> None:
    app = serve(APP)
    with half_read(app.url, "/stream"):
        pass
    line = eventually(lambda: heard.lines("request completed"))[0]
    assert (line.level, line.attributes["client_gone"]) == ("info", True)
