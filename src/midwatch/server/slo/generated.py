"""The rules of an objective, in Prometheus's format and under Sloth's names, so that boards made for those work."""

from collections.abc import Iterator, Mapping
from typing import Any

from midwatch.server.promql.floats import plain
from midwatch.server.promql.syntax.text import quote
from midwatch.server.slo.objective import BurnAlert, Objective
from midwatch.server.slo.windows import BURN_WINDOWS, RECORDED, SHORTEST, BurnWindow, Urgency

ERRORS = "slo:sli_error:ratio_rate"
Rule = dict[str, Any]


def rule_groups(objective: Objective) -> list[dict[str, Any]]:
    """As they would stand under `groups` of a rule file."""
    groups = [
        ("sli-recordings", list(_error_ratios(objective))),
        ("meta-recordings", list(_meta(objective))),
        ("alerts", list(_alerts(objective))),
    ]
    return [{"name": f"sloth-slo-{part}-{objective.id}", "rules": rules} for part, rules in groups if rules]


def identity(objective: Objective) -> dict[str, str]:
    """The labels by which an objective's series are found."""
    return {"sloth_id": objective.id, "sloth_service": objective.service, "sloth_slo": objective.name}


def selector(objective: Objective) -> str:
    return "{" + ", ".join(f"{name}={quote(value)}" for name, value in identity(objective).items()) + "}"


def recorded(window: str) -> str:
    return f"{ERRORS}{window}"


def _error_ratios(objective: Objective) -> Iterator[Rule]:
    for window in RECORDED:
        yield _record(objective, recorded(window), objective.indicator.error_ratio(window), window)
    # Over the whole window the mean of what is recorded: weeks of raw series at each evaluation are too many.
    series = f"{recorded(SHORTEST)}{selector(objective)}[{objective.window}]"
    mean = f"sum_over_time({series})\n/ ignoring (sloth_window)\ncount_over_time({series})"
    yield _record(objective, recorded(objective.window), mean, objective.window)


def _meta(objective: Objective) -> Iterator[Rule]:
    chosen = selector(objective)
    budget = f"slo:error_budget:ratio{chosen}"
    matching = "/ on (sloth_id, sloth_slo, sloth_service) group_left ()"
    yield _record(objective, "slo:objective:ratio", f"vector({plain(objective.target)})")
    yield _record(objective, "slo:error_budget:ratio", f"vector({plain(objective.budget)})")
    yield _record(objective, "slo:time_period:days", f"vector({plain(objective.days)})")
    for name, window in (("current", SHORTEST), ("period", objective.window)):
        burning = f"{recorded(window)}{chosen}\n{matching}\n{budget}"
        yield _record(objective, f"slo:{name}_burn_rate:ratio", burning)
    left = f"1 - slo:period_burn_rate:ratio{chosen}"
    yield _record(objective, "slo:period_error_budget_remaining:ratio", left)
    info = {"sloth_objective": plain(objective.target * 100), "sloth_version": "midwatch", "sloth_mode": "midwatch"}
    yield _record(objective, "sloth_slo_info", "vector(1)", more=info)


def _record(
    objective: Objective, name: str, expr: str, window: str | None = None, more: Mapping[str, str] | None = None
) -> Rule:
    labels = dict(objective.labels) | identity(objective) | dict(more or {})
    if window is not None:
        labels["sloth_window"] = window
    return {"record": name, "expr": expr, "labels": labels}


def _alerts(objective: Objective) -> Iterator[Rule]:
    for urgency, alert in ((Urgency.PAGE, objective.page), (Urgency.TICKET, objective.ticket)):
        if alert is not None:
            yield _alert(objective, urgency, alert)


def _alert(objective: Objective, urgency: Urgency, alert: BurnAlert) -> Rule:
    burning = [one for one in BURN_WINDOWS if one.urgency is urgency]
    summary = f"{objective.service} {objective.name}: the error budget burns too fast"
    labels = {"sloth_severity": urgency.value} | dict(objective.alert_labels) | dict(alert.labels)
    annotations = {
        "title": f"({urgency}) {{{{$labels.sloth_service}}}} {{{{$labels.sloth_slo}}}} burns its error budget too fast",
        "summary": summary,
    }
    return {
        "alert": objective.alert_name or f"{objective.name}-{urgency}",
        "expr": "\nor\n".join(f"(\n{_burns(objective, one)}\n)" for one in burning),
        "labels": labels,
        "annotations": annotations | dict(objective.alert_annotations) | dict(alert.annotations),
    }


def _burns(objective: Objective, one: BurnWindow) -> str:
    threshold = f"({plain(one.factor(objective.window_seconds))} * {plain(objective.budget)})"
    chosen = selector(objective)
    sides = [
        f"max({recorded(window)}{chosen} > {threshold}) without (sloth_window)" for window in (one.short, one.long)
    ]
    return "\nand\n".join(sides)


def never_fires(objective: Objective) -> list[BurnWindow]:
    """Windows whose threshold is past 100 % of errors: their condition can never hold."""
    urgencies = {Urgency.PAGE: objective.page, Urgency.TICKET: objective.ticket}
    return [
        one
        for one in BURN_WINDOWS
        if urgencies[one.urgency] is not None and one.factor(objective.window_seconds) * objective.budget >= 1
    ]
