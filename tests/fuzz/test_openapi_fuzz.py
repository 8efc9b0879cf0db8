"""The longer walk through the API. Run by `make fuzz`."""

from pathlib import Path

import pytest
from tests.browser.conftest import send_visits
from tests.conftest import Server
from tests.openapi import explore

pytestmark = pytest.mark.fuzz


def test_nothing_that_the_api_allows_makes_it_fail(own_server: Server, tmp_path: Path) -> None:
    """Five minutes of other requests every time; schemathesis prints the seed with what it finds."""
    send_visits(own_server, 20)
    explore(own_server, tmp_path, seconds=300, examples=200)
