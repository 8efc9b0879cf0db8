"""OpenSLO's form: `apiVersion: openslo/v1`, one object a document, which name one another."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from midwatch.contract.plan.section import Duration
from midwatch.server.slo.objective import BurnAlert, Indicator, Objective, Ratio, RawRatio
from midwatch.server.slo.queries import BadQuery, counted, with_window

API_VERSION = "openslo/v1"
KINDS = ("SLO", "SLI", "Service", "AlertPolicy", "AlertCondition", "AlertNotificationTarget", "DataSource")
MONTH_SECONDS = 30 * 86400.0


class Part(BaseModel):
    """OpenSLO lets objects have more than it names: what we do not know is left aside."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)


class Metadata(Part):
    name: Annotated[str, Field(min_length=1, max_length=128)]
    display_name: str = Field(default="", alias="displayName")
    labels: dict[str, str | list[str]] = {}
    annotations: dict[str, str] = {}


class MetricSource(Part):
    type: str = "Prometheus"
    spec: dict[str, Any] = {}

    @property
    def query(self) -> str:
        found = self.spec.get("query") or self.spec.get("promql")
        if not isinstance(found, str):
            raise BadQuery("expected metricSource.spec.query with PromQL")
        return found


class Metric(Part):
    source: MetricSource = Field(alias="metricSource")


class RatioMetric(Part):
    counter: bool = True
    good: Metric | None = None
    bad: Metric | None = None
    total: Metric | None = None
    raw_type: Literal["success", "failure"] | None = Field(default=None, alias="rawType")
    raw: Metric | None = None

    @model_validator(mode="after")
    def _complete(self) -> "RatioMetric":
        if self.raw is not None:
            if self.raw_type is None:
                raise ValueError("expected rawType, success or failure, beside raw")
        elif self.total is None or (self.good is None) is (self.bad is None):
            raise ValueError("expected total and either good or bad; or raw with rawType")
        return self

    def indicator(self) -> Indicator:
        """Raises BadQuery."""
        if self.raw is not None:
            query = with_window(self.raw.source.query)
            return RawRatio(query if self.raw_type == "failure" else f"1 - ({query})")
        assert self.total is not None
        total = counted(self.total.source.query, counter=self.counter)
        if self.bad is not None:
            return Ratio(counted(self.bad.source.query, counter=self.counter), total)
        assert self.good is not None
        return Ratio(f"{total} - {counted(self.good.source.query, counter=self.counter)}", total)


class SliSpec(Part):
    ratio: RatioMetric | None = Field(default=None, alias="ratioMetric")
    threshold: Metric | None = Field(default=None, alias="thresholdMetric")


class Inline(Part):
    metadata: Metadata
    spec: SliSpec


class TimeWindow(Part):
    duration: Duration
    rolling: bool = Field(default=True, alias="isRolling")


class Target(Part):
    display_name: str = Field(default="", alias="displayName")
    op: Literal["lte", "gte", "lt", "gt"] | None = None
    value: float | None = None
    target: Annotated[float, Field(gt=0, lt=1)] | None = None
    percent: Annotated[float, Field(gt=0, lt=100)] | None = Field(default=None, alias="targetPercent")

    @model_validator(mode="after")
    def _one(self) -> "Target":
        if (self.target is None) is (self.percent is None):
            raise ValueError("expected either target or targetPercent")
        return self

    @property
    def share(self) -> float:
        return self.target if self.target is not None else (self.percent or 0) / 100


class SloSpec(Part):
    description: str = ""
    service: str
    indicator: Inline | None = None
    indicator_ref: str | None = Field(default=None, alias="indicatorRef")
    time_window: Annotated[tuple[TimeWindow, ...], Field(max_length=1)] = Field(default=(), alias="timeWindow")
    budgeting: Literal["Occurrences", "Timeslices", "RatioTimeslices"] = Field(
        default="Occurrences", alias="budgetingMethod"
    )
    objectives: Annotated[tuple[Target, ...], Field(min_length=1, max_length=20)]
    alert_policies: tuple[Any, ...] = Field(default=(), alias="alertPolicies")


@dataclass(slots=True)
class Named:
    """Objects of all files, by kind and name: an SLO may speak of any of them."""

    indicators: dict[str, SliSpec] = field(default_factory=dict)
    policies: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    conditions: dict[str, Mapping[str, Any]] = field(default_factory=dict)


_COMPARED = {"lte": ">", "lt": ">=", "gte": "<", "gt": "<="}
"""What is bad, where this is good."""


def objectives(metadata: Metadata, spec: SloSpec, named: Named, file: str) -> list[Objective]:
    """One for each target.

    Raises:
        BadQuery: what the SLO speaks of is not there, or cannot be asked.
    """
    sli = spec.indicator.spec if spec.indicator is not None else named.indicators.get(spec.indicator_ref or "")
    if sli is None:
        raise BadQuery(f"indicatorRef={spec.indicator_ref}: expected the name of an SLI in slos/")
    window = spec.time_window[0] if spec.time_window else None
    if window is not None and not window.rolling:
        raise BadQuery("isRolling=false: expected true: budgets of calendar months are not kept")
    page, ticket = _alerts(spec, named)
    found = []
    for number, target in enumerate(spec.objectives):
        suffix = f"-{number}" if len(spec.objectives) > 1 else ""
        found.append(
            Objective(
                service=spec.service,
                name=metadata.name + suffix,
                target=target.share,
                indicator=_indicator(sli, target),
                window_seconds=window.duration if window else MONTH_SECONDS,
                description=target.display_name or spec.description,
                labels={name: value for name, value in metadata.labels.items() if isinstance(value, str)},
                page=page,
                ticket=ticket,
                file=file,
            )
        )
    return found


def _indicator(sli: SliSpec, target: Target) -> Indicator:
    if sli.ratio is not None:
        return sli.ratio.indicator()
    if sli.threshold is None:
        raise BadQuery("expected ratioMetric or thresholdMetric")
    if target.op is None or target.value is None:
        raise BadQuery("expected op and value beside the target: the indicator is a thresholdMetric")
    query = sli.threshold.source.query
    bad = f"({query}) {_COMPARED[target.op]} bool {target.value:g}"
    return RawRatio(with_window(f"avg_over_time(({bad})[{{{{.window}}}}:1m])"))


def _alerts(spec: SloSpec, named: Named) -> tuple[BurnAlert | None, BurnAlert | None]:
    """All urgencies where a policy says nothing more exact; none where the SLO has no policy."""
    if not spec.alert_policies:
        return BurnAlert(), BurnAlert()
    severities: set[str] = set()
    for one in spec.alert_policies:
        policy = _of_policy(one, named)
        for condition in policy.get("conditions", ()):
            severities.add(str(_severity(condition, named)).lower())
    page = severities & {"page", "critical", "high"}
    ticket = severities - {"page", "critical", "high"}
    return BurnAlert() if page else None, BurnAlert() if ticket else None


def _of_policy(one: Any, named: Named) -> Mapping[str, Any]:
    if isinstance(one, str):
        name, found = one, named.policies.get(one)
    elif isinstance(one, dict) and "alertPolicyRef" in one:
        name = str(one["alertPolicyRef"])
        found = named.policies.get(name)
    else:
        name, found = "", one.get("spec") if isinstance(one, dict) else None
    if found is None:
        raise BadQuery(f"alertPolicies={name}: expected the name of an AlertPolicy in slos/")
    return found


def _severity(condition: Any, named: Named) -> str:
    if isinstance(condition, dict) and "conditionRef" in condition:
        name = str(condition["conditionRef"])
        if name not in named.conditions:
            raise BadQuery(f"conditionRef={name}: expected the name of an AlertCondition in slos/")
        return str(named.conditions[name].get("severity", "page"))
    spec = condition.get("spec", {}) if isinstance(condition, dict) else {}
    return str(spec.get("severity", "page"))
