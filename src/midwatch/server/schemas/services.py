"""Services, operations and the map between them; every figure is weighted for sampling."""

from typing import Literal

from midwatch.server.schemas.base import QueryStats, Schema


class Red(Schema):
    """Rate, errors, duration of entry spans (server and consumer spans, and root spans) over a range."""

    requests: float
    errors: float
    rate: float
    """Per second."""
    error_ratio: float
    """0 … 1; 0 where there were no requests."""
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None


class ServiceSummary(Red):
    name: str
    environments: list[str]
    sparkline: list[float]
    """Rate per second in 24 equal steps over the range."""
    error_sparkline: list[float]
    log_errors: int
    """Log records of level error and fatal."""
    last_seen: str
    previous: Red
    """The same over the equally long range before."""


class ServiceList(Schema):
    services: list[ServiceSummary]
    """The busiest ones first; how many there are at most is in `docs/limits.md`."""
    total: int
    """How many there are in the range; more than are listed where the list was cut."""
    stats: QueryStats


class RedPoint(Schema):
    time: str
    rate: float
    error_rate: float
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None


class Operation(Red):
    name: str
    kind: str
    previous: Red


class Dependency(Red):
    name: str
    type: Literal["service", "database", "cache", "queue", "external"]


class ServiceDetail(Schema):
    name: str
    environments: list[str]
    summary: Red
    previous: Red
    step_seconds: float
    points: list[RedPoint]
    previous_points: list[RedPoint]
    """The range before, shifted onto this one."""
    operations: list[Operation]
    """The busiest ones first."""
    operations_total: int
    """How many there are in the range; more than are listed where the list was cut."""
    upstream: list[Dependency]
    downstream: list[Dependency]
    stats: QueryStats


class MapNode(Red):
    name: str
    type: Literal["service", "database", "cache", "queue", "external"]


class MapEdge(Red):
    source: str
    target: str


class ServiceMap(Schema):
    nodes: list[MapNode]
    edges: list[MapEdge]
    """The busiest ones first."""
    services_total: int
    edges_total: int
    """How many there are in the range; the map holds the busiest of them where there are too many."""
    stats: QueryStats


class EnvironmentList(Schema):
    environments: list[str]
