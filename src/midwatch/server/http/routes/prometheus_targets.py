"""What is scraped, as Prometheus's `/api/v1/targets` says it."""

from typing import Any

from midwatch.contract.duration import format_duration
from midwatch.server.model.timerange import format_time
from midwatch.server.scrape.state import JobState, Targets, TargetState

_NEVER = "0001-01-01T00:00:00Z"
STATES = ("active", "dropped", "any")


def described_targets(targets: Targets, state: str, pool: str) -> dict[str, Any]:
    """`state` is one of STATES; `pool` a job, or empty for all."""
    jobs: list[JobState] = [one for one in targets.jobs.values() if pool in ("", one.job)]
    active = [_described(one) for job in jobs for one in job.active]
    dropped = [{"discoveredLabels": one.labels, "scrapePool": job.job} for job in jobs for one in job.dropped]
    return {
        "activeTargets": active if state != "dropped" else [],
        "droppedTargets": dropped if state != "active" else [],
        "droppedTargetCounts": {job.job: job.dropped_count for job in jobs},
    }


def _described(one: TargetState) -> dict[str, Any]:
    return {
        "discoveredLabels": one.discovered,
        "labels": dict(one.target.labels),
        "scrapePool": one.job,
        "scrapeUrl": one.target.url,
        "globalUrl": one.target.url,
        "lastError": one.error,
        "lastScrape": _NEVER if one.scraped_ns is None else format_time(one.scraped_ns),
        "lastScrapeDuration": one.seconds,
        "health": one.health,
        "scrapeInterval": format_duration(one.target.interval_seconds),
        "scrapeTimeout": format_duration(one.target.timeout_seconds),
    }
