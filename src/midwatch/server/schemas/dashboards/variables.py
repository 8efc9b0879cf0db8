"""Variables of a board: what people choose at its top."""

from typing import Annotated, Literal

from pydantic import Field

from midwatch.server.schemas.base import AS_SENT, Schema
from midwatch.server.schemas.dashboards.queries import Name, Query

VariableName = Annotated[str, Field(pattern=r"^\w+$", max_length=100)]


class BoardOption(Schema):
    model_config = AS_SENT

    text: Name
    value: Annotated[str, Field(max_length=4000)]


class BoardVariableQuery(Schema):
    """What fills a variable. Its parts may name other variables."""

    model_config = AS_SENT

    kind: Literal["label_values", "label_names", "metrics", "query_result", "series"]
    """`metrics`: names that fit `match`. `query_result`: what a query answers now, as `metric{a="b"} 1 2`."""
    language: Literal["promql", "logql"] = "promql"
    label: Name | None = None
    match: Query | None = None
    """A selector, or for `metrics` and `label_names` a regular expression; null: everything."""


class BoardFilter(Schema):
    model_config = AS_SENT

    key: Name
    operator: Literal["=", "!=", "=~", "!~", "<", ">", "=|", "!=|"]
    value: Name


class BoardVariable(Schema):
    """`kind` tells which fields it has: `query` has a query, `custom` and `interval` options, `adhoc` filters."""

    model_config = AS_SENT

    name: VariableName
    kind: Literal["query", "custom", "interval", "datasource", "textbox", "constant", "adhoc"]
    label: Name | None = None
    description: Name | None = None
    hide: Literal["no", "label", "all"] = "no"
    query: BoardVariableQuery | None = None
    options: Annotated[list[BoardOption], Field(max_length=5000)] = Field(default_factory=list)
    regex: Name | None = None
    """Keeps the values that fit; groups `text` and `value` name what is shown and what is used, an unnamed one both."""
    sort: Literal["none", "asc", "desc", "numeric-asc", "numeric-desc", "caseless-asc", "caseless-desc"] = "none"
    refresh: Literal["once", "load", "time"] = "load"
    multi: bool = False
    all: bool = False
    """There is a choice "All"."""
    all_value: Annotated[str, Field(max_length=4000)] | None = None
    """What "All" stands for, as it is; null: every value."""
    chosen: Annotated[list[Annotated[str, Field(max_length=4000)]], Field(max_length=5000)] = Field(
        default_factory=list
    )
    """At first; `$__all` for "All"."""
    auto: bool = False
    """`interval`: there is a choice that follows the time range."""
    auto_steps: Annotated[int, Field(ge=1, le=10_000)] = 30
    auto_min: Name = "10s"
    datasource: Name | None = None
    """`datasource`: the kind that is chosen from (`prometheus`, `loki`); else what a query asks."""
    filters: Annotated[list[BoardFilter], Field(max_length=100)] = Field(default_factory=list)
