"""Costs through the API: sums reckoned apart, what counts once, what has no price, what corrects history."""

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from tests import bodies
from tests.conftest import Server
from tests.integration.costs import usage_sent

FIRST, AFTER = usage_sent.last_month()
MIDDLE = FIRST + timedelta(days=14)
SPAN = {"start": f"{FIRST}T00:00:00Z", "end": f"{AFTER}T00:00:00Z"}
MADE = usage_sent.uses(FIRST, AFTER)
EXPECTED = usage_sent.expected(MADE, MIDDLE)
EXACT = Decimal("1e-9")
"""What sums may differ by: a price that was divided has thirty digits."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One whose plan these tests change, with last month's usage."""
    started = Server(tmp_path_factory.mktemp("costs"), options=("--retention", "traces=0,logs=0,metrics=0")).start()
    usage_sent.send(started, MADE)
    yield started
    started.stop()


@pytest.fixture
def api(server: Server) -> Iterator[httpx.Client]:
    with server.api() as client:
        apply(client, usage_sent.PLAN)
        yield client


def apply(api: httpx.Client, plan: str, **files: str) -> None:
    body = {"files": {"midwatch.yml": plan.replace("MIDDLE", str(MIDDLE)), **files}}
    applied = api.post("/api/v1/plan/apply", json=body).json()
    assert applied["ok"], applied


def get(api: httpx.Client, path: str = "costs", **params: Any) -> Any:
    answer = api.get(f"/api/v1/{path}", params={**SPAN, **params})
    assert answer.status_code == 200, answer.text
    return answer.json()


def near(found: str, wanted: Decimal) -> bool:
    return abs(Decimal(found) - wanted) < EXACT


def test_sums_are_those_of_every_single_use(api: httpx.Client) -> None:
    """Tiers by month, a price that changes in the middle, currencies, credits, models; by kind, day and user."""
    report = get(api, by="kind")
    assert near(report["total"], EXPECTED.total)
    assert (report["uses"], report["unpriced"]) == (len(MADE), EXPECTED.unpriced)
    assert report["rows"][0]["value"] == max(EXPECTED.by_kind, key=lambda kind: EXPECTED.by_kind[kind])
    for row in report["rows"]:
        assert near(row["amount"], EXPECTED.by_kind[row["value"]]), row
    days: dict[date, Decimal] = {}
    for series in report["series"]:
        for point in series["points"]:
            day = datetime.fromtimestamp(point["at"], UTC).date()
            days[day] = days.get(day, Decimal(0)) + Decimal(point["amount"])
    assert days.keys() == EXPECTED.by_day.keys()
    assert all(abs(days[day] - amount) < EXACT for day, amount in EXPECTED.by_day.items())
    users = get(api, by="user", match=["kind=sms"])["rows"]
    # Within a day the uses of a tier share its price.
    assert sum(Decimal(row["amount"]) for row in users) == pytest.approx(EXPECTED.by_kind["sms"], abs=EXACT)
    assert {row["value"] for row in users} == EXPECTED.by_user.keys()


def test_a_filter_does_not_make_tiers_begin_anew(api: httpx.Client) -> None:
    """What one service spent and what the other did are the whole; a day's part of the month is paid at its tier."""
    parts = [Decimal(get(api, match=["kind=sms", f"service={one}"])["total"]) for one in ("api", "worker")]
    assert abs(sum(parts) - EXPECTED.by_kind["sms"]) < EXACT
    last = AFTER - timedelta(days=1)
    day = {"start": f"{last}T00:00:00Z", "end": f"{AFTER}T00:00:00Z"}
    assert near(get(api, **day)["total"], EXPECTED.by_day[last])


def test_other_currencies(api: httpx.Client) -> None:
    in_euro = get(api, currency="EUR")
    assert near(in_euro["total"], EXPECTED.total / Decimal("1.08"))
    assert in_euro["currencies"] == ["EUR", "USD"]
    refused = api.get("/api/v1/costs", params={**SPAN, "currency": "CHF"})
    assert (refused.status_code, "rates" in refused.json()["error"]) == (400, True)


def test_what_nobody_knows_the_price_of(api: httpx.Client) -> None:
    """An unknown model and a currency without a rate are counted and in no sum."""
    rows = get(api, "costs/unpriced")["rows"]
    assert {(one["reason"], one["kind"].split(".")[0], one["model"] or one["currency"]) for one in rows} == {
        ("no_price", "llm", "mystery-1"),
        ("no_rate", "payment", "GBP"),
    }
    assert sum(one["uses"] for one in rows) == EXPECTED.unpriced


def test_a_corrected_price_corrects_history(api: httpx.Client) -> None:
    apply(
        api,
        "prices:\n  - {kind: sms, amount: 0.01}\n  - {kind: llm.input_tokens, match: {model: mystery-1}, amount: 1}",
    )
    report = get(api, match=["kind=sms"])
    units = sum(one.units for one in MADE if one.kind == "sms")
    assert (Decimal(report["total"]), Decimal(report["rows"][0]["units"])) == (units * Decimal("0.01"), units)
    assert all(
        one["kind"] != "llm.input_tokens" for one in get(api, "costs/unpriced")["rows"] if one["model"] == "mystery-1"
    )


def test_the_cost_of_a_job(api: httpx.Client) -> None:
    """By its id, and all jobs side by side."""
    jobs = {row["value"]: Decimal(row["amount"]) for row in get(api, by="job_id", match=["kind=llm.*"])["rows"]}
    assert len(jobs) == 5
    assert Decimal(get(api, by="model", match=["job_id=j3"])["total"]) == jobs["j3"]


def test_a_call_counts_once_whoever_tells_of_it(server: Server, api: httpx.Client) -> None:
    """Records in a span, a span below a span, an agent that adds up; and a span that is sampled stands for others."""
    at = datetime(FIRST.year, FIRST.month, 1, tzinfo=UTC) - timedelta(days=40)
    trace, told, alone, outer, agent = os.urandom(16), *(os.urandom(8) for _ in range(4))
    tokens = {"gen_ai__usage__input_tokens": 1000, "gen_ai__usage__output_tokens": 100}
    cached = {**tokens, "gen_ai__usage__cache_read__input_tokens": 400}
    spans = [
        usage_sent.llm_span(at, trace, agent, gen_ai__operation__name="invoke_agent", **tokens),
        usage_sent.llm_span(at, trace, told, agent, **tokens),
        usage_sent.llm_span(at, trace, outer, agent, **tokens),
        usage_sent.llm_span(at, trace, alone, outer, **cached),
    ]
    spans[-1].trace_state = "ot=th:8"  # one in two
    records = [
        {
            "event_name": "cost",
            "time_unix_nano": usage_sent.nanos(at) + 5,
            "trace_id": trace,
            "span_id": told,
            "attributes": {
                "cost.kind": kind,
                "cost.units": units,
                "model": "gpt-5",
                "event.id": f"{trace.hex()}{kind}",
            },
        }
        for kind, units in (("llm.input_tokens", 1000), ("llm.output_tokens", 100))
    ]
    sent = [bodies.logs("ai", [*records, records[0]]), bodies.logs("ai", records)]
    with server.door() as door:
        for path, body in [("/v1/traces", bodies.traces("ai", spans)), *(("/v1/logs", one) for one in sent)]:
            assert door.post(path, params={"wait": "visible"}, content=body.SerializeToString()).is_success
    day = {
        "start": f"{at - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}",
        "end": f"{at + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}",
    }
    found = get(api, by="kind", match=[f"trace_id={trace.hex()}"], **day)
    units = {row["value"]: Decimal(row["units"]) for row in found["rows"]}
    assert units == {"llm.input_tokens": 1000 + 2 * 600, "llm.cache_read_tokens": 800, "llm.output_tokens": 300}
    price = {kind: Decimal(amount) / 10**6 for kind, amount in usage_sent.GPT5.items()}
    assert Decimal(found["total"]) == sum(units[kind] * price[kind] for kind in units)


def test_fees_are_costs_of_their_days(api: httpx.Client) -> None:
    """Of last month, beside what was used: by kind, service, name and day, exactly; others' environments have none."""
    fees = f"""fees:
  - {{kind: sms.number, name: two numbers, amount: 1.15, count: 2, provider: twilio, service: api}}
  - {{kind: hosting, amount: 24.99, env: production, from: "{MIDDLE}"}}
"""
    apply(api, usage_sent.PLAN + fees)
    days, late = (AFTER - FIRST).days, (AFTER - MIDDLE).days
    hosting = Decimal("24.99") * late / days
    report = get(api, by="kind")
    rows = {row["value"]: row for row in report["rows"]}
    assert near(report["total"], EXPECTED.total + Decimal("2.30") + hosting)
    assert (rows["sms.number"]["amount"], rows["sms.number"]["uses"]) == ("2.3", days)
    assert near(rows["hosting"]["amount"], hosting)
    assert [row["value"] for row in get(api, by="fee", match=["provider=twilio"])["rows"]] == ["two numbers"]
    (series,) = get(api, by="service", match=["kind=sms.number"])["series"]
    assert (series["value"], len(series["points"])) == ("api", days)
    assert all(abs(Decimal(point["amount"]) - Decimal("2.3") / days) < EXACT for point in series["points"])
    assert [row["value"] for row in get(api, by="kind", env="staging", match=["kind=hosting"])["rows"]] == []
    assert api.get("/api/v1/costs/forecast", params={"match": "kind=sms.number"}).json()["expected"] == "2.3"
