"""A story as Markdown, for a post-mortem: times in UTC, links absolute."""

from collections.abc import Sequence
from datetime import UTC, datetime

from midwatch.server.query.story.folding import Fold, Shown, folded
from midwatch.server.query.story.lines import AROUND, Line
from midwatch.server.query.story.remarks.remark import lasted
from midwatch.server.query.story.story import Story

_ESCAPED = str.maketrans({**{one: f"\\{one}" for one in r"\`*_[]<>|#"}, "\n": " ", "\r": " "})


def markdown(story: Story, base_url: str, address: str) -> str:
    """`address` is the story's own, below `base_url`."""
    asked = ", ".join(f"{one.kind} {_code(one.value)}" for one in story.asked)
    parts = [f"# What happened to {asked}", _head(story, f"{base_url}{address}")]
    places = {line.key: line for line in story.lines}
    if story.remarks:
        remarks = []
        for one in story.remarks:
            first = next((places[key] for key in one.lines if key in places), None)
            remarks.append(
                f"* **{one.weight}**: {_text(one.text)}" + (f" ({_linked(first, base_url)})" if first else "")
            )
        parts += ["## Remarks", "\n".join(remarks)]
    if story.lines:
        parts += ["## Timeline (UTC)", _table(folded(story.lines), base_url)]
    if story.links:
        rows = [
            f"* {one.id.kind} {_code(one.id.value)} by {one.via.kind} {_code(one.via.value)}:"
            f" {_text(one.line.title)} of {_text(one.line.service or 'a browser')} at {_linked(one.line, base_url)}"
            for one in story.links
        ]
        parts += ["## Related ids", "\n".join(rows)]
    return "\n\n".join(parts) + "\n"


def _head(story: Story, address: str) -> str:
    if not story.lines:
        return f"Nothing is stored of it. [Story]({address}), asked at {_moment(story.told_ns)}."
    of_it = [line for line in story.lines if line.kind not in AROUND] or story.lines
    first, last = of_it[0].time_ns, max(line.end_ns for line in of_it)
    services = ", ".join(_text(name) for name, _, _ in story.services) or "no service"
    told = [
        f"From {_moment(first)} to {_moment(last)}, {lasted(last - first)}; {len(story.lines)} lines of {services}.",
        f"[Story]({address}), asked at {_moment(story.told_ns)}.",
    ]
    if story.cut:
        told.append(f"It is not whole: {'; '.join(story.cut)}.")
    return "\n".join(told)


def _table(shown: Sequence[Shown], base_url: str) -> str:
    rows = ["| Time (UTC) | Service | What | |", "|---|---|---|---|"]
    for one in shown:
        if isinstance(one, Fold):
            line, what = one.first, f"{one.count} more spans"
        else:
            line, what = one, _what(one)
        took = lasted(line.duration_ns) if line.duration_ns and not isinstance(one, Fold) else ""
        rows.append(f"| {_linked(line, base_url)} | {_text(line.service)} | {what} | {took} |")
    return "\n".join(rows)


def _what(line: Line) -> str:
    mark = "**failed** " if line.failed else ""
    detail = f": {_text(line.detail)}" if line.detail else ""
    return f"{mark}{line.kind} {_text(line.title)}{detail}"


def _linked(line: Line, base_url: str) -> str:
    return f"[{_moment(line.time_ns)}]({base_url}{line.link})"


def _moment(time_ns: int) -> str:
    whole, rest = divmod(time_ns, 10**9)
    return f"{datetime.fromtimestamp(whole, UTC):%Y-%m-%d %H:%M:%S}.{rest // 10**6:03d} UTC"


def _text(text: str) -> str:
    return text.translate(_ESCAPED)


def _code(text: str) -> str:
    return "`" + text.replace("`", "'").replace("\n", " ") + "`"
