"""Runbooks are Markdown; their live blocks are filled in by an alert, and cannot be broken by its labels."""

import pytest

from midwatch.server.model.alert import Alert
from midwatch.server.promql import parse
from midwatch.server.runbooks.document import Live, Mistake, Prose, read_runbook
from midwatch.server.runbooks.files import read_runbooks
from midwatch.server.runbooks.filled import AFTER_SECONDS, FilledLive, filled

HOUR_NS = 3600 * 10**9
NOW_NS = 1_800_000_000 * 10**9
TEXT = """# Errors of {{ $labels.service }}

Somebody cannot pay.

```promql title="Share of errors" range=3h
sum(rate(http_requests_total{job="{{ $labels.service }}", status=~"5.."}[5m]))
```

- [ ] Is it one route? Look below.
- [x] Tell support.

```sql
SELECT count() FROM logs WHERE ServiceName = '{{ $labels.service }}'
```

```bash
kubectl rollout undo deployment/api
```

1. [ ] Is it one route? Look below.
"""


def alert(**labels: str) -> Alert:
    return Alert({"alertname": "Errors", **labels}, NOW_NS - HOUR_NS, NOW_NS + HOUR_NS)


def test_prose_steps_and_live_blocks() -> None:
    """Fences of a query's language are live, others stay prose; a step that stands twice is two steps."""
    found = read_runbook("errors", TEXT)
    assert found.title == "Errors of {{ $labels.service }}"
    assert [type(one) for one in found.blocks] == [Prose, Live, Prose, Live, Prose]
    live = found.blocks[1]
    assert isinstance(live, Live)
    assert (live.language, live.title, live.range_seconds, live.line) == ("promql", "Share of errors", 10800.0, 6)
    assert [step.text for step in found.steps] == [
        "Is it one route? Look below.",
        "Tell support.",
        "Is it one route? Look below.",
    ]
    assert len({step.id for step in found.steps}) == 3
    last = found.blocks[-1]
    assert isinstance(last, Prose)
    assert "kubectl rollout undo" in last.markdown


def test_a_step_keeps_its_id_where_others_come_and_go() -> None:
    """So that what was ticked off stays ticked off while a runbook is mended."""
    before = {step.text: step.id for step in read_runbook("a", TEXT).steps}
    after = {step.text: step.id for step in read_runbook("a", "- [ ] New\n\n" + TEXT).steps}
    assert before.items() <= after.items()


def test_an_alert_fills_it_in() -> None:
    """Labels in queries and prose; live blocks look from before the alert to now, or past its end."""
    found = filled(read_runbook("errors", TEXT), alert(service="api").labels, alert(service="api"), NOW_NS)
    prose, live = found.blocks[0], found.blocks[1]
    assert isinstance(prose, Prose)
    assert prose.markdown.startswith("# Errors of api\n")
    assert isinstance(live, FilledLive)
    assert live.query == 'sum(rate(http_requests_total{job="api", status=~"5.."}[5m]))'
    assert (live.start_ns, live.end_ns, live.missing) == (NOW_NS - 4 * HOUR_NS, NOW_NS, ())
    over = Alert({"service": "api"}, NOW_NS - 20 * HOUR_NS, NOW_NS - 10 * HOUR_NS)
    ended = filled(read_runbook("errors", TEXT), over.labels, over, NOW_NS).blocks[1]
    assert isinstance(ended, FilledLive)
    assert ended.end_ns == NOW_NS - 10 * HOUR_NS + int(AFTER_SECONDS * 10**9)


def test_steps_are_filled_in_too() -> None:
    """At the lines where they stand then, and under the ids that they have without an alert."""
    text = "{{ $labels.note }}\n\n- [ ] Is it only {{ $labels.env }}?\n- [ ] Roll it back."
    runbook = read_runbook("errors", text)
    (prose,) = filled(runbook, {"env": "prod", "note": "two\nlines"}, None, 0).blocks
    assert isinstance(prose, Prose)
    assert [(one.text, one.line) for one in prose.steps] == [("Is it only prod?", 3), ("Roll it back.", 4)]
    assert [one.id for one in prose.steps] == [one.id for one in runbook.steps]
    (prose,) = filled(runbook, {"env": "prod", "note": "- [ ] More"}, None, 0).blocks
    assert isinstance(prose, Prose)
    assert prose.steps == runbook.steps


def test_without_a_label_a_block_says_so() -> None:
    """The query stays as it is written; nothing is asked with a hole in it."""
    found = filled(read_runbook("errors", TEXT), {}, None, NOW_NS).blocks[1]
    assert isinstance(found, FilledLive)
    assert found.missing == ("service",)
    assert "{{ $labels.service }}" in found.query


@pytest.mark.parametrize("value", ['a"} or vector(1) #', "a\\", 'x\\"', "line\nbreak"])
def test_a_label_stays_within_its_quotes(value: str) -> None:
    """What somebody sends as a label is a value of the query and nothing else of it."""
    found = filled(read_runbook("errors", TEXT), {"service": value}, None, NOW_NS)
    live, sql = found.blocks[1], found.blocks[3]
    assert isinstance(live, FilledLive)
    assert isinstance(sql, FilledLive)
    plain = filled(read_runbook("errors", TEXT), {"service": "x"}, None, NOW_NS).blocks[1]
    assert isinstance(plain, FilledLive)
    assert type(parse(live.query)) is type(parse(plain.query))
    assert "'" not in sql.query.removesuffix("'").partition("= '")[2].replace("\\'", "")


BAD = [
    ("```promql titel=x\nup\n```", 1, 'titel=x: expected title="…" or range=3h'),
    ('text\n\n```promql title="x\nup\n```', 3, "No closing quotation"),
    ("```promql range=3\nup\n```", 1, "range=3: expected a duration"),
    ("```promql\n\n```", 1, "expected a query of promql"),
    ('a\n\n```promql\nup{job="{{ $labels.service }"}\n```', 4, ""),
]


@pytest.mark.parametrize(("text", "line", "message"), BAD)
def test_what_is_wrong_is_told_with_its_line(text: str, line: int, message: str) -> None:
    (problem,) = read_runbooks({"runbooks/a.md": text}).problems
    assert (problem.line, problem.severity) == (line, "error")
    assert message in problem.message


def test_a_query_that_is_no_promql_is_a_warning() -> None:
    """It is tried with every label in it."""
    text = '```promql\nsum(rate(x{a="{{ $labels.b }}"}[5m])\n```'
    (problem,) = read_runbooks({"runbooks/a.md": text}).problems
    assert (problem.severity, problem.line) == ("warning", 2)
    assert read_runbooks({"runbooks/a.md": TEXT}).problems == ()


def test_limits() -> None:
    """At the limit it is read, one over it says how many."""
    fence = "```promql\nup\n```\n"
    assert len(read_runbook("a", fence * 200).blocks) == 200
    with pytest.raises(Mistake, match="at most 200 blocks, got 201"):
        read_runbook("a", fence * 201)
