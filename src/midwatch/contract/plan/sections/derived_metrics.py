"""`derived_metrics`: counters and histograms of the log records and spans that a search finds."""

import math
import re
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from midwatch.contract.plan.section import Model, Remark, Section, Text

DECLARED_MAX = 200
BY_MAX = 16
BUCKETS_MAX = 100
SERIES_MAX = 10_000
"""Series of one metric in one answer; what is beyond is counted in one that says so."""
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""The buckets of Prometheus's clients: right for seconds."""
RESERVED = ("traces_span_metrics_", "log_records_total")
"""How names of the metrics begin that are there without being declared."""
RESERVED_NAMES = frozenset(
    {
        *("web_lcp", "web_inp", "web_fid", "web_fcp", "web_ttfb", "web_cls", "web_errors", "web_errors_total"),
        *("domain_events_total", "illegal_transitions_total", "entity_states", "entity_stuck"),
    }
)
"""Others of them, as a whole."""
LABELS_GIVEN = ("job", "env")
"""Labels that every metric has by itself."""
PARTS = ("_bucket", "_count", "_sum")
_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_ODD = re.compile(r"[^a-zA-Z0-9_]")


def label_of(field: str) -> str:
    """The label of a field: `http.route` is `http_route`."""
    label = _ODD.sub("_", field.removeprefix("resource."))
    return f"_{label}" if label[:1].isdigit() else label


def _metric_name(text: str) -> str:
    if not _METRIC.fullmatch(text):
        raise ValueError("expected letters, digits, underscores and colons, and no digit first")
    if text.startswith(RESERVED) or text in RESERVED_NAMES:
        raise ValueError("expected another name: Midwatch has a metric of this name by itself")
    return text


def _bounds(values: tuple[float, ...]) -> tuple[float, ...]:
    finite = all(math.isfinite(value) for value in values)
    if not values or not finite or any(low >= high for low, high in pairwise(values)):
        raise ValueError("expected rising numbers, at least one; the one for the rest is added")
    return values


Bound = Annotated[int | float, AfterValidator(float)]
Field_ = Annotated[str, Field(min_length=1, max_length=256)]


class DerivedMetric(Model):
    """A counter of what a search finds, or of a number in it; or a histogram of such a number."""

    name: Annotated[str, Field(max_length=200), AfterValidator(_metric_name)]
    help: Text = ""
    from_: Literal["logs", "spans"] = Field(alias="from")
    search: Annotated[str, Field(max_length=4000)] = ""
    """In the language of the pages; nothing finds all."""
    type: Literal["counter", "histogram"] = "counter"
    by: tuple[Field_, ...] = Field(default=(), max_length=BY_MAX)
    """Fields that become labels, beside `job` and `env`."""
    value: Field_ | None = None
    """The field whose numbers are added up, or spread over buckets; without one a counter counts items."""
    buckets: Annotated[tuple[Bound, ...], Field(max_length=BUCKETS_MAX), AfterValidator(_bounds)] = SECONDS
    series_max: Annotated[int, Field(ge=1, le=SERIES_MAX)] = SERIES_MAX

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its series."""
        return (self.name,) if self.type == "counter" else tuple(f"{self.name}{part}" for part in PARTS)

    @model_validator(mode="after")
    def _whole(self) -> "DerivedMetric":
        if self.type == "histogram" and self.value is None:
            raise ValueError("a histogram needs a value: expected the field whose numbers it is of")
        if self.type == "histogram" and self.name.endswith(PARTS):
            raise ValueError(f"expected a name without {self.name[self.name.rindex('_') :]}: histograms add it")
        if self.type == "counter" and "buckets" in self.model_fields_set:
            raise ValueError("a counter has no buckets: expected type: histogram")
        return self


DerivedMetrics = tuple[DerivedMetric, ...]


def _check(metrics: DerivedMetrics, _sections: Mapping[str, Any]) -> Iterable[Remark]:
    taken: dict[str, int] = {}
    for index, metric in enumerate(metrics):
        for name in metric.names:
            if taken.setdefault(name, index) != index:
                yield (index, "name"), f"name={metric.name}: expected a name that no other metric has ({name})"
        labels = list(LABELS_GIVEN)
        for place, field in enumerate(metric.by):
            label = label_of(field)
            if label in labels:
                said = "every metric has it" if label in LABELS_GIVEN else "another field has it"
                yield (index, "by", place), f"by={field}: expected another label than {label}; {said}"
            if label == "le" or label.startswith("__"):
                yield (index, "by", place), f"by={field}: expected another label than {label}, which has a meaning"
            labels.append(label)


SECTION: Section[DerivedMetrics] = Section(
    name="derived_metrics",
    help="Counters and histograms of the log records and spans that a search finds.",
    type=Annotated[DerivedMetrics, Field(max_length=DECLARED_MAX)],
    empty=tuple,
    check=_check,
    example="""derived_metrics:
  - name: sms_inbound_total
    help: Messages that came in
    from: logs
    search: 'event:sms.inbound.received -duplicate:true'
    by: [carrier]
  - name: llm_cost_dollars_total
    from: logs
    search: 'event:llm.call'
    value: cost_usd
    by: [gen_ai.request.model]
  - name: checkout_duration_seconds
    from: spans
    search: 'name:"POST /checkout"'
    type: histogram
    value: duration
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5]
    by: [plan]
""",
)
