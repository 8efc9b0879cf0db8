"""`/api/v1/targets`: what is scraped, and how it went."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from midwatch.server.http.auth import Guard
from midwatch.server.http.errors import PROBLEM_RESPONSES
from midwatch.server.model.actor import Role
from midwatch.server.model.timerange import format_time
from midwatch.server.schemas.targets import DroppedTarget, ScrapeJob, ScrapeTarget, ScrapeTargets
from midwatch.server.scrape.state import JobState, Targets, TargetState

LISTED_MAX = 5000
_ORDER = ("down", "unknown", "up")


def targets_routes(targets: Targets, guard: Guard) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["system"], responses=PROBLEM_RESPONSES)
    viewer = Depends(guard.requires(Role.VIEWER))

    @router.get("/targets", dependencies=[viewer])
    async def scrape_targets(job: Annotated[str | None, Query(max_length=200)] = None) -> ScrapeTargets:
        jobs = [one for one in targets.jobs.values() if job in (None, one.job)]
        active = sorted((one for state in jobs for one in state.active), key=_order)
        dropped = [
            DroppedTarget(job=state.job, discovered_labels=one.labels, reason=one.reason)
            for state in jobs
            for one in state.dropped
        ]
        return ScrapeTargets(
            scraping=targets.scraping,
            jobs=[_job(one) for one in jobs],
            targets=[_target(one) for one in active[:LISTED_MAX]],
            dropped=dropped[:LISTED_MAX],
            total=len(active),
        )

    return router


def _order(one: TargetState) -> tuple[int, str, str]:
    return _ORDER.index(one.health), one.job, one.target.url


def _job(state: JobState) -> ScrapeJob:
    health = [one.health for one in state.active]
    return ScrapeJob(
        job=state.job,
        up=health.count("up"),
        down=health.count("down"),
        unknown=health.count("unknown"),
        dropped=state.dropped_count,
        problems=list(state.problems),
    )


def _target(one: TargetState) -> ScrapeTarget:
    return ScrapeTarget(
        job=one.job,
        url=one.target.url,
        health=one.health,
        error=one.error,
        labels=dict(one.target.labels),
        discovered_labels=one.discovered,
        last_scrape=None if one.scraped_ns is None else format_time(one.scraped_ns),
        last_scrape_seconds=one.seconds,
        samples=one.samples,
        interval_seconds=one.target.interval_seconds,
        timeout_seconds=one.target.timeout_seconds,
    )
