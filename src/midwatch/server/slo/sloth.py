"""Sloth's form: `version: prometheus/v1`, several objectives of one service."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from midwatch.contract.plan.section import Duration, Model
from midwatch.server.slo.objective import BurnAlert, Indicator, Objective, Ratio, RawRatio
from midwatch.server.slo.queries import with_window

VERSION = "prometheus/v1"
Labels = dict[str, str]
SloName = Annotated[str, Field(min_length=1, max_length=128)]


class Events(Model):
    error_query: str
    total_query: str


class Raw(Model):
    error_ratio_query: str


class Sli(Model):
    events: Events | None = None
    raw: Raw | None = None

    @model_validator(mode="after")
    def _one(self) -> "Sli":
        if (self.events is None) is (self.raw is None):
            raise ValueError("expected either events or raw; plugins are Go programs and are not run")
        return self

    def indicator(self) -> Indicator:
        """Raises BadQuery."""
        if self.events is not None:
            errors = with_window(self.events.error_query, "events", "error_query")
            return Ratio(errors, with_window(self.events.total_query, "events", "total_query"))
        assert self.raw is not None
        return RawRatio(with_window(self.raw.error_ratio_query, "raw", "error_ratio_query"))


class Alert(Model):
    disable: bool = False
    labels: Labels = Field(default_factory=dict)
    annotations: Labels = Field(default_factory=dict)

    def burn(self) -> BurnAlert | None:
        return None if self.disable else BurnAlert(self.labels, self.annotations)


class Alerting(Model):
    name: str = ""
    labels: Labels = Field(default_factory=dict)
    annotations: Labels = Field(default_factory=dict)
    page_alert: Alert = Alert()
    ticket_alert: Alert = Alert()


class Slo(Model):
    name: SloName
    description: str = ""
    objective: Annotated[float, Field(gt=0, lt=100)]
    """Percent."""
    labels: Labels = Field(default_factory=dict)
    sli: Sli
    alerting: Alerting = Alerting()
    window: Duration = 30 * 86400.0
    """Ours: Sloth takes it from the command line."""


class SlothFile(Model):
    version: Literal["prometheus/v1"]
    service: SloName
    labels: Labels = Field(default_factory=dict)
    slos: Annotated[tuple[Slo, ...], Field(max_length=200)]

    def objective(self, index: int, file: str) -> Objective:
        """Raises BadQuery."""
        one = self.slos[index]
        return Objective(
            service=self.service,
            name=one.name,
            target=round(one.objective / 100, 12),
            indicator=one.sli.indicator(),
            window_seconds=one.window,
            description=one.description,
            labels=self.labels | one.labels,
            alert_name=one.alerting.name,
            alert_labels=one.alerting.labels,
            alert_annotations=one.alerting.annotations,
            page=one.alerting.page_alert.burn(),
            ticket=one.alerting.ticket_alert.burn(),
            file=file,
        )
