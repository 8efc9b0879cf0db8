"""Check-ins of Sentry's crons: the envelope's item `check_in` and what the cron URL may say."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import orjson

STATUSES = ("ok", "in_progress", "error")
MINUTES_MAX = 40_320
THRESHOLD_MAX = 720
MARGIN_MINUTES = 1
RUNTIME_MINUTES = 30
"""Sentry's own, where a monitor does not say."""
UNIT_SECONDS = {
    "minute": 60,
    "hour": 3600,
    "day": 86_400,
    "week": 7 * 86_400,
    "month": 31 * 86_400,
    "year": 366 * 86_400,
}
"""Months and years as long as they can be: a job is never missed before its time."""
_SLUG = re.compile(r"[\w.-]{1,200}")
_ID = re.compile(r"[0-9a-f]{32}")


class BadCheckIn(ValueError):
    """What is wrong with it."""


@dataclass(frozen=True, slots=True)
class MonitorConfig:
    cron: str
    every_seconds: float | None
    time_zone: str
    margin_seconds: float
    runtime_seconds: float
    failures: int
    recoveries: int


@dataclass(frozen=True, slots=True)
class CheckIn:
    slug: str
    status: Literal["ok", "in_progress", "error"]
    check_in_id: str
    """32 hex digits; empty: the newest."""
    seconds: float | None
    environment: str
    config: MonitorConfig | None


def read_check_in(payload: bytes) -> CheckIn:
    """Raises BadCheckIn."""
    try:
        value = orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        raise BadCheckIn(f"expected JSON: {error}") from None
    if not isinstance(value, dict):
        raise BadCheckIn("expected a JSON object")
    return check_in_of(value)


def check_in_of(value: Mapping[str, Any], *, slug: str = "") -> CheckIn:
    """Raises BadCheckIn."""
    slug = slug or _text(value, "monitor_slug")
    if not _SLUG.fullmatch(slug):
        raise BadCheckIn(f"monitor_slug={slug[:80]}: expected letters, digits, dots, dashes and underscores")
    status = value.get("status", "ok")
    if status not in STATUSES:
        raise BadCheckIn(f"status={str(status)[:40]}: expected ok, in_progress or error")
    seconds = value.get("duration")
    if seconds is not None and (isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0):
        raise BadCheckIn("duration: expected seconds")
    config = value.get("monitor_config")
    return CheckIn(
        slug,
        status,
        _id(value.get("check_in_id")),
        None if seconds is None else float(seconds),
        (_text(value, "environment") if value.get("environment") else "")[:200],
        None if config is None else _config(config),
    )


def _id(value: Any) -> str:
    if value is None or value == "":
        return ""
    found = str(value).replace("-", "").lower()
    if not _ID.fullmatch(found):
        raise BadCheckIn("check_in_id: expected a UUID")
    return "" if not found.strip("0") else found


def _config(value: Any) -> MonitorConfig:
    if not isinstance(value, dict):
        raise BadCheckIn("monitor_config: expected a JSON object")
    schedule = value.get("schedule")
    if not isinstance(schedule, dict):
        raise BadCheckIn("monitor_config.schedule: expected a JSON object")
    cron, every = "", None
    if schedule.get("type") == "crontab":
        cron = _text(schedule, "value")
    elif schedule.get("type") == "interval":
        unit = schedule.get("unit")
        if unit not in UNIT_SECONDS:
            raise BadCheckIn(f"monitor_config.schedule.unit: expected one of {', '.join(UNIT_SECONDS)}")
        every = float(_number(schedule, "value", 1, 10_000) * UNIT_SECONDS[unit])
    else:
        raise BadCheckIn("monitor_config.schedule.type: expected crontab or interval")
    return MonitorConfig(
        cron,
        every,
        _text(value, "timezone") if value.get("timezone") else "UTC",
        60.0 * _number(value, "checkin_margin", 1, MINUTES_MAX, MARGIN_MINUTES),
        60.0 * _number(value, "max_runtime", 1, MINUTES_MAX, RUNTIME_MINUTES),
        _number(value, "failure_issue_threshold", 1, THRESHOLD_MAX, 1),
        _number(value, "recovery_threshold", 1, THRESHOLD_MAX, 1),
    )


def _text(value: Mapping[str, Any], name: str) -> str:
    found = value.get(name)
    if not isinstance(found, str) or not found:
        raise BadCheckIn(f"{name}: expected text")
    return found


def _number(value: Mapping[str, Any], name: str, low: int, high: int, default: int | None = None) -> int:
    found = value.get(name)
    if found is None and default is not None:
        return default
    if isinstance(found, bool) or not isinstance(found, int) or not low <= found <= high:
        raise BadCheckIn(f"{name}: expected a whole number from {low} to {high}")
    return found
