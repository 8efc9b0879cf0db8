"""`probes`: what is looked at from outside, how, how often, and what must come of it."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from midwatch.contract.plan.probes.targets import (
    DnsTarget,
    GrpcTarget,
    HttpTarget,
    IcmpTarget,
    PostgresqlTarget,
    RedisTarget,
    Target,
    TcpTarget,
    TlsTarget,
    WebSocketTarget,
)
from midwatch.contract.plan.section import Duration, Model, Name, Remark, Section, Text

PROBES_MAX = 10_000
INTERVAL_SECONDS_MIN = 10.0
INTERVAL_SECONDS_MAX = 86_400.0
TIMEOUT_SECONDS_MAX = 60.0
RETRIES_MAX = 10
LOCATIONS_MAX = 50
LABELS_MAX = 20
KINDS = ("http", "tcp", "tls", "dns", "icmp", "grpc", "websocket", "redis", "postgresql")
RESERVED_LABELS = frozenset({"job", "instance", "probe", "kind", "location", "phase", "state", "reason", "le"})
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


def _label(text: str) -> str:
    if not _LABEL.fullmatch(text) or text.startswith("__") or text in RESERVED_LABELS:
        raise ValueError("expected a label of letters, digits and underscores that probes do not have by themselves")
    return text


LabelName = Annotated[str, AfterValidator(_label), WithJsonSchema({"type": "string", "pattern": f"^{_LABEL.pattern}$"})]
Labels = Annotated[dict[LabelName, Annotated[str, Field(max_length=1000)]], Field(max_length=LABELS_MAX)]


class Probe(Model):
    """One probe: a name, exactly one of the kinds, and its rhythm."""

    name: Name
    description: Text = ""
    http: HttpTarget | None = None
    tcp: TcpTarget | None = None
    tls: TlsTarget | None = None
    dns: DnsTarget | None = None
    icmp: IcmpTarget | None = None
    grpc: GrpcTarget | None = None
    websocket: WebSocketTarget | None = None
    redis: RedisTarget | None = None
    postgresql: PostgresqlTarget | None = None
    interval: Duration = 60.0
    timeout: Duration = 10.0
    """Of one attempt, all of it."""
    retries: Annotated[int, Field(ge=0, le=RETRIES_MAX)] = 2
    """How often a failure is tried again before it counts as down."""
    retry_after: Duration = 5.0
    locations: tuple[Name, ...] = Field(default=(), max_length=LOCATIONS_MAX)
    """From where; none: from everywhere."""
    quorum: Annotated[int, Field(ge=1, le=LOCATIONS_MAX)] | None = None
    """How many locations must see it down; without one, more than half of those that know."""
    labels: Labels = Field(default_factory=dict)

    @property
    def kind(self) -> str:
        return next(kind for kind in KINDS if getattr(self, kind) is not None)

    @property
    def target(self) -> Target:
        found: Target = getattr(self, self.kind)
        return found

    @model_validator(mode="after")
    def _whole(self) -> "Probe":
        given = [kind for kind in KINDS if getattr(self, kind) is not None]
        if len(given) != 1:
            told = " and ".join(given) if given else "none"
            raise ValueError(f"expected exactly one of {', '.join(KINDS)}; there is {told}")
        if not INTERVAL_SECONDS_MIN <= self.interval <= INTERVAL_SECONDS_MAX:
            raise ValueError("expected an interval from 10s to 1d")
        if not 0 < self.timeout <= min(TIMEOUT_SECONDS_MAX, self.interval):
            raise ValueError("expected a timeout above 0, at most the interval and at most 1m")
        if not 0 < self.retry_after <= self.interval:
            raise ValueError("expected a retry_after above 0 and at most the interval")
        return self


Probes = tuple[Probe, ...]


def _check(probes: Probes, _sections: Mapping[str, Any]) -> Iterable[Remark]:
    first: dict[str, int] = {}
    for index, probe in enumerate(probes):
        if first.setdefault(probe.name, index) != index:
            yield (index, "name"), f"name={probe.name}: expected a name that no other probe has"
        if probe.quorum and probe.locations and probe.quorum > len(probe.locations):
            yield (index, "quorum"), f"quorum={probe.quorum}: expected at most its {len(probe.locations)} locations"


SECTION: Section[Probes] = Section(
    name="probes",
    help="What is looked at from outside: HTTP, TCP, TLS, DNS, ICMP, gRPC, WebSocket, Redis, PostgreSQL.",
    type=Annotated[Probes, Field(max_length=PROBES_MAX)],
    empty=tuple,
    check=_check,
    example="""probes:
  - name: shop
    http:
      url: https://shop.example.com/health
      expect:
        status: [200]
        json: [{path: $.status, equals: ok}]
        latency_below: 2s
        certificate_valid_for: 14d
    interval: 30s
    labels: {team: web}
  - name: cache
    redis: {address: "cache.internal:6379", password_file: secrets/redis}
    locations: [server]
  - name: mail
    dns: {name: example.com, type: MX, expect: {contains: [10 mail.example.com.]}}
    interval: 5m
""",
)
