"""Runbooks, as they are written and as an alert fills them in."""

from typing import Literal

from midwatch.server.schemas.base import Schema


class RunbookSummary(Schema):
    name: str
    title: str
    file: str
    steps: int
    live_blocks: int


class RunbookList(Schema):
    runbooks: list[RunbookSummary]


class RunbookStep(Schema):
    id: str
    text: str
    line: int
    """Of the block's Markdown, from 0."""
    done_by: str | None
    done_at: str | None


class RunbookBlock(Schema):
    """`markdown` has `markdown` and `steps`; every other kind is a query of that language."""

    kind: Literal["markdown", "promql", "logql", "logs", "traces", "sql", "story"]
    markdown: str
    steps: list[RunbookStep]
    title: str
    query: str
    start: str | None
    end: str | None
    missing: list[str]
    """Labels without which it is not asked."""
    problem: str


class RunbookAlert(Schema):
    fingerprint: str
    name: str
    status: Literal["firing", "resolved"]
    labels: dict[str, str]
    starts_at: str


class RunbookAnswer(Schema):
    name: str
    title: str
    file: str
    alert: RunbookAlert | None
    blocks: list[RunbookBlock]


class RunbookTick(Schema):
    runbook: str
    fingerprint: str
    step: str
    done: bool
