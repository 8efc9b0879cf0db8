"""Sentry's SDKs for Node.js and for Cloudflare, this one in workerd: what is told and what nobody caught."""

import shutil
import subprocess
from pathlib import Path

import pytest
from tests.integration.clients.conftest import NODE_CLIENTS
from tests.sentry_project import Project
from tools import npm

from midwatch.contract.privacy import REMOVED

pytestmark = [pytest.mark.node, pytest.mark.xdist_group("node"), pytest.mark.thorough]
SECONDS_MAX = 60
VITE = npm.ROOT / "ui" / "node_modules" / "vite" / "bin" / "vite.js"


@pytest.fixture(scope="module")
def environment() -> dict[str, str]:
    found = npm.node_environment()
    npm.install_packages(NODE_CLIENTS, found)
    return found


def node(environment: dict[str, str]) -> str:
    found = shutil.which("node", path=environment["PATH"])
    assert found is not None
    return found


def test_a_server_on_node_tells_and_crashes(project: Project, environment: dict[str, str]) -> None:
    """With user, tags, extras, breadcrumbs, cause and request (row C08); what nobody caught is urgent."""
    done = subprocess.run(
        [node(environment), "--import", "@sentry/node/import", "sentry-errors.mjs"],
        check=False,
        cwd=NODE_CLIENTS,
        env={**environment, "DSN": project.dsn},
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
    )
    assert done.returncode == 1, done.stderr
    issue = project.seen("ShippingError", 1)
    assert (issue["service"], issue["environment"], issue["priority"]) == ("shop-orders", "staging", "medium")
    assert issue["culprit"] == "sentry-errors in ship"
    detail = project.event(issue["id"])
    facts, event = detail["facts"], detail["event"]
    assert (facts["release"], facts["user"], facts["handled"]) == ("orders@7", "id:u-4", True)
    assert facts["tags"]["tenant"] == "acme"
    assert event["user"]["email"].startswith("[id ")
    assert event["extra"]["parcel"] == {"weight": 12.5, "password": REMOVED}
    assert [one["type"] for one in event["exception"]["values"]] == ["SyntaxError", "ShippingError"]
    frame = event["exception"]["values"][-1]["stacktrace"]["frames"][-1]
    assert "cannot ship 7" in frame["context_line"]
    assert "asked for /ship" in [one.get("message") for one in event["breadcrumbs"]["values"]]
    request = event["request"]
    assert request["url"].partition("?")[0].endswith("/ship")
    assert (request["method"], request["headers"]["x-tenant"]) == ("GET", "acme")
    assert "t0p5ecret" not in str(event)
    assert "abc.def.ghi" not in str(event)
    for word, mechanism, level in (
        ("PaymentError", "unhandledrejection", "error"),
        ("Crash", "uncaughtexception", "fatal"),
    ):
        issue = project.seen(word, 1)
        assert (issue["handled"], issue["priority"], issue["level"]) == (False, "high", level)
        assert project.event(issue["id"])["facts"]["mechanism"].rpartition(".")[2] == f"on{mechanism}"
    trace = project.get(f"errors/trace/{facts['trace_id']}")["events"]
    assert len(trace) == 3, "who asked and who answers are of one trace"


def test_a_worker_of_cloudflare(project: Project, environment: dict[str, str], tmp_path: Path) -> None:
    npm.install_packages(npm.ROOT / "ui", environment)
    folder = NODE_CLIENTS / "cloudflare"
    build = [node(environment), str(VITE), "build", "--config", "vite.config.mjs", "--outDir", str(tmp_path)]
    subprocess.run(build, cwd=folder, env=environment, check=True, capture_output=True, timeout=SECONDS_MAX)
    running = subprocess.Popen(
        [node(environment), "run.mjs", str(tmp_path / "worker.js")],
        cwd=folder,
        env={**environment, "DSN": project.dsn},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        issue = project.seen("QuotaError", 1)
    finally:
        said, _ = running.communicate(timeout=SECONDS_MAX)
    assert said.decode().splitlines()[-1] == "500"
    assert (issue["service"], issue["handled"], issue["priority"]) == ("shop-edge", False, "high")
    assert issue["title"] == "QuotaError: no quota is left for /reports/9"
    detail = project.event(issue["id"])
    facts, event = detail["facts"], detail["event"]
    assert facts["mechanism"] == "auto.http.cloudflare"
    assert (facts["release"], facts["environment"], facts["user"]) == ("edge@5", "staging", "id:u-3")
    assert event["contexts"]["runtime"]["name"] == "cloudflare"
    assert "asked for /reports/9" in [one.get("message") for one in event["breadcrumbs"]["values"]]
    assert event["request"]["url"].startswith("http://edge.shop.test/reports/9")
    assert event["request"]["headers"]["x-tenant"] == "acme"
    assert "t0p5ecret" not in str(event)
    assert "abc.def.ghi" not in str(event)
