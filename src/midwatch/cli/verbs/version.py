"""`midwatch version`."""

import click

from midwatch._version import __version__


@click.command()
def version() -> None:
    """Print the version."""
    click.echo(__version__)
