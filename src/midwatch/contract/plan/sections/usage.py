"""`usage`: what is told as metrics, lines or spans, and costs."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from midwatch.contract.plan.money import CostKind
from midwatch.contract.plan.section import Model, Section

USAGE_MAX = 100


class Counting(Model):
    """Something to count: the increase of a counter, or what a search of lines or spans finds."""

    metric: Annotated[str, Field(max_length=200)] = ""
    """A counter, by the name of its series."""
    labels: Annotated[dict[str, str], Field(max_length=10)] = Field(default_factory=dict)
    """Labels that its series have, to the letter."""
    from_: Literal["logs", "spans"] | None = Field(default=None, alias="from")
    search: Annotated[str, Field(max_length=4000)] = ""
    """In the language of the pages."""

    @model_validator(mode="after")
    def _whole(self) -> "Counting":
        if bool(self.metric) is (self.from_ is not None):
            raise ValueError("expected metric, or from (logs or spans) with a search; exactly one of them")
        if self.search and self.metric:
            raise ValueError("search: expected labels beside a metric")
        if self.labels and not self.metric:
            raise ValueError("labels: expected a search beside `from`")
        return self


class Usage(Counting):
    kind: CostKind
    value: Annotated[str, Field(max_length=256)] = ""
    """The field whose numbers are the units; without one each item is a unit."""

    @model_validator(mode="after")
    def _valued(self) -> "Usage":
        if self.value and self.metric:
            raise ValueError("value: a metric has its own; expected it beside `from` alone")
        return self


UsageList = tuple[Usage, ...]


SECTION: Section[UsageList] = Section(
    name="usage",
    help="Metrics, lines and spans that tell of something that costs, beside `midwatch.cost` and LLM spans.",
    type=Annotated[UsageList, Field(max_length=USAGE_MAX)],
    empty=tuple,
    example="""usage:
  - kind: sms
    metric: sms_outbound_sent_total
    labels: {env: production}
  - kind: payment
    from: logs
    search: 'event:stripe.webhook.received type:charge.succeeded'
  - kind: sandbox.seconds
    from: spans
    search: 'name:"run sandbox"'
    value: sandbox.seconds
""",
)
