"""`unit_costs`: what one of something costs: a job, an invited user, an order."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import Field, model_validator

from midwatch.contract.plan.section import Remark, Section
from midwatch.contract.plan.sections.prices import Match
from midwatch.contract.plan.sections.usage import Counting

UNITS_MAX = 50


class UnitCost(Counting):
    """Costs divided by a count."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    """One of what, in words: `job`, `invited user`."""
    unique: Annotated[str, Field(max_length=256)] = ""
    """The field whose different values are counted, such as user.id; without one each item counts."""
    match: Match = Field(default_factory=dict)
    """Which costs; all without it."""

    @model_validator(mode="after")
    def _countable(self) -> "UnitCost":
        if self.unique and self.metric:
            raise ValueError("unique: expected it beside `from` alone")
        return self


UnitCosts = tuple[UnitCost, ...]


def _check(units: UnitCosts, _sections: Mapping[str, Any]) -> Iterable[Remark]:
    first: dict[str, int] = {}
    for index, one in enumerate(units):
        if first.setdefault(one.name, index) != index:
            yield (index, "name"), f"name={one.name}: expected a name that no other unit has"


SECTION: Section[UnitCosts] = Section(
    name="unit_costs",
    help="What one job, user or order costs: costs divided by a count of them.",
    type=Annotated[UnitCosts, Field(max_length=UNITS_MAX)],
    empty=tuple,
    check=_check,
    example="""unit_costs:
  - name: job
    from: logs
    search: 'body:"job completed"'
    match: {kind: "llm.*"}
  - name: invited user
    from: logs
    search: 'event:user.invited'
    unique: user.id
  - name: message
    metric: sms_outbound_sent_total
    match: {kind: sms}
""",
)
