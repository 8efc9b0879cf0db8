"""Heartbeats as series."""

from collections.abc import Iterator

from midwatch.server.monitors.heartbeats.life import Condition, Life
from midwatch.server.monitors.heartbeats.written import known_of, life_of
from midwatch.server.monitors.series import STALE, Sample, label_set
from midwatch.server.workspace.models import HeartbeatRow

JOB = "heartbeats"
_GAUGES = (
    "heartbeat_up",
    "heartbeat_age_seconds",
    "heartbeat_success_age_seconds",
    "heartbeat_expected_timestamp_seconds",
    "heartbeat_duration_seconds",
    "heartbeat_consecutive_failures",
    "heartbeat_running",
    "heartbeat_overlapping",
)


def labels_of(row: HeartbeatRow) -> dict[str, str]:
    known = known_of(row.config)
    own = {"job": JOB, "heartbeat": row.name, "env": row.environment}
    project = {} if row.project == 1 else {"project": str(row.project)}
    return {**known.labels, **own, **project}


def samples_of(row: HeartbeatRow, now_ns: int) -> Iterator[Sample]:
    life, labels, at_ms = life_of(row.life), labels_of(row), now_ns // 10**6
    for condition in Condition:
        value = float(life.condition is condition)
        yield Sample(label_set("heartbeat_state", {**labels, "state": str(condition)}), value, at_ms)
    for name, number in _values(life, now_ns).items():
        if number is not None:
            yield Sample(label_set(name, labels), number, at_ms)


def endings(labels: dict[str, str], at_ms: int) -> Iterator[Sample]:
    """Markers for one that is no more, or has other labels now."""
    for condition in Condition:
        yield Sample(label_set("heartbeat_state", {**labels, "state": str(condition)}), STALE, at_ms)
    for name in _GAUGES:
        yield Sample(label_set(name, labels), STALE, at_ms)


def _values(life: Life, now_ns: int) -> dict[str, float | None]:
    """In the order of `_GAUGES`; None: nothing to tell yet."""
    expected = None if life.expected_ns is None else life.expected_ns / 1e9
    values = (
        float(life.healthy),
        (now_ns - life.last_ns) / 1e9 if life.last_ns else None,
        (now_ns - life.last_ok_ns) / 1e9 if life.last_ok_ns else None,
        expected,
        life.last_seconds,
        float(life.failures),
        float(len(life.runs)),
        float(life.overlapping),
    )
    return dict(zip(_GAUGES, values, strict=True))
