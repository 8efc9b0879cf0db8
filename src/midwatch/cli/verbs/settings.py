"""The server's settings as options: made from the fields themselves."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from midwatch.cli.failure import WrongSettings
from midwatch.server.config import FIELDS, Loaded, SettingsError, load
from midwatch.server.model.errors import BadRequest


def with_settings(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Add an option for each setting, and `--config`."""
    for field in reversed(FIELDS.values()):
        if field.flag:
            default = f" [default: {field.default_text}]" if field.default_text else ""
            verb = click.option(
                field.flag, field.name, metavar=field.meta.metavar, help=f"{field.meta.help} ({field.env}){default}"
            )(verb)
    file_option = click.option(
        "--config",
        "config_file",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="Settings file (MIDWATCH_CONFIG) [default: midwatch.toml in the data directory]",
    )
    return file_option(verb)


def load_settings(config_file: Path | None, given: dict[str, str | None]) -> Loaded:
    """Join the sources; warnings go to standard error.

    Raises WrongSettings with every problem.
    """
    arguments = {name: value for name, value in given.items() if value is not None}
    try:
        loaded = load(arguments, os.environ, config=config_file)
    except SettingsError as error:
        lines = str(error).splitlines()
        raise WrongSettings(
            lines[0] if len(lines) == 1 else "these settings cannot be:\n  " + "\n  ".join(lines)
        ) from None
    _check_store(loaded.settings.store)
    for warning in loaded.warnings:
        click.echo(f"midwatch: warning: {warning}", err=True)
    return loaded


def _check_store(store: str) -> None:
    from midwatch.server.store.address import Target

    if store == "chdb":
        return
    try:
        Target.from_url(store)
    except BadRequest as error:
        raise WrongSettings(error.message) from None
