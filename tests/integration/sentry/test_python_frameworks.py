"""sentry-sdk in apps of FastAPI, Django and Celery: what nobody caught is one issue each, with all that was known."""

import os
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest
import redis
from tests.sentry_project import Project

from midwatch.contract.privacy import REMOVED

pytestmark = pytest.mark.thorough

HERE = Path(__file__).parent
REDIS = "redis://127.0.0.1:6379/0"
SECONDS_MAX = 60


def run(*command: str, **variables: str) -> None:
    done = subprocess.run(
        [sys.executable, *command],
        check=False,
        cwd=HERE,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def shop(project: Project) -> Project:
    """A project that all three have told: a request of FastAPI, one of Django, and the task that it sends."""
    run("shop_fastapi.py", DSN=project.dsn)
    queue = f"midwatch-{uuid.uuid4().hex[:12]}"
    told = {"DSN": project.dsn, "REDIS": REDIS, "QUEUE": queue}
    run("shop_django.py", **told)
    worker = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "shop_celery", "worker", "-P", "solo", "--without-mingle", "-l", "info"],
        cwd=HERE,
        env={**os.environ, **told},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        project.seen("CardRefused", 1)
    finally:
        worker.terminate()
        worker.wait(SECONDS_MAX)
        with redis.Redis.from_url(REDIS) as client:
            for key in client.scan_iter(f"*{queue}*"):
                client.delete(key)
    return project


def unhandled(shop: Project, word: str) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Issue, facts and event of an error that nobody caught, seen once."""
    issue = shop.seen(word, 1)
    assert (issue["events"], issue["users"], issue["handled"], issue["priority"]) == (1, issue["users"], False, "high")
    assert (issue["level"], issue["environment"]) == ("error", "staging")
    detail = shop.event(issue["id"])
    facts: dict[str, Any] = detail["facts"]
    event: dict[str, Any] = detail["event"]
    assert event["exception"]["values"][-1]["mechanism"]["handled"] is False
    assert "raise " in event["exception"]["values"][-1]["stacktrace"]["frames"][-1]["context_line"]
    return issue, facts, event


def crumbs(event: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one.get("category", ""), one.get("message", "")) for one in event["breadcrumbs"]["values"]]


def test_a_request_of_fastapi(shop: Project) -> None:
    issue, facts, event = unhandled(shop, "OutOfStock")
    assert (issue["service"], issue["culprit"]) == ("shop-api", "__main__ in order")
    assert (facts["transaction"], facts["release"], facts["user"]) == ("/orders/{order_id}", "api@2.1", "id:u-9")
    request = event["request"]
    assert (request["url"], request["method"]) == ("http://testserver/orders/42", "POST")
    assert request["query_string"] == f"coupon=x&token={REMOVED}"
    headers = {name.lower(): value for name, value in request["headers"].items()}
    assert (headers["x-tenant"], headers["authorization"]) == ("acme", REMOVED)
    assert request["data"] == {"item": "pencils", "password": REMOVED, "card": "[card]"}
    assert ("shop.orders", "order 42 taken") in crumbs(event)
    assert "hunter2" not in str(event)
    assert "t0p5ecret" not in str(event)


def test_a_line_of_level_error_is_an_issue(shop: Project) -> None:
    """By the logging integration (row T09)."""
    issue = shop.seen("bank", 1)
    assert (issue["title"], issue["level"], issue["handled"]) == ("the bank said 503", "error", True)
    assert issue["priority"] == "medium"
    detail = shop.event(issue["id"])
    assert (detail["facts"]["logger"], detail["facts"]["type"]) == ("shop.orders", "")
    assert detail["event"]["logentry"]["message"] == "the bank said %d"
    assert detail["event"]["extra"]["bank"] == "north"


def test_a_request_of_django(shop: Project) -> None:
    issue, facts, event = unhandled(shop, "BasketLost")
    assert (issue["service"], issue["culprit"], issue["users"]) == ("shop-web", "__main__ in checkout", 1)
    assert (facts["transaction"], facts["release"]) == ("/baskets/{basket}/checkout", "web@1.4")
    assert (facts["user"], event["user"]["email"][:4]) == ("id:7", "[id ")
    request = event["request"]
    assert (request["url"], request["method"]) == ("http://shop.test/baskets/b-17/checkout", "POST")
    assert request["query_string"] == "step=2"
    assert {name.lower(): value for name, value in request["headers"].items()}["x-tenant"] == "acme"
    assert request["data"] == {"item": "pencils", "secret_note": REMOVED}
    assert request["cookies"] == REMOVED
    assert "s3cr3t" not in str(event)


def test_a_task_of_celery_in_the_trace_of_the_request_that_sent_it(shop: Project) -> None:
    issue, facts, event = unhandled(shop, "CardRefused")
    assert (issue["service"], issue["culprit"]) == ("shop-worker", "shop_celery in charge")
    assert (facts["transaction"], facts["release"], facts["mechanism"]) == ("shop.charge", "worker@3", "celery")
    job = event["extra"]["celery-job"]
    assert (job["task_name"], job["args"], job["kwargs"]) == ("shop.charge", [42], {"currency": "EUR"})
    assert ("shop.tasks", "charging order 42") in crumbs(event)
    _, sender, _ = unhandled(shop, "BasketLost")
    assert facts["trace_id"] == sender["trace_id"]
