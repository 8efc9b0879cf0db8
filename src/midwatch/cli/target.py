"""Which server a verb talks to: `--url` and `--token`, the environment, or the data directory of one here."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from midwatch.cli.failure import Failure

SERVER_FILE = "server.json"
"""Written by a server into its data directory at start, readable by its owner alone."""
DATA_DEFAULT = Path("midwatch-data")
F = TypeVar("F", bound=Callable[..., Any])


class NoServer(Failure):
    """Nobody said where one is, and there is none here."""


@dataclass(frozen=True, slots=True)
class Target:
    url: str
    token: str
    found_in: str
    """For messages: `--url`, `MIDWATCH_URL`, or the file."""

    def __repr__(self) -> str:
        return f"Target({self.url!r}, found in {self.found_in})"


def find_target(url: str | None, token: str | None, data: Path | None) -> Target:
    """Arguments, then the environment, then `server.json` of the data directory (default `./midwatch-data`).

    Raises Failure that says what to give.
    """
    url, found_in = (url, "--url") if url else (os.environ.get("MIDWATCH_URL"), "MIDWATCH_URL")
    token = token or os.environ.get("MIDWATCH_API_TOKEN") or _token_file()
    if url and not (data and found_in == "MIDWATCH_URL"):
        if not token:
            raise Failure(
                f"no API token for {url}: give --token or MIDWATCH_API_TOKEN (Settings → API tokens makes one)"
            )
        return Target(url.rstrip("/"), token, found_in)
    directory = (data or Path(os.environ.get("MIDWATCH_DATA") or DATA_DEFAULT)).expanduser()
    described = directory / SERVER_FILE
    try:
        content = json.loads(described.read_text())
        return Target(str(content["url"]).rstrip("/"), token or str(content["token"]), str(described))
    except FileNotFoundError:
        raise (NoServer if data is None else Failure)(
            f"no server found: there is no {described}; start one with `midwatch up`,"
            " or say where it is with --data DIR, or with --url and --token"
        ) from None
    except PermissionError:
        raise Failure(f"cannot read {described}: it is its server's user's; give --url and --token") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Failure(f"cannot read {described}: {error}; give --url and --token") from None


def _token_file() -> str | None:
    path = os.environ.get("MIDWATCH_API_TOKEN_FILE")
    try:
        return Path(path).read_text().strip() if path else None
    except OSError as error:
        raise Failure(f"MIDWATCH_API_TOKEN_FILE={path}: cannot read the file: {error.strerror}") from None


def with_target(verb: F) -> F:
    """Add `--url`, `--token` and `--data`; the verb gets a `Target` as `target`."""

    def found(find: Callable[[], Target], *arguments: Any, **options: Any) -> Any:
        return verb(*arguments, target=find(), **options)

    wrapped: F = with_finding(found, verb)
    return wrapped


def with_finding(verb: Callable[..., Any], like: Callable[..., Any] | None = None) -> Any:
    """The same options for a verb that looks for the server by itself: it gets a function that does, first."""

    @wraps(like or verb)
    def wrapped(*arguments: Any, url: str | None, token: str | None, data: Path | None, **options: Any) -> Any:
        return verb(lambda: find_target(url, token, data), *arguments, **options)

    return target_options(wrapped)


def with_target_where_given(verb: F) -> F:
    """The same for a verb that needs no server: without `--url` and `--data`, `target` is None."""

    @wraps(verb)
    def wrapped(*arguments: Any, url: str | None, token: str | None, data: Path | None, **options: Any) -> Any:
        return verb(*arguments, target=find_target(url, token, data) if url or data else None, **options)

    return target_options(wrapped)  # type: ignore[return-value]


def target_options(verb: Callable[..., Any]) -> Callable[..., Any]:
    """`--url`, `--token` and `--data` as they are: for a group, whose own work is not always done."""
    for option in (
        click.option("--data", metavar="DIR", type=click.Path(path_type=Path), help="Data directory of a server here."),
        click.option("--token", metavar="TOKEN", help="An API token (MIDWATCH_API_TOKEN)."),
        click.option("--url", metavar="URL", help="The server, such as http://127.0.0.1:4400 (MIDWATCH_URL)."),
    ):
        verb = option(verb)
    return verb
