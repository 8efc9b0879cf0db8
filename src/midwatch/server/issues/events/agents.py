"""Browser, system and device of a user agent, as contexts of an event."""

from functools import lru_cache
from typing import Any

import ua_parser

AGENT_CHARACTERS_MAX = 500


def agent_of(event: dict[str, Any]) -> str:
    """What the event's request says; empty where it says nothing."""
    headers = event.get("request", {}).get("headers", {})
    found = next((value for name, value in headers.items() if name.lower() == "user-agent"), "")
    return str(found)[:AGENT_CHARACTERS_MAX]


@lru_cache(maxsize=2000)
def contexts_of(agent: str) -> dict[str, dict[str, str]]:
    """`browser`, `os` and `device` as far as they are known."""
    parsed = ua_parser.parse(agent)
    found: dict[str, dict[str, str]] = {}
    if parsed.user_agent:
        found["browser"] = {"name": parsed.user_agent.family, "version": parsed.user_agent.major or ""}
    if parsed.os:
        version = ".".join(part for part in (parsed.os.major, parsed.os.minor) if part)
        found["os"] = {"name": parsed.os.family, "version": version}
    if parsed.device and parsed.device.family:
        found["device"] = {"family": parsed.device.family, "model": parsed.device.model or ""}
    return found


@lru_cache(maxsize=2000)
def is_crawler(agent: str) -> bool:
    """Search engines and the like by name; not programs that ask for a team's API, such as curl or httpx."""
    parsed = ua_parser.parse(agent)
    named = parsed.user_agent is not None
    return named and parsed.device is not None and parsed.device.family == "Spider"


def put_contexts(event: dict[str, Any]) -> None:
    """Add what the user agent tells and nobody else has said."""
    agent = agent_of(event)
    if not agent or "Mozilla" not in agent:
        return
    contexts = event.setdefault("contexts", {})
    for name, value in contexts_of(agent).items():
        contexts.setdefault(name, value)
