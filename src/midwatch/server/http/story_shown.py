"""A story as the API tells it."""

from collections import Counter
from collections.abc import Sequence

from midwatch.server.model.story_id import LEADING
from midwatch.server.model.story_id import StoryId as Id
from midwatch.server.model.timerange import format_time
from midwatch.server.query.story.folding import Fold, Shown
from midwatch.server.query.story.lines import AROUND, Line
from midwatch.server.query.story.story import Story
from midwatch.server.schemas.base import QueryStats
from midwatch.server.schemas.story import (
    AskedId,
    LinePlace,
    RelatedId,
    StoryAnswer,
    StoryId,
    StoryLine,
    StoryRemark,
    StoryService,
)


def story_shown(story: Story, page: Sequence[Shown], next_cursor: str | None) -> StoryAnswer:
    places = {line.key: line for line in story.lines}
    having = Counter(id_ for line in story.lines for id_ in line.ids)
    of_it = [line for line in story.lines if line.kind not in AROUND]
    return StoryAnswer(
        asked=[AskedId(kind=one.kind.value, value=one.value, found=one in story.found) for one in story.asked],
        lines=[_line(one) for one in page],
        total_lines=len(story.lines),
        kinds=dict(Counter(line.kind.value for line in story.lines)),
        levels=dict(Counter(line.level for line in story.lines)),
        services=[StoryService(name=name, lines=lines, failed=failed) for name, lines, failed in story.services],
        remarks=[
            StoryRemark.model_validate(
                {
                    "kind": one.kind,
                    "weight": one.weight.value,
                    "text": one.text,
                    "lines": [_place(places[key]) for key in one.lines if key in places],
                }
            )
            for one in story.remarks
        ],
        related=[
            RelatedId(
                kind=one.id.kind.value,
                value=one.id.value,
                via=_id(one.via),
                line=_place(one.line),
                followed=one.id.kind in LEADING,
                lines=having[one.id],
            )
            for one in story.links
        ],
        start=format_time(of_it[0].time_ns) if of_it else None,
        end=format_time(max(line.end_ns for line in of_it)) if of_it else None,
        older=story.older,
        cut=list(story.cut),
        partial=bool(story.cut),
        next_cursor=next_cursor,
        stats=QueryStats(elapsed_ms=round(story.elapsed_ms, 3)),
    )


def _line(one: Shown) -> StoryLine:
    line = one.first if isinstance(one, Fold) else one
    return StoryLine.model_validate(
        {
            **_place(line).model_dump(),
            "key": one.key,
            "kind": line.kind.value,
            "environment": line.environment,
            "level": line.level,
            "detail": line.detail,
            "failed": line.failed,
            "duration_ns": one.end_ns - one.time_ns,
            "ids": [_id(id_).model_dump() for id_ in line.ids],
            "spans": one.count if isinstance(one, Fold) else 1,
        }
    )


def _place(line: Line) -> LinePlace:
    return LinePlace(
        key=line.key, time=format_time(line.time_ns), service=line.service, title=line.title, link=line.link
    )


def _id(one: Id) -> StoryId:
    return StoryId(kind=one.kind.value, value=one.value)
