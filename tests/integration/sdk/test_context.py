"""Requests that spread over tasks, threads and pools, many at once: no line is told under another's ids."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.eventually import eventually
from tests.integration.sdk.conftest import APPS, Process, Run, free_port
from tests.integration.sdk.heard import Heard

REQUESTS = 40


def served_by_uvicorn(run: Run) -> Process:
    port = free_port()
    return run("uvicorn", f"{APPS}.spreading:app", "--port", str(port), listens_at=port)


def served_by_gunicorn(run: Run) -> Process:
    port = free_port()
    threads = ("--worker-class", "gthread", "--threads", "4")
    return run("gunicorn", f"{APPS}.spreading:flasked", "--bind", f"127.0.0.1:{port}", *threads, listens_at=port)


@pytest.mark.parametrize(
    ("served", "places"), [(served_by_uvicorn, 8), (served_by_gunicorn, 4)], ids=["FastAPI", "Flask"]
)
def test_no_line_is_told_under_the_ids_of_another_request(
    served: Callable[[Run], Process], places: int, run: Run, heard: Heard
) -> None:
    """Fields of Midwatch and of structlog, correlation and trace ids: in tasks, threads, pools, after the answer."""
    app = served(run)
    with httpx.Client() as client, ThreadPoolExecutor(8) as asking:

        def ask(number: int) -> int:
            headers = {"x-correlation-id": f"request-{number}"}
            return client.get(f"{app.url}/spread/{number}", headers=headers).status_code

        assert set(asking.map(ask, range(REQUESTS))) == {200}
    eventually(lambda: len(heard.lines("from")) == REQUESTS * places)
    lines = [*heard.lines("from"), *heard.lines("item")]
    traces: dict[int, set[str]] = {}
    for line in lines:
        told, number = line.attributes, line.attributes["wanted"]
        assert (told["correlation_id"], told["number"], told["tenant"]) == (f"request-{number}", number, number), line
        traces.setdefault(number, set()).add(line.trace_id)
    assert {len(found) for found in traces.values()} == {1}
    assert len(set.union(*traces.values())) == REQUESTS
    assert [one for one in heard.lines("item") if one.attributes["item"] != one.attributes["wanted_item"]] == []
    for one in heard.lines("request completed"):
        assert f"request-{one.attributes['number']}" == one.attributes["correlation_id"]
    for one in heard.spans("step items"):
        assert one.attributes["correlation_id"] == f"request-{one.attributes['number']}"
    assert [one.message for one in heard.lines() if one.level not in ("info", "debug", "warning")] == []
