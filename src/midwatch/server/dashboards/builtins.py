"""The boards that come with Midwatch: files of our short form in `builtin/`, listed read-only."""

from functools import cache
from importlib import resources

from midwatch.server.dashboards.files import BoardText, read_board

PREFIX = "midwatch-"


@cache
def built_in_boards() -> dict[str, BoardText]:
    """By uid. Parses for a moment the first time."""
    folder = resources.files(__package__) / "builtin"
    found = {}
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        if file.name.endswith(".yml"):
            uid = PREFIX + file.name.removesuffix(".yml")
            board, _ = read_board(file.name, file.read_text(encoding="utf-8"), uid=uid)
            found[uid] = board
    return found
