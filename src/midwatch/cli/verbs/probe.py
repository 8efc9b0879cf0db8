"""`midwatch probe`."""

import asyncio
import os
import re

import click

from midwatch.cli.failure import Failure


@click.command()
@click.option("--server", metavar="URL", help="The server, such as https://midwatch.example.org (MIDWATCH_URL).")
@click.option("--token", metavar="TOKEN", help="An engineer's API token with the scope write (MIDWATCH_API_TOKEN).")
@click.option("--location", metavar="NAME", required=True, help="What this place is called, such as berlin.")
@click.option(
    "--private-networks",
    metavar="none|all|CIDR,…",
    default="none",
    show_default=True,
    help="Private networks that may be reached from here.",
)
def probe(server: str | None, token: str | None, location: str, private_networks: str) -> None:
    """Look at the plan's probes from here, and tell the server.

    \b
    midwatch probe --server https://midwatch.example.org --location berlin

    It keeps nothing and needs no store. A probe is down when the quorum of locations sees it down.
    """
    server = server or os.environ.get("MIDWATCH_URL")
    token = token or os.environ.get("MIDWATCH_API_TOKEN")
    if not server:
        raise Failure("no server: give --server or MIDWATCH_URL")
    if not token:
        raise Failure(
            f"no API token for {server}: give --token or MIDWATCH_API_TOKEN (Settings → API tokens makes one)"
        )
    if not re.fullmatch(r"[\w.-]{1,100}", location):
        raise Failure(f"location={location}: expected letters, digits, dots, dashes and underscores")
    asyncio.run(_probe(server.rstrip("/"), token, location, private_networks))


async def _probe(server: str, token: str, location: str, private_networks: str) -> None:
    import httpx

    from midwatch.server.model.clock import WallClock
    from midwatch.server.monitors.probes.remote import Refused, RemoteLocation
    from midwatch.server.outgoing.reach import Guard, Reach

    try:
        guard = Guard(Reach.parse(private_networks))
    except ValueError as error:
        raise Failure(f"private_networks={private_networks}: {error}") from None
    headers = {"authorization": f"Bearer {token}"}
    try:
        client = httpx.AsyncClient(base_url=server, headers=headers, timeout=30)
    except (httpx.InvalidURL, UnicodeError) as error:
        raise Failure(f"server={server}: expected a URL such as https://midwatch.example.org ({error})") from None
    try:
        async with client:
            await RemoteLocation(client, guard, WallClock(), location).run()
    except* (Refused, httpx.UnsupportedProtocol) as group:
        raise Failure(f"{server}: {group.exceptions[0]}") from None
    finally:
        guard.close()
