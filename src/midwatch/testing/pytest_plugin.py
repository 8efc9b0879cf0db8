"""The fixture `seen`, for those who ask for it: `pytest_plugins = ["midwatch.testing.pytest_plugin"]`.

It is not an entry point of pytest's (`pytest11`): that would be loaded in every run of every project that has Midwatch
installed, before its coverage is measured, and give each a fixture that it has not asked for.
"""

from collections.abc import Iterator

import pytest

from midwatch.sdk.testing.capturing import capture
from midwatch.sdk.testing.seen import Seen


@pytest.fixture
def seen() -> Iterator[Seen]:
    """What the test tells: lines, spans, metrics, events and errors."""
    with capture() as seen:
        yield seen
