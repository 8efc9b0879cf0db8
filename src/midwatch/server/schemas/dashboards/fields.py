"""How values look: units, thresholds, mappings, colours, links, and overrides of them by field.

Everything here is optional, since an override sets a few of these and leaves the rest as they are.
"""

from typing import Annotated, Literal

from pydantic import Field

from midwatch.server.schemas.base import AS_SENT, Schema
from midwatch.server.schemas.dashboards.queries import Name

Number = Annotated[float, Field(allow_inf_nan=False)]


class BoardLink(Schema):
    """A link of a board, a panel or a value; title and address may name variables and `${__value.raw}`."""

    model_config = AS_SENT

    title: Name = ""
    url: Annotated[str, Field(max_length=4000)] = ""
    kind: Literal["link", "dashboards"] = "link"
    """`dashboards`: a list of the boards that have one of `tags`."""
    tags: Annotated[list[Name], Field(max_length=50)] = Field(default_factory=list)
    dropdown: bool = False
    new_tab: bool = False
    keep_time: bool = False
    keep_variables: bool = False
    tooltip: Name = ""


class BoardColor(Schema):
    """`mode` has Grafana's names: `palette-classic`, `thresholds`, `fixed`, `continuous-GrYlRd` …"""

    model_config = AS_SENT

    mode: Name
    fixed: Name | None = None
    """A name (`green`, `semi-dark-red`, `text`) or what CSS takes."""
    by: Literal["last", "min", "max"] = "last"
    """The value that a whole series takes its colour from."""


class BoardThreshold(Schema):
    model_config = AS_SENT

    from_value: Number | None
    """Null: from minus infinity; the first step is."""
    color: Name


class BoardThresholds(Schema):
    model_config = AS_SENT

    mode: Literal["absolute", "percentage"] = "absolute"
    """Percentages are of the field's range from min to max."""
    steps: Annotated[list[BoardThreshold], Field(max_length=100)]


class BoardMapping(Schema):
    """What is shown in a value's place. The first that fits holds."""

    model_config = AS_SENT

    kind: Literal["value", "range", "regex", "special"]
    match: Name | None = None
    """The value as text, the regular expression, or the special one: `null`, `nan`, `null+nan`, `true` …"""
    from_value: Number | None = None
    to_value: Number | None = None
    text: Name | None = None
    color: Name | None = None


class BoardDrawing(Schema):
    """How the series of a graph are drawn."""

    model_config = AS_SENT

    style: Literal["line", "bars", "points"] | None = None
    line_width: Number | None = None
    line_dash: Annotated[list[Number], Field(max_length=20)] | None = None
    interpolation: Literal["linear", "smooth", "stepBefore", "stepAfter"] | None = None
    fill_opacity: Number | None = None
    """0 to 100."""
    fill_below_to: Name | None = None
    """The series that the fill reaches down to."""
    gradient: Literal["none", "opacity", "hue", "scheme"] | None = None
    show_points: Literal["auto", "never", "always"] | None = None
    point_size: Number | None = None
    bar_alignment: Literal[-1, 0, 1] | None = None
    bar_width: Number | None = None
    """Share of what a bar could take."""
    span_nulls: bool | Number | None = None
    """Whether lines go over gaps, or over gaps up to so many milliseconds."""
    stack: Literal["off", "normal", "percent"] | None = None
    stack_group: Name | None = None
    negative_y: bool | None = None
    """Drawn below the axis."""
    axis: Literal["auto", "left", "right", "top", "bottom", "hidden"] | None = None
    axis_label: Name | None = None
    axis_width: Number | None = None
    axis_soft_min: Number | None = None
    axis_soft_max: Number | None = None
    axis_log_base: Literal[2, 10] | None = None
    axis_symlog_threshold: Number | None = None
    axis_centered_zero: bool | None = None
    grid_lines: bool | None = None
    thresholds: Literal["off", "line", "dashed", "area", "line+area", "dashed+area", "series"] | None = None
    hide_in_legend: bool | None = None
    hide_in_tooltip: bool | None = None
    hide_in_graph: bool | None = None


class BoardCell(Schema):
    """A column of a table."""

    model_config = AS_SENT

    kind: (
        Literal[
            "auto",
            "text",
            "color-text",
            "color-background",
            "gauge",
            "sparkline",
            "json",
            "image",
            "links",
            "pill",
            "markdown",
        ]
        | None
    ) = None
    mode: Literal["basic", "gradient", "lcd"] | None = None
    whole_row: bool | None = None
    """The colour goes over the row."""
    width: Number | None = None
    min_width: Number | None = None
    align: Literal["auto", "left", "center", "right"] | None = None
    hidden: bool | None = None
    filterable: bool | None = None
    inspect: bool | None = None
    wrap: bool | None = None


class BoardField(Schema):
    """What one field, or all of a panel, look like."""

    model_config = AS_SENT

    title: Name | None = None
    """The field's name on the panel; may name variables and `${__field.labels.x}`."""
    description: Name | None = None
    unit: Name | None = None
    """Grafana's ids (`s`, `bytes`, `percentunit`, `reqps`, `currencyUSD`, `suffix:jobs` …)."""
    decimals: Annotated[int, Field(ge=0, le=20)] | None = None
    min: Number | None = None
    max: Number | None = None
    no_value: Name | None = None
    color: BoardColor | None = None
    thresholds: BoardThresholds | None = None
    mappings: Annotated[list[BoardMapping], Field(max_length=1000)] | None = None
    links: Annotated[list[BoardLink], Field(max_length=50)] | None = None
    drawing: BoardDrawing | None = None
    cell: BoardCell | None = None


class BoardMatcher(Schema):
    """Which fields an override is for."""

    model_config = AS_SENT

    by: Literal["name", "names", "names_but", "regex", "type", "query", "value"]
    """`names_but`: all but these. `type`: `number`, `string`, `time` … `query`: its ref. `value`: of a calculation."""
    match: Annotated[list[Name], Field(max_length=500)]
    """One entry, save for names; `value` has three: `max`, `gt`, `80`."""


class BoardOverride(Schema):
    model_config = AS_SENT

    matcher: BoardMatcher
    field: BoardField


class BoardFields(Schema):
    """`defaults` for every field, and what overrides them, in order."""

    model_config = AS_SENT

    defaults: BoardField = Field(default_factory=BoardField)
    overrides: Annotated[list[BoardOverride], Field(max_length=500)] = Field(default_factory=list)
