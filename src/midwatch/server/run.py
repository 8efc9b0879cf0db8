"""The server as a process of its own."""

import asyncio
import os
import signal
from typing import Any

from midwatch.server.app import serve
from midwatch.server.config import Settings
from midwatch.server.log_lines import configure_logging


def run(settings: Settings) -> None:
    """`midwatch up`: serve until SIGTERM or SIGINT. What it writes is its user's alone, in whatever directory."""
    os.umask(0o077)
    configure_logging(settings.log_format, settings.log_level)

    async def main() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, stop.set)
        await serve(settings, stop)

    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(main())


def _loop_factory() -> Any:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
