"""A story in the page: from any id, from its neighbours, and inside of a runbook."""

import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from playwright.sync_api import Browser, Page, expect

from tests import bodies
from tests.browser.conftest import accessibility_violations, own_server, screenshot
from tests.conftest import Server

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-own-2"), pytest.mark.thorough]
OpenPage = Callable[..., Page]
RUNBOOK = Path(__file__).parents[2] / "examples" / "josh" / "observability" / "runbooks" / "no-reply.md"
SECOND_NS = 10**9
BEGAN_NS = time.time_ns() - 20 * 60 * SECOND_NS
TRACES = [os.urandom(16) for _ in range(3)]


def at(seconds: float) -> int:
    return BEGAN_NS + int(seconds * SECOND_NS)


def span(trace: int, begin: float, seconds: float, name: str, **more: Any) -> Span:
    times = {"start_time_unix_nano": at(begin), "end_time_unix_nano": at(begin + seconds)}
    return bodies.span(trace_id=TRACES[trace], name=name, **{**times, **more})


def record(trace: int, when: float, body: str, event: str = "", **attributes: str) -> dict[str, Any]:
    event_id = {"event.id": os.urandom(8).hex()} if event else {}
    known = {"time_unix_nano": at(when), "trace_id": TRACES[trace], "severity_number": 9, "event_name": event}
    return {**known, "body": body, "attributes": {"correlation_id": "c-77", **event_id, **attributes}}


@pytest.fixture(scope="module")
def told(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A reply that was sent at the second try, whose call-back never came; and a message of somebody else."""
    started = own_server(tmp_path_factory.mktemp("story"))
    root = os.urandom(8)
    job = {"job.name": "reply", "job.id": "job-5", "correlation_id": "c-77"}
    failed = Status(code=Status.STATUS_CODE_ERROR, message="TimeoutError: the model did not answer")
    webhook = [
        span(0, 0, 0.3, "POST /webhooks/sms", span_id=root, attributes={"correlation_id": "c-77"}),
        *(span(0, 0.01 * n, 0.01, f"step {n}", parent_span_id=root, kind=Span.SPAN_KIND_INTERNAL) for n in range(1, 9)),
    ]
    worker = [
        span(1, 240, 3, "job reply", kind=Span.SPAN_KIND_CONSUMER, status=failed, attributes={**job, "job.attempt": 1}),
        span(1, 250, 2, "job reply", kind=Span.SPAN_KIND_CONSUMER, attributes={**job, "job.attempt": 2}),
    ]
    bodies_of = {
        "/v1/traces": [bodies.traces("web", webhook), bodies.traces("worker", worker)],
        "/v1/logs": [
            bodies.logs(
                "web",
                [
                    record(0, 0.1, "message taken", message_id="SM-in", user_id="u-9"),
                    record(
                        0,
                        0.2,
                        "state.transition",
                        "state.transition",
                        **{
                            "entity.type": "reply",
                            "entity.id": "5",
                            "state.from": "new",
                            "state.to": "pending",
                            "job_id": "job-5",
                        },
                    ),
                ],
            ),
            bodies.logs("worker", [record(1, 251, "sms.sent", "sms.sent", message_id="SM-out", job_id="job-5")]),
        ],
    }
    with started.door() as door:
        for path, requests in bodies_of.items():
            for request in requests:
                answer = door.post(path, params={"wait": "visible"}, content=request.SerializeToString())
                assert answer.status_code == 200, answer.text
    with started.api() as api:
        plan = {"midwatch.yml": "runbooks: off\n", "runbooks/no-reply.md": RUNBOOK.read_text()}
        applied = api.post("/api/v1/plan/apply", json={"files": plan}).json()
        assert applied["ok"], applied
    yield started
    started.stop()


def test_an_id_of_any_kind_is_told_and_each_line_opens_its_source(told: Server, open_page: OpenPage) -> None:
    """Asked in one box, remarked on, filtered, by service, every span; a line leads to where it is whole."""
    page = open_page(told, "/story")
    expect(page.get_by_text("What happened to it?")).to_be_visible()
    assert accessibility_violations(page) == []
    page.get_by_label("An id of any kind").fill("SM-out")
    page.get_by_role("button", name="Tell its story").click()
    expect(page).to_have_url(re.compile("id=SM-out"))
    timeline = page.get_by_role("region", name="Lines in order").locator("tbody tr")
    expect(timeline.filter(has_text="message taken")).to_be_visible()
    expect(timeline.filter(has_text="sms.sent")).to_be_visible()
    expect(timeline.filter(has_text="8 more spans")).to_be_visible()
    expect(page.get_by_text("message SM-out").first).to_be_visible()
    remarks = page.get_by_role("list", name="Remarks")
    expect(remarks).to_contain_text("job reply failed in worker: TimeoutError: the model did not answer")
    expect(remarks).to_contain_text("nothing was told for 3.99 min while job job-5 was pending")
    expect(remarks).to_contain_text("message SM-out had no delivery call-back")
    expect(remarks).to_contain_text("succeeded at attempt 2")
    related = page.get_by_role("region", name="Ids in order").locator("tbody tr")
    expect(related.filter(has_text="u-9")).to_contain_text("has stories of its own")
    expect(related.filter(has_text="job-5").first).to_be_visible()
    assert accessibility_violations(page) == []
    screenshot(page, "story")

    page.get_by_label("Every span").check()
    expect(timeline.filter(has_text="step 8")).to_be_visible()
    page.get_by_text("By service", exact=True).click()
    expect(page.get_by_role("region", name="Lines of worker").locator("tbody tr")).to_have_count(3)
    page.get_by_text("By time", exact=True).click()
    page.get_by_role("group", name="kind").get_by_text("message 2").click()
    expect(timeline).to_have_count(2)
    page.go_back()
    timeline.filter(has_text="message taken").get_by_role("link").first.click()
    expect(page).to_have_url(re.compile(r"/logs\?.*line="))
    expect(page.get_by_role("complementary", name="Details")).to_contain_text("message taken")
    page.get_by_role("link", name="Story of this user").click()
    expect(page.get_by_role("region", name="Lines in order").locator("tbody tr", has_text="sms.sent")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Export as Markdown").click()
    assert "# What happened to user `u-9`" in Path(download.value.path()).read_text()


def test_what_an_id_cost_is_one_link_away(told: Server, open_page: OpenPage) -> None:
    page = open_page(told, "/story?correlation_id=c-77")
    page.get_by_role("link", name="What it cost").click()
    page.wait_for_url("**/costs?**match=correlation_id%3Dc-77**")
    expect(page.get_by_role("heading", name="Costs", level=1)).to_be_visible()


def test_an_id_that_nobody_has_says_what_to_do(told: Server, open_page: OpenPage) -> None:
    """Nothing is drawn; the next steps are there."""
    page = open_page(told, "/story?correlation_id=nobody", phone=True, dark=True)
    expect(page.get_by_text("Nothing is stored of correlation nobody")).to_be_visible()
    expect(page.get_by_text("not found", exact=True)).to_be_visible()
    expect(page.get_by_text("midwatch.event")).to_be_visible()
    assert accessibility_violations(page) == []
    page = open_page(told, "/story?correlation_id=c-77", phone=True, dark=True)
    expect(page.get_by_role("region", name="Lines in order")).to_contain_text("sms.sent")
    assert accessibility_violations(page) == []
    screenshot(page, "story-phone-dark")


def test_why_there_was_no_reply_begins_with_the_story(told: Server, open_page: OpenPage) -> None:
    """The runbook asks for the id that no alert gave, and has the story in it."""
    page = open_page(told, "/alerts/runbooks/no-reply")
    page.get_by_label("message_id").fill("SM-in")
    page.get_by_role("button", name="Ask with it").click()
    story = page.get_by_role("region", name="What happened to it")
    expect(story.get_by_role("list", name="Remarks")).to_contain_text("job reply failed in worker")
    expect(story).to_contain_text("sms.sent")
    assert accessibility_violations(page) == []
    screenshot(page, "story-runbook")
    story.get_by_role("link", name="The whole story").click()
    expect(page).to_have_url(re.compile(r"/story\?.*message_id=SM-in"))
    expect(page.get_by_role("region", name="Lines in order")).to_contain_text("message taken")
