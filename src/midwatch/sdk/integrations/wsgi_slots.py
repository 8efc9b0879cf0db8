"""How many requests a WSGI server's process serves at once."""

import sys
from collections.abc import Mapping
from typing import Any

_FRAMES_MAX = 200


def slots_of(environ: Mapping[str, Any]) -> int | None:
    """Asked within a request; None where nobody says: greenlets, and pools of other servers than gunicorn."""
    server = _gunicorn_worker()
    if server is not None:
        kind = type(server).__module__.rpartition(".")[2]
        return int(server.cfg.threads) if kind in ("sync", "gthread") else None
    return None if environ.get("wsgi.multithread") else 1


def _gunicorn_worker() -> Any:
    """It is on the stack of each request, and nothing else leads to it."""
    if "gunicorn" not in sys.modules:
        return None
    frame, seen = sys._getframe(1), 0
    while frame is not None and seen < _FRAMES_MAX:
        found = frame.f_locals.get("self")
        if type(found).__module__.startswith("gunicorn.workers.") and hasattr(found, "cfg"):
            return found
        frame, seen = frame.f_back, seen + 1  # type: ignore[assignment]
    return None
