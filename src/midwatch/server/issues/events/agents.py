"""Browser, system and device of a user agent, as contexts of an event."""

from typing import Any

from midwatch.server.protocols.sentry.user_agents import contexts_of

AGENT_CHARACTERS_MAX = 500


def agent_of(event: dict[str, Any]) -> str:
    """What the event's request says; empty where it says nothing."""
    headers = event.get("request", {}).get("headers", {})
    found = next((value for name, value in headers.items() if name.lower() == "user-agent"), "")
    return str(found)[:AGENT_CHARACTERS_MAX]


def put_contexts(event: dict[str, Any]) -> None:
    """Add what the user agent tells and nobody else has said."""
    agent = agent_of(event)
    if not agent or "Mozilla" not in agent:
        return
    contexts = event.setdefault("contexts", {})
    for name, value in contexts_of(agent).items():
        contexts.setdefault(name, value)
