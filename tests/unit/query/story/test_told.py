"""How a story is folded and written down."""

from tests.unit.query.story.making import SECOND_NS, line

from midwatch.server.model.story_id import IdKind, StoryId
from midwatch.server.query.story.asking import DAYS_MAX, Asked, Window
from midwatch.server.query.story.folding import Fold, folded
from midwatch.server.query.story.following import Link
from midwatch.server.query.story.lines import Line
from midwatch.server.query.story.markdown import markdown
from midwatch.server.query.story.remarks import remarks
from midwatch.server.query.story.story import Story

DAY_NS = 86_400 * SECOND_NS


def span(at: float, id_: str, parent: str = "", **more: object) -> Line:
    given = {"service": "shop", "span_kind": "internal", "trace": "t", **more}
    return line(at, id_, "span", span_id=id_, parent_span_id=parent, **given)


def test_spans_that_nothing_sets_apart_are_counted_by_service() -> None:
    """Entries, calls of others, failures, and the first span in a service stand alone; database calls do not."""
    lines = [
        span(0, "entry", span_kind="server", took=9),
        span(1, "inner", "entry"),
        span(2, "deeper", "inner", took=5),
        span(3, "SELECT", "inner", span_kind="client", facts={"db.system": "postgresql"}),
        span(4, "POST /sms", "inner", span_kind="client"),
        span(5, "broken", "inner", failed=True),
        span(6, "elsewhere", "POST /sms", service="sms"),
        line(2.5, "a log line", trace="t"),
    ]
    shown = folded(lines)
    assert [one.first.title if isinstance(one, Fold) else one.title for one in shown] == [
        "entry",
        "inner",
        "a log line",
        "POST /sms",
        "broken",
        "elsewhere",
    ]
    fold = shown[1]
    assert isinstance(fold, Fold)
    assert (fold.count, fold.end_ns) == (3, 7 * SECOND_NS)


def test_one_span_is_no_fold() -> None:
    assert folded([span(0, "a", span_kind="server"), span(1, "b", "a")])[1].key == "span-shop-b-1"


def test_a_story_as_markdown() -> None:
    """Times in UTC with their zone, links absolute, what others wrote kept from being markup, bounds told."""
    correlation = StoryId(IdKind.CORRELATION, "c`1")
    first = line(1_700_000_000, "tried | <b>*it*</b>\nagain", correlation="c`1", trace="t")
    failed = line(1_700_000_060.5, "sending", failed=True, detail="TimeoutError", user="u")
    lines = (first, failed)
    text = markdown(
        Story(
            asked=(correlation,),
            found=frozenset({correlation}),
            lines=lines,
            remarks=tuple(remarks(lines, failed.time_ns)),
            links=(Link(StoryId(IdKind.USER, "u"), correlation, failed),),
            cut=("it has more than 3 lines",),
            older=0,
            elapsed_ms=1,
            told_ns=failed.time_ns,
        ),
        "https://midwatch.example",
        "/story?correlation_id=c",
    )
    assert text.startswith("# What happened to correlation `c'1`\n")
    assert "From 2023-11-14 22:13:20.000 UTC to 2023-11-14 22:14:20.500 UTC, 1.01 min; 2 lines of shop." in text
    assert "It is not whole: it has more than 3 lines." in text
    assert "[Story](https://midwatch.example/story?correlation_id=c)" in text
    assert "* **bad**: sending failed in shop: TimeoutError" in text
    assert "| log tried \\| \\<b\\>\\*it\\*\\</b\\> again |" in text
    assert "| **failed** log sending: TimeoutError |" in text
    assert "](https://midwatch.example/logs) | shop |" in text
    assert "* user `u` by correlation `c'1`: sending of shop" in text


def test_a_story_of_nothing_as_markdown() -> None:
    story = Story((StoryId(IdKind.USER, "u"),), frozenset(), (), (), (), (), 0, 1, 0)
    assert "Nothing is stored of it." in markdown(story, "http://here", "/story?user_id=u")


def test_partitions_of_a_question() -> None:
    """Every day of every window; none named where they are too many, or before all days."""

    def days(*windows: Window) -> list[int]:
        return Asked(1, (), (), (), (), windows, 10).days

    assert days(Window(0, 1), Window(DAY_NS * 366 - 1, DAY_NS * 366)) == [19700101, 19710101, 19710102]
    assert days(Window(0, DAY_NS * (DAYS_MAX + 1))) == []
    assert days(Window(-1, 0)) == [19691231, 19700101]
