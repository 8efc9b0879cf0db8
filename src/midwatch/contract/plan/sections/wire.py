"""`wire`: requests through the team's own entry points (`midwatch verify --wire`), and what must come of each."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from midwatch.contract.plan.section import Duration, Model, Name, Remark, Section, Text

ENTRIES_MAX = 50
TRAIL_MAX = 100
BODY_MAX = 64 * 1024
WITHIN_SECONDS_MAX = 600.0
SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization", "x-api-key"})
OWN_HEADERS = frozenset({"traceparent", "tracestate", "baggage", "x-correlation-id"})
"""Set by the probe."""


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("expected an address such as https://staging.example.com/api/sms")
    if parts.username or parts.password:
        raise ValueError("expected no password in the address; headers_from takes it from a variable")
    return text


Url = Annotated[str, Field(max_length=2000), AfterValidator(_url), WithJsonSchema({"type": "string", "format": "uri"})]
Header = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+$", max_length=100)]
Variable = Annotated[str, Field(pattern=r"^[A-Z_][A-Z0-9_]*$", max_length=100)]


class Stop(Model):
    """Something that must be seen of the request: one of event, span and service alone."""

    service: Name | None = None
    event: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    """A log event or a domain event."""
    span: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    """`*` stands for anything."""

    @model_validator(mode="after")
    def _one(self) -> "Stop":
        if self.event is not None and self.span is not None:
            raise ValueError("expected event or span, not both: they are stops of their own")
        if self.event is None and self.span is None and self.service is None:
            raise ValueError("expected event, span or service")
        return self

    @property
    def title(self) -> str:
        if self.event is not None:
            what = f"event {self.event}"
        elif self.span is not None:
            what = f"span {self.span}"
        else:
            return f"anything of {self.service}"
        return f"{what} of {self.service}" if self.service else what


class Wire(Model):
    name: Name
    description: Text = ""
    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    urls: dict[Name, Url] = Field(min_length=1)
    """By environment."""
    headers: dict[Header, Annotated[str, Field(max_length=4000)]] = Field(default_factory=dict)
    headers_from: dict[Header, Variable] = Field(default_factory=dict)
    """Headers whose values are in variables of whoever runs the command: the plan has no secrets."""
    body: Annotated[str, Field(max_length=BODY_MAX)] = ""
    status: tuple[Annotated[int, Field(ge=100, le=599)], ...] = ()
    """What it may answer; empty: 200 to 299."""
    within: Duration = 30.0
    """How long the trail may take."""
    trail: tuple[Stop, ...] = Field(max_length=TRAIL_MAX, json_schema_extra={"minItems": 1})
    """In the order in which it goes."""

    @model_validator(mode="after")
    def _whole(self) -> "Wire":
        if not 1 <= self.within <= WITHIN_SECONDS_MAX:
            raise ValueError("expected within from 1s to 10m")
        if not self.trail:
            raise ValueError("expected a trail of at least one stop")
        return self


Wires = tuple[Wire, ...]


def _check(wires: Wires, sections: Mapping[str, Any]) -> Iterable[Remark]:
    first: dict[str, int] = {}
    places, services = sections.get("environments"), sections.get("services")
    for index, wire in enumerate(wires):
        if first.setdefault(wire.name, index) != index:
            yield (index, "name"), f"name={wire.name}: expected a name that no other entry has"
        for place in wire.urls:
            if places and place not in places:
                yield (index, "urls", place), f"environment={place}: expected one of {', '.join(places)}"
        for header in (*wire.headers, *wire.headers_from):
            part = "headers" if header in wire.headers else "headers_from"
            if header.lower() in OWN_HEADERS:
                yield (index, part, header), f"{header}: expected another header; the probe sets it"
        for header in wire.headers:
            if header.lower() in SECRET_HEADERS:
                yield (index, "headers", header), f"{header}: expected it in headers_from, with the name of a variable"
        for place_, stop in enumerate(wire.trail):
            if services and stop.service is not None and stop.service not in services:
                where = (index, "trail", place_, "service")
                yield where, f"service={stop.service}: expected one of {', '.join(services)}"


SECTION: Section[Wires] = Section(
    name="wire",
    help="Requests that `midwatch verify --wire` sends through the team's entry points, and the trail each must leave.",
    type=Annotated[Wires, Field(max_length=ENTRIES_MAX)],
    empty=tuple,
    check=_check,
    example="""wire:
  - name: inbound-sms
    method: POST
    urls: {staging: "https://staging.example.com/api/sms/inbound"}
    headers: {content-type: application/json}
    headers_from: {authorization: WIRE_TOKEN}
    body: '{"From": "+15550100", "Body": "hello"}'
    within: 30s
    trail:
      - {span: POST /api/sms/inbound, service: api}
      - {event: sms.inbound.received, service: api}
      - {service: worker}
      - {event: sms.outbound.sent, service: worker}
""",
)
