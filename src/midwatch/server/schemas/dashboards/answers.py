"""What the API asks and answers about dashboards."""

from typing import Annotated, Any, Literal

from pydantic import Field

from midwatch.server.schemas.base import AS_SENT, Schema
from midwatch.server.schemas.dashboards.board import Dashboard, Uid

Source = Literal["workspace", "plan", "builtin"]
Message = Annotated[str, Field(max_length=500)]
BoardFormat = Literal["grafana", "midwatch"]
TEXT_MAX = 4 << 20


class DashboardSummary(Schema):
    uid: str
    title: str
    description: str
    tags: list[str]
    source: Source
    """`workspace` is changed here, `plan` in its file, `builtin` not at all; a copy under another uid can always be."""
    file: str | None
    """Below the plan directory."""
    version: int | None
    """Of the workspace's."""
    changed_at: str | None
    changed_by: str | None
    panels: int
    refused: int
    """Panels that are not drawn; each says why."""
    hides: list[Source]
    """Where others of this uid are not shown: the plan's comes before the workspace's, and that before ours."""


class DashboardList(Schema):
    dashboards: list[DashboardSummary]


class DashboardRemark(Schema):
    panel: int | None
    """Null: about the board."""
    title: str
    reason: str


class DashboardReport(Schema):
    panels: int
    drawable: int
    refused: list[DashboardRemark]
    ignored: list[DashboardRemark]
    """Settings of the original that change nothing here. Told when it is imported or checked."""
    ignored_count: int
    """More than are listed where the list was cut."""
    findings: list[DashboardRemark]
    """Queries that are no PromQL, names that are no variable."""


class DashboardAnswer(Schema):
    summary: DashboardSummary
    dashboard: Dashboard
    report: DashboardReport


class DashboardCreate(Schema):
    model_config = AS_SENT

    dashboard: Dashboard
    message: Message = ""
    """Why, for the history."""


class DashboardChange(Schema):
    model_config = AS_SENT

    dashboard: Dashboard
    """Its uid is the one in the address."""
    version: Annotated[int, Field(ge=1)]
    """The one that was changed: 409 `changed_meanwhile` where there is a newer one."""
    message: Message = ""


class DashboardText(Schema):
    """A board as somebody else's tool has it: exactly one of `text` and `source`."""

    model_config = AS_SENT

    text: Annotated[str, Field(max_length=TEXT_MAX)] | None = None
    source: dict[str, Any] | None = None
    """Grafana's JSON as it is."""
    format: BoardFormat | None = None
    """Null: JSON is Grafana's, everything else our YAML."""
    uid: Uid | None = None
    """In place of its own."""


class DashboardImportRequest(DashboardText):
    overwrite: bool = False
    """Take the place of a board of the workspace that has this uid, as its next version."""
    message: Message = ""


class DashboardImported(DashboardAnswer):
    created: bool


class DashboardProblem(Schema):
    line: int
    column: int
    message: str
    severity: Literal["error", "warning"]


class DashboardChecked(Schema):
    ok: bool
    problems: list[DashboardProblem]
    dashboard: Dashboard | None
    report: DashboardReport | None


class DashboardVersion(Schema):
    version: int
    title: str
    panels: int
    changed_at: str
    changed_by: str
    message: str


class DashboardVersionList(Schema):
    """The newest first."""

    versions: list[DashboardVersion]
    deleted: bool
    """The board is gone; restoring any version brings it back."""


class DashboardVersionAnswer(Schema):
    version: DashboardVersion
    dashboard: Dashboard
