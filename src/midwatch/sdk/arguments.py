"""What `init` may be told."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from os import PathLike
from typing import TypedDict

from midwatch.sdk.error_policy import ErrorPolicy


class Arguments(TypedDict, total=False):
    """`midwatch.init` says what each is."""

    service: str | None
    environment: str | None
    version: str | None
    dsn: str | None
    log_level: str | None
    log_format: str | None
    log_file: str | None
    log_keys: Mapping[str, str] | None
    sample_rate: float | None
    errors: ErrorPolicy | None
    threads: bool | None
    buffer: str | PathLike[str] | None
    plan: str | PathLike[str] | None
    contract: bool | None
    privacy_key: str | None
    privacy_region: str | None


def unknown(names: Iterable[str]) -> str:
    """The mistake, and what may have been meant; empty where all names are options."""
    known = Arguments.__annotations__
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, 1)
            return f"{name} is no option of init: " + (
                f"did you mean {near[0]}?" if near else f"it has {', '.join(known)}"
            )
    return ""
