"""JOSH's rows: what is counted and measured, what boards show of it, and what it costs."""

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.systems.josh_day import LIVE
from tests.systems.josh_people import SUPPORT, VISIBLE_SECONDS, Josh, rows
from tests.systems.running import panels_of

pytestmark = [pytest.mark.rows, pytest.mark.timeout(2400)]
Evidence = Callable[[str], None]
COUNTERS = {
    "sms_inbound_total": "",
    "sms_inbound_duplicates_total": "",
    "sms_outbound_sent_total": "purpose",
    "sms_outbound_failed_total": "purpose reason",
    "llm_intent_calls_total": "",
    "llm_intent_failures_total": "reason",
    "clarifiers_asked_total": "intent",
    "linkups_created_total": "region",
    "linkups_locked_total": "region",
    "linkups_expired_total": "region",
    "linkups_canceled_total": "region reason",
    "invites_sent_total": "region",
    "invites_accepted_total": "region",
    "invites_declined_total": "region",
    "invites_expired_total": "region",
    "stripe_webhooks_total": "type",
    "stripe_webhook_failures_total": "type",
    "safety_incidents_total": "category severity",
}
HISTOGRAMS = {
    "api_latency_ms": "route",
    "db_query_ms": "query_name",
    "llm_latency_ms": "model",
    "twilio_send_latency_ms": "",
    "time_to_lock_minutes": "region",
    "time_to_first_reply_minutes": "",
}
GAUGES = {"broadcasting_linkups_active": "region", "pending_outbound_jobs": "", "pending_admin_safety_queue": ""}


def labels_of(josh: Josh, name: str) -> set[str]:
    found = josh.system.promql(f"{name}{{{LIVE}}}")
    return set().union(*(one["metric"] for one in found)) - {
        "__name__",
        "instance",
        "job",
        "le",
        "service_name",
        "otel_scope_name",
    }


def test_j09_the_eighteen_counters(full_day: Josh, evidence: Evidence) -> None:
    """Each has counted in staging what JOSH's own database says has happened there, with exactly its labels."""
    assert len(COUNTERS) == 18
    values = {}
    for name, labels in COUNTERS.items():
        values[name] = full_day.reaches(f"sum({name}{{{LIVE}}})", 1)
        assert labels_of(full_day, name) == {"env", *labels.split()}, name
    for name, query in {
        "linkups_created_total": "SELECT count(*) AS n FROM linkups",
        "linkups_locked_total": "SELECT count(*) AS n FROM linkups WHERE state = 'locked'",
        "linkups_expired_total": "SELECT count(*) AS n FROM linkups WHERE state = 'expired'",
        "invites_sent_total": "SELECT count(*) AS n FROM invites",
        "invites_accepted_total": "SELECT count(*) AS n FROM invites WHERE state = 'accepted'",
        "sms_outbound_sent_total": "SELECT count(*) AS n FROM sms_outbound_jobs WHERE status = 'sent'",
        "stripe_webhooks_total": "SELECT 1 + count(*) AS n FROM stripe_events",
    }.items():
        expected = rows(full_day, query, schema="staging")[0]["n"]
        full_day.system.until(
            lambda name=name, expected=expected: full_day.value(f"sum({name}{{{LIVE}}})") == expected,
            seconds=VISIBLE_SECONDS,
        )
    evidence(
        f"all 18 came from api, core and worker in staging; seven of them equal counts of JOSH's own tables: {values}"
    )


def test_j10_the_six_histograms(full_day: Josh, evidence: Evidence) -> None:
    """With their labels, and a quantile of each."""
    medians = {}
    for name, labels in HISTOGRAMS.items():
        full_day.reaches(f"sum({name}_count{{{LIVE}}})", 1)
        assert labels_of(full_day, f"{name}_bucket") == {"env", *labels.split()}, name
        medians[name] = round(full_day.value(f"histogram_quantile(0.5, sum by (le) ({name}_bucket{{{LIVE}}}))"), 2)
        assert medians[name] > 0
    evidence(f"medians in staging: {medians}")


def test_j11_the_three_gauges(full_day: Josh, evidence: Evidence) -> None:
    """The worker says what stands in the tables now."""
    queries = {
        "broadcasting_linkups_active": "SELECT count(*) AS n FROM linkups WHERE state = 'broadcasting'",
        "pending_outbound_jobs": "SELECT count(*) AS n FROM sms_outbound_jobs WHERE status IN ('pending', 'sending')",
        "pending_admin_safety_queue": "SELECT count(*) AS n FROM safety_incidents WHERE state = 'open'",
    }
    seen = {}
    for name, labels in GAUGES.items():
        assert {"env", *labels.split()} <= labels_of(full_day, name)
        of_worker = f'sum({name}{{{LIVE}, job="worker"}})'

        def agrees(name: str = name, of_worker: str = of_worker) -> bool:
            seen[name] = rows(full_day, queries[name], schema="staging")[0]["n"]
            return full_day.value(of_worker) == seen[name]

        full_day.system.until(agrees, seconds=VISIBLE_SECONDS)
    assert seen["pending_admin_safety_queue"] >= 1
    evidence(f"the worker's gauges equal the tables' counts: {seen}")


def asked(josh: Josh, text: str, env: str, seconds: int) -> str:
    return text.replace("$__rate_interval", "2m").replace("$__range", f"{seconds}s").replace("$env", env)


def board(josh: Josh, uid: str, env: str = "staging", seconds: int = 3600) -> dict[str, list[Any]]:
    """What each panel shows, by its title: values of PromQL in the order of its queries, or rows of SQL."""
    model = josh.system.get(f"dashboards/{uid}")["dashboard"]
    shown: dict[str, list[Any]] = {}
    for panel in panels_of(model):
        values: list[Any] = []
        for query in panel["queries"]:
            text = asked(josh, query["text"], env, seconds)
            if query["language"] == "sql":
                answer = josh.system.api.post("/api/v1/sql", json={"query": text})
                assert answer.status_code == 200, f"{panel['title']}: {answer.text}"
                values += answer.json()["rows"]
            else:
                found = (float(one["value"][1]) for one in josh.system.promql(text))
                values.append(sum(one for one in found if not math.isnan(one)))  # a quantile of nothing is NaN
        shown[panel["title"]] = values
    return shown


def near(shown: float, expected: float) -> bool:
    """`increase` guesses what happened at the edges of its window."""
    return abs(shown - expected) <= max(1.0, 0.35 * expected)


def test_j12_product_health(full_day: Josh, evidence: Evidence) -> None:
    """Funnels and engagement, against what JOSH's tables say."""
    (people,) = rows(full_day, "SELECT count(*) AS n FROM users WHERE state <> 'registered'", schema="staging")

    def told() -> dict[str, list[Any]] | None:
        shown = board(full_day, "product-health")
        return shown if shown["Registration funnel"][3] > 0 and shown["LinkUp funnel"][3] > 0 else None

    funnel = full_day.system.until(told, seconds=VISIBLE_SECONDS)
    assert funnel["Registration funnel"] == sorted(funnel["Registration funnel"], reverse=True)
    assert near(funnel["Registration funnel"][1], people["n"]), (funnel, people)
    created, invites, accepted, locked, _ = funnel["LinkUp funnel"]
    assert created > 0
    assert invites > accepted > 0
    assert locked > 0
    assert 0 < funnel["Accept rate"][0] < 1
    assert 0 < funnel["Lock rate"][0] <= 1
    past = board(full_day, "product-health", "prod", 7 * 86_400)
    assert past["Inbound messages per user and week"]
    assert 0 < past["Repeat attendance"][0][0] < 1
    evidence(
        f"staging's funnel is {funnel['Registration funnel']} for {people['n']} people, "
        f"its lock rate {funnel['Lock rate'][0]:.2f}"
    )


def test_j13_reliability(full_day: Josh, evidence: Evidence) -> None:
    """Each of its panels has what happened in staging."""
    josh = full_day

    def locked() -> dict[str, list[Any]] | None:
        told = board(josh, "reliability")
        return told if told["LinkUp lock rate"][0] > 0 else None

    shown = josh.system.until(locked, seconds=VISIBLE_SECONDS)
    stripe = shown["Stripe webhook failures"]
    assert len(shown) == 12
    person = josh.person("staging_api")

    def failing() -> dict[str, list[Any]] | None:
        josh.write(person, "hm?")
        josh.pay(person, plan="of nobody")
        told = board(josh, "reliability")
        wanted = (
            "Inbound volume",
            "Outbound failures",
            "Stripe webhook failures",
            "Model failures by reason",
            "Latency by query",
        )
        return told if all(told[title][0] > 0 for title in wanted) else None

    with josh.system.fault("sms_down"), josh.system.fault("llm_invalid_json"):
        shown = josh.system.until(failing, seconds=VISIBLE_SECONDS)
    assert 0 < shown["Stripe webhook failures"][0] <= 1
    evidence(
        f"{len(shown)} panels; with Twilio down and the model chatting {shown['Outbound failures'][0]:.0%} of what "
        f"staging sends fails, {shown['Stripe webhook failures'][0]:.0%} of its payments (before: {stripe})"
    )


def test_j14_safety(full_day: Josh, evidence: Evidence) -> None:
    """Incidents, holds, and how long they took until somebody resolved them."""
    josh = full_day
    person = josh.person("staging_api")
    josh.write(person, "he was creepy")
    (incident,) = rows(josh, "SELECT id FROM safety_incidents ORDER BY id DESC LIMIT 1", schema="staging")
    josh.post("staging_api", f"/api/admin/incidents/{incident['id']}/resolve", {}, SUPPORT)
    josh.events("safety.incident_resolved", env="staging")
    shown = josh.system.until(
        lambda: (
            (told := board(josh, "safety"))["Reports and their resolution time"]
            and told["Holds per day"][0] > 0
            and any(one[2] for one in told["Reports and their resolution time"])
            and told
        ),
        seconds=VISIBLE_SECONDS,
    )
    severities = {one[0]: one for one in shown["Reports and their resolution time"]}
    assert {"critical", "medium"} <= set(severities)
    (reports,) = rows(josh, "SELECT count(*) AS n FROM safety_incidents", schema="staging")
    assert sum(one[1] for one in severities.values()) == reports["n"]
    evidence(
        f"reports by severity (count, resolved, minutes): {list(severities.values())}, as many as core's table has"
    )


def test_j15_cost(full_day: Josh, evidence: Evidence) -> None:
    """Units a day times their price, and the database's usage."""
    josh = full_day

    def sent() -> int:
        counted = rows(josh, "SELECT count(*) AS n FROM sms_outbound_jobs WHERE status = 'sent'", schema="staging")
        return int(counted[0]["n"])

    # What a series begins with is no increase of it: what is sent once it is there is compared.
    person = josh.person("staging_api")
    josh.system.until(lambda: josh.system.promql('sms_outbound_sent_total{env="staging"}'), seconds=VISIBLE_SECONDS)
    josh.system.settled('sum(sms_outbound_sent_total{env="staging"})')
    before, had = board(josh, "cost")["Messages per day"][0], sent()
    for _ in range(20):
        josh.write(person, "hm?")
    josh.system.until(lambda: sent() >= had + 20, seconds=VISIBLE_SECONDS)

    def counted() -> dict[str, list[Any]] | None:
        told = board(josh, "cost")
        return told if near(told["Messages per day"][0] - before, sent() - had) else None

    shown = josh.system.until(counted, seconds=VISIBLE_SECONDS)
    messages, priced = shown["Messages per day"][0], shown["Messages per day times price"][0]
    assert priced == pytest.approx(messages * 0.0079, rel=0.01)  # `increase` is asked at two instants
    assert shown["Database connections"][0] > 0
    kinds = {one["value"] for one in josh.system.get("costs", by="kind", start="now-1h", env="staging")["rows"]}
    assert {"sms", "llm.input_tokens", "llm.output_tokens", "database.gigabyte_hours", "payment.fee"} <= kinds
    evidence(
        f"{messages:.0f} messages a day in staging ({sent() - had} in its table since) are {priced:.2f} USD; "
        f"kinds: {sorted(kinds)}"
    )


def test_j22_costs_and_budgets(josh: Josh, evidence: Evidence) -> None:
    """Messages, payments, the database and tokens have prices; a budget that is spent is told of."""
    person = josh.person()
    josh.write(person, "hm?")
    josh.pay(person)
    wanted = {"sms", "payment.fee", "database.gigabyte_hours", "llm.input_tokens", "llm.output_tokens"}

    def spent() -> dict[str, float] | None:
        found = josh.system.get("costs", by="kind", start="now-1h", env="prod")["rows"]
        amounts = {one["value"]: float(one["amount"]) for one in found}
        return amounts if wanted <= set(amounts) and all(amounts[kind] > 0 for kind in wanted) else None

    amounts = josh.system.until(spent, seconds=VISIBLE_SECONDS)
    assert josh.system.get("costs/unpriced", start="now-1h")["rows"] == []
    (sent,) = rows(josh, "SELECT count(*) AS n FROM sms_outbound_jobs WHERE status = 'sent'")
    assert amounts["sms"] <= sent["n"] * 0.0079 + 1e-9
    plan = Path(josh.system.told["data"]) / "plan" / "midwatch.yml"
    began = time.time()
    told = yaml.safe_load(plan.read_text())
    (budget,) = [one for one in told["budgets"] if one["name"] == "sms-per-day"]
    budget["amount"] = 0.01
    plan.write_text(yaml.safe_dump(told, sort_keys=False))
    found = josh.system.until(
        lambda: josh.system.notified("/services/", "BudgetSpent", after=began) or None, seconds=VISIBLE_SECONDS
    )
    assert "sms-per-day" in found[0]["body"]
    evidence(
        f"spent in an hour: { {kind: round(amounts[kind], 6) for kind in sorted(wanted)} }; "
        "Slack was told that sms-per-day is"
    )
