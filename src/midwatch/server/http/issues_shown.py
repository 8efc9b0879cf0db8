"""Issues and their events, from how they are kept to how the API has them."""

from collections.abc import Mapping, Sequence
from typing import Any

from midwatch.server.model.timerange import format_time
from midwatch.server.query.issues.volume import BUCKETS, Seen
from midwatch.server.schemas.issues import Activity, EventFacts, IssueGroup, IssueLink, IssueSummary
from midwatch.server.workspace.models.issues import IssueActivityRow, IssueGroupRow, IssueLinkRow, IssueRow


def at_ms(ms: int) -> str:
    return format_time(ms * 1_000_000)


def summary(row: IssueRow, seen: Seen | None = None, trend: Sequence[float] = ()) -> IssueSummary:
    return IssueSummary(
        id=row.id,
        title=row.title,
        culprit=row.culprit,
        type=row.type,
        value=row.value,
        status=row.status,
        substatus=row.substatus,
        level=row.level,
        severity=row.severity,
        category=row.category,
        priority=row.priority,
        platform=row.platform,
        service=row.service,
        environment=row.environment,
        handled=row.handled,
        first_seen=at_ms(row.first_ms),
        last_seen=at_ms(row.last_ms),
        first_release=row.first_release,
        last_release=row.last_release,
        assignee=row.assignee,
        events=seen.events if seen else 0,
        users=seen.users if seen else 0,
        trend=list(trend) or [0.0] * BUCKETS,
    )


def activity(row: IssueActivityRow) -> Activity:
    return Activity(time=at_ms(row.time_ms), kind=row.kind, actor=row.actor, data=row.data)


def group(row: IssueGroupRow) -> IssueGroup:
    return IssueGroup(hash=row.hash, version=row.version, title=row.title, first_seen=at_ms(row.first_ms))


def link(row: IssueLinkRow) -> IssueLink:
    return IssueLink(
        id=row.id, tracker=row.tracker, url=row.url, title=row.title, made_at=at_ms(row.made_ms), made_by=row.made_by
    )


def facts(row: Mapping[str, Any]) -> EventFacts:
    return EventFacts(
        event_id=row["EventId"],
        time=format_time(int(row["time_ns"])),
        group=row["GroupHash"],
        group_version=row["GroupVersion"],
        type=row["Type"],
        value=row["Value"],
        title=row["Title"],
        culprit=row["Culprit"],
        level=row["Level"],
        severity=row["Severity"],
        category=row["Category"],
        platform=row["Platform"],
        logger=row["Logger"],
        mechanism=row["Mechanism"],
        handled=bool(row["Handled"]),
        service=row["ServiceName"],
        environment=row["Environment"],
        release=row["Release"],
        dist=row["Dist"],
        server_name=row["ServerName"],
        transaction=row["TransactionName"],
        trace_id=row["TraceId"],
        span_id=row["SpanId"],
        replay_id=row["ReplayId"],
        session_id=row["SessionId"],
        user=row["UserKey"],
        url=row["Url"],
        browser=row["Browser"],
        os=row["Os"],
        device=row["Device"],
        runtime=row["Runtime"],
        sdk=row["Sdk"],
        source=row["Source"],
        duplicate=bool(row["Duplicate"]),
        weight=float(row["Weight"]),
        tags=dict(row["Tags"]),
        whole=bool(row["whole"]),
    )
