"""`midwatch config`."""

from pathlib import Path

import click

from midwatch.cli.tables import print_json, print_table
from midwatch.cli.verbs.settings import load_settings, with_settings
from midwatch.server.config import FIELDS, Loaded


@click.command()
@with_settings
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def config(config_file: Path | None, as_json: bool, **given: str | None) -> None:
    """Print the settings in force and where each comes from.

    Takes the options of `midwatch up`, so that a command line can be tried. Secrets are masked.
    """
    loaded = load_settings(config_file, given)
    if as_json:
        print_json({"settings": [_described(loaded, name) for name in FIELDS]})
        return
    rows = [(one["name"], one["value"], _from(one)) for one in (_described(loaded, name) for name in FIELDS)]
    print_table(("setting", "value", "from"), rows, empty="")


def _described(loaded: Loaded, name: str) -> dict[str, str | None]:
    field, origin = FIELDS[name], loaded.origins[name]
    return {
        "name": name,
        "value": field.shown(getattr(loaded.settings, name)),
        "source": origin.source,
        "detail": origin.detail,
        "default": field.default_text,
        "env": field.env,
        "flag": field.flag,
        "help": field.meta.help,
    }


def _from(one: dict[str, str | None]) -> str:
    return f"{one['source']} {one['detail']}" if one["detail"] else str(one["source"])
