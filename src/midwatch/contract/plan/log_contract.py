"""What a plan says of log lines, as something that lines can be held against; for apps and their tests."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from midwatch.contract import fields
from midwatch.contract.log_names import is_built_in, is_dotted, is_event_name, is_of_the_sdk
from midwatch.contract.plan.load import Plan
from midwatch.contract.plan.sections import log_events, required_keys, sections
from midwatch.contract.plan.sections.environments import Environments
from midwatch.contract.plan.sections.log_events import LogEvent
from midwatch.contract.plan.sections.required_keys import RequiredKey

ALWAYS_THERE = frozenset({"ts", "time", "timestamp", "@timestamp", "level", "severity", "message", "msg", "body"})
"""Keys that no line is without."""
EVENT, ENVIRONMENT = fields.EVENT_NAME, fields.DEPLOYMENT_ENVIRONMENT
COLUMNS = frozenset({EVENT, ENVIRONMENT, fields.SERVICE_NAME, fields.TRACE_ID, fields.SPAN_ID})
"""What a record has beside its attributes."""
EVERYWHERE = frozenset(
    {fields.CORRELATION_ID, fields.REQUEST_ID, *COLUMNS, "event.id", "entity.type", "entity.id", "logger"}
    | {"code.file.path", "code.function.name", "code.line.number", fields.PROBE}
)
"""Keys that any line may have: an SDK puts them there."""
SAME_LEVEL = {"warning": "warn", "critical": "fatal"}
_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "list": (list, tuple),
    "map": (dict,),
}


@dataclass(frozen=True)
class LogContract:
    """Pure, and equal to another of the same plan."""

    events: Mapping[str, LogEvent]
    elsewhere: frozenset[str]
    """Names of events that other sections declare."""
    required: tuple[RequiredKey, ...]

    def __bool__(self) -> bool:
        return bool(self.events or self.required)

    def name_of(self, event_name: str, attributes: Mapping[str, Any], message: str) -> str:
        """What a line calls its event; empty where it is of none."""
        told = event_name or next((attributes[one] for one in _EVENT_NAMES if one in attributes), "")
        if isinstance(told, str) and is_event_name(told):
            return told
        return message if message in self.events or is_dotted(message) else ""

    def is_known(self, name: str) -> bool:
        """Whether lines may tell of it: all may where the plan declares none."""
        return not self.events or name in self.events or name in self.elsewhere or is_built_in(name)

    def nearest(self, name: str) -> str:
        """The declared name that is most like it; empty for none."""
        return next(iter(get_close_matches(name, [*self.events, *self.elsewhere], n=1, cutoff=0.6)), "")

    def keys(self, name: str, service: str) -> tuple[str, ...]:
        """Attributes that each line of an event has (of none: the empty name), as they are declared."""
        found = [
            one.key
            for one in self.required
            if one.at_least == 1
            and (not one.services or service in one.services)
            and one.key not in ALWAYS_THERE
            and fields.canonical(one.key) not in COLUMNS
        ]
        if name in self.events:
            found += [key for key in self.events[name].keys if fields.canonical(key) not in COLUMNS]
        return tuple(dict.fromkeys(found))

    def needs(self, what: str, service: str) -> bool:
        """Whether each line needs one of the columns: EVENT, ENVIRONMENT."""
        return any(
            fields.canonical(one.key) == what and one.at_least == 1 and (not one.services or service in one.services)
            for one in self.required
        )

    def complaints(
        self, name: str, level: str, attributes: Mapping[str, Any], *, service: str, environment: str
    ) -> Iterator[str]:
        """What is wrong with one line, each as half a sentence."""
        if not name and not is_of_the_sdk(attributes) and self.needs(EVENT, service):
            yield "tells of no event: expected one in `event`, or as its message"
        if not environment and self.needs(ENVIRONMENT, service):
            yield "has no environment: expected init(environment=…)"
        if name and not self.is_known(name):
            near = self.nearest(name)
            yield f"is not declared in log_events{f'; did you mean {near}?' if near else ''}"
        for key in self.keys(name, service):
            if all(attributes.get(one) is None for one in fields.names_of(key)):
                yield f"has no {key}"
        if (event := self.events.get(name)) is not None:
            yield from _of_event(event, level, attributes, {fields.canonical(one.key) for one in self.required})


_EVENT_NAMES = fields.names_of(fields.EVENT_NAME)


def contract_of(plan: Plan) -> LogContract:
    elsewhere = {
        name
        for section in sections().values()
        if section is not log_events.SECTION
        for name in section.events(plan.values[section.name])
    }
    declared: log_events.LogEvents = plan[log_events.SECTION]
    return LogContract(declared, frozenset(elsewhere), plan[required_keys.SECTION])


def canonical_environment(environments: Environments, name: str) -> str:
    """Its own name, where it goes by an alias."""
    return next((own for own, one in environments.items() if name in one.aliases), name)


def _of_event(event: LogEvent, level: str, attributes: Mapping[str, Any], everywhere: set[str]) -> Iterator[str]:
    levels = {SAME_LEVEL.get(one, one) for one in event.level}
    if levels and SAME_LEVEL.get(level, level) not in levels:
        yield f"is of level {level}: expected {' or '.join(event.level)}"
    for key, kind in {**event.keys, **event.optional}.items():
        for name in fields.names_of(key):
            value = attributes.get(name)
            if value is not None and not _is(value, kind):
                yield f"has {name} of type {type(value).__name__}: expected {kind}"
    if not event.extra:
        declared = {fields.canonical(key) for key in (*event.keys, *event.optional)} | everywhere | EVERYWHERE
        for key in attributes:
            if fields.canonical(key) not in declared:
                yield f"has {key}, which is not declared"


def _is(value: Any, kind: str) -> bool:
    if kind == "any":
        return True
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, _TYPES[kind])
