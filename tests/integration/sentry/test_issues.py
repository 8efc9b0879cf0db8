"""Issues from outside: the official SDK's errors, one failure told by three, and what people do about an issue."""

import json
import time
from typing import Any

import pytest
import sentry_sdk
from tests.bodies import attributes, logs, span, traces
from tests.conftest import KEY, Server
from tests.eventually import eventually
from tests.sentry_project import Project, envelope, event

TRACEBACK = """Traceback (most recent call last):
  File "/srv/app/pay.py", line 12, in pay
    raise PaymentFailed("order 7")
PaymentFailed: order 7
"""


def send(project: Project, *events: dict[str, Any]) -> None:
    for one in events:
        assert project.post("envelope/", envelope(("event", one))).status_code == 200


def standing(project: Project, issue_id: int) -> tuple[str, str]:
    found = project.get(f"issues/{issue_id}")["issue"]
    return found["status"], found["substatus"]


def change(project: Project, *issue_ids: int, **wanted: Any) -> None:
    answer = project.act("issues/changes", ids=list(issue_ids), **wanted)
    assert answer.status_code == 200, answer.text


def failing_span(told: dict[str, Any], *, resource: dict[str, Any] | None = None, **fields: Any) -> Any:
    """OTLP's request with a span that an exception passed through."""
    failed = span(**fields)
    failed.events.add(name="exception", time_unix_nano=time.time_ns(), attributes=attributes(told))
    return traces("checkout", [failed], **(resource or {}))


def test_an_error_of_the_sdk_has_everything_that_it_was_sent_with(project: Project) -> None:
    """User, tags, extras, breadcrumbs, causes, locals, source lines, an attachment and the trace (rows C08, C09)."""
    sentry_sdk.init(
        project.dsn, traces_sample_rate=1.0, release="shop@1.0", environment="staging", default_integrations=False
    )
    with sentry_sdk.isolation_scope() as scope:
        scope.set_user({"id": "42", "email": "ada@example.com"})
        scope.set_tag("job", "nightly")
        scope.set_extra("video", 7)
        scope.add_attachment(bytes=b"the file", filename="notes.txt")
        scope.add_breadcrumb(message="rendered", category="pipeline")
        with sentry_sdk.start_transaction(op="job", name="render"):
            try:
                try:
                    raise TimeoutError("upstream")
                except TimeoutError as error:
                    raise RuntimeError("render 7 failed") from error
            except RuntimeError:
                event_id = sentry_sdk.capture_exception()
    sentry_sdk.flush(10)
    sentry_sdk.get_client().close()
    issue = project.seen("render", 1)
    assert (issue["category"], issue["users"], issue["environment"]) == ("timeout", 1, "staging")
    detail = project.event(issue["id"])
    facts, found = detail["facts"], detail["event"]
    assert facts["event_id"] == event_id
    assert facts["tags"] == {"job": "nightly"}
    assert (facts["user"], facts["release"], bool(facts["trace_id"])) == ("id:42", "shop@1.0", True)
    assert [one["type"] for one in found["exception"]["values"]] == ["TimeoutError", "RuntimeError"]
    frame = found["exception"]["values"][-1]["stacktrace"]["frames"][-1]
    assert "raise RuntimeError" in frame["context_line"]
    assert "scope" in frame["vars"]
    assert found["extra"]["video"] == 7
    assert found["breadcrumbs"]["values"][-1]["message"] == "rendered"
    assert [one["name"] for one in detail["attachments"]] == ["notes.txt"]
    with project.server.api() as api:
        file = api.get(
            f"/api/v1/errors/attachments/{event_id}/{detail['attachments'][0]['place']}", params={"project": project.id}
        )
        trace = eventually(
            lambda: (
                (one := api.get(f"/api/v1/traces/{facts['trace_id']}", params={"project": project.id})).status_code
                == 200
                and one
            )
        )
    assert file.content == b"the file"
    assert "render" in trace.text


def test_one_failure_told_by_three_is_one_issue_counted_once(project: Project) -> None:
    """A Sentry event, a span event and a log record of one trace."""
    trace, span_id = bytes.fromhex("ab" * 16), bytes.fromhex("cd" * 8)
    told = {"exception.type": "app.PaymentFailed", "exception.message": "order 7", "exception.stacktrace": TRACEBACK}
    body = failing_span(told, trace_id=trace, span_id=span_id)
    record = {
        "body": "payment failed",
        "severity_number": 17,
        "trace_id": trace,
        "span_id": span_id,
        "attributes": told,
    }
    with project.server.door(project.key) as door:
        assert door.post("/v1/traces", content=body.SerializeToString()).status_code == 200
        assert door.post("/v1/logs", content=logs("checkout", [record]).SerializeToString()).status_code == 200
    frames = [{"function": "pay", "filename": "app/pay.py", "abs_path": "/srv/app/pay.py", "in_app": True}]
    contexts = {"trace": {"trace_id": trace.hex(), "span_id": span_id.hex()}}
    send(
        project, event("order 7", type="PaymentFailed", frames=frames, contexts=contexts, tags={"service": "checkout"})
    )
    issue = project.seen("order 7", 1)

    def sources() -> set[str] | None:
        found = {one["source"] for one in project.get(f"issues/{issue['id']}/events", duplicates=True)["events"]}
        return found if len(found) == 3 else None

    assert eventually(sources, seconds=40) == {"sentry", "span", "log"}
    assert project.get("issues", status="all", query="order 7")["issues"][0]["events"] == 1
    assert project.event(issue["id"])["facts"]["source"] == "sentry", "what says most is shown first"
    of_trace = project.get(f"errors/trace/{trace.hex()}")["events"]
    assert [one["duplicate"] for one in of_trace] == [False]


LINES: dict[str, dict[str, Any]] = {
    "pino": {"level": 50, "msg": "died", "err": {"type": "PinoError", "message": "boom", "stack": "PinoError: boom%s"}},
    "ECS": {"level": "error", "message": "died", "error": {"type": "EcsError", "stack_trace": "EcsError: boom%s"}},
    "structlog": {"level": "error", "event": "died", "stack_trace": "StructError: boom%s"},
}


@pytest.mark.parametrize("shape", LINES)
def test_an_error_line_with_an_exception_is_an_issue(project: Project, shape: str) -> None:
    """Of any sender of logs, in the shapes of the field's loggers (row T09)."""
    line = json.dumps(LINES[shape] | {"service": "edge"}).replace("%s", "\\n    at run (/srv/worker.js:3:9)")
    kind = next(name for name in ("PinoError", "EcsError", "StructError") if name in line)
    with project.server.door(project.key, "application/x-ndjson") as door:
        assert door.post("/ingest/ndjson", content=line.encode()).status_code == 200
    issue = project.seen(kind, 1)
    assert (issue["type"], issue["service"], issue["culprit"]) == (kind, "edge", "/srv/worker.js in run")


def test_of_our_sdk_only_events_are_issues(project: Project) -> None:
    """A line or a span with an exception that it did not make an event of is told already, ignored, or one too many."""
    told, event_of_it = "TestToldAgain", "TestToldOnce"
    passed = failing_span({"exception.type": f"{told}.InSpan"}, resource={"telemetry.sdk.name": "midwatch"})
    records: list[dict[str, Any]] = [
        {"body": "it failed", "severity_number": 17, "attributes": {"exception.type": kind, "logger": "uvicorn.error"}}
        for kind in (told, event_of_it)
    ]
    records[1]["event_name"] = "exception"
    body = logs("checkout", records, **{"telemetry.sdk.name": "midwatch"})
    with project.server.door(project.key) as door:
        visible = {"wait": "visible"}
        assert door.post("/v1/traces", params=visible, content=passed.SerializeToString()).status_code == 200
        assert door.post("/v1/logs", params=visible, content=body.SerializeToString()).status_code == 200
    project.seen(event_of_it, 1)
    assert project.get("issues", status="all", query=told)["issues"] == []


def test_a_resolved_issue_comes_back_as_regressed(project: Project) -> None:
    send(project, event("regress", type="Regressing", release="app@1.0.0"))
    issue = project.seen("Regressing", 1)["id"]
    change(project, issue, status="resolved")
    assert standing(project, issue)[0] == "resolved"
    send(project, event("regress", type="Regressing", release="app@1.0.0"))
    eventually(lambda: standing(project, issue) == ("unresolved", "regressed"), seconds=40)
    kinds = [one["kind"] for one in project.get(f"issues/{issue}")["activity"]]
    assert kinds == ["regressed", "resolved", "new"]


def test_resolved_in_the_next_release_stays_so_for_the_old_one(project: Project) -> None:
    send(project, event("next", type="NextRelease", release="app@1.2.0"))
    issue = project.seen("NextRelease", 1)["id"]
    change(project, issue, status="resolved", resolved_in="next")
    send(project, event("next", type="NextRelease", release="app@1.2.0"))
    project.seen("NextRelease", 2)
    assert standing(project, issue)[0] == "resolved"
    send(project, event("next", type="NextRelease", release="app@1.10.0"))
    eventually(lambda: standing(project, issue) == ("unresolved", "regressed"), seconds=40)


def test_ignored_until_so_many_came(project: Project) -> None:
    """The watcher looks every half minute; what it looks at is tested by itself."""
    send(project, event("ignored", type="IgnoredForNow"))
    issue = project.seen("IgnoredForNow", 1)["id"]
    change(project, issue, status="ignored", ignore_until={"count": 2})
    send(project, event("ignored", type="IgnoredForNow"), event("ignored", type="IgnoredForNow"))
    eventually(lambda: standing(project, issue) == ("unresolved", "ongoing"), seconds=75)
    assert project.get(f"issues/{issue}")["activity"][0]["data"] == {"because": "count", "events": 2}


def test_assigning_commenting_and_setting_priority(project: Project) -> None:
    send(project, event("act", type="ActedOn"))
    issue = project.seen("ActedOn", 1)["id"]
    change(project, issue, assignee="ada@example.com", priority="high")
    assert project.act(f"issues/{issue}/comments", text="looking").status_code == 204
    found = project.get(f"issues/{issue}")
    assert (found["issue"]["assignee"], found["issue"]["priority"]) == ("ada@example.com", "high")
    assert [one["kind"] for one in found["activity"]] == ["comment", "priority", "assigned", "new"]
    assert [one["id"] for one in project.get("issues", assignee="ada@example.com")["issues"]] == [issue]


def test_merged_issues_are_one_and_split_ones_two(project: Project) -> None:
    send(project, event("m", type="MergeA"), event("m", type="MergeB"), event("m", type="MergeB"))
    one, other = project.seen("MergeA", 1)["id"], project.seen("MergeB", 2)["id"]
    merged = project.act("issues/merges", into=one, ids=[other])
    assert merged.status_code == 200
    found = project.get("issues", status="all", query="Merge")["issues"]
    assert [(row["id"], row["events"]) for row in found] == [(one, 3)]
    assert project.get(f"issues/{other}")["merged_from"] == other, "old addresses lead to what it is now"
    groups = project.get(f"issues/{one}")["groups"]
    assert len(groups) == 2
    split = project.act(
        f"issues/{one}/splits", groups=[next(row["hash"] for row in groups if "MergeB" in row["title"])]
    )
    assert split.status_code == 200
    rows = {row["id"]: row["events"] for row in project.get("issues", status="all", query="Merge")["issues"]}
    assert rows == {one: 1, split.json()["id"]: 2}


@pytest.fixture(scope="module")
def listed(project: Project) -> dict[str, int]:
    """By type; one is assigned, one is set to low priority, one (a warning is of low priority by itself) resolved."""
    send(project, *FAILURES)
    project.seen("ListedCard", 2)
    found = {one["type"]: one["id"] for one in project.issues(3, query="Listed")}
    change(project, found["ListedCard"], assignee="eve@example.com")
    change(project, found["ListedCrash"], priority="low")
    change(project, found["ListedTimeoutError"], status="resolved")
    return found


FAILURES = (
    event("Listed", type="ListedCard", tags={"service": "shop"}, release="shop@1.0", level="fatal", user={"id": "1"}),
    event("Listed", type="ListedCard", tags={"service": "shop"}, release="shop@2.0", level="fatal", user={"id": "2"}),
    event(
        "Listed: the read timed out",
        type="ListedTimeoutError",
        release="shop@2.0",
        level="warning",
        environment="staging",
    ),
    event("Listed, and by nobody caught", type="ListedCrash", platform="javascript"),
)
"""Two issues of Python, of which one came twice, and one of a browser that nobody caught."""
FAILURES[3]["exception"]["values"][0]["mechanism"] = {"type": "onerror", "handled": False}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, ["ListedCard", "ListedTimeoutError", "ListedCrash"]),
        ({"severity": "critical"}, ["ListedCard"]),
        ({"severity": "critical,warning"}, ["ListedCard", "ListedTimeoutError"]),
        ({"category": "timeout"}, ["ListedTimeoutError"]),
        ({"platform": "javascript"}, ["ListedCrash"]),
        ({"release": "shop@2.0"}, ["ListedCard", "ListedTimeoutError"]),
        ({"first_release": "shop@1.0"}, ["ListedCard"]),
        ({"env": "staging"}, ["ListedTimeoutError"]),
        ({"handled": False}, ["ListedCrash"]),
        ({"handled": True}, ["ListedCard", "ListedTimeoutError"]),
        ({"assignee": "eve@example.com"}, ["ListedCard"]),
        ({"priority": "low"}, ["ListedCrash", "ListedTimeoutError"]),
        ({"status": "resolved"}, ["ListedTimeoutError"]),
        ({"status": "unresolved"}, ["ListedCard", "ListedCrash"]),
        ({"substatus": "new", "status": "unresolved"}, ["ListedCard", "ListedCrash"]),
        ({"query": "nobody caught"}, ["ListedCrash"]),
        ({"query": "nothing of this"}, []),
    ],
    ids=str,
)
def test_the_list_is_narrowed(
    project: Project, listed: dict[str, int], asked: dict[str, Any], expected: list[str]
) -> None:
    found = project.get("issues", **{"status": "all", "query": "Listed"} | asked)
    assert {one["type"] for one in found["issues"] if one["id"] in listed.values()} == {*expected}
    assert {one["type"] for one in found["issues"]} >= {*expected}


@pytest.mark.parametrize("sort", ["events", "users"])
def test_the_list_is_sorted_and_paged(project: Project, listed: dict[str, int], sort: str) -> None:
    """What came most often, or hurt most people, first; a page after the other is the whole."""
    pages = [project.get("issues", status="all", query="Listed", sort=sort, limit=1, offset=at) for at in range(3)]
    assert {page["total"] for page in pages} == {3}
    found = [page["issues"][0]["id"] for page in pages]
    assert found[0] == listed["ListedCard"]
    assert set(found) == set(listed.values())


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        ("issues/changes", {"ids": [99_999_999], "status": "resolved"}, 404, "cannot find issue"),
        ("issues/changes", {"ids": []}, 400, "ids"),
        (
            "issues/changes",
            {"ids": [1], "status": "unresolved", "resolved_in": "1"},
            400,
            "resolved_in: expected together",
        ),
        ("issues/merges", {"into": 99_999_999, "ids": [1]}, 404, "cannot find issue"),
        ("issues/1/links", {"tracker": "jira"}, 404, ""),
    ],
)
def test_acts_on_what_is_not_there_are_told_so(
    project: Project, path: str, body: dict[str, Any], status: int, said: str
) -> None:
    answer = project.act(path, **body)
    assert answer.status_code in (status, 422 if status == 400 else status), answer.text
    assert said in answer.text


def test_errors_by_type_over_time_and_what_was_kept_out(project: Project) -> None:
    """Row M03, J26."""
    send(project, *[event("chart", type="Charted") for _ in range(3)])
    bot = {"request": {"headers": {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}}}
    send(
        project,
        event("bot", type="FromABot", **bot),
        event("program", type="FromAProgram", request={"headers": {"User-Agent": "python-httpx/0.28"}}),
    )
    project.seen("Charted", 3)
    project.seen("FromAProgram", 1)
    series = project.get("errors/over-time", by="type")["series"]
    assert sum(series["Charted"]) == 3
    assert "FromABot" not in series
    assert eventually(lambda: project.get("errors/dropped")["reasons"].get("filtered_crawler"), seconds=20) == 1


def test_errors_are_a_series(server: Server) -> None:
    """So that a rule can ask for their rate; PromQL is asked of the first project."""
    first = Project(server, 1, KEY)
    send(first, *[event("s", type="InASeries") for _ in range(3)])
    query = 'sum by (type, severity) (error_events_total{type="InASeries"})'

    def asked() -> Any:
        with server.api() as api:
            return api.get("/prometheus/api/v1/query", params={"query": query}).json()["data"]["result"]

    found = eventually(lambda: (one := asked()) and one[0]["value"][1] == "3" and one, seconds=40)
    assert found[0]["metric"] == {"type": "InASeries", "severity": "error"}


def test_tags_trend_and_similar(project: Project) -> None:
    send(
        project,
        *[event("t", type="Tagged", tags={"tenant": name}, user={"id": name}) for name in ("a", "a", "b")],
        event("t", type="Tagged", frames=[]),
    )
    issue = project.seen("Tagged", 3)
    tags = {
        one["name"]: {v["value"]: v["events"] for v in one["values"]}
        for one in project.get(f"issues/{issue['id']}/tags")["tags"]
    }
    assert tags["tenant"] == {"a": 2, "b": 1}
    assert tags["user"] == {"id:a": 2, "id:b": 1}
    assert sum(point["events"] for point in project.get(f"issues/{issue['id']}/trend")["points"]) == 3
    with project.server.api() as api:

        def similar() -> list[str]:
            return [one["type"] for one in api.get(f"/api/v1/issues/{issue['id']}/similar").json()["issues"]]

        assert eventually(similar)[0] == "Tagged"


def test_the_commit_that_touched_the_stack_is_suspect(project: Project) -> None:
    """Of the release in which the issue was first seen."""
    release = "suspect@2.0"
    commits = [
        {"sha": "a" * 40, "author": "Ada", "message": "Faster payments", "files": ["src/app/pay.py", "README.md"]},
        {"sha": "b" * 40, "author": "Bob", "message": "New logo", "files": ["static/logo.svg"]},
    ]
    with project.server.api() as api:
        made = api.post(
            "/api/v1/releases", params={"project": project.id}, json={"version": release, "commits": commits}
        )
    assert made.status_code == 204, made.text
    send(project, event("s", type="Suspected", release=release))
    issue = project.seen("Suspected", 1)["id"]
    found = project.get(f"issues/{issue}")["suspects"]
    assert [(one["author"], one["message"], one["files"]) for one in found] == [
        ("Ada", "Faster payments", ["src/app/pay.py"])
    ]
