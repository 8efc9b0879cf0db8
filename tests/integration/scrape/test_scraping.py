"""A server that scrapes real apps by its plan, as its API and PromQL show it. All jobs are in force from the start."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.conftest import Server
from tests.eventually import eventually
from tests.integration.scrape.apps import Client, Pages
from tests.integration.sdk.conftest import free_port

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
Job = dict[str, Any]


@dataclass
class Scraping:
    """The server, its plan, and what it scrapes."""

    server: Server
    plan: Path
    pages: Pages
    app: Client
    jobs: dict[str, Job]

    def apply(self) -> None:
        """Put `jobs` in force."""
        configs = [{"job_name": name, "scrape_interval": "500ms", **job} for name, job in self.jobs.items()]
        text = json.dumps({"scrape_configs": configs})
        (self.plan / "new").write_text(text)
        (self.plan / "new").rename(self.plan / "midwatch.yml")
        with self.server.api() as api:
            answer = api.post("/api/v1/plan/apply", json={"files": {"midwatch.yml": text}}).json()
        assert answer["ok"], answer

    def targets(self, job: str) -> dict[str, Any]:
        with self.server.api() as api:
            found: dict[str, Any] = api.get("/api/v1/targets", params={"job": job}).json()
        return found

    def only(self, job: str) -> dict[str, Any]:
        """The job's one target, once it was scraped."""

        def scraped() -> dict[str, Any] | None:
            found = self.targets(job)["targets"]
            return found[0] if len(found) == 1 and found[0]["health"] != "unknown" else None

        return eventually(scraped)

    def problems(self, job: str) -> list[str]:
        found: list[str] = self.targets(job)["jobs"][0]["problems"]
        return found

    def query(self, text: str) -> list[dict[str, Any]]:
        with self.server.api() as api:
            answer = api.get("/prometheus/api/v1/query", params={"query": text})
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["data"]["result"]
        return found

    def becomes(self, text: str, *values: float) -> None:
        """Wait until PromQL answers these values, in any order; none: until it answers nothing."""
        eventually(lambda: sorted(float(one["value"][1]) for one in self.query(text)) == sorted(values))


@pytest.fixture(scope="module")
def scraping(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scraping]:
    directory = tmp_path_factory.mktemp("scraping")
    plan = directory / "observability"
    (plan / "targets").mkdir(parents=True)
    pages, app, sdk_port = Pages(), Client(), free_port()
    app.orders.labels("free").inc(3, exemplar={"trace_id": TRACE_ID})
    app.latency.observe(0.3)
    pages.put("/broken", "fine 1\nbroken{a= 2\nalso_fine 3\n")
    pages.put("/filed", "filed 1\n")
    pages.put("/found", "found 1\n")
    pages.put("/changing", "keep_me 1\ndrop_me 1\n")
    pages.put("/leaving", "leaving 1\n")
    pages.put_groups("/sd", {"targets": [pages.address, "dropped:1"], "labels": {"__meta_path": "/found"}})
    (plan / "token").write_text("s3cret\n")
    group = {"targets": [pages.address], "labels": {"team": "a"}}
    (plan / "targets" / "one.json").write_text(json.dumps([group]))
    jobs: dict[str, Job] = {
        "app": {
            "static_configs": [{"targets": [f"127.0.0.1:{app.port}"], "labels": {"env": "staging"}}],
            "metric_relabel_configs": [{"source_labels": ["__name__"], "regex": ".*_created", "action": "drop"}],
        },
        "files": {
            "metrics_path": "/filed",
            "file_sd_configs": [{"files": ["targets/*.json", "/etc/passwd"], "refresh_interval": "200ms"}],
        },
        "service": {
            "authorization": {"credentials_file": "token"},
            "http_sd_configs": [
                {"url": f"http://{pages.address}/sd", "basic_auth": {"username": "u", "password": "pass-word"}}
            ],
            "relabel_configs": [
                {"source_labels": ["__meta_path"], "target_label": "__metrics_path__"},
                {"source_labels": ["__address__"], "regex": "dropped.*", "action": "drop"},
            ],
        },
        "sdk": {"static_configs": [{"targets": [f"127.0.0.1:{sdk_port}"]}]},
        **{
            name: {"metrics_path": f"/{name}", "static_configs": [{"targets": [pages.address]}]}
            for name in ("broken", "changing", "leaving")
        },
    }
    with ExitStack() as stack:
        stack.callback(pages.stop)
        stack.callback(app.stop)
        sdk_app = "tests.integration.sdk.apps.exposing_fast:app"
        process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", sdk_app, "--port", str(sdk_port)],
            env={**os.environ, "SERVICE_NAME": "shop"},
        )
        stack.callback(process.wait, 20)
        stack.callback(process.terminate)
        (plan / "midwatch.yml").write_text("scrape_configs: []\n")
        server = Server(directory / "data", options=("--plan", str(plan))).start()
        stack.callback(server.stop)
        found = Scraping(server, plan, pages, app, jobs)
        found.apply()
        eventually(lambda: _listens(sdk_port), seconds=60)
        httpx.get(f"http://127.0.0.1:{sdk_port}/items/1", timeout=30)
        yield found


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_an_app_with_prometheus_client_is_scraped(scraping: Scraping) -> None:
    """Counters, buckets, exemplars, relabelled; the series that tell of the scrape agree with the list of targets."""
    scraping.becomes('orders_total{job="app",plan="free",env="staging"}', 3)
    scraping.becomes('latency_seconds_bucket{job="app",le="0.5"}', 1)
    assert scraping.query('{job="app",__name__=~".*_created"}') == []
    target = scraping.only("app")
    assert (target["health"], target["error"]) == ("up", "")
    assert target["labels"] == {"env": "staging", "instance": f"127.0.0.1:{scraping.app.port}", "job": "app"}
    scraping.becomes('scrape_samples_post_metric_relabeling{job="app"}', target["samples"])
    with scraping.server.api() as api:
        now = time.time()
        asked = {"query": "orders_total", "start": now - 600, "end": now + 60}
        told = api.get("/prometheus/api/v1/query_exemplars", params=asked)
        assert told.status_code == 200, told.text
    assert told.json()["data"][0]["exemplars"][0]["labels"] == {"trace_id": TRACE_ID}


def test_an_app_that_goes_is_marked_and_comes_back(scraping: Scraping) -> None:
    """Its series are gone at once, and not after five minutes; `up` says so, and the list of targets why."""
    scraping.becomes('up{job="app"}', 1)
    scraping.app.stop()
    scraping.becomes('orders_total{job="app"}')
    scraping.becomes('up{job="app"}', 0)
    eventually(lambda: "ConnectError" in scraping.only("app")["error"])
    scraping.app.start()
    scraping.becomes('orders_total{job="app"}', 3)
    scraping.becomes('up{job="app"}', 1)


def test_a_malformed_page_names_its_line_and_leaves_nothing(scraping: Scraping) -> None:
    """`up` is 0, the list of targets says where, and neither what came before nor what came behind is kept."""
    scraping.becomes('up{job="broken"}', 0)
    target = scraping.only("broken")
    problem = "line 2: expected a value, and a time at most, after a blank; it reads 'broken{a= 2'"
    assert (target["health"], target["error"]) == ("down", problem)
    assert scraping.query('{job="broken",__name__=~".*fine"}') == []
    scraping.pages.put("/broken", "<html>", "text/html")
    eventually(lambda: "content-type=text/html" in scraping.only("broken")["error"])


def test_targets_come_from_files_and_go_with_them(scraping: Scraping) -> None:
    """A changed file changes the targets; a broken one keeps them and says so; files elsewhere are not read."""
    scraping.becomes('filed{job="files",team="a"}', 1)
    (problem,) = scraping.problems("files")
    assert "/etc/passwd: may not be read: expected a file below --plan or one of --scrape-files" in problem
    file = scraping.plan / "targets" / "one.json"
    file.write_text("[{")
    eventually(lambda: any("expected JSON or YAML" in one for one in scraping.problems("files")))
    assert len(scraping.targets("files")["targets"]) == 1
    file.write_text(json.dumps([{"targets": [scraping.pages.address], "labels": {"team": "b"}}]))
    scraping.becomes('filed{job="files",team="b"}', 1)
    scraping.becomes('filed{job="files",team="a"}')


def test_targets_come_from_a_service_and_secrets_are_sent_and_never_shown(scraping: Scraping) -> None:
    """HTTP discovery with its own credentials, relabelling by its meta labels, a file of a secret for the pages."""
    scraping.becomes('found{job="service"}', 1)
    assert scraping.pages.asked["/sd"]["authorization"] == "Basic dTpwYXNzLXdvcmQ="
    asked = scraping.pages.asked["/found"]
    assert asked["authorization"] == "Bearer s3cret"
    assert asked["accept"].startswith("application/openmetrics-text")
    assert asked["accept-encoding"] == "gzip"
    (dropped,) = scraping.targets("service")["dropped"]
    assert dropped["discovered_labels"]["__address__"] == "dropped:1"
    assert dropped["reason"] == "relabel_configs[1], drop: __address__='dropped:1' matches dropped.*"
    with scraping.server.api() as api:
        told = api.get("/prometheus/api/v1/targets", params={"scrapePool": "service"}).json()["data"]
        shown = api.get("/api/v1/plan").text
        other = api.post("/api/v1/plan/check", json={"files": {"midwatch.yml": "services: {}"}}).text
    (active,) = told["activeTargets"]
    assert (active["scrapePool"], active["health"], active["scrapeInterval"]) == ("service", "up", "500ms")
    assert told["droppedTargetCounts"] == {"service": 1}
    assert "<secret>" in shown
    assert "<secret>" in other
    assert "pass-word" not in shown + other


def test_a_job_that_changes_marks_only_what_is_gone(scraping: Scraping) -> None:
    """Series that the changed job no longer has end, as do those of a job that left; the others go on without a gap."""
    scraping.becomes('{job="changing",__name__=~".*_me"}', 1, 1)
    scraping.becomes('leaving{job="leaving"}', 1)
    drop = {"source_labels": ["__name__"], "regex": "drop_.*", "action": "drop"}
    scraping.jobs["changing"]["metric_relabel_configs"] = [drop]
    del scraping.jobs["leaving"]
    scraping.apply()
    scraping.becomes('drop_me{job="changing"}')
    scraping.becomes('{job="leaving"}')
    assert len(scraping.query('keep_me{job="changing"}')) == 1


def test_the_page_of_the_sdk_is_scraped(scraping: Scraping) -> None:
    """What the SDK exposes of an app is what PromQL answers."""
    scraping.becomes('signups_total{job="sdk",method="email"}', 1)
    scraping.becomes('up{job="sdk"}', 1)
