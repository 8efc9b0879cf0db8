"""How long the costs of a month of two million uses take: `make bench-costs`, `python -m benchmarks.costs [--uses N]`.

The table of usage is filled by the engine itself: messages, and calls of three models with tokens in and out, of 5,000
users and 40,000 jobs. Costs are then asked for over HTTP, and the page is opened in Chromium, where there is one.
"""

import argparse
import asyncio
import json
import tempfile
import time
from pathlib import Path

import httpx
from playwright.sync_api import expect, sync_playwright
from tests.conftest import Server
from tools.find_browser import ARGUMENTS, find_browser

from benchmarks.filling import new_store, said
from midwatch.cli.parts import signin_link

BLOCK = 500_000
DAYS = 30
ASKED = 7
GOAL_MS = 1_000.0
PLAN = """
prices:
  - {kind: sms, tiers: [{amount: 0.0083}, {above: 150000, amount: 0.0081}]}
budgets:
  - {name: llm, match: {kind: "llm.*"}, amount: 500}
  - {name: messages, match: {kind: sms}, amount: 5000}
"""


def uses_sql(first: int, rows: int, of: int) -> str:
    """Uses `first` to `first + rows` of `of`, spread over the last month."""
    span_ns = DAYS * 86_400 * 10**9
    return f"""INSERT INTO usage (Project, Timestamp, Kind, Units, ServiceName, Environment, Provider, Model,
            Feature, Job, JobId, UserId, CorrelationId, Source, Call, Id)
        SELECT 1, now64(9, 'UTC') - toIntervalNanosecond({span_ns} - toInt64(number * ({span_ns} / {of}))),
            ['llm.input_tokens', 'llm.output_tokens', 'llm.cache_read_tokens', 'sms'][number % 4 + 1] AS kind,
            if(kind = 'sms', 1, 100 + cityHash64(number) % 4000), if(kind = 'sms', 'api', 'worker'), 'production',
            multiIf(kind = 'sms', 'twilio', number % 3 = 0, 'anthropic', 'openai'),
            if(kind = 'sms', '', ['claude-sonnet-4-5', 'gpt-5', 'gpt-5-mini'][number % 3 + 1]),
            ['drafts', 'chat', 'invite'][number % 3 + 1], 'draft', concat('d', toString(intDiv(number, 50))),
            concat('u', toString(cityHash64(number, 1) % 5000)), concat('c', toString(intDiv(number, 4))),
            'record', intDiv(number, 4), sipHash64(number)
        FROM numbers({first}, {rows})"""


async def fill(directory: Path, uses: int) -> None:
    async with new_store(directory) as store:
        for first in range(0, uses, BLOCK):
            await store.execute(uses_sql(first, min(BLOCK, uses - first), uses))
        await store.execute("OPTIMIZE TABLE usage FINAL")  # as a month's merges leave it


def ask(api: httpx.Client) -> None:
    month = {"start": f"now-{DAYS}d"}
    questions = {
        "by kind": ("costs", {**month, "by": "kind"}),
        "by day and kind": ("costs", {**month, "by": "kind", "interval": "day"}),
        "by user": ("costs", {**month, "by": "user"}),
        "by model": ("costs", {**month, "by": "model"}),
        "by job": ("costs", {**month, "by": "job_id"}),
        "forecast": ("costs/forecast", {}),
        "budgets": ("costs/budgets", {}),
        "without a price": ("costs/unpriced", month),
    }
    for name, (path, question) in questions.items():
        took = []
        for _ in range(ASKED):
            began = time.perf_counter()
            answer = api.get(f"/api/v1/{path}", params=question)
            took.append((time.perf_counter() - began) * 1e3)
            assert answer.is_success, f"{name}: {answer.text[:500]}"
        said(name, took, GOAL_MS)


def look(server: Server, token: str) -> None:
    """From a click on the page's link until nothing of it is waited for any more."""
    path = find_browser()
    if path is None:
        print("  the page: no Chromium")
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(signin_link({"url": server.url, "token": token}))
        page.get_by_text("Later").click()
        took = []
        for _ in range(ASKED):
            page.goto(f"{server.url}/logs")
            began = time.perf_counter()
            page.goto(f"{server.url}/costs?start=now-{DAYS}d")
            page.get_by_role("region", name="Costs by kind").locator("tbody tr").nth(3).wait_for()
            expect(page.locator("main [aria-busy=true]")).to_have_count(0)
            took.append((time.perf_counter() - began) * 1e3)
        said("the page in Chromium, whole", took, GOAL_MS)
        page.screenshot(path="test-results/costs-of-a-month.png", full_page=True)
        browser.close()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--uses", type=int, default=2_000_000)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as made:
        data = Path(made)
        (data / "store").mkdir(parents=True)
        began = time.perf_counter()
        asyncio.run(fill(data / "store", chosen.uses))
        print(f"{chosen.uses:,} uses, filled in {time.perf_counter() - began:.0f} s")
        server = Server(data).start_as_it_is()
        try:
            with server.api() as api:
                applied = api.post("/api/v1/plan/apply", json={"files": {"midwatch.yml": PLAN}}).json()
                assert applied["ok"], json.dumps(applied)
                ask(api)
                look(server, api.headers["authorization"].removeprefix("Bearer "))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
