"""What is remembered of alerting: values as rows of the workspace, and back."""

from collections.abc import Callable, Iterable
from typing import Any

from midwatch.server.alerting.config.model import compiled
from midwatch.server.alerting.dispatcher import Dispatcher
from midwatch.server.alerting.history import Event
from midwatch.server.alerting.marks import Mark, MarkKind
from midwatch.server.alerting.merging import Known
from midwatch.server.alerting.silences import Silence
from midwatch.server.model.alert import Alert
from midwatch.server.protocols.alertmanager.matchers import WrittenMatcher
from midwatch.server.workspace.alerting import Changes, Row, group_row, group_row_id
from midwatch.server.workspace.models import AlertMarkRow, AlertRow, SilenceRow
from midwatch.server.workspace.models.alerting import RULE_CHARACTERS_MAX

_NAME_CHARACTERS_MAX = 254


def taken(dispatcher: Dispatcher) -> tuple[Changes, Callable[[], None]]:
    """What changed since it was taken last, and how to put it back where it could not be kept."""
    changes = Changes()
    touched, moved, marked = dispatcher.touched, dispatcher.moved, dispatcher.marks.touched
    happened, dispatcher.notes.events = dispatcher.notes.events, []
    dispatcher.touched, dispatcher.moved, dispatcher.marks.touched = set(), set(), set()
    for fingerprint in touched:
        if (known := dispatcher.known.get(fingerprint)) is not None:
            changes.alerts.append(alert_row(known))
        else:
            changes.gone_alerts.append(fingerprint)
    for id_ in moved:
        if (group := dispatcher.groups.get(id_)) is not None:
            changes.groups.append(group_row(*id_, group.next_ns, group.climbs_ns))
        else:
            changes.gone_groups.append(group_row_id(*id_))
    for mark_id in marked:
        if (mark := dispatcher.marks.get(mark_id)) is not None:
            changes.marks.append(mark_row(mark))
        else:
            changes.gone_marks.append(mark_id)
    changes.events = [event_row(one) for one in happened]

    def put_back() -> None:
        dispatcher.touched |= touched
        dispatcher.moved |= moved
        dispatcher.marks.touched |= marked
        dispatcher.notes.events[:0] = happened

    return changes, put_back


def alert_row(known: Known) -> Row:
    alert = known.alert
    return {
        "fingerprint": alert.fingerprint,
        "labels": dict(alert.labels),
        "annotations": dict(alert.annotations),
        "starts_ns": alert.starts_at_ns,
        "ends_ns": alert.ends_at_ns,
        "updated_ns": alert.updated_at_ns,
        "generator_url": alert.generator_url,
        "timeout": known.timeout,
    }


def known_of(row: AlertRow) -> Known:
    alert = Alert(
        row.labels, row.starts_ns, row.ends_ns, row.annotations, row.generator_url, row.updated_ns, row.fingerprint
    )
    return Known(alert, row.timeout)


def written_alerts(alerts: Iterable[Alert]) -> list[Row]:
    """For the server that dispatches."""
    return [
        {
            "labels": dict(one.labels),
            "annotations": dict(one.annotations),
            "starts_at_ns": one.starts_at_ns,
            "ends_at_ns": one.ends_at_ns,
            "generator_url": one.generator_url,
        }
        for one in alerts
    ]


def read_alerts(rows: Iterable[dict[str, Any]]) -> list[Alert]:
    return [Alert(**row) for row in rows]


def silence_row(one: Silence) -> Row:
    return {
        "id": one.id,
        "matchers": [[matcher.name, matcher.type.value, matcher.value] for matcher in one.matchers],
        "starts_ns": one.starts_at_ns,
        "ends_ns": one.ends_at_ns,
        "updated_ns": one.updated_at_ns,
        "created_by": one.created_by,
        "comment": one.comment,
        "annotations": dict(one.annotations),
    }


def silence_of(row: Any) -> Silence:
    """Of a row, or of what `silence_row` made."""
    return Silence(
        matchers=tuple(compiled(WrittenMatcher(*one)) for one in row["matchers"]),
        starts_at_ns=row["starts_ns"],
        ends_at_ns=row["ends_ns"],
        created_by=row["created_by"],
        comment=row["comment"],
        id=row["id"],
        updated_at_ns=row["updated_ns"],
        annotations=row["annotations"],
    )


def silence_of_row(row: SilenceRow) -> Silence:
    return silence_of({column.name: getattr(row, column.name) for column in SilenceRow.__table__.columns})


def mark_row(one: Mark) -> Row:
    return {
        "id": one.id,
        "kind": one.kind.value,
        "fingerprints": sorted(one.fingerprints),
        "by": one.by[:_NAME_CHARACTERS_MAX],
        "at_ns": one.at_ns,
        "comment": one.comment,
        "group_key": one.group_key,
        "until_ns": one.until_ns,
        "assignee": one.assignee[:_NAME_CHARACTERS_MAX],
    }


def mark_of(row: Row) -> Mark:
    return Mark(**{**row, "kind": MarkKind(row["kind"]), "fingerprints": frozenset(row["fingerprints"])})


def mark_of_row(row: AlertMarkRow) -> Mark:
    return mark_of({column.name: getattr(row, column.name) for column in AlertMarkRow.__table__.columns})


def event_row(one: Event) -> Row:
    return {
        "at_ns": one.at_ns,
        "kind": one.kind.value,
        "rule": one.name[:RULE_CHARACTERS_MAX],
        "fingerprint": one.fingerprint,
        "labels": dict(one.labels),
        "group_key": one.group_key,
        "receiver": one.receiver,
        "by": one.by[:_NAME_CHARACTERS_MAX],
        "comment": one.comment,
        "details": dict(one.details),
    }
