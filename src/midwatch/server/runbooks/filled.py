"""A runbook with the labels of an alert put in: what its page shows and asks."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from midwatch.server.gotemplate import TemplateError, Templates
from midwatch.server.model.alert import Alert
from midwatch.server.runbooks.document import Language, Live, Prose, Runbook, tasks

NANOSECONDS = 1_000_000_000
AFTER_SECONDS = 900.0
"""How far past its alert's end a live block looks."""
VARIABLES = ("labels", "annotations", "alertname")
_LABEL = re.compile(r"\$labels\.([A-Za-z_]\w*)|index\s+\$labels\s+\"([^\"]+)\"")
_TEMPLATES = Templates({})


@dataclass(frozen=True, slots=True)
class FilledLive:
    live: Live
    query: str
    """As it is asked; as it is written where `missing` or `problem` say why."""
    missing: tuple[str, ...]
    """Labels that it needs and nobody gave."""
    start_ns: int
    end_ns: int
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Filled:
    runbook: Runbook
    blocks: tuple[Prose | FilledLive, ...]


def filled(runbook: Runbook, labels: Mapping[str, str], alert: Alert | None, now_ns: int) -> Filled:
    """`labels` are those of the alert, or what somebody gave without one."""
    values = {
        "labels": dict(labels),
        "annotations": dict(alert.annotations) if alert else {},
        "alertname": labels.get("alertname", ""),
    }
    began = alert.starts_at_ns if alert is not None else now_ns
    ended = (
        alert.ends_at_ns + int(AFTER_SECONDS * NANOSECONDS) if alert is not None and alert.resolved(now_ns) else now_ns
    )
    blocks: list[Prose | FilledLive] = []
    for block in runbook.blocks:
        if isinstance(block, Prose):
            blocks.append(_prose(block, values))
            continue
        start_ns = began - int(block.range_seconds * NANOSECONDS)
        query, missing, problem = _query(block, values, labels)
        blocks.append(FilledLive(block, query, missing, start_ns, min(ended, now_ns), problem))
    return Filled(runbook, tuple(blocks))


def needed(query: str) -> list[str]:
    """The labels that a query names, each once."""
    return list(dict.fromkeys(first or second for first, second in _LABEL.findall(query)))


def _query(live: Live, values: Mapping[str, object], labels: Mapping[str, str]) -> tuple[str, tuple[str, ...], str]:
    missing = tuple(name for name in needed(live.query) if not labels.get(name))
    if missing:
        return live.query, missing, ""
    try:
        return _TEMPLATES.render(live.query, None, variables=values, escape=_ESCAPES[live.language]), (), ""
    except TemplateError as error:
        return live.query, (), str(error)


def _prose(block: Prose, values: Mapping[str, object]) -> Prose:
    """Braces in prose may be anybody's: what is no template of ours stays as it is written."""
    if "{{" not in block.markdown:
        return block
    try:
        markdown = _TEMPLATES.render(block.markdown, None, variables=values)
    except TemplateError:
        return block
    told = tasks(markdown)
    if len(told) != len(block.steps):
        # A value that is itself a task, or one that a condition left out: which is which cannot be told.
        return block
    steps = (replace(step, text=text, line=line) for step, (line, text) in zip(block.steps, told, strict=True))
    return replace(block, markdown=markdown, steps=tuple(steps))


def _in_double_quotes(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _in_single_quotes(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")


def _in_a_line(value: str) -> str:
    return value.replace("\n", " ").replace("\r", " ")


_ESCAPES: dict[Language, Callable[[str], str]] = {
    "promql": _in_double_quotes,
    "logql": _in_double_quotes,
    "logs": _in_double_quotes,
    "traces": _in_double_quotes,
    "sql": _in_single_quotes,
    "story": _in_a_line,
}
"""A value stays within the quotes in which the runbook has it; of a story, within its line."""


def tried(live: Live) -> str:
    """The query over labels that are all `x`. Raises TemplateError."""
    labels = dict.fromkeys(needed(live.query), "x")
    return _TEMPLATES.render(live.query, None, variables={"labels": labels, "annotations": {}, "alertname": "x"})
