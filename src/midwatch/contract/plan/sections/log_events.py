"""`log_events`: the events that log lines tell of, each declared once."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from midwatch.contract.fields import canonical
from midwatch.contract.log_names import is_event_name
from midwatch.contract.plan.section import Remark, Section
from midwatch.contract.plan.telemetry import DECLARED_MAX, Declared, Keys, listed_once, misplaced

Level = Literal["debug", "info", "warn", "warning", "error", "critical", "fatal"]
_LEVELS = ["debug", "info", "warn", "warning", "error", "critical", "fatal"]
_LEVELS_SCHEMA = {"anyOf": [{"enum": _LEVELS}, {"type": "array", "items": {"enum": _LEVELS}}]}
_NAME = r"^[A-Za-z][\w-]*(?:\.[\w-]+)*$"


def _event_name(text: str) -> str:
    if not is_event_name(text):
        raise ValueError("expected a name of words with dots between them, such as sms.inbound.received")
    return text


EventName = Annotated[
    str,
    Field(max_length=200),
    AfterValidator(_event_name),
    WithJsonSchema({"type": "string", "pattern": _NAME, "maxLength": 200}),
]


class LogEvent(Declared):
    """Lines with this event name: in the attribute `event`, in OpenTelemetry's event name, or as the whole message."""

    level: Annotated[tuple[Level, ...], BeforeValidator(listed_once), WithJsonSchema(_LEVELS_SCHEMA)] = ()
    """One or a list; empty: any."""
    keys: Keys = Field(default_factory=dict)
    """What each line of it has."""
    optional: Keys = Field(default_factory=dict)
    """What a line of it may have; it is judged where `extra` is false."""
    extra: bool = True
    """Whether it may have keys that are not declared. Those that every line has may always be there."""


LogEvents = dict[EventName, LogEvent]


def _check(events: LogEvents, sections: Mapping[str, Any]) -> Iterable[Remark]:
    for name, event in events.items():
        yield from (((name, *path), message) for path, message in misplaced(event, sections))
        required = {canonical(key) for key in event.keys}
        for key in event.optional:
            if canonical(key) in required:
                yield (name, "optional", key), f"{key}: expected it in keys or in optional, not in both"


def _advise(events: LogEvents, sections: Mapping[str, Any]) -> Iterable[Remark]:
    privacy = sections.get("privacy")
    if privacy is None:
        return
    private = re.compile(privacy.pattern)
    for name, event in events.items():
        for part in ("keys", "optional"):
            for key in getattr(event, part):
                if private.search(key):
                    yield (
                        (name, part, key),
                        f"{key}: its values are removed, since the key is private (docs/privacy.md)",
                    )


def _names(events: LogEvents) -> Iterable[str]:
    return events


SECTION: Section[LogEvents] = Section(
    name="log_events",
    help="The events that log lines tell of: their levels and keys, who tells them, how often they come.",
    type=Annotated[LogEvents, Field(max_length=DECLARED_MAX)],
    empty=dict,
    check=_check,
    advise=_advise,
    events=_names,
    example="""log_events:
  sms.inbound.received:
    description: A message came in
    level: info
    keys: {twilio_message_sid: string, attempt: integer}
    optional: {user_id: string}
    extra: false
    every: 1h
    owner: messaging
  session.created:
    level: [info, warn]
    keys: [session_id]
    always: true
""",
)
