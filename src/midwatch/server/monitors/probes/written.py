"""Reports as JSON: how the workspace keeps them and how another location sends them."""

from dataclasses import replace
from typing import Any

from midwatch.server.monitors.probes.attempt import Reason, Result
from midwatch.server.monitors.probes.judgement import Standing, State
from midwatch.server.monitors.probes.prober import Report


def standing_json(standing: Standing) -> dict[str, Any]:
    return {
        "state": str(standing.state),
        "since_ns": standing.since_ns,
        "reason": standing.reason,
        "detail": standing.detail,
        "misses": standing.misses,
        "successes": standing.successes,
        "changes": list(standing.changes),
        "flapping": standing.flapping,
    }


def standing_of(value: dict[str, Any]) -> Standing:
    """Raises KeyError, TypeError, ValueError where it is none."""
    found = Standing(**{**value, "state": State(value["state"]), "changes": tuple(value["changes"])})
    return replace(found, successes=min(found.successes, 10**6))


def result_json(result: Result) -> dict[str, Any]:
    return {
        "at_ns": result.at_ns,
        "seconds": result.seconds,
        "reason": None if result.reason is None else str(result.reason),
        "detail": result.detail,
        "phases": result.phases,
        "values": result.values,
        "facts": result.facts,
        "reached": result.reached,
    }


def result_of(value: dict[str, Any]) -> Result:
    """Raises KeyError, TypeError, ValueError where it is none."""
    return Result(**{**value, "reason": None if value["reason"] is None else Reason(value["reason"])})


def report_json(report: Report) -> dict[str, Any]:
    return {
        "probe": report.probe,
        "result": result_json(report.result),
        "standing": standing_json(report.standing),
    }
