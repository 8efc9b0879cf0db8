"""What a log line calls the event that it tells of: an attribute, OpenTelemetry's event name, or its whole message."""

import re
from collections.abc import Mapping
from typing import Any

NAME_CHARACTERS_MAX = 200
DOTTED = r"^[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)+$"
"""A message that is a name and no sentence (RE2 and Python alike)."""
_DOTTED = re.compile(DOTTED)
_NAME = re.compile(r"[A-Za-z][\w-]*(?:\.[\w-]+)*")

BUILT_IN = frozenset({"exception", "heartbeat", "cost", "state.transition"})
BUILT_IN_BEGINNINGS = ("alarm.", "handler.", "gen_ai.", "feature_flag.", "browser.", "web_vital", "device.", "sentry.")
"""How names of the SDKs and of OpenTelemetry's conventions begin: those nobody has to declare."""

SDK_LOGGERS = "midwatch."
"""How loggers of the SDK's own lines begin (of requests, jobs, queries): those are sentences, which nobody can name."""


def is_of_the_sdk(attributes: Mapping[str, Any]) -> bool:
    """Whether a line with these attributes is one of the SDK's own."""
    return str(attributes.get("logger", "")).startswith(SDK_LOGGERS)


def is_event_name(text: str) -> bool:
    """Whether it can be declared."""
    return len(text) <= NAME_CHARACTERS_MAX and _NAME.fullmatch(text) is not None


def is_dotted(message: str) -> bool:
    """Whether a message is an event's name by its looks."""
    return len(message) <= NAME_CHARACTERS_MAX and _DOTTED.search(message) is not None


def is_built_in(name: str) -> bool:
    """Whether it is one that a plan need not declare."""
    return name in BUILT_IN or name.startswith(BUILT_IN_BEGINNINGS)
