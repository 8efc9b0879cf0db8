"""What can be shown: the shop, which needs nothing but Python, and the five systems."""

import importlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from examples.running.__main__ import DESCRIBED
from examples.running.running import SYSTEMS, system_named
from midwatch.cli.demo import DESCRIBED as SHOP_DESCRIBED

SHOP = "shop"
HISTORY = "7d"
DATA = Path("midwatch-data")


@dataclass(frozen=True)
class Choice:
    """What is known of it before it runs."""

    name: str
    title: str
    about: str
    needs: tuple[str, ...]
    """What it takes besides Python."""
    command: Sequence[str]
    described: Path
    """The file, in its data directory, that says where it is once it runs."""

    def lacks(self) -> str:
        """What is not on this machine, of what can be seen at once; empty where nothing is."""
        missing = [one for one in self.needs if one == "Node.js" and shutil.which("node") is None]
        return ", ".join(missing)


def choices(data: Path, port: int) -> dict[str, Choice]:
    """By name; `data` holds a directory for each, `port` is Midwatch's."""
    shop = Choice(
        SHOP,
        "A small shop",
        "Customers browse and order. The row of its favourite product is locked now and then.",
        (),
        ("-m", "midwatch", "demo", "--data", str(data / "demo"), "--port", str(port)),
        data / "demo" / SHOP_DESCRIBED,
    )
    return {SHOP: shop, **{name: _of_system(name, data / name, port) for name in SYSTEMS}}


def _of_system(name: str, data: Path, port: int) -> Choice:
    system = system_named(name)
    told = importlib.import_module(f"examples.{name}.system").__doc__ or ""
    about = " ".join(told.split("\n\n")[0].split()).partition(": ")[2]
    needs = [
        *(["Node.js"] if system.packages else []),
        *(["PostgreSQL"] if system.postgresql else []),
        *(["Redis"] if system.redis is not None else []),
    ]
    options = ("--data", str(data), "--port", str(port), "--history", HISTORY)
    command = ("-m", "examples.running", "start", name, *options)
    return Choice(name, system.title, about[:1].upper() + about[1:], tuple(needs), command, data / DESCRIBED)
