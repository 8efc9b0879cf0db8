"""All rules over the whole."""

from collections.abc import Callable, Iterator

from midwatch.audit.finding import Finding
from midwatch.audit.project import calls, errors, events, health, jobs, signals
from midwatch.audit.project.whole import Whole

LOOKS: tuple[Callable[[Whole], Iterator[Finding]], ...] = tuple(
    one.look for one in (errors, health, jobs, calls, signals, events)
)
