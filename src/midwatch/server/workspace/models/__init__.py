"""Tables of the workspace, for SQLite and PostgreSQL alike. Times are integer milliseconds since the epoch."""

from midwatch.server.workspace.models.alerting import (
    AlertEventRow,
    AlertGroupRow,
    AlertMailRow,
    AlertMarkRow,
    AlertRow,
    SilenceRow,
)
from midwatch.server.workspace.models.analytics import SavedFunnelRow
from midwatch.server.workspace.models.base import Base
from midwatch.server.workspace.models.costs import InvoiceRow
from midwatch.server.workspace.models.dashboards import DashboardOriginalRow, DashboardRow, DashboardVersionRow
from midwatch.server.workspace.models.drills import DrillRow
from midwatch.server.workspace.models.events import EventAnchorRow, EventHeadRow, EventSourceRow
from midwatch.server.workspace.models.handlers import HandlerOrderRow, HandlerRunRow, HandlerSeenRow
from midwatch.server.workspace.models.heartbeats import HeartbeatChangeRow, HeartbeatRow, HeartbeatSignRow
from midwatch.server.workspace.models.issues import (
    DigestedSegmentRow,
    IssueActivityRow,
    IssueGroupRow,
    IssueLinkRow,
    IssueRow,
)
from midwatch.server.workspace.models.notifications import AttemptRow, IntegrationRow, NotificationRow, ToldRow
from midwatch.server.workspace.models.on_call import OverrideRow
from midwatch.server.workspace.models.people import FailureRow, KeyRow, LinkRow, SessionRow, TokenRow, UserRow
from midwatch.server.workspace.models.probes import MonitorDayRow, ProbeChangeRow, ProbeStandingRow
from midwatch.server.workspace.models.releases import (
    ArtifactBundleRow,
    ArtifactFileRow,
    DeployRow,
    ReleaseCommitRow,
    ReleaseRow,
)
from midwatch.server.workspace.models.replays import ReplayKeyRow, ReplayRow, ReplaySegmentRow
from midwatch.server.workspace.models.rules import RuleAlertRow, RuleTransitionRow
from midwatch.server.workspace.models.runbooks import RunbookTickRow
from midwatch.server.workspace.models.shared import AuditRow, DocumentRow, LeaseRow
from midwatch.server.workspace.models.status_page import StatusNoticeRow
from midwatch.server.workspace.models.status_subscriptions import (
    StatusConfirmationRow,
    StatusMailRow,
    StatusSubscriberRow,
)

__all__ = [
    "AlertEventRow",
    "AlertGroupRow",
    "AlertMailRow",
    "AlertMarkRow",
    "AlertRow",
    "ArtifactBundleRow",
    "ArtifactFileRow",
    "AttemptRow",
    "AuditRow",
    "Base",
    "DashboardOriginalRow",
    "DashboardRow",
    "DashboardVersionRow",
    "DeployRow",
    "DigestedSegmentRow",
    "DocumentRow",
    "DrillRow",
    "EventAnchorRow",
    "EventHeadRow",
    "EventSourceRow",
    "FailureRow",
    "HandlerOrderRow",
    "HandlerRunRow",
    "HandlerSeenRow",
    "HeartbeatChangeRow",
    "HeartbeatRow",
    "HeartbeatSignRow",
    "IntegrationRow",
    "InvoiceRow",
    "IssueActivityRow",
    "IssueGroupRow",
    "IssueLinkRow",
    "IssueRow",
    "KeyRow",
    "LeaseRow",
    "LinkRow",
    "MonitorDayRow",
    "NotificationRow",
    "OverrideRow",
    "ProbeChangeRow",
    "ProbeStandingRow",
    "ReleaseCommitRow",
    "ReleaseRow",
    "ReplayKeyRow",
    "ReplayRow",
    "ReplaySegmentRow",
    "RuleAlertRow",
    "RuleTransitionRow",
    "RunbookTickRow",
    "SavedFunnelRow",
    "SessionRow",
    "SilenceRow",
    "StatusConfirmationRow",
    "StatusMailRow",
    "StatusNoticeRow",
    "StatusSubscriberRow",
    "TokenRow",
    "ToldRow",
    "UserRow",
]
