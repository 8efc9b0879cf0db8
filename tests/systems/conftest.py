"""One example a module, and what a row shows as its evidence."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from tests.systems.canvascast_day import canvas, user
from tests.systems.chromium import chromium
from tests.systems.josh_day import full_day, josh

EVIDENCE = "evidence"
__all__ = ["canvas", "evidence", "full_day", "josh", "user"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Closed with its module: its event loop must not live on under other tests."""
    with chromium() as started:
        yield started


@pytest.fixture
def evidence(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Say in a sentence what was seen and which process produced it: `make rows` prints it."""
    return lambda sentence: record_property(EVIDENCE, sentence)
