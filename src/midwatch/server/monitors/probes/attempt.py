"""One attempt of a probe: what it measures, and why it failed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum

from midwatch.server.model.clock import Clock
from midwatch.server.outgoing.files import PlanFiles
from midwatch.server.outgoing.reach import Guard

DETAIL_CHARACTERS_MAX = 500


class Reason(StrEnum):
    """Why an attempt failed. What follows from it is decided by `fault`."""

    RESOLVE = "resolve"
    """The name server says that there is no such name."""
    RESOLVE_FAILED = "resolve_failed"
    """No name server gave an answer."""
    CONNECT = "connect"
    """Refused or reset: somebody answered."""
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    TLS = "tls"
    CERTIFICATE = "certificate"
    PROTOCOL = "protocol"
    STATUS = "status"
    HEADER = "header"
    BODY = "body"
    JSON = "json"
    ANSWER = "answer"
    ADDRESS = "address"
    """`resolves_to`."""
    LATENCY = "latency"
    EXPIRY = "expiry"
    """`certificate_valid_for`."""
    AUTHENTICATION = "authentication"
    LOSS = "loss"
    REFUSED_ADDRESS = "refused_address"
    NOT_PERMITTED = "not_permitted"
    CONFIGURATION = "configuration"
    NO_ROUTE = "no_route"
    NO_RESOURCES = "no_resources"
    MIDWATCH_SLOW = "midwatch_slow"


class Fault(StrEnum):
    """Whose fault a failure is, as far as it says by itself."""

    THEIRS = "theirs"
    """Somebody answered, and not as expected."""
    PERHAPS_NETWORK = "perhaps_network"
    """Nobody answered: them, or the network on our side."""
    OURS = "ours"


_PERHAPS = frozenset({Reason.RESOLVE_FAILED, Reason.UNREACHABLE, Reason.TIMEOUT, Reason.LOSS})
_OURS = frozenset(
    {
        Reason.REFUSED_ADDRESS,
        Reason.NOT_PERMITTED,
        Reason.CONFIGURATION,
        Reason.NO_ROUTE,
        Reason.NO_RESOURCES,
        Reason.MIDWATCH_SLOW,
    }
)


def fault_of(reason: Reason) -> Fault:
    if reason in _OURS:
        return Fault.OURS
    return Fault.PERHAPS_NETWORK if reason in _PERHAPS else Fault.THEIRS


class ProbeFailed(Exception):
    """The attempt is over; `detail` is for people, and holds no secret."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail[:DETAIL_CHARACTERS_MAX]


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one attempt."""

    at_ns: int
    """When it began."""
    seconds: float
    reason: Reason | None = None
    """None: it succeeded."""
    detail: str = ""
    phases: dict[str, float] = field(default_factory=dict)
    """Seconds of resolve, connect, tls, processing, transfer and the like, as far as it came."""
    values: dict[str, float] = field(default_factory=dict)
    """By the series' name, without labels."""
    facts: dict[str, str] = field(default_factory=dict)
    """For people: the address, the TLS version, the certificate's subject."""
    reached: bool = False
    """A connection stood, or something came back."""

    @property
    def success(self) -> bool:
        return self.reason is None

    @property
    def fault(self) -> Fault | None:
        """None: it succeeded. Whoever took a connection was reached, and keeps us waiting themselves."""
        if self.reason is None:
            return None
        found = fault_of(self.reason)
        return Fault.THEIRS if found is Fault.PERHAPS_NETWORK and self.reached else found


class Attempt:
    """What a kind of probe gets beside its target, and writes down what it measures in."""

    def __init__(self, guard: Guard, files: PlanFiles, clock: Clock) -> None:
        self.guard = guard
        self.files = files
        self.clock = clock
        self.began_ns = clock.now_ns()
        self.began = clock.monotonic()
        self.phases: dict[str, float] = {}
        self.values: dict[str, float] = {}
        self.facts: dict[str, str] = {}
        self.addresses: list[str] = []
        self.reached = False

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Also what was begun and failed has its time."""
        began = self.clock.monotonic()
        try:
            yield
        finally:
            self.add_phase(name, self.clock.monotonic() - began)

    def add_phase(self, name: str, seconds: float) -> None:
        """Redirects have each phase again: they add up."""
        self.phases[name] = self.phases.get(name, 0.0) + seconds

    def result(self, failure: ProbeFailed | None = None) -> Result:
        seconds = self.clock.monotonic() - self.began
        reason, detail = (failure.reason, failure.detail) if failure else (None, "")
        return Result(self.began_ns, seconds, reason, detail, self.phases, self.values, self.facts, self.reached)
