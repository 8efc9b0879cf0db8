"""Alerts that fired or ended around a story: of its services, or with one of its ids among their labels."""

from collections.abc import Mapping, Sequence

from midwatch.server.model.story_id import StoryId
from midwatch.server.query.story import links
from midwatch.server.query.story.asking import Window
from midwatch.server.query.story.lines import Line, LineKind
from midwatch.server.query.story.sources.shape import AROUND_MAX
from midwatch.server.workspace.alerting import EVENTS_PAGE_MAX, AlertingState

FIRING, RESOLVED = "firing", "resolved"
_SERVICE_LABELS = ("service", "job", "service_name")
_ENVIRONMENT_LABELS = ("env", "environment")
_OUR_NUMBERS = frozenset({"issue", "project"})
"""Labels whose numbers are Midwatch's own: issue 12 is not user 12."""


class Alerts:
    name = "alerts"

    def __init__(self, state: AlertingState) -> None:
        self._state = state

    async def around(
        self,
        project: int,
        services: Sequence[str],
        environments: Sequence[str],
        window: Window,
        ids: Sequence[StoryId],
    ) -> list[Line]:
        rows = await self._state.events(
            kinds=(FIRING, RESOLVED), since_ns=window.start_ns, until_ns=window.end_ns, limit=EVENTS_PAGE_MAX
        )
        values = {one.value for one in ids}
        lines = [
            Line(
                key=f"alert-{row.id}",
                time_ns=row.at_ns,
                kind=LineKind.ALERT,
                service=_first(row.labels, _SERVICE_LABELS),
                environment=_first(row.labels, _ENVIRONMENT_LABELS),
                level="error" if row.kind == FIRING else "info",
                title=f"{row.rule} {'fires' if row.kind == FIRING else 'is resolved'}",
                detail=row.labels.get("severity", ""),
                link=links.alert(row.rule, row.id, row.at_ns),
            )
            for row in rows
            if concerns(row.labels, services, environments, values)
        ]
        return lines[:AROUND_MAX][::-1]


def concerns(labels: Mapping[str, str], services: Sequence[str], environments: Sequence[str], values: set[str]) -> bool:
    """Whether an alert with these labels is of such a story: by its service or by an id, and in that environment."""
    environment = _first(labels, _ENVIRONMENT_LABELS)
    if environment and environments and environment not in environments:
        return False
    has_id = any(value in values for name, value in labels.items() if name not in _OUR_NUMBERS)
    return has_id or _first(labels, _SERVICE_LABELS) in services


def _first(labels: Mapping[str, str], names: Sequence[str]) -> str:
    return next((labels[name] for name in names if labels.get(name)), "")
