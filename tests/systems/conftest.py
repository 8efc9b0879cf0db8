"""One example a module, and what a row shows as its evidence."""

from collections.abc import Callable

import pytest

from tests.systems.canvascast_day import canvas, user
from tests.systems.josh_day import full_day, josh

EVIDENCE = "evidence"
__all__ = ["canvas", "evidence", "full_day", "josh", "user"]


@pytest.fixture
def evidence(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Say in a sentence what was seen and which process produced it: `make rows` prints it."""
    return lambda sentence: record_property(EVIDENCE, sentence)
