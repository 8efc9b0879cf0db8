"""A dashboard: the one model that Grafana's JSON, our YAML, the workspace, the API and the page share."""

from typing import Annotated, Literal

from pydantic import Field

from midwatch.server.schemas.base import AS_SENT, Schema
from midwatch.server.schemas.dashboards.fields import BoardFields, BoardLink
from midwatch.server.schemas.dashboards.options import BoardOptions
from midwatch.server.schemas.dashboards.queries import BoardQuery, Language, Name, Query
from midwatch.server.schemas.dashboards.transformations import BoardTransformation
from midwatch.server.schemas.dashboards.variables import BoardVariable, VariableName

COLUMNS = 24
"""Of the grid. One unit of height is 30 px with 8 px between, as in Grafana."""
PANELS_MAX = 500
Uid = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$", max_length=80)]
Description = Annotated[str, Field(max_length=10_000)]


class BoardGrid(Schema):
    """Where a panel lies; `y` counts from the top of its row."""

    model_config = AS_SENT

    x: Annotated[int, Field(ge=0, lt=COLUMNS)] = 0
    y: Annotated[int, Field(ge=0, le=100_000)] = 0
    w: Annotated[int, Field(ge=1, le=COLUMNS)] = 12
    h: Annotated[int, Field(ge=1, le=1000)] = 8


class BoardRepeat(Schema):
    """One panel for each chosen value of the variable."""

    model_config = AS_SENT

    variable: VariableName
    direction: Literal["horizontal", "vertical"] = "horizontal"
    per_row_max: Annotated[int, Field(ge=1, le=COLUMNS)] = 4


class BoardPanel(Schema):
    model_config = AS_SENT

    id: Annotated[int, Field(ge=1, le=2**53)]
    """Its own within a board; a panel that is exported keeps what only Grafana knows by it."""
    title: Name = ""
    description: Description = ""
    grid: BoardGrid = Field(default_factory=BoardGrid)
    transparent: bool = False
    options: BoardOptions
    queries: Annotated[list[BoardQuery], Field(max_length=100)] = Field(default_factory=list)
    transformations: Annotated[list[BoardTransformation], Field(max_length=50)] = Field(default_factory=list)
    fields: BoardFields = Field(default_factory=BoardFields)
    links: Annotated[list[BoardLink], Field(max_length=50)] = Field(default_factory=list)
    repeat: BoardRepeat | None = None
    range: Name | None = None
    """A range of its own, up to the board's end: `1h`."""
    shift: Name | None = None
    """How far its range lies before the board's: `1d`."""
    step_min: Name | None = None
    points_max: Annotated[int, Field(ge=1, le=100_000)] | None = None


class BoardRow(Schema):
    """Panels under a heading. The first row may have none: its panels lie at the top."""

    model_config = AS_SENT

    id: Annotated[int, Field(ge=1, le=2**53)] | None = None
    """As panels have one; null for a row that is new, and for the first without a heading."""
    title: Name | None = None
    collapsed: bool = False
    repeat: VariableName | None = None
    panels: Annotated[list[BoardPanel], Field(max_length=PANELS_MAX)] = Field(default_factory=list)


class BoardTime(Schema):
    model_config = AS_SENT

    start: Name = "now-1h"
    """Relative or RFC 3339."""
    end: Name = "now"


class BoardAnnotation(Schema):
    """Events drawn as lines: where the query answers something."""

    model_config = AS_SENT

    name: Name
    enabled: bool = True
    hidden: bool = False
    color: Name = "red"
    language: Language
    text: Query
    title: Name = ""
    """With `{{label}}` in it."""
    body: Name = ""
    tags: Name = ""
    """Labels whose values are tags, with commas between."""
    step: Name | None = None
    panels: Annotated[list[int], Field(max_length=PANELS_MAX)] | None = None
    """Null: on all."""
    datasource: Name | None = None


class Dashboard(Schema):
    model_config = AS_SENT

    uid: Uid
    title: Annotated[str, Field(min_length=1, max_length=500)]
    description: Description = ""
    tags: Annotated[list[Name], Field(max_length=50)] = Field(default_factory=list)
    time: BoardTime = Field(default_factory=BoardTime)
    refresh: Name | None = None
    """`30s`; null: not by itself."""
    timezone: Name = "browser"
    """`browser`, `utc`, or a name such as `Europe/Berlin`."""
    crosshair: Literal["none", "crosshair", "tooltip"] = "crosshair"
    """What the charts of a board share while one is pointed at."""
    variables: Annotated[list[BoardVariable], Field(max_length=100)] = Field(default_factory=list)
    annotations: Annotated[list[BoardAnnotation], Field(max_length=50)] = Field(default_factory=list)
    links: Annotated[list[BoardLink], Field(max_length=50)] = Field(default_factory=list)
    rows: Annotated[list[BoardRow], Field(max_length=PANELS_MAX)] = Field(default_factory=list)

    @property
    def panels(self) -> list[BoardPanel]:
        """All, in order of the rows."""
        return [panel for row in self.rows for panel in row.panels]
