"""What a plan changes on the server: each effect is told of every plan that comes into force."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from midwatch.contract.plan import Plan
from midwatch.contract.plan.sections import (
    derived_metrics,
    entities,
    environments,
    errors,
    event_sources,
    forward,
    heartbeats,
    maintenance,
    on_call,
    privacy,
    probes,
    probing,
    retention,
    scrape_configs,
    status_page,
    trackers,
)
from midwatch.server.model.signal import Signal

Effect = Callable[[Plan], Awaitable[None]]
"""Puts a plan in force in one room. Called again with the plan before, when a later effect fails; may run twice."""


def retention_effect(put: Callable[[Mapping[Signal, float]], Awaitable[None]]) -> Effect:
    """`put` gets days by signal (0: for ever), of the signals that the plan names."""

    async def effect(plan: Plan) -> None:
        await put({Signal(name): days for name, days in plan[retention.SECTION].days.items()})

    return effect


def replays_effect(put: Callable[[float | None], None]) -> Effect:
    """`put` gets the days of session replays (0: for ever); None where the plan does not name them."""

    async def effect(plan: Plan) -> None:
        put(plan[retention.SECTION].replay_days)

    return effect


def environments_effect(put: Callable[[environments.Environments], None]) -> Effect:
    """`put` gets the plan's environments with their aliases."""

    async def effect(plan: Plan) -> None:
        put(plan[environments.SECTION])

    return effect


def files_effect(folder: str, put: Callable[[Mapping[str, Any]], None]) -> Effect:
    """`put` gets what the folder's reader made of its files, by path."""

    async def effect(plan: Plan) -> None:
        put(plan.files.get(folder, {}))

    return effect


def look_effect(look: Callable[[], None]) -> Effect:
    """`look` is told that there is a plan; what it says is told to others before."""

    async def effect(_plan: Plan) -> None:
        look()

    return effect


def derived_effect(put: Callable[[derived_metrics.DerivedMetrics], None]) -> Effect:
    """`put` gets the metrics that the plan declares."""

    async def effect(plan: Plan) -> None:
        put(plan[derived_metrics.SECTION])

    return effect


def entities_effect(put: Callable[[entities.Entities], None]) -> Effect:
    """`put` gets the kinds of entities with their states."""

    async def effect(plan: Plan) -> None:
        put(plan[entities.SECTION])

    return effect


def event_sources_effect(put: Callable[[event_sources.EventSources], None]) -> Effect:
    """`put` gets the tables that events are read from."""

    async def effect(plan: Plan) -> None:
        put(plan[event_sources.SECTION])

    return effect


def audit_effect(put: Callable[[float | None], None]) -> Effect:
    """`put` gets the days of the audit log (0: for ever); None where the plan does not name them."""

    async def effect(plan: Plan) -> None:
        put(plan[retention.SECTION].audit_days)

    return effect


def errors_effect(put: Callable[[errors.Errors], None]) -> Effect:
    """`put` gets what the plan says of errors."""

    async def effect(plan: Plan) -> None:
        put(plan[errors.SECTION])

    return effect


def trackers_effect(put: Callable[[trackers.Trackers], None]) -> Effect:
    """`put` gets the trackers of the plan."""

    async def effect(plan: Plan) -> None:
        put(plan[trackers.SECTION])

    return effect


def privacy_effect(put: Callable[[privacy.Privacy], None]) -> Effect:
    """`put` gets what is private, and what is done with it."""

    async def effect(plan: Plan) -> None:
        put(plan[privacy.SECTION])

    return effect


def scrape_effect(put: Callable[[scrape_configs.ScrapeConfigs], None]) -> Effect:
    """`put` gets the jobs of scraping."""

    async def effect(plan: Plan) -> None:
        put(plan[scrape_configs.SECTION])

    return effect


def heartbeats_effect(put: Callable[[heartbeats.Heartbeats], None]) -> Effect:
    """`put` gets the heartbeats that the plan expects."""

    async def effect(plan: Plan) -> None:
        put(plan[heartbeats.SECTION])

    return effect


def on_call_effect(put: Callable[[on_call.OnCall], None]) -> Effect:
    """`put` gets people, schedules and escalations."""

    async def effect(plan: Plan) -> None:
        put(plan[on_call.SECTION])

    return effect


def maintenance_effect(put: Callable[[maintenance.Maintenance], None]) -> Effect:
    """`put` gets the windows."""

    async def effect(plan: Plan) -> None:
        put(plan[maintenance.SECTION])

    return effect


def status_page_effect(put: Callable[[status_page.StatusPage], Awaitable[None]]) -> Effect:
    """`put` gets the status page, without a title where the plan has none."""

    async def effect(plan: Plan) -> None:
        await put(plan[status_page.SECTION])

    return effect


def probes_effect(put: Callable[[probes.Probes, probing.Probing], None]) -> Effect:
    """`put` gets the probes, and how they are judged."""

    async def effect(plan: Plan) -> None:
        put(plan[probes.SECTION], plan[probing.SECTION])

    return effect


def forward_effect(
    put: Callable[[forward.Destinations, environments.Environments], Awaitable[None]],
) -> Effect:
    """`put` gets the destinations, and the environments by which they may choose."""

    async def effect(plan: Plan) -> None:
        await put(plan[forward.SECTION], plan[environments.SECTION])

    return effect
