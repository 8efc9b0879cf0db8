"""`runbooks`: whether an alert may be without one."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from midwatch.contract.plan.section import Section

Runbooks = Literal["require", "warn", "off"]
REQUIRED: Runbooks = "require"


def _as_yaml_reads_it(value: Any) -> Any:
    """A bare `off` is a boolean in YAML 1.1."""
    return "off" if value is False else value


def _required() -> Runbooks:
    return REQUIRED


SECTION: Section[Runbooks] = Section(
    name="runbooks",
    help="Whether a rule without a runbook is refused (`require`), warned of (`warn`) or left alone (`off`).",
    type=Annotated[Runbooks, BeforeValidator(_as_yaml_reads_it)],
    empty=_required,
    example="""runbooks: warn
""",
)
