"""`make example` and `make fault`: a system of the examples started, and made to go wrong."""

import asyncio
import contextlib
import json
import signal
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click
import httpx
import uvicorn

from examples.running.control import control_app
from examples.running.databases import DatabaseAway
from examples.running.running import SYSTEMS, RunningSystem, Wish, described, system_named
from midwatch.cli.parts import PartFailed, describe, free_port, say, signin_link

DESCRIBED = "example.json"
DATA = Path("midwatch-data")
data_option = click.option(
    "--data", metavar="DIR", type=click.Path(path_type=Path), help="Its data; midwatch-data/NAME."
)


@click.group()
def cli() -> None:
    """The example systems."""


@cli.command("list")
def list_systems() -> None:
    """Name the systems that there are."""
    for name in SYSTEMS:
        say(f"  {name:<12} {system_named(name).title}")


@cli.command()
@click.argument("name")
@data_option
@click.option("--port", default=4400, show_default=True, help="Midwatch's port.")
@click.option("--history", default="", metavar="7d", help="Write telemetry so far back before the start.")
@click.option("--hurry", default=1, show_default=True, help="All times of rules and routes so many times shorter.")
@click.option("--traffic/--no-traffic", default=True, help="Whether users are played.")
@click.option("--own-ports", is_flag=True, help="Any free ports: for several systems side by side, and tests.")
@click.option("--option", "options", multiple=True, help="An option of `midwatch up`, such as --option=--memory=1GiB.")
def start(
    name: str,
    data: Path | None,
    port: int,
    history: str,
    hurry: int,
    traffic: bool,
    own_ports: bool,
    options: tuple[str, ...],
) -> None:
    """Start a system with Midwatch beside it, until Ctrl-C."""
    wish = Wish(data or DATA / name, port, own_ports, hurry, traffic, history, options)
    with ExitStack() as stack:
        try:
            asyncio.run(_run(RunningSystem(system_named(name), wish, stack)))
        except (PartFailed, DatabaseAway) as error:
            raise click.ClickException(str(error)) from None


async def _run(running: RunningSystem) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    say(f"starting {running.system.title} …")
    try:
        await running.start()
        port = free_port()
        server = uvicorn.Server(uvicorn.Config(control_app(running), "127.0.0.1", port, log_level="warning"))
        server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        serving = asyncio.create_task(server.serve())
        told = described(running, f"http://127.0.0.1:{port}")
        _greet(running, told)
        describe(running.wish.data / DESCRIBED, told)
        await _watched(running, stopping)
        server.should_exit = True
        await serving
    finally:
        say("stopping …")
        await running.stop()
        (running.wish.data / DESCRIBED).unlink(missing_ok=True)


async def _watched(running: RunningSystem, stopping: asyncio.Event) -> None:
    """Until it is stopped; raises PartFailed when a process ends that no fault has ended."""
    while not stopping.is_set():
        for part in running.parts.values():
            if part.poll() is not None and part.name not in running.ended:
                raise PartFailed(f"{part.name} ended with status {part.returncode}: see {part.log}")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), timeout=0.5)


def _greet(running: RunningSystem, told: Any) -> None:
    urls = "".join(f"    {name:<13} {url}\n" for name, url in told["urls"].items())
    say(
        f"""
  {running.system.title} is running.

    look          {signin_link(running.target)}
    who was told  {told["outside_url"]}/
{urls}
  `make fault NAME={running.system.name}` lists what can be made to go wrong. Ctrl-C stops everything.
"""
    )


@cli.command()
@click.argument("name")
@click.argument("what", required=False)
@data_option
@click.option("--heal", is_flag=True, help="End the fault.")
def fault(name: str, what: str | None, data: Path | None, heal: bool) -> None:
    """Make WHAT go wrong in a system that runs; `heal` ends all faults; without WHAT, list what there is."""
    try:
        told = json.loads(((data or DATA / name) / DESCRIBED).read_text())
    except OSError:
        raise click.ClickException(f"{name} is not running: `make example NAME={name}` starts it") from None
    with httpx.Client(base_url=told["control_url"], timeout=60) as control:
        if what is None:
            found = control.get("/faults").json()
            for fault_name, sentence in found["faults"].items():
                say(f"{'*' if fault_name in found['active'] else ' '} {fault_name:<24} {sentence}")
            return
        if what == "heal":
            say(f"healed: {', '.join(control.delete('/faults').json()['healed']) or 'nothing was wrong'}")
            return
        answer = control.request("DELETE" if heal else "POST", f"/faults/{what}")
        if answer.is_error:
            raise click.ClickException(answer.json().get("detail", answer.text))
        say(f"{'healed' if heal else 'from now on'}: {answer.json()['what']}")


if __name__ == "__main__":
    cli(prog_name="python -m examples.running")
