"""What is done with the tables and series of a panel before it is drawn, in order. Ids are Grafana's."""

from typing import Annotated, Literal

from pydantic import Field

from midwatch.server.schemas.base import AS_SENT, Schema
from midwatch.server.schemas.dashboards.options import BoardSort, Calculations
from midwatch.server.schemas.dashboards.queries import Name

Names = Annotated[list[Name], Field(max_length=1000)]


class BoardOrganize(Schema):
    model_config = AS_SENT

    id: Literal["organize"]
    exclude: Names = Field(default_factory=list)
    include: Names | None = None
    """Where given, nothing but these."""
    order: Names = Field(default_factory=list)
    """Those not named come after."""
    rename: dict[Name, Name] = Field(default_factory=dict)


class BoardMerge(Schema):
    """Tables into one: rows that agree in all fields they share become one row."""

    model_config = AS_SENT

    id: Literal["merge"]


class BoardJoin(Schema):
    """`seriesToColumns` of older boards is this, too."""

    model_config = AS_SENT

    id: Literal["joinByField"]
    field: Name | None = None
    """Null: the time."""
    mode: Literal["outer", "outerTabular", "inner"] = "outer"


class BoardReduceRows(Schema):
    model_config = AS_SENT

    id: Literal["reduce"]
    calculations: Calculations = Field(default_factory=lambda: ["max"])
    mode: Literal["rows", "fields"] = "rows"
    """One row a field, or every field to one value."""
    include_time: bool = False
    labels_to_fields: bool = False


class BoardFilterNames(Schema):
    model_config = AS_SENT

    id: Literal["filterFieldsByName"]
    include: Names | None = None
    include_regex: Name | None = None
    exclude: Names | None = None
    exclude_regex: Name | None = None


class BoardFilterQueries(Schema):
    model_config = AS_SENT

    id: Literal["filterByRefId"]
    include: Name
    """A ref, or a regular expression between slashes."""


class BoardValueTest(Schema):
    model_config = AS_SENT

    field: Name
    test: Literal[
        "greater", "greaterOrEqual", "lower", "lowerOrEqual", "equal", "notEqual", "between",
        "regex", "isNull", "isNotNull", "substring", "notSubstring",
    ]  # fmt: skip
    values: Annotated[list[str | float | bool], Field(max_length=2)] = Field(default_factory=list)


class BoardFilterValues(Schema):
    model_config = AS_SENT

    id: Literal["filterByValue"]
    keep: bool = True
    """Keep the rows that pass, or drop them."""
    match: Literal["any", "all"] = "any"
    tests: Annotated[list[BoardValueTest], Field(max_length=50)] = Field(default_factory=list)


class BoardGroupField(Schema):
    model_config = AS_SENT

    field: Name
    operation: Literal["groupby", "aggregate"]
    calculations: Calculations = Field(default_factory=list)


class BoardGroupBy(Schema):
    model_config = AS_SENT

    id: Literal["groupBy"]
    fields: Annotated[list[BoardGroupField], Field(max_length=200)]


class BoardCalculate(Schema):
    model_config = AS_SENT

    id: Literal["calculateField"]
    mode: Literal["row", "binary", "unary", "index"] = "row"
    """`row`: a calculation over the fields of a row."""
    alias: Name | None = None
    calculation: Name = "sum"
    include: Names | None = None
    """Null: all numbers."""
    left: Name | None = None
    operator: Name | None = None
    """`+ - * / ** %` and comparisons for two; `abs`, `exp`, `ln`, `floor`, `ceil`, `round` … for one."""
    right: Name | None = None
    """A field's name or a number."""
    percentile: bool = False
    """`index`: as a share of the rows."""
    replace: bool = False
    """Nothing but the new field and the time."""


class BoardSortBy(Schema):
    model_config = AS_SENT

    id: Literal["sortBy"]
    sort: Annotated[list[BoardSort], Field(max_length=20)]


class BoardRenameByRegex(Schema):
    model_config = AS_SENT

    id: Literal["renameByRegex"]
    regex: Name
    replacement: Name = ""


class BoardLabelsToFields(Schema):
    model_config = AS_SENT

    id: Literal["labelsToFields"]
    mode: Literal["columns", "rows"] = "columns"
    keep: Names | None = None
    value_label: Name | None = None
    """The label whose values name the value's column."""


class BoardLimit(Schema):
    model_config = AS_SENT

    id: Literal["limit"]
    rows: Annotated[int, Field(ge=0)] = 10


class BoardConcatenate(Schema):
    model_config = AS_SENT

    id: Literal["concatenate"]
    frame_names: Literal["field", "label", "drop"] = "field"
    label: Name = "frame"


class BoardSeriesToRows(Schema):
    """All series under each other: time, metric, value."""

    model_config = AS_SENT

    id: Literal["seriesToRows"]


class BoardConversion(Schema):
    model_config = AS_SENT

    field: Name
    type: Literal["number", "string", "time", "boolean"]


class BoardConvert(Schema):
    model_config = AS_SENT

    id: Literal["convertFieldType"]
    conversions: Annotated[list[BoardConversion], Field(max_length=200)]


BoardTransformation = Annotated[
    BoardOrganize
    | BoardMerge
    | BoardJoin
    | BoardReduceRows
    | BoardFilterNames
    | BoardFilterQueries
    | BoardFilterValues
    | BoardGroupBy
    | BoardCalculate
    | BoardSortBy
    | BoardRenameByRegex
    | BoardLabelsToFields
    | BoardLimit
    | BoardConcatenate
    | BoardSeriesToRows
    | BoardConvert,
    Field(discriminator="id"),
]
