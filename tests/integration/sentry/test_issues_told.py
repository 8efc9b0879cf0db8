"""Issues that are new or come back reach whoever alertmanager.yml says; an issue of a tracker is made on a button."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from tests.conftest import Server
from tests.eventually import eventually
from tests.sentry_project import Project, envelope, event
from tests.vendors import Scripted, Vendors, misshapen, vendors

pytestmark = pytest.mark.thorough

ROUTES = """
route:
  receiver: nobody
  group_by: [alertname, issue]
  group_wait: 0s
  group_interval: 1s
  routes:
    - matchers: [project="71"]
      receiver: shop
receivers:
  - name: nobody
  - name: shop
    webhook_configs:
      - url: URL/webhook
"""
PLAN = """
trackers:
  - {name: shop, kind: github, repository: team/app, url: URL, token_file: secrets/github, labels: [bug, shop web]}
  - {name: lab, kind: gitlab, repository: team/app, url: URL/gitlab, token: glpat-secret, labels: [bug, web]}
  - {name: planning, kind: webhook, url: URL/planning}
"""
TOKEN = "ghp_0123456789"


@pytest.fixture(scope="module")
def door() -> Iterator[Vendors]:
    with vendors() as found:
        yield found


@pytest.fixture(scope="module")
def project(door: Vendors, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    base = tmp_path_factory.mktemp("told")
    (base / "plan" / "secrets").mkdir(parents=True)
    (base / "plan" / "secrets" / "github").write_text(TOKEN + "\n")
    (base / "plan" / "alertmanager.yml").write_text(ROUTES.replace("URL", door.url))
    (base / "plan" / "midwatch.yml").write_text(PLAN.replace("URL", door.url))
    options = ("--plan", str(base / "plan"), "--private-networks", "all")
    server = Server(base / "data", options=options).start()
    with server.api() as api:
        key = api.post("/api/v1/keys", json={"name": "shop", "project": 71}).json()["key"]
    yield Project(server, 71, key)
    server.stop()


def send(project: Project, kind: str, count: int = 1, **more: Any) -> dict[str, Any]:
    """The issue, once so many more are counted."""
    found = project.get("issues", status="all", query=kind)["issues"]
    before = found[0]["events"] if found else 0
    items = [("event", event("order 7", type=kind, release="shop@1.0", **more)) for _ in range(count)]
    for item in items:
        assert project.post("envelope/", envelope(item)).status_code == 200
    return project.seen(kind, before + count)


def firing(door: Vendors, issue_id: int) -> list[tuple[str, dict[str, Any]]]:
    """Name and alert of what the webhook was told of an issue while it fired, in order."""
    return [
        (alert["labels"]["alertname"], alert)
        for one in door.at("/webhook")
        for alert in one.json["alerts"]
        if alert["labels"]["issue"] == str(issue_id) and alert["status"] == "firing"
    ]


def test_a_new_issue_is_told_once_and_again_when_it_comes_back(project: Project, door: Vendors) -> None:
    """Not by its second and third event, and not issues of a severity that nobody wants to be told of."""
    quiet = send(project, "OnlyAWarning", level="warning")
    issue = send(project, "PaymentFailed", tags={"service": "checkout"}, environment="prod")
    name, alert = eventually(lambda: firing(door, issue["id"]), seconds=30)[0]
    assert name == "NewIssue"
    labels = {name: value for name, value in alert["labels"].items() if name != "alertname"}
    assert labels == {
        "issue": str(issue["id"]),
        "severity": "error",
        "category": issue["category"],
        "service": "checkout",
        "env": "prod",
        "type": "PaymentFailed",
        "project": "71",
    }
    assert alert["annotations"]["summary"] == "New issue: PaymentFailed: order 7"
    assert alert["annotations"]["description"].endswith(" in checkout, release shop@1.0")
    assert alert["generatorURL"].endswith(f"/errors/{issue['id']}")
    send(project, "PaymentFailed", 2, tags={"service": "checkout"}, environment="prod")
    assert project.act("issues/changes", ids=[issue["id"]], status="resolved").status_code == 200

    def over() -> bool:
        return any(
            alert["labels"]["issue"] == str(issue["id"]) and alert["status"] == "resolved"
            for one in door.at("/webhook")
            for alert in one.json["alerts"]
        )

    assert eventually(over, seconds=30), "somebody took care of it"
    send(project, "PaymentFailed", tags={"service": "checkout"}, environment="prod", timestamp=time.time() + 1)
    eventually(lambda: len(firing(door, issue["id"])) > 1, seconds=30)
    assert [name for name, _ in firing(door, issue["id"])] == ["NewIssue", "RegressedIssue"]
    summary = firing(door, issue["id"])[1][1]["annotations"]["summary"]
    assert summary == "An issue that was resolved is back: PaymentFailed: order 7"
    assert firing(door, quiet["id"]) == []
    assert door.wrong == []


def make(project: Project, issue_id: int, tracker: str) -> tuple[int, dict[str, Any]]:
    answer = project.act(f"issues/{issue_id}/links", tracker=tracker)
    return answer.status_code, answer.json()


def test_an_issue_is_made_in_github(project: Project, door: Vendors) -> None:
    """By the request that GitHub documents; what it refuses is said, and nothing is linked then."""
    with project.server.api() as api:
        assert api.get("/api/v1/errors/trackers").json()["trackers"] == ["shop", "lab", "planning"]
    issue = send(project, "TrackedError")
    at = "/repos/team/app/issues"
    page = "https://github.com/team/app/issues/1347"
    made = {"number": 1347, "html_url": page, "title": "TrackedError: order 7", "state": "open"}
    door.scripts[at] = [
        Scripted(404, b'{"message": "Not Found", "status": "404"}'),
        Scripted(201, json.dumps(made).encode()),
    ]
    status, refused = make(project, issue["id"], "shop")
    assert (status, "cannot make an issue in shop: it answered 404" in json.dumps(refused)) == (503, True), refused
    assert TOKEN not in json.dumps(refused)
    assert project.get(f"issues/{issue['id']}")["links"] == []
    status, link = make(project, issue["id"], "shop")
    assert (status, link["url"], link["title"], link["tracker"]) == (201, page, "TrackedError: order 7", "shop")
    asked = door.at(at)[-1]
    assert (asked.method, asked.path, misshapen(asked)) == ("POST", at, None)
    assert asked.headers["authorization"] == f"Bearer {TOKEN}"
    assert asked.headers["accept"] == "application/vnd.github+json"
    assert asked.headers["x-github-api-version"] == "2022-11-28"
    assert asked.headers["user-agent"].startswith("midwatch/")
    assert (asked.json["title"], asked.json["labels"]) == ("TrackedError: order 7", ["bug", "shop web"])
    assert f"/errors/{issue['id']}" in asked.json["body"]
    assert "shop@1.0" in asked.json["body"]
    found = project.get(f"issues/{issue['id']}")
    assert [one["url"] for one in found["links"]] == [page]
    assert found["activity"][0]["kind"] == "linked"


def test_an_issue_is_made_in_gitlab_and_by_a_webhook(project: Project, door: Vendors) -> None:
    issue = send(project, "TrackedElsewhere")
    page = "https://gitlab.com/team/app/-/issues/14"
    door.scripts["/gitlab"] = [Scripted(201, json.dumps({"iid": 14, "web_url": page, "title": "t"}).encode())]
    door.scripts["/planning"] = [Scripted(200, b'{"url": "https://planning.example.com/9", "title": "Nine"}')]
    assert make(project, issue["id"], "lab")[1]["url"] == page
    (asked,) = door.at("/gitlab")
    assert (asked.path, asked.headers["private-token"]) == ("/gitlab/projects/team%2Fapp/issues", "glpat-secret")
    assert (asked.json["title"], asked.json["labels"]) == ("TrackedElsewhere: order 7", "bug,web")
    assert f"/errors/{issue['id']}" in asked.json["description"]
    status, link = make(project, issue["id"], "planning")
    assert (status, link["url"], link["title"]) == (201, "https://planning.example.com/9", "Nine")
    (asked,) = door.at("/planning")
    assert (asked.json["issue"]["id"], asked.json["issue"]["type"]) == (issue["id"], "TrackedElsewhere")
    status, refused = make(project, issue["id"], "jira")
    assert (status, "the plan has shop, lab, planning" in json.dumps(refused)) == (404, True)
