"""Where the series of a day come from."""

from midwatch.server.schemas.base import Schema


class SeriesCount(Schema):
    name: str
    series: int
    """Of the day."""
    series_before: int
    """Of the whole day before."""
    series_new: int
    """Of the day that were not there the day before."""


class SeriesLabel(Schema):
    name: str
    values: int
    """Distinct ones, among the series that were looked at."""
    series: int
    """Of those that were looked at: how many have the label."""
    series_without: int | None
    """How many series of the metric there would be without this label.

    Null where no metric was asked for, not all series were looked at, or twenty labels have more values."""


class MetricCardinality(Schema):
    """Series of one metric, or of all; the lists have the largest first."""

    day: str
    """As `2026-11-27`, in UTC: limits count by it."""
    series: int
    series_before: int
    series_new: int
    looked_at_every: int
    """1: the labels of all series were counted; 2: of every second, and so on, where there are very many."""
    metrics: list[SeriesCount]
    metrics_total: int
    labels: list[SeriesLabel]
    labels_total: int
    keys: list[SeriesCount]
    """By name of the ingest key. A series that several keys bring counts under one of them."""
    keys_total: int
    series_per_metric_max: int
    """The limit of a day; 0: none."""
    series_per_key_max: int
