"""`runbooks`: whether an alert may be without one."""

from typing import Literal

from midwatch.contract.plan.section import Section

Runbooks = Literal["require", "warn", "off"]
REQUIRED: Runbooks = "require"


def _required() -> Runbooks:
    return REQUIRED


SECTION: Section[Runbooks] = Section(
    name="runbooks",
    help="Whether a rule without a runbook is refused (`require`), warned of (`warn`) or left alone (`off`).",
    type=Runbooks,
    empty=_required,
    example="""runbooks: warn
""",
)
