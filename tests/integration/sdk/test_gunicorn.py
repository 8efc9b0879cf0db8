"""An app that is loaded once and served by two forked workers."""

import concurrent.futures

import httpx

from tests.eventually import eventually
from tests.integration.sdk.conftest import APPS, Run, free_port
from tests.integration.sdk.heard import Heard

REQUESTS = 60


def test_both_workers_send_and_their_sums_are_true(run: Run, heard: Heard) -> None:
    """Each is an instance of its own, so that the counters of one do not replace those of the other."""
    port = free_port()
    app = run(
        "gunicorn",
        "--preload",
        "--workers=2",
        f"--bind=127.0.0.1:{port}",
        f"{APPS}.flasked:app",
        listens_at=port,
        OTEL_METRIC_EXPORT_INTERVAL="60000",
    )

    def ask(number: int) -> int:
        return httpx.get(f"{app.url}/items/{number}").status_code

    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        assert set(threads.map(ask, range(REQUESTS))) == {200}

    def both_were_asked() -> bool:
        ask(0)
        return len({one.resource["service.instance.id"] for one in heard.spans()}) == 2

    eventually(both_were_asked)
    assert app.stop() == 0, app.output()
    served = heard.spans("GET /items/<item_id>")
    assert len(served) >= REQUESTS
    assert len({one.span_id for one in served}) == len(served)
    counted = heard.points("http_requests_total", status="200")
    assert len(counted) == 2
    assert sum(one.value for one in counted) == len(served)
