"""The configuration as Alertmanager's API shows it: what Alertmanager can read, without secrets.

`amtool` reads it from a running server and routes by it.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import yaml

from midwatch.contract.plan.scrape.access import MASK
from midwatch.server.alerting.config.intervals import HolidaysConfig
from midwatch.server.alerting.config.kinds import ALERTMANAGER_KINDS, SECRET_URLS, SECRETS, SUFFIX


def shown(tree: dict[str, Any], holidays: Sequence[HolidaysConfig]) -> str:
    """YAML."""
    kept = {key: value for key, value in tree.items() if key != "midwatch"}
    kept["receivers"] = [_receiver(one) for one in tree.get("receivers", ())]
    own = [{"name": one.name, "time_intervals": one.in_alertmanagers_words()} for one in holidays]
    if own:
        kept["time_intervals"] = [*kept.get("time_intervals", ()), *own]
    return yaml.safe_dump(_masked(kept, ""), sort_keys=False, allow_unicode=True)


def _receiver(entry: dict[str, Any]) -> dict[str, Any]:
    known = {f"{kind}{SUFFIX}" for kind in ALERTMANAGER_KINDS}
    return {key: value for key, value in entry.items() if not key.endswith(SUFFIX) or key in known}


def _masked(value: Any, kind: str) -> Any:
    """`kind` is that of the receiver's entry around it."""
    if isinstance(value, list):
        return [_masked(one, kind) for one in value]
    if not isinstance(value, dict):
        return value
    made = {}
    for key, one in value.items():
        inner = key.removesuffix(SUFFIX) if key.endswith(SUFFIX) else kind
        if isinstance(one, str) and one and key in SECRET_URLS.get(kind, ()):
            made[key] = MASK if kind == "slack" else _address(one)
        elif key in SECRETS and one and not isinstance(one, dict | list):
            made[key] = MASK
        else:
            made[key] = _masked(one, inner)
    return made


def _address(url: str) -> str:
    """Scheme and host alone: a program that parses the address still can."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return MASK
    rest = "/" if parts.path in ("", "/") and not parts.query else f"/{MASK}"
    return f"{parts.scheme}://{parts.hostname or ''}{port}{rest}"
