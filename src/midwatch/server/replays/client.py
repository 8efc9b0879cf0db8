"""What a visit was made with: by the contexts that SDKs send, else by the browser's own words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from midwatch.server.protocols.sentry.user_agents import contexts_of

TEXT_MAX = 100


@dataclass(frozen=True, slots=True)
class Client:
    browser: str
    os: str
    device: str


def client_of(contexts: Mapping[str, Any], user_agent: str) -> Client:
    told = contexts_of(user_agent) if user_agent else {}
    return Client(
        _named(contexts.get("browser")) or _named(told.get("browser")),
        _named(contexts.get("os")) or _named(told.get("os")),
        _device(contexts.get("device")) or _device(told.get("device")),
    )


def _named(context: Any) -> str:
    if not isinstance(context, dict):
        return ""
    return f"{_text(context.get('name'))} {_text(context.get('version')).partition('.')[0]}".strip()[:TEXT_MAX]


def _device(context: Any) -> str:
    if not isinstance(context, dict):
        return ""
    return (_text(context.get("model")) or _text(context.get("family")))[:TEXT_MAX]


def _text(value: Any) -> str:
    return value.replace("\0", "") if isinstance(value, str) else ""
