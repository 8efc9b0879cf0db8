"""What may stand in a dashboard's YAML. docs/dashboards.md tells it to people."""

from typing import Annotated, Any, Literal

from pydantic import Field

from midwatch.contract.plan.section import Model, Text

Kind = Literal[
    "timeseries", "stat", "gauge", "bargauge", "table", "heatmap", "histogram", "pie", "barchart", "state-timeline",
    "status-history", "text", "logs", "traces", "nodeGraph",
]  # fmt: skip
Query = Annotated[str, Field(min_length=1, max_length=20_000)]
Number = float | int


class ShortQuery(Model):
    """One of several; exactly one of the languages has a text."""

    promql: Query | None = None
    logql: Query | None = None
    logs: str | None = None
    traces: str | None = None
    sql: Query | None = None
    ref: Text | None = None
    legend: Text | None = None
    instant: bool = False
    format: Literal["series", "table", "heatmap"] = "series"
    hidden: bool = False
    exemplars: bool = False
    step: Text | None = None
    limit: int | None = None


class ShortLink(Model):
    title: Text = ""
    url: Text
    new_tab: bool = False
    keep_time: bool = False
    keep_variables: bool = False


class ShortMapping(Model):
    text: Text | None = None
    color: Text | None = None


class ShortField(Model):
    """How values look; on a panel for all of its fields, in `overrides` for some."""

    label: Text | None = None
    unit: Text | None = None
    decimals: int | None = None
    min: Number | None = None
    max: Number | None = None
    no_value: Text | None = None
    color: Text | None = None
    thresholds: dict[str, Text] | None = None
    """From a value up, a colour; `base` below the first."""
    mappings: dict[str, Text | ShortMapping] | None = None
    """What is shown for a value, a range `1..5`, `null` or `nan`."""
    style: Literal["line", "bars", "points"] | None = None
    fill: Number | None = None
    stack: bool | Literal["percent"] | None = None
    axis: Literal["left", "right", "hidden"] | None = None
    hidden: bool | None = None


class ShortPanel(ShortField):
    title: Text = ""
    description: Text = ""
    kind: Kind | None = None
    query: Query | tuple[Query, ...] | None = None
    """PromQL."""
    queries: tuple[ShortQuery, ...] = ()
    logql: Query | None = None
    logs: str | None = None
    traces: str | None = None
    sql: Query | None = None
    text: Annotated[str, Field(max_length=100_000)] | None = None
    """Markdown."""
    legend: Text | tuple[Text, ...] | None = None
    """Of the query, or of each."""
    calc: Text | None = None
    """What a value of a series is, where one is shown: `lastNotNull`, `mean`, `max` …"""
    width: int | None = None
    height: int | None = None
    repeat: Text | None = None
    range: Text | None = None
    shift: Text | None = None
    step: Text | None = None
    links: tuple[ShortLink, ...] = ()
    overrides: dict[Text, ShortField] = {}  # noqa: RUF012 - frozen, and pydantic copies it
    """By the name of a field, or `/a regular expression/`."""
    transformations: tuple[dict[str, Any], ...] = ()
    options: dict[str, Any] = {}  # noqa: RUF012


class ShortRow(Model):
    title: Text | None = None
    collapsed: bool = False
    repeat: Text | None = None
    panels: tuple[ShortPanel, ...]


class ShortVariable(Model):
    """One of `query`, `values`, `interval`, `text`, `constant`, `datasource`; or `filters: true`."""

    query: Query | None = None
    language: Literal["promql", "logql"] = "promql"
    values: tuple[Text, ...] | dict[str, Text] | None = None
    interval: tuple[Text, ...] | None = None
    text: Text | None = None
    constant: Text | None = None
    datasource: Text | None = None
    filters: bool = False
    label: Text | None = None
    multi: bool = False
    all: bool = False
    all_value: Text | None = None
    default: Text | tuple[Text, ...] | None = None
    regex: Text | None = None
    sort: Literal["none", "asc", "desc", "numeric-asc", "numeric-desc"] = "asc"
    hide: Literal["no", "label", "all"] = "no"


class ShortAnnotation(Model):
    name: Text
    promql: Query | None = None
    logql: Query | None = None
    logs: Query | None = None
    color: Text = "red"
    title: Text = ""


class ShortBoard(Model):
    title: Text
    uid: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,80}$")] | None = None
    """By custom the file's name."""
    description: Text = ""
    tags: tuple[Text, ...] = ()
    range: Text = "1h"
    refresh: Text | None = None
    timezone: Text = "browser"
    crosshair: Literal["none", "crosshair", "tooltip"] = "crosshair"
    variables: dict[str, Text | tuple[Text, ...] | ShortVariable] = {}  # noqa: RUF012
    annotations: tuple[ShortAnnotation, ...] = ()
    links: tuple[ShortLink, ...] = ()
    panels: tuple[ShortPanel, ...] = ()
    rows: tuple[ShortRow, ...] = ()
