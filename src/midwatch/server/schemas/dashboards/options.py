"""What each kind of panel has of its own. `kind` tells them apart."""

from typing import Annotated, Literal

from pydantic import Field

from midwatch.server.schemas.base import AS_SENT, Schema
from midwatch.server.schemas.dashboards.fields import Number
from midwatch.server.schemas.dashboards.queries import Name

Orientation = Literal["auto", "horizontal", "vertical"]
Calculations = Annotated[list[Name], Field(max_length=30)]
"""Grafana's ids: `lastNotNull`, `last`, `mean`, `min`, `max`, `sum`, `count`, `delta`, `range`, `p95` …"""


class BoardLegend(Schema):
    model_config = AS_SENT

    show: bool = True
    mode: Literal["list", "table"] = "list"
    placement: Literal["bottom", "right"] = "bottom"
    calculations: Calculations = Field(default_factory=list)
    width: Number | None = None
    sort_by: Name | None = None
    sort_descending: bool = False


class BoardTooltip(Schema):
    model_config = AS_SENT

    mode: Literal["single", "multi", "none"] = "single"
    sort: Literal["none", "asc", "desc"] = "none"


class BoardReduce(Schema):
    """From a series to one value, or all its values, each shown by itself."""

    model_config = AS_SENT

    calculations: Calculations = Field(default_factory=lambda: ["lastNotNull"])
    all_values: bool = False
    limit: Annotated[int, Field(ge=0)] | None = None
    fields: Name = ""
    """Empty: numbers; else a regular expression between slashes, or a name."""


class BoardTimeseries(Schema):
    model_config = AS_SENT

    kind: Literal["timeseries"]
    legend: BoardLegend = Field(default_factory=BoardLegend)
    tooltip: BoardTooltip = Field(default_factory=BoardTooltip)


class BoardStat(Schema):
    model_config = AS_SENT

    kind: Literal["stat"]
    reduce: BoardReduce = Field(default_factory=BoardReduce)
    color: Literal["none", "value", "background", "background_solid"] = "value"
    graph: Literal["none", "area"] = "area"
    text: Literal["auto", "value", "value_and_name", "name", "none"] = "auto"
    justify: Literal["auto", "center"] = "auto"
    orientation: Orientation = "auto"
    wide: bool = True
    percent_change: bool = False
    value_size: Number | None = None
    title_size: Number | None = None


class BoardGauge(Schema):
    model_config = AS_SENT

    kind: Literal["gauge"]
    reduce: BoardReduce = Field(default_factory=BoardReduce)
    orientation: Orientation = "auto"
    threshold_labels: bool = False
    threshold_markers: bool = True
    value_size: Number | None = None
    title_size: Number | None = None


class BoardBarGauge(Schema):
    model_config = AS_SENT

    kind: Literal["bargauge"]
    reduce: BoardReduce = Field(default_factory=BoardReduce)
    orientation: Orientation = "auto"
    mode: Literal["basic", "gradient", "lcd"] = "gradient"
    values: Literal["color", "text", "hidden"] = "color"
    unfilled: bool = True
    legend: BoardLegend | None = None
    value_size: Number | None = None
    title_size: Number | None = None


class BoardSort(Schema):
    model_config = AS_SENT

    field: Name
    descending: bool = False


class BoardTable(Schema):
    model_config = AS_SENT

    kind: Literal["table"]
    header: bool = True
    sort: Annotated[list[BoardSort], Field(max_length=20)] = Field(default_factory=list)
    footer: Calculations | None = None
    """Null: none."""
    footer_fields: Annotated[list[Name], Field(max_length=500)] = Field(default_factory=list)
    """Empty: all numbers."""
    cell_height: Literal["sm", "md", "lg", "auto"] = "sm"
    pages: bool = False
    frame: Annotated[int, Field(ge=0)] = 0
    """Which of several tables is shown first."""


class BoardHeatmap(Schema):
    model_config = AS_SENT

    kind: Literal["heatmap"]
    calculate: bool = False
    """Count values into buckets here; else the series are buckets already."""
    x_buckets: Name | None = None
    y_buckets: Name | None = None
    """A number of buckets or a size, where they are counted here."""
    y_log_base: Literal[2, 10] | None = None
    unit: Name | None = None
    """Of the axis."""
    decimals: int | None = None
    y_min: Number | None = None
    y_max: Number | None = None
    y_reverse: bool = False
    le_labels: Literal["auto", "le", "ge", "unknown", "middle"] = "auto"
    color: Literal["scheme", "opacity"] = "scheme"
    scheme: Name = "Oranges"
    fill: Name | None = None
    steps: Annotated[int, Field(ge=2, le=128)] = 64
    exponent: Number = 0.5
    reverse: bool = False
    color_min: Number | None = None
    color_max: Number | None = None
    hide_below: Number | None = None
    hide_above: Number | None = None
    cell_gap: Number = 1
    show_values: bool = False
    value_unit: Name | None = None
    value_decimals: int | None = None
    legend: bool = True
    tooltip: BoardTooltip = Field(default_factory=BoardTooltip)


class BoardHistogram(Schema):
    model_config = AS_SENT

    kind: Literal["histogram"]
    bucket_count: Annotated[int, Field(ge=1)] | None = None
    bucket_size: Number | None = None
    bucket_offset: Number | None = None
    combine: bool = False
    legend: BoardLegend = Field(default_factory=BoardLegend)
    tooltip: BoardTooltip = Field(default_factory=BoardTooltip)


class BoardPie(Schema):
    model_config = AS_SENT

    kind: Literal["pie"]
    reduce: BoardReduce = Field(default_factory=BoardReduce)
    donut: bool = False
    labels: Annotated[list[Literal["name", "value", "percent"]], Field(max_length=3)] = Field(default_factory=list)
    legend: BoardLegend = Field(default_factory=BoardLegend)
    legend_values: Annotated[list[Literal["value", "percent"]], Field(max_length=2)] = Field(default_factory=list)
    tooltip: BoardTooltip = Field(default_factory=BoardTooltip)


class BoardBarChart(Schema):
    model_config = AS_SENT

    kind: Literal["barchart"]
    orientation: Orientation = "auto"
    x_field: Name | None = None
    color_by_field: Name | None = None
    stack: Literal["off", "normal", "percent"] = "off"
    show_values: Literal["auto", "always", "never"] = "auto"
    bar_width: Number = 0.97
    group_width: Number = 0.7
    bar_radius: Number = 0
    full_highlight: bool = False
    x_label_rotation: Number = 0
    x_label_length: Number | None = None
    x_label_spacing: Number = 0
    value_size: Number | None = None
    legend: BoardLegend = Field(default_factory=BoardLegend)
    tooltip: BoardTooltip = Field(default_factory=BoardTooltip)


class BoardStateTimeline(Schema):
    model_config = AS_SENT

    kind: Literal["state-timeline"]
    merge: bool = True
    show_values: Literal["auto", "always", "never"] = "auto"
    align: Literal["left", "center", "right"] = "left"
    row_height: Number = 0.9
    rows_per_page: Annotated[int, Field(ge=1)] | None = None
    legend: BoardLegend = Field(default_factory=BoardLegend)
    tooltip: BoardTooltip = Field(default_factory=BoardTooltip)


class BoardStatusHistory(Schema):
    model_config = AS_SENT

    kind: Literal["status-history"]
    show_values: Literal["auto", "always", "never"] = "auto"
    row_height: Number = 0.9
    column_width: Number = 0.9
    rows_per_page: Annotated[int, Field(ge=1)] | None = None
    legend: BoardLegend = Field(default_factory=BoardLegend)
    tooltip: BoardTooltip = Field(default_factory=BoardTooltip)


class BoardText(Schema):
    model_config = AS_SENT

    kind: Literal["text"]
    mode: Literal["markdown", "html", "code"] = "markdown"
    """`html` is shown without scripts, styles and forms."""
    content: Annotated[str, Field(max_length=100_000)] = ""
    language: Name = "plaintext"


class BoardLogs(Schema):
    model_config = AS_SENT

    kind: Literal["logs"]
    newest_first: bool = True
    show_time: bool = False
    show_labels: bool = False
    show_common_labels: bool = False
    wrap: bool = False
    pretty: bool = False
    details: bool = True
    dedup: Literal["none", "exact", "numbers", "signature"] = "none"


class BoardTraces(Schema):
    model_config = AS_SENT

    kind: Literal["traces"]
    span_filters: Annotated[str, Field(max_length=10_000)] = ""


class BoardNodeGraph(Schema):
    """Services and their calls, from nodes and edges as Grafana's frames have them, or a search for traces."""

    model_config = AS_SENT

    kind: Literal["nodeGraph"]


class BoardRefused(Schema):
    """A panel that cannot be drawn: shown as what it is, with the reason."""

    model_config = AS_SENT

    kind: Literal["refused"]
    type: Name
    """The panel's type where it comes from."""
    reason: Annotated[str, Field(max_length=2000)]


BoardOptions = Annotated[
    BoardTimeseries
    | BoardStat
    | BoardGauge
    | BoardBarGauge
    | BoardTable
    | BoardHeatmap
    | BoardHistogram
    | BoardPie
    | BoardBarChart
    | BoardStateTimeline
    | BoardStatusHistory
    | BoardText
    | BoardLogs
    | BoardTraces
    | BoardNodeGraph
    | BoardRefused,
    Field(discriminator="kind"),
]
