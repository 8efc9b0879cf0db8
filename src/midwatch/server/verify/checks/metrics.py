"""Declared metrics that do not come, and those whose type, unit, labels, values or buckets are others."""

from collections.abc import Iterable, Iterator, Mapping

from midwatch.contract.plan.sections import derived_metrics, metrics
from midwatch.contract.plan.sections.metrics import Metric
from midwatch.server.store.otlp_series.names import UNIT_WORDS
from midwatch.server.verify.asked import Asked
from midwatch.server.verify.coming import Came, judged
from midwatch.server.verify.finding import Finding, Outcome, Row
from midwatch.server.verify.observed.metrics import (
    SeenMetric,
    family_of,
    histogram_bounds,
    label_values,
    seen_before,
    seen_metrics,
    stored_names,
)
from midwatch.server.verify.registry import Check
from midwatch.server.verify.words import listed

GIVEN_LABELS = frozenset({"job", "service", "env", "version", "instance", "le", "quantile"})
"""Labels that a series has by itself; `service` and `version` are of DogStatsD."""
SCOPE_LABELS = "otel_scope_"


async def run(asked: Asked) -> Outcome:
    outcome = Outcome()
    derived = {one.name for one in asked[derived_metrics.SECTION]}
    declared = {
        name: one
        for name, one in asked[metrics.SECTION].items()
        if name not in derived and asked.here(one.environments)
    }
    if not declared:
        return outcome
    seen = await asked.once(seen_metrics)
    stored = await stored_names(asked, list(declared))
    series = {name: [seen[one] for one in stored[name] if one in seen] for name in declared}
    absent = [one for name, found in series.items() if not found for one in stored[name]]
    before = await seen_before(asked, absent)
    for name, metric in declared.items():
        _judge(asked, name, metric, series[name], [before[one] for one in stored[name] if one in before], outcome)
    values = await label_values(
        asked,
        {
            one.name: [label for label in _flat(metric.labels) if _flat(metric.labels)[label]]
            for name, metric in declared.items()
            for one in series[name]
            if metric.labels
        },
    )
    bounds = await histogram_bounds(asked, [one.name for name in declared for one in series[name]])
    for name, metric in declared.items():
        outcome.findings += _values(asked, name, metric, series[name], values)
        outcome.findings += _buckets(asked, name, metric, series[name], bounds)
    return outcome


def _judge(
    asked: Asked, name: str, metric: Metric, series: list[SeenMetric], before: list[int], outcome: Outcome
) -> None:
    came = Came(last_ns=max(before, default=None))
    if series:
        first, last = min(one.first_ns for one in series), max(one.last_ns for one in series)
        came = Came(series[0].series, first, last)
    link = asked.link("/explore", expr=series[0].name if series else name)
    state, finding = judged("metric", name, metric, came, asked.scope.span, link)
    jobs = tuple(sorted({job for one in series for job in one.services}))
    outcome.rows.append(
        Row(
            "metric",
            name,
            state,
            count=came.count,
            first_ns=came.first_ns,
            last_ns=came.last_ns,
            services=jobs,
            owner=metric.owner,
            link=link,
        )
    )
    if finding is not None:
        outcome.add(finding)
    for one in series[:1]:
        outcome.findings += _kind(name, metric, one, link)
        outcome.findings += _labels(name, metric, one, link)


def _kind(name: str, metric: Metric, seen: SeenMetric, link: str) -> Iterator[Finding]:
    if seen.type and seen.type not in ("unknown", metric.type, f"gauge{metric.type}"):
        yield Finding(
            kind="metric_type",
            severity="error",
            subject=name,
            expected=metric.type,
            found=seen.type,
            todo=f"Make it a {metric.type} where it is measured, or declare it as {seen.type}.",
            link=link,
        )
    if metric.unit and _unit(seen) not in {metric.unit, UNIT_WORDS.get(metric.unit, metric.unit)}:
        yield Finding(
            kind="metric_unit",
            severity="warning",
            subject=name,
            expected=f"unit {metric.unit}",
            found=f"unit {seen.unit}" if seen.unit else "no unit",
            todo="Give the metric its unit where it is made, or declare the one that it has.",
            link=link,
        )


def _unit(seen: SeenMetric) -> str:
    """As it was told, or as the name has it."""
    return seen.unit or next(
        (word for word in UNIT_WORDS.values() if word and family_of(seen.name).endswith(f"_{word}")), ""
    )


def _labels(name: str, metric: Metric, seen: SeenMetric, link: str) -> Iterator[Finding]:
    if metric.labels is None:
        return
    allowed = set(_flat(metric.labels)) | GIVEN_LABELS
    extra = sorted(label for label in seen.labels if label not in allowed and not label.startswith(SCOPE_LABELS))
    if extra:
        yield Finding(
            kind="metric_labels",
            severity="error",
            subject=name,
            expected=f"labels {listed(metric.labels)}" if metric.labels else "no labels of its own",
            found=f"the label{'s' if len(extra) > 1 else ''} {listed(extra)}",
            todo="Take the label out where it is measured (each value is a series), or declare it.",
            link=link,
        )
    missing = sorted(label for label in _flat(metric.labels) if label not in seen.labels)
    if missing:
        yield Finding(
            kind="metric_labels_missing",
            severity="warning",
            subject=name,
            expected=f"labels {listed(metric.labels)}",
            found=f"no series with {listed(missing)}",
            todo="Set the label where it is measured, or take it out of the plan.",
            link=link,
        )


def _values(
    asked: Asked,
    name: str,
    metric: Metric,
    series: list[SeenMetric],
    values: Mapping[tuple[str, str], Mapping[str, int]],
) -> Iterator[Finding]:
    for label, allowed in _flat(metric.labels or {}).items():
        for one in series[:1]:
            others = [value for value in values.get((one.name, label), {}) if allowed and value not in allowed]
            if others:
                yield Finding(
                    kind="metric_label_value",
                    severity="error",
                    subject=f"{name}: {label}",
                    expected=f"{listed(allowed)}",
                    found=listed(others),
                    todo="Map other values to one of those where it is measured, or declare them.",
                    link=asked.link("/explore", expr=f"count by ({label}) ({one.name})"),
                )


def _buckets(
    asked: Asked, name: str, metric: Metric, series: list[SeenMetric], bounds: Mapping[str, tuple[float, ...]]
) -> Iterator[Finding]:
    for one in series:
        found = bounds.get(one.name)
        if metric.buckets and found and tuple(found) != metric.buckets:
            yield Finding(
                kind="metric_buckets",
                severity="warning",
                subject=name,
                expected=f"buckets {_bounds(metric.buckets)}",
                found=_bounds(found),
                todo="Give the histogram these buckets where it is made, or declare the ones that it has.",
                link=asked.link("/explore", expr=one.name),
            )
            return


def _bounds(bounds: Iterable[float]) -> str:
    return listed(f"{one:g}" for one in bounds)


def _flat(labels: Mapping[str, tuple[str, ...]] | None) -> dict[str, tuple[str, ...]]:
    """As series have them."""
    return {label.replace(".", "_"): values for label, values in (labels or {}).items()}


CHECK = Check("metrics", "Metrics", 40, run)
