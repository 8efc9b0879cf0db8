"""Prometheus's own figures of rule groups (rules/group.go of 3.x), by its names; with Midwatch's `/metrics` they become
series like all others.
"""

from collections.abc import Iterable

from midwatch.server.model.measure import Measure
from midwatch.server.rules.evaluator import Evaluator

_PREFIX = "prometheus_rule"


def measures(evaluators: Iterable[Evaluator]) -> Iterable[Measure]:
    for evaluator in evaluators:
        for key, state in list(evaluator.groups.items()):
            of_group = (("rule_group", key),)
            done_seconds = (state.evaluated_ns or 0) / 1e9
            for name, text, count in (
                ("evaluations_total", "Rules evaluated", state.evaluations),
                ("evaluation_failures_total", "Evaluations of rules that failed", state.failures),
                (
                    "group_iterations_total",
                    "Evaluations of groups, missed ones included",
                    state.iterations + state.missed,
                ),
                ("group_iterations_missed_total", "Evaluations of groups that were never done", state.missed),
            ):
                yield Measure(f"{_PREFIX}_{name}", text, count, of_group)
            for name, text, value in (
                ("group_interval_seconds", "Interval of the group", state.group.interval_ms / 1000),
                ("group_last_duration_seconds", "How long its last evaluation took", state.seconds),
                ("group_last_evaluation_timestamp_seconds", "When it was evaluated last", done_seconds),
                ("group_last_evaluation_samples", "Samples that it made then", state.samples),
                ("group_rules", "Rules of the group", len(state.rules)),
            ):
                yield Measure(f"{_PREFIX}_{name}", text, value, of_group, kind="gauge")
