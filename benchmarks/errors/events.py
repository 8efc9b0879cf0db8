"""Events as sentry-sdk sends them: stacks with source and locals, breadcrumbs, a request; some of 50 KB."""

import json
import random
import time
import uuid
from typing import Any

LARGE_SHARE = 0.2
KINDS = ("ValueError", "KeyError", "TimeoutError", "OperationalError", "PermissionError")


def events(count: int, issues: int, *, seed: int = 7) -> list[bytes]:
    """Envelopes of as many events, spread over as many issues; a fifth of them are of some 50 KB."""
    chance = random.Random(seed)
    return [_envelope(_event(chance, number % issues, large=chance.random() < LARGE_SHARE)) for number in range(count)]


def _envelope(event: dict[str, Any]) -> bytes:
    payload = json.dumps(event).encode()
    headers = json.dumps({"event_id": event["event_id"], "sent_at": "2026-11-27T12:00:00Z"}).encode()
    item = json.dumps({"type": "event", "length": len(payload), "content_type": "application/json"}).encode()
    return b"\n".join((headers, item, payload))


def _event(chance: random.Random, issue: int, *, large: bool) -> dict[str, Any]:
    frames = [_frame(chance, issue, place, large=large) for place in range(45 if large else 15)]
    return {
        "event_id": uuid.UUID(int=chance.getrandbits(128)).hex,
        "timestamp": time.time(),
        "platform": "python",
        "level": "error",
        "logger": "app",
        "release": "shop@1.2.3",
        "environment": "production",
        "server_name": f"web-{chance.randrange(4)}",
        "transaction": f"/orders/{issue}",
        "exception": {
            "values": [
                {
                    "type": KINDS[issue % len(KINDS)],
                    "value": f"cannot handle order {chance.randrange(10**6)}",
                    "module": "app.errors",
                    "mechanism": {"type": "django", "handled": False},
                    "stacktrace": {"frames": frames},
                }
            ]
        },
        "breadcrumbs": {
            "values": [
                {
                    "type": "log",
                    "category": "query",
                    "level": "info",
                    "timestamp": time.time() - place,
                    "message": f"SELECT * FROM orders WHERE id = {chance.randrange(10**6)}",
                }
                for place in range(60 if large else 15)
            ]
        },
        "user": {"id": str(chance.randrange(2000)), "email": f"user{chance.randrange(2000)}@example.com"},
        "tags": {"tenant": f"t{chance.randrange(20)}", "region": "eu"},
        "request": {
            "url": f"https://shop.example.com/orders/{issue}",
            "method": "POST",
            "headers": {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/120 Safari/537.36"},
        },
        "contexts": {
            "trace": {"trace_id": f"{chance.getrandbits(128):032x}", "span_id": f"{chance.getrandbits(64):016x}"},
            "runtime": {"name": "CPython", "version": "3.11.7"},
        },
        "sdk": {"name": "sentry.python", "version": "2.40.0"},
    }


def _frame(chance: random.Random, issue: int, place: int, *, large: bool) -> dict[str, Any]:
    held = {f"value_{one}": f"'{chance.getrandbits(64):x}'" for one in range(20 if large else 5)}
    return {
        "filename": f"app/part{place}.py",
        "abs_path": f"/srv/app/part{place}.py",
        "module": f"app.part{place}",
        "function": f"step_{issue}_{place}",
        "lineno": 10 + place,
        "in_app": place % 2 == 0,
        "pre_context": [
            "    first = before(order)",
            "    second = after(first)",
            "",
            "    if not second:",
            "        return",
        ],
        "context_line": "        raise ValueError(order)",
        "post_context": ["", "", "def other():", "    pass", ""],
        "vars": held,
    }
