"""`make demo` as a newcomer runs it: a link that signs in, a shop that is watched by its plan, a page to choose in."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.eventually import eventually

pytestmark = pytest.mark.thorough


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[str]:
    """What it prints until everything runs; Ctrl-C ends it without a word of complaint."""
    options = ("--data", str(tmp_path), "--port", "0", "--demo-port", "0")
    command = [sys.executable, "-m", "examples.demo", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        printed = ""
        for line in process.stdout:
            printed += line
            if "other systems" in line:
                break
        yield printed
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=60)
    assert process.returncode == 0, printed + rest
    assert "Traceback" not in rest


def test_the_demo_has_data_and_is_watched(demo: str, tmp_path: Path) -> None:
    """Spans of all its processes, rules and objectives in force, a probe that is up, a heartbeat that came.

    The page to choose in knows what runs, signs in too, and takes no changes of other sites' pages.
    """
    link = re.search(r"look +http://127\.0\.0\.1:\d+(/\S+)", demo)
    assert link, demo
    target = json.loads((tmp_path / "demo" / "server.json").read_text())
    with httpx.Client(base_url=target["url"], headers={"authorization": f"Bearer {target['token']}"}) as api:
        assert api.get(link[1], headers={"accept": "text/html"}).status_code == 200

        def asked(path: str) -> Any:
            return api.get(f"/api/v1/{path}").raise_for_status().json()

        def services() -> bool:
            return {"storefront", "orders", "worker"} <= {one["name"] for one in asked("services")["services"]}

        def rules() -> bool:
            named = {one["name"] for group in asked("rules")["groups"] for one in group["rules"]}
            return {"RequestsFail", "CatalogueSlow", "RequestBudgetBurns"} <= named

        def counted() -> bool:
            (heartbeat,) = asked("heartbeats")["heartbeats"]
            return heartbeat["name"] == "stock-count" and heartbeat["condition"] in {"running", "up"}

        def reached() -> bool:
            (probe,) = asked("probes")["probes"]
            return probe["name"] == "storefront" and probe["state"] == "up"

        eventually(services, seconds=60)
        eventually(rules)
        eventually(counted, seconds=60)
        eventually(reached, seconds=60)
        assert "Shop" in api.get("/status/").text
    page = re.search(r"other systems (http://127\.0\.0\.1:\d+)/", demo)
    assert page, demo
    with httpx.Client(base_url=page[1]) as choosing:
        state = choosing.get("/state").json()
        assert (state["shown"]["name"], state["shown"]["state"]) == ("shop", "running")
        assert {"shop", "josh", "chat"} <= {one["name"] for one in state["choices"]}
        look = choosing.get("/look")
        assert (look.status_code, look.headers["location"].startswith(f"{target['url']}/signin?token=")) == (303, True)
        assert choosing.post("/show/josh").status_code == 403
        assert choosing.post("/show/nobody", headers={"x-midwatch-demo": "1"}).status_code == 404
        assert choosing.post("/faults/any", headers={"x-midwatch-demo": "1"}).status_code == 409
        assert choosing.get("/state", headers={"host": "elsewhere.example"}).status_code == 400
