"""Lines of stories, made in a line each."""

from typing import Any

from midwatch.server.model.story_id import IdKind, StoryId
from midwatch.server.query.story.lines import Line, LineKind

SECOND_NS = 10**9


def line(at: float, title: str = "a line", kind: str = "log", service: str = "shop", **more: Any) -> Line:
    """`at` in seconds; ids as `job="7"`, facts under their own names in `facts`."""
    ids = tuple(StoryId(one, more.pop(one.value)) for one in IdKind if one.value in more)
    duration_ns = int(more.pop("took", 0) * SECOND_NS)
    trace = next((one.value for one in ids if one.kind is IdKind.TRACE), "")
    return Line(
        key=f"{kind}-{service}-{title}-{at}",
        time_ns=int(at * SECOND_NS),
        kind=LineKind(kind),
        service=service,
        title=title,
        link="/logs",
        ids=ids,
        duration_ns=duration_ns,
        trace_id=trace,
        **more,
    )
