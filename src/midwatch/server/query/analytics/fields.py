"""What names mean over product events: columns, flags, and properties for the rest."""

from midwatch.contract import fields
from midwatch.server.model.errors import BadQuery
from midwatch.server.query.search.fields import Bind, Field, Kind, Schema
from midwatch.server.store.flatten.product_events import COLUMN_PROPERTIES, FEATURE

FLAG = "flag."
"""`flag.new-checkout`: the value of a feature flag."""
_NAME_CHARACTERS_MAX = 256


def _column(name: str, column: str) -> Field:
    return Field(name, Kind.KEYWORD, column, f"toFloat64OrNull({column})", f"({column} != '')")


class EventSchema(Schema):
    """As the others; its properties lie in one map, and flags in another."""

    def field(self, name: str, bind: Bind) -> Field:
        name = self.aliases.get(name, name)
        if (found := self.builtin.get(name)) is not None:
            return found
        if not name or len(name) > _NAME_CHARACTERS_MAX or any(ord(character) < 32 for character in name):
            raise BadQuery(f"field {name[:40]!r}: expected a name of at most {_NAME_CHARACTERS_MAX} visible characters")
        for beginning in (FLAG, FEATURE):
            if name.startswith(beginning):
                return self._within("Flags", name, (name.removeprefix(beginning),), bind)
        names = sorted(fields.names_of(name), key=lambda one: one != name)
        return self._within("Properties", name, tuple(names), bind)

    def _within(self, column: str, name: str, names: tuple[str, ...], bind: Bind) -> Field:
        keys = [bind(one) for one in names]
        first = "".join(f"mapContains({column}, {key}), {column}[{key}], " for key in keys[:-1])
        value = f"multiIf({first}{column}[{keys[-1]}])" if first else f"{column}[{keys[-1]}]"
        there = " OR ".join(f"mapContains({column}, {key})" for key in keys)
        return Field(name, Kind.ATTRIBUTE, value, f"toFloat64OrNull({value})", f"({there})", (column,))


EVENTS = EventSchema(
    table="product_events",
    builtin={
        "event": _column("event", "Event"),
        "distinct_id": _column("distinct_id", "DistinctId"),
        "service": _column("service", "ServiceName"),
        "env": _column("env", "Environment"),
        "trace_id": _column("trace_id", "TraceId"),
        "span_id": _column("span_id", "SpanId"),
        "uuid": _column("uuid", "Uuid"),
        **{property_: _column(property_, column) for column, property_ in COLUMN_PROPERTIES.items()},
    },
    aliases={
        "service.name": "service",
        "environment": "env",
        "deployment.environment.name": "env",
        "session.id": "$session_id",
        "session_id": "$session_id",
        "sessionId": "$session_id",
        "url": "$current_url",
        "path": "$pathname",
        "referrer": "$referrer",
        "browser": "$browser",
        "os": "$os",
        "device": "$device_type",
        "lib": "$lib",
        **dict.fromkeys(fields.ALIASES[fields.TRACE_ID], "trace_id"),
        **dict.fromkeys(fields.ALIASES[fields.SPAN_ID], "span_id"),
    },
    attributes="Properties",
    searched=("Event", "Url", "DistinctId"),
    indexed=False,
)
