"""Healthchecks' ping URLs: what follows the UUID, or the ping key and the slug (healthchecks.io/docs/http_api)."""

import re
from dataclasses import dataclass
from typing import Literal

BODY_BYTES_MAX = 10_000
"""Of a ping's body, the beginning is kept; the answer says how much in `Ping-Body-Limit`."""
EVERY_SECONDS = 86_400.0
GRACE_SECONDS = 3_600.0
"""Of a check that a ping makes (`?create=1`)."""
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SLUG = re.compile(r"[a-z0-9][a-z0-9_.-]{0,99}", re.IGNORECASE)

Action = Literal["success", "start", "fail", "log"]


class BadPing(ValueError):
    """No address of a ping."""


@dataclass(frozen=True, slots=True)
class Ping:
    action: Action
    exit_status: int | None = None


def is_uuid(text: str) -> bool:
    return bool(_UUID.fullmatch(text.lower()))


def is_slug(text: str) -> bool:
    return bool(_SLUG.fullmatch(text))


def action_of(text: str) -> Ping:
    """Of what follows: nothing, `start`, `fail`, `log` or an exit status. Raises BadPing."""
    if text == "":
        return Ping("success")
    if text in ("start", "fail", "log"):
        return Ping(text)  # type: ignore[arg-type]
    if text.isascii() and text.isdigit() and len(text) <= 3 and int(text) <= 255:
        return Ping("success" if int(text) == 0 else "fail", int(text))
    raise BadPing("expected start, fail, log or an exit status from 0 to 255")


def run_of(text: str) -> str:
    """`?rid=`: a UUID, by which a success finds its start. Raises BadPing."""
    if text and not is_uuid(text):
        raise BadPing("rid: expected a UUID")
    return text.lower()
