"""`make demo`."""

import asyncio
import contextlib
import signal
from pathlib import Path

import click
import uvicorn

from examples.demo.choices import DATA, SHOP, choices
from examples.demo.page import demo_app
from examples.demo.shown import Shown
from midwatch.cli.parts import free_port, say, usable

DEMO_PORT = 4399


@click.command()
@click.option("--system", default=SHOP, show_default=True, help="What is shown first.")
@click.option("--data", type=click.Path(path_type=Path), default=DATA, show_default=True, help="A directory for each.")
@click.option("--port", default=4400, show_default=True, help="Midwatch's port; 0: any.")
@click.option("--demo-port", default=DEMO_PORT, show_default=True, help="Port of the page to choose in; 0: any.")
def demo(system: str, data: Path, port: int, demo_port: int) -> None:
    """Start Midwatch with a live example, and a page in which another is chosen."""
    found = choices(data.resolve(), port)
    if system not in found:
        raise click.ClickException(f"there is no example {system!r}: {', '.join(found)}")
    raise SystemExit(asyncio.run(_run(Shown(found, data / "demo-logs"), system, usable(demo_port) or free_port())))


async def _run(shown: Shown, name: str, port: int) -> int:
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    server = uvicorn.Server(uvicorn.Config(demo_app(shown), "127.0.0.1", port, log_level="warning"))
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    serving = asyncio.create_task(server.serve())
    code = 0
    try:
        await shown.show(name)
        while (state := shown.state()["state"]) == "starting" and not await _within(stopping, 0.2):
            pass
        if not stopping.is_set():
            say(shown.greeting())
            if state == "ended":
                code = 1
            else:
                say(f"    other systems http://127.0.0.1:{port}/  (choose one, and what goes wrong in it)\n")
                await stopping.wait()
    finally:
        say("stopping …")
        server.should_exit = True
        await serving
        await shown.stop()
    return code


async def _within(event: asyncio.Event, seconds: float) -> bool:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
    return event.is_set()


if __name__ == "__main__":
    demo(prog_name="python -m examples.demo")
