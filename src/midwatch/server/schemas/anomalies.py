"""Bands of anomaly rules, for their charts."""

from midwatch.server.schemas.base import Schema


class AnomalyPoint(Schema):
    """`null` where there was nothing: the band is recorded from when the rule was first in force."""

    at: float
    """Seconds since the epoch."""
    observed: float | None
    expected: float | None
    lower: float | None
    upper: float | None


class AnomalyLearning(Schema):
    """A series whose band is still being learned."""

    since: str
    """Its first sample within the history that is learned from."""
    hours: int
    """Of how many there are samples."""
    hours_needed: int
    ready_at: str
    """When there will be enough, if samples go on coming."""


class AnomalySeries(Schema):
    labels: dict[str, str]
    points: list[AnomalyPoint]
    learning: AnomalyLearning | None


class AnomalyBand(Schema):
    rule_id: str
    query: str
    """PromQL of what is observed."""
    band: str
    """The label `anomaly_band` of the recorded series."""
    deviations: float
    history_seconds: float
    zone: str
    learned_at: str | None
    """None: not yet, or by another server."""
    message: str
    """What is wrong with it, or not yet so; empty where all is well."""
    step_seconds: float
    series: list[AnomalySeries]
    series_total: int
    """More than are listed where the list was cut."""
