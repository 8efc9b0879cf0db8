"""For a team's own tests: what its code tells, seen at once, in the same process and without a network.

    with midwatch.testing.capture() as seen:
        lock(linkup)
    seen.assert_event("linkup.locked", entity=("linkup", 42))
    seen.assert_correlated()
    seen.assert_contract("observability")

With pytest: `pytest_plugins = ["midwatch.testing.pytest_plugin"]` in `conftest.py` gives the fixture `seen`.
"""

from midwatch.sdk.testing.capturing import capture
from midwatch.sdk.testing.measured import Measured
from midwatch.sdk.testing.seen import Seen
from midwatch.sdk.testing.values import Error, Event, Line, Span

__all__ = ["Error", "Event", "Line", "Measured", "Seen", "Span", "capture"]
