"""DSNs: `{protocol}://{public key}[:{secret}]@{host}{path}/{project id}` (develop.sentry.dev, SDK overview)."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

KEY_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Dsn:
    key: str
    project: int


def dsn_of(value: Any) -> Dsn | None:
    """What the `dsn` of an envelope's headers says; None where it is none."""
    if not isinstance(value, str) or len(value) > 2000:
        return None
    try:
        parts = urlsplit(value)
        key, project = parts.username or "", parts.path.rstrip("/").rpartition("/")[2]
    except ValueError:
        return None
    if not key or not (project.isascii() and project.isdigit() and len(project) < 10):
        return None
    return Dsn(key, int(project))


def understood(key: str, project: int | None, base_url: str) -> str:
    """A DSN as we read it from a request, its key cut short: for the answer to one that is wrong."""
    shown = key if len(key) <= KEY_SHOWN else f"{key[:KEY_SHOWN]}…"
    scheme, _, host = base_url.rstrip("/").partition("://")
    return f"{scheme}://{shown or '(no key)'}@{host}/{'?' if project is None else project}"
