"""`midwatch demo`."""

from pathlib import Path

import click

from midwatch.cli.failure import Failure


@click.command()
@click.option(
    "--data",
    metavar="DIR",
    type=click.Path(path_type=Path),
    default=Path("midwatch-data/demo"),
    show_default=True,
    help="Directory for the demo's data.",
)
@click.option("--port", metavar="PORT", type=click.IntRange(0, 65535), default=4400, show_default=True, help="Port.")
@click.option(
    "--visits-per-second",
    metavar="NUMBER",
    type=click.FloatRange(0.01, 1000),
    default=2.0,
    show_default=True,
    help="How busy the example is.",
)
def demo(data: Path, port: int, visits_per_second: float) -> None:
    """Start Midwatch with a live example and print its address."""
    from midwatch.cli.demo import run_demo
    from midwatch.cli.parts import PartFailed

    try:
        run_demo(data=data, port=port, visits_per_second=visits_per_second)
    except PartFailed as error:
        raise Failure(str(error)) from None
