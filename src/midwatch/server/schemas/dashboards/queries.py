"""What a panel asks."""

from typing import Annotated, Literal

from pydantic import Field

from midwatch.server.schemas.base import AS_SENT, Schema

Language = Literal["promql", "logql", "logs", "traces", "sql"]
"""`logs` and `traces` are Midwatch's own searches; the others are what their names say."""
TEXT_MAX = 20_000
Name = Annotated[str, Field(max_length=500)]
Query = Annotated[str, Field(max_length=TEXT_MAX)]


class BoardQuery(Schema):
    """One question of a panel. Its text and legend may name variables: the page fills them in."""

    model_config = AS_SENT

    ref: str = Field(min_length=1, max_length=100)
    """`A`, `B` …: its own within a panel; transformations and overrides speak of it."""
    language: Language
    text: Query
    legend: Name | None = None
    """What a series is called, with `{{label}}` in it; null: all labels."""
    mode: Literal["range", "instant", "both"] = "range"
    format: Literal["series", "table", "heatmap"] = "series"
    hidden: bool = False
    exemplars: bool = False
    step: Annotated[str, Field(max_length=100)] | None = None
    """Least step: a duration, or a variable."""
    limit: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """Of lines or spans."""
    datasource: Name | None = None
    """As Grafana's JSON names it, for the export; Midwatch answers all of them itself."""
