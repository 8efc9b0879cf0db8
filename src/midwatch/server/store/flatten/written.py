"""Columns of staging tables that hold what somebody wrote."""

from dataclasses import dataclass, field

TEXT, MAP = 1, 6


@dataclass(frozen=True, slots=True)
class Written:
    service: str
    """Whose row it is: an expression."""
    values: tuple[str, ...] = ()
    """Texts of which each is another."""
    names: tuple[str, ...] = ()
    """Texts that come again and again."""
    lists: tuple[str, ...] = ()
    """Arrays of texts."""
    maps: dict[str, str] = field(default_factory=dict)
    """Each with the column of its values' types; empty where all are texts."""
    types: dict[str, str] = field(default_factory=dict)
    """Of texts, the column of what they were sent as, where they may be something else."""
    objects: frozenset[str] = frozenset()
    """Texts that are JSON: each of its values is cleaned alone."""
    resource: str = ""
    """A column with the texts of `repeated` joined, where there is one."""
    repeated: tuple[str, ...] = ()
    """Of the maps, those that many rows share."""
    map_lists: tuple[str, ...] = ()
    exemplars: str = ""
    """An array of tuples whose last is a map."""
    plain_keys: frozenset[str] = frozenset()
    """Maps whose keys are texts without a dictionary."""
    ids: frozenset[str] = frozenset()
    """Texts by which rows are joined: what is private in one becomes its hash, and stays told apart."""
    series_id: bool = False

    def kind(self, column: str) -> str:
        """What a text was sent as: an expression."""
        return str(MAP) if column in self.objects else self.types.get(column, str(TEXT))


WRITTEN: dict[str, Written] = {
    "spans_in": Written(
        service="ServiceName",
        values=("StatusMessage", "TraceState"),
        names=("SpanName", "ServiceName", "Environment", "ScopeName", "ScopeVersion"),
        lists=("Events.Name", "Links.TraceState"),
        maps={"ResourceAttributes": "ResourceAttributeTypes", "SpanAttributes": "SpanAttributeTypes"},
        repeated=("ResourceAttributes",),
        map_lists=("Events.Attributes", "Links.Attributes"),
    ),
    "logs_in": Written(
        service="ServiceName",
        values=("Body",),
        types={"Body": "BodyType"},
        names=("SeverityText", "ServiceName", "Environment", "EventName", "ScopeName", "ScopeVersion"),
        maps={"ResourceAttributes": "ResourceAttributeTypes", "LogAttributes": "LogAttributeTypes"},
        repeated=("ResourceAttributes",),
    ),
    "metric_points_in": Written(
        service="ServiceName",
        names=(
            *("MetricName", "Description", "Unit", "ServiceName", "Environment", "ScopeName", "ScopeVersion"),
            *("ScopeSchemaUrl", "PrometheusType"),
        ),
        maps={"ResourceAttributes": "ResourceAttributeTypes", "Attributes": "AttributeTypes", "ScopeAttributes": ""},
        repeated=("ResourceAttributes", "ScopeAttributes"),
        map_lists=("Exemplars.Attributes",),
    ),
    "series_in": Written(
        service="Labels['job']",
        names=("MetricName", "Unit", "Help"),
        maps={"Labels": ""},
        exemplars="Exemplars",
        series_id=True,
    ),
    "product_events_in": Written(
        service="ServiceName",
        values=("DistinctId", "LinkedId", "SessionId", "WindowId", "Url", "Path", "Referrer", "Uuid"),
        names=("Event", "Lib", "Browser", "Os", "DeviceType", "ServiceName", "Environment"),
        maps={"Properties": "PropertyTypes", "Flags": "", "PersonSet": "", "PersonSetOnce": ""},
        plain_keys=frozenset({"PersonSet", "PersonSetOnce"}),
        ids=frozenset({"DistinctId", "LinkedId"}),
    ),
    "domain_events_in": Written(
        service="ServiceName",
        values=("EventId", "EntityId", "ActorId", "CorrelationId", "Before", "After", "Metadata"),
        names=("Type", "EntityType", "ActorType", "StateFrom", "StateTo", "ServiceName", "Environment"),
        objects=frozenset({"Before", "After", "Metadata"}),
        ids=frozenset({"EventId", "EntityId", "ActorId", "CorrelationId"}),
    ),
}
"""By staging table. What is not here has passed the digest of errors, which looks at it itself."""
