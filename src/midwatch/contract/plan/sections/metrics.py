"""`metrics`: what is measured, with type, unit and labels."""

import math
import re
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from midwatch.contract.plan.section import Remark, Section, Text
from midwatch.contract.plan.telemetry import DECLARED_MAX, Declared, misplaced

NAME_CHARACTERS_MAX = 200
LABELS_MAX = 50
VALUES_MAX = 200
BUCKETS_MAX = 200
_NAME = re.compile(r"[a-zA-Z_:][\w:.]*", re.ASCII)
_LABEL = re.compile(r"[a-zA-Z_][\w.]*", re.ASCII)


def is_metric_name(text: str) -> bool:
    """Whether it can be declared."""
    return len(text) <= NAME_CHARACTERS_MAX and _NAME.fullmatch(text) is not None


def _metric_name(text: str) -> str:
    if not is_metric_name(text):
        raise ValueError("expected letters, digits, underscores, colons and dots, and no digit first")
    return text


def _label_name(text: str) -> str:
    if not _LABEL.fullmatch(text):
        raise ValueError("expected letters, digits, underscores and dots, and no digit first")
    return text


def _labels(value: Any) -> Any:
    """A list of names is labels of any value."""
    return (
        dict.fromkeys(value, ()) if isinstance(value, tuple) and all(isinstance(one, str) for one in value) else value
    )


def _bounds(values: tuple[float, ...]) -> tuple[float, ...]:
    if not all(math.isfinite(one) for one in values) or any(low >= high for low, high in pairwise(values)):
        raise ValueError("expected rising numbers; the bucket for the rest is there by itself")
    return values


MetricName = Annotated[
    str,
    Field(max_length=NAME_CHARACTERS_MAX),
    AfterValidator(_metric_name),
    WithJsonSchema({"type": "string", "pattern": "^[a-zA-Z_:][a-zA-Z0-9_:.]*$", "maxLength": 200}),
]
LabelName = Annotated[str, AfterValidator(_label_name)]
Bound = Annotated[int | float, AfterValidator(float)]
_LABEL_PATTERN = "^[a-zA-Z_][a-zA-Z0-9_.]*$"
_LABELS_SCHEMA = {
    "anyOf": [
        {"type": "array", "items": {"type": "string", "pattern": _LABEL_PATTERN}},
        {"type": "object", "patternProperties": {_LABEL_PATTERN: {"type": "array", "items": {"type": "string"}}}},
        {"type": "null"},
    ]
}
Values = Annotated[tuple[str, ...], Field(max_length=VALUES_MAX)]


class Metric(Declared):
    """A metric as it is sent, or as Prometheus names it: `api.latency` and `api_latency_milliseconds` alike."""

    type: Literal["counter", "gauge", "histogram", "summary"]
    unit: Text = ""
    """As it is sent: ms, By, or Prometheus's words; empty: any."""
    labels: Annotated[
        dict[LabelName, Values] | None,
        Field(max_length=LABELS_MAX),
        BeforeValidator(_labels),
        WithJsonSchema(_LABELS_SCHEMA),
    ] = None
    """Those that it may have, with the values that each may have, where these are few; left out: any."""
    buckets: Annotated[tuple[Bound, ...], Field(max_length=BUCKETS_MAX), AfterValidator(_bounds)] = ()
    """Of a histogram; empty: any."""

    @model_validator(mode="after")
    def _whole(self) -> "Metric":
        if self.buckets and self.type != "histogram":
            raise ValueError(f"a {self.type} has no buckets: expected type: histogram")
        return self


Metrics = dict[MetricName, Metric]


def _check(metrics: Metrics, sections: Mapping[str, Any]) -> Iterable[Remark]:
    flat: dict[str, str] = {}
    for name, metric in metrics.items():
        yield from (((name, *path), message) for path, message in misplaced(metric, sections))
        other = flat.setdefault(name.replace(".", "_"), name)
        if other != name:
            yield (name,), f"{name}: is the same metric as {other}"


SECTION: Section[Metrics] = Section(
    name="metrics",
    help="What is measured: type, unit, labels and their values, buckets, how often it comes.",
    type=Annotated[Metrics, Field(max_length=DECLARED_MAX)],
    empty=dict,
    check=_check,
    example="""metrics:
  sms_inbound_total:
    type: counter
    labels: []
    every: 1h
  sms_outbound_failed_total:
    type: counter
    labels: {purpose: [invite, reminder, reply], reason: []}
    services: [sms]
  api_latency_ms:
    type: histogram
    unit: ms
    labels: [route]
    buckets: [10, 50, 100, 250, 500, 1000, 2500]
    always: true
""",
)
