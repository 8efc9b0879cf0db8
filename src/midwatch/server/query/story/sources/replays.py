"""Session replays of the traces of a story, and of the users that are asked about."""

from midwatch.server.model.story_id import IdKind, StoryId
from midwatch.server.query.story import links
from midwatch.server.query.story.asking import Asked
from midwatch.server.query.story.lines import Line, LineKind
from midwatch.server.workspace.replays import Kind, ReplayLedger, Told

_MS = 1_000_000
REPLAYS_MAX = 50


class Replays:
    name = "replays"

    def __init__(self, ledger: ReplayLedger) -> None:
        self._ledger = ledger

    async def lines(self, asked: Asked) -> list[Line]:
        keys: dict[Kind, tuple[str, ...]] = {"trace": asked.traces, "user": asked.users}
        found = await self._ledger.with_keys(
            asked.project,
            keys,
            start_ms=asked.span.start_ns // _MS,
            end_ms=asked.span.end_ns // _MS,
            limit=min(REPLAYS_MAX, asked.limit),
        )
        wanted = [one for one in found if not asked.environments or one.row.environment in asked.environments]
        return [_line(one) for one in wanted]


def _line(told: Told) -> Line:
    row = told.row
    ids = [StoryId(IdKind.TRACE, one) for one in told.keys["trace"]]
    ids += [StoryId(IdKind.USER, one) for one in told.keys["user"]]
    counted = f"{row.clicks} clicks, {row.errors} errors" + (f", {row.rage_clicks} in rage" if row.rage_clicks else "")
    return Line(
        key=f"replay-{row.id}",
        time_ns=row.started_ms * _MS,
        kind=LineKind.REPLAY,
        service="",
        environment=row.environment,
        title=" on ".join(part for part in (row.browser or "a browser", row.os) if part),
        detail=counted,
        ids=tuple(ids),
        link=links.replay(row.id),
        duration_ns=(row.finished_ms - row.started_ms) * _MS,
    )
