"""The shape of a rule file: Prometheus's (pkg/rulefmt of 3.x), and our conveniences beside `expr`."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from midwatch.contract.plan.section import Model
from midwatch.server.promql.errors import ParameterError
from midwatch.server.promql.syntax.text import parse_duration
from midwatch.server.rules.conveniences import Absent, Anomaly, Baseline, BurnRate, Change, Ratio, Threshold

GROUPS_MAX = 1000
RULES_MAX = 2000
LABELS_MAX = 60
TEXT_MAX = 20_000
DURATION_EXPECTED = "a duration such as 30s, 5m or 1h30m"


def duration_ms(value: Any) -> int:
    """As Prometheus reads durations.

    Raises:
        ValueError: it is none.
    """
    try:
        return parse_duration(str(value))
    except ParameterError:
        raise ValueError(f"expected {DURATION_EXPECTED}") from None


def _positive(value: Any) -> int:
    if (found := duration_ms(value)) <= 0:
        raise ValueError(f"expected {DURATION_EXPECTED}, more than 0")
    return found


_SCHEMA = WithJsonSchema({"type": "string"})
Duration = Annotated[int, BeforeValidator(duration_ms), _SCHEMA]
Interval = Annotated[int, BeforeValidator(_positive), _SCHEMA]
Text = Annotated[str, Field(max_length=TEXT_MAX)]
Texts = Annotated[dict[str, Text], Field(max_length=LABELS_MAX)]
CONVENIENCES = ("threshold", "absent", "change", "ratio", "baseline", "burn_rate", "anomaly")


class RuleForm(Model):
    record: Text | None = None
    alert: Text | None = None
    expr: Text | None = None
    threshold: Threshold | None = None
    absent: Absent | None = None
    change: Change | None = None
    ratio: Ratio | None = None
    baseline: Baseline | None = None
    burn_rate: BurnRate | None = None
    anomaly: Anomaly | None = None
    for_: Duration | None = Field(default=None, alias="for")
    keep_firing_for: Duration | None = None
    labels: Texts | None = None
    annotations: Texts | None = None


class GroupForm(Model):
    name: Text
    interval: Interval | None = None
    query_offset: Duration | None = None
    limit: Annotated[int, Field(ge=0)] | None = None
    labels: Texts | None = None
    rules: Annotated[tuple[RuleForm, ...], Field(max_length=RULES_MAX)] | None = None


class FileForm(Model):
    groups: Annotated[tuple[GroupForm, ...], Field(max_length=GROUPS_MAX)] | None = None
