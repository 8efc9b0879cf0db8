"""Settings with ten thousand of everything, with dead letters and with limits that were hit, in a browser."""

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import create_engine, insert

from midwatch.server.workspace.models import AuditRow, Base, KeyRow, TokenRow, UserRow
from midwatch.server.workspace.secrets import digest
from tests import bodies
from tests.browser.conftest import accessibility_violations, own_server
from tests.conftest import Server
from tests.eventually import eventually

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-own-2"), pytest.mark.thorough]
OpenPage = Callable[..., Page]
MANY = 10_000
HITTING = 600


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with ten thousand users, keys, tokens and lines of the audit log."""
    started = own_server(tmp_path_factory.mktemp("full"))
    made: dict[str, Any] = {"created_ms": time.time_ns() // 10**6, "created_by": "test"}
    rows: dict[type[Base], Callable[[int], dict[str, Any]]] = {
        UserRow: lambda at: {
            "id": f"u{at}",
            "email": f"user-{at}@example.com",
            "name": "",
            "role": 1,
            "created_ms": made["created_ms"],
            "disabled": False,
        },
        KeyRow: lambda at: {
            "id": f"k-{at}",
            "hash": digest(_key(at)),
            "name": f"key-{at}",
            "project": 1,
            "origins": [],
            "prefix": "mwk_",
            "revoked": False,
            **made,
        },
        TokenRow: lambda at: {
            "id": f"t-{at}",
            "hash": f"{at}",
            "name": f"token-{at}",
            "role": 1,
            "scopes": "read",
            "prefix": "mwt_",
            **made,
        },
        AuditRow: lambda at: {
            "time_ms": made["created_ms"],
            "actor": "test",
            "action": "test.act",
            "target": f"target-{at}",
            "details": {},
            "address": "127.0.0.1",
        },
    }
    engine = create_engine(f"sqlite:///{started.data / 'workspace.db'}")
    with engine.begin() as connection:
        for table, row in rows.items():
            connection.execute(insert(table), [row(at) for at in range(MANY)])
    engine.dispose()
    yield started
    started.stop()


def _key(at: int) -> str:
    return f"mwk_tests_of_settings_{at}"


@pytest.mark.parametrize(
    ("tab", "label", "many", "last"),
    [
        ("users", "Users", "users", "user-9999@example.com"),
        ("keys", "Ingest keys", "keys", "key-9999"),
        ("tokens", "API tokens", "tokens", "token-9999"),
    ],
)
def test_ten_thousand_rows_are_a_window_and_a_number(
    full: Server, open_page: OpenPage, tab: str, label: str, many: str, last: str
) -> None:
    """Only rows in sight are in the document, the last one is reached, and a filter says how many it leaves."""
    page = open_page(full, f"/settings?tab={tab}")
    table, said = page.get_by_role("region", name=label), page.get_by_role("main").get_by_role("status")
    expect(said).to_have_text(re.compile(rf"^10,00\d {many}$"), timeout=30_000)
    assert table.locator("tbody tr").count() < 100
    assert accessibility_violations(page) == []
    expect(table.locator("tbody")).not_to_contain_text(last)
    page.locator("#main").evaluate("main => main.scrollTo(0, main.scrollHeight)")
    expect(said).to_be_in_viewport()
    expect(table.locator("tbody")).to_contain_text("999")
    assert table.locator("tbody tr").count() < 100
    page.get_by_role("textbox", name=f"Filter {many}").fill(last)
    expect(table.locator("tbody tr")).to_have_count(1)
    expect(table).to_contain_text(last)
    expect(said).to_have_text(re.compile(rf"^1 of 10,00\d {many}$"))


def test_the_audit_log_is_read_back_as_far_as_one_asks(full: Server, open_page: OpenPage) -> None:
    """It comes in parts, says so, and its newest part stays while older ones are added."""
    page = open_page(full, "/settings?tab=audit")
    log, said = page.get_by_role("region", name="Audit log"), page.get_by_role("main").get_by_role("status")
    expect(said).to_have_text("200 acts", timeout=30_000)
    expect(page.locator("main")).to_contain_text("shown, there are more")
    page.get_by_role("button", name="Show more").click()
    expect(said).to_have_text("400 acts")
    assert log.locator("tbody tr").count() < 100
    page.get_by_role("textbox", name="Filter acts").fill("target-9700")
    expect(said).to_have_text("1 of 400 acts")


def test_of_very_many_limits_hit_the_most_frequent_are_shown_and_said_to_be(full: Server, open_page: OpenPage) -> None:
    """Six hundred keys that each hit a limit: the table says that it holds 500 of them and where the others are."""
    body = bodies.traces("late", [bodies.span(start_time_unix_nano=0)]).SerializeToString()
    with full.door(key=None) as door:
        for at in range(HITTING):
            headers = {"authorization": f"Bearer {_key(at)}"}
            eventually(lambda headers=headers: door.post("/v1/traces", content=body, headers=headers).is_success)
    with full.api() as api:
        eventually(lambda: api.get("/api/v1/system/limits").json()["total"] >= HITTING, seconds=60)
    page = open_page(full, "/settings?tab=limits")
    expect(page.locator("main")).to_contain_text(re.compile(r"The 500 most frequent of 60\d limits hit are shown"))
    expect(page.get_by_role("status")).to_have_text("500 limits hit")
    assert page.get_by_role("region", name="Limits hit").locator("tbody tr").count() < 100
