"""Events of the plan, and those that are logged."""

from collections.abc import Iterator

from midwatch.audit.catalog import EVENT_NOT_IN_CODE, EVENT_NOT_IN_PLAN
from midwatch.audit.finding import PYTHON, Fact, Finding
from midwatch.audit.inventory import EVENT
from midwatch.audit.project.whole import Whole, missing


def look(whole: Whole) -> Iterator[Finding]:
    """Nothing where no names are given: a code base without a plan is not wrong."""
    if not whole.expected_events:
        return
    told = whole.of(EVENT)
    for name in sorted(whole.expected_events - {one.name for one in told}):
        yield missing(EVENT_NOT_IN_CODE, _anywhere(whole), f"`{name}` is logged nowhere")
    seen: set[str] = set()
    for one in told:
        if one.name not in whole.expected_events and one.name not in seen:
            seen.add(one.name)
            yield missing(EVENT_NOT_IN_PLAN, one, f"`{one.name}` is not in the plan")


def _anywhere(whole: Whole) -> Fact:
    """It is missing everywhere; the place is where the service begins."""
    begins = [at for _, at in whole.services]
    return begins[0] if begins else whole.facts[0] if whole.facts else Fact(EVENT, "", PYTHON, ".", 1)
