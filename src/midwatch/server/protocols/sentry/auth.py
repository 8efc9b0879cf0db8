"""Where Sentry's SDKs put the key of their DSN."""

import re
from collections.abc import Mapping

_KEY = re.compile(r"sentry_key\s*=\s*([^,\s]+)")


def key_of(headers: Mapping[str, str], query: Mapping[str, str]) -> str:
    """Of `X-Sentry-Auth`, `Authorization: Sentry …` or `?sentry_key=`; empty where there is none."""
    for name in ("x-sentry-auth", "authorization"):
        sent = headers.get(name, "")
        if sent[:7].lower() == "sentry " and (found := _KEY.search(sent)):
            return found[1]
    return query.get("sentry_key", "")
