"""What nobody caught: the interpreter's hooks, each of which still does what it did before."""

import asyncio
import sys
import threading
from types import TracebackType
from typing import Any

from midwatch.sdk.setup import in_force

UNHANDLED, THREAD, LOOP = "excepthook", "threading", "asyncio"

_WATCHED = "__midwatch_watched__"


def install() -> None:
    """Once per process; what others put over it later still calls it, if they call what was there."""
    if not getattr(sys.excepthook, _WATCHED, False):
        _watch_interpreter()
    if not getattr(threading.excepthook, _WATCHED, False):
        _watch_threads()
    try:
        watch_loop(asyncio.get_running_loop())
    except RuntimeError:
        # No loop is running yet: its own handler tells the logger `asyncio`, whose lines are ours.
        return


def watch_loop(loop: asyncio.AbstractEventLoop) -> None:
    """Capture what the loop's exception handler is told, then let it go on as before. Twice is once."""
    before = loop.get_exception_handler()
    if getattr(before, _WATCHED, False):
        return

    def told(loop: asyncio.AbstractEventLoop, about: dict[str, Any]) -> None:
        _capture(about.get("exception"), "error", LOOP)
        if before is None:
            loop.default_exception_handler(about)
        else:
            before(loop, about)

    setattr(told, _WATCHED, True)
    loop.set_exception_handler(told)


def _watch_interpreter() -> None:
    before = sys.excepthook

    def told(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        _capture(error, "fatal", UNHANDLED)
        before(kind, error, trace)

    setattr(told, _WATCHED, True)
    sys.excepthook = told


def _watch_threads() -> None:
    before = threading.excepthook

    def told(about: threading.ExceptHookArgs) -> None:
        _capture(about.exc_value, "error", THREAD)
        before(about)

    setattr(told, _WATCHED, True)
    threading.excepthook = told


def _capture(error: BaseException | None, severity: str, mechanism: str) -> None:
    """It is sent by the exporter, at the latest when the process ends."""
    running = in_force()
    if running is not None and error is not None:
        running.errors.capture(error, severity=severity, mechanism=mechanism, handled=False)
