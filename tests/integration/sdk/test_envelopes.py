"""Answers to what goes wrong, from real servers, with one shape."""

import httpx
import pytest

from tests.eventually import eventually
from tests.integration.sdk.conftest import APPS, Process, Run, free_port
from tests.integration.sdk.heard import Heard

SERVERS = {
    "answering_fastapi": ("uvicorn", "--port"),
    "answering_starlette": ("uvicorn", "--port"),
    "answering_flask": ("gunicorn", "--bind"),
}


@pytest.fixture(params=sorted(SERVERS))
def app(request: pytest.FixtureRequest, run: Run) -> Process:
    module, option = SERVERS[request.param]
    port = free_port()
    where = str(port) if option == "--port" else f"127.0.0.1:{port}"
    return run(module, option, where, f"{APPS}.{request.param}:app", listens_at=port)


def test_what_goes_wrong_has_one_shape(app: Process, heard: Heard) -> None:
    """With the status that it is; a failure says the id under which it is found and nothing of itself."""
    expected = {
        "/limited": (429, "RATE_LIMITED", "slow down"),
        "/invalid": (400, "VALIDATION_ERROR", "no such size"),
        "/nowhere": (404, "NOT_FOUND", None),
    }
    for path, (status, code, message) in expected.items():
        answer = httpx.get(f"{app.url}{path}", headers={"x-request-id": "req-1"})
        said = answer.json()
        assert (answer.status_code, said["ok"], said["code"], said["request_id"]) == (status, False, code, "req-1")
        assert message in (None, said["message"])
    assert httpx.get(f"{app.url}/limited").headers["retry-after"] == "7"
    answer = httpx.get(f"{app.url}/broken", headers={"x-request-id": "req-2"})
    assert (answer.status_code, answer.headers["x-request-id"]) == (500, "req-2")
    said = answer.json()
    assert (said["code"], said["request_id"]) == ("INTERNAL_ERROR", "req-2")
    assert "basket" not in answer.text
    span = eventually(lambda: heard.spans("GET /broken"))[0]
    assert span.events[0]["exception.message"] == "the basket is broken"


def test_what_is_invalid_is_named_without_its_value(run: Run) -> None:
    port = free_port()
    app = run("uvicorn", "--port", str(port), f"{APPS}.answering_fastapi:app", listens_at=port)
    answer = httpx.get(f"{app.url}/sized/q1w2e3r4")
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
    assert answer.json()["message"].startswith("path.size: ")
    assert "q1w2e3r4" not in answer.text
