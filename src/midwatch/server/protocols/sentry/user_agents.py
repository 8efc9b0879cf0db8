"""What a user agent tells: browser, system and device as an event's contexts have them, and whether it is a crawler."""

from functools import lru_cache

import ua_parser


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
