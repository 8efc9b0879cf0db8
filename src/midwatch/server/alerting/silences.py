"""Silences: whose alerts nobody is told of for a while, by whom and why."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from midwatch.server.alerting.route import matches
from midwatch.server.model.alert import Alert, Labels
from midwatch.server.model.errors import BadRequest, NotFound
from midwatch.server.promql.matchers import Matcher

SILENCES_MAX = 10_000
"""That are not over."""
EXPIRED_KEPT_NS = 5 * 86_400 * 10**9
"""How long one that is over is listed, as Alertmanager does."""


class SilenceState(StrEnum):
    ACTIVE = "active"
    PENDING = "pending"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Silence:
    """Times are nanoseconds."""

    matchers: tuple[Matcher, ...]
    starts_at_ns: int
    ends_at_ns: int
    created_by: str
    comment: str
    id: str = ""
    updated_at_ns: int = 0
    annotations: Mapping[str, str] = field(default_factory=dict)

    def state(self, now_ns: int) -> SilenceState:
        if now_ns < self.starts_at_ns:
            return SilenceState.PENDING
        return SilenceState.ACTIVE if now_ns < self.ends_at_ns else SilenceState.EXPIRED

    def hides(self, labels: Labels) -> bool:
        return matches(self.matchers, labels)


class Silences:
    """All that are known, and quickly those that hide an alert."""

    def __init__(self, silences: Iterable[Silence] = ()) -> None:
        self._all: dict[str, Silence] = {one.id: one for one in silences}
        self._hiding: dict[str, tuple[Silence, ...]] = {}
        """By fingerprint, whatever their time; forgotten when one changes."""

    def all(self) -> list[Silence]:
        return list(self._all.values())

    def get(self, id_: str) -> Silence:
        """Raises NotFound."""
        if (found := self._all.get(id_)) is None:
            raise NotFound(f"silence {id_} not found")
        return found

    def put(self, silences: Iterable[Silence]) -> None:
        self._all |= {one.id: one for one in silences}
        self._hiding.clear()

    def remove(self, ids: Iterable[str]) -> None:
        for id_ in ids:
            self._all.pop(id_, None)
        self._hiding.clear()

    def hiding(self, fingerprint: str, labels: Labels, now_ns: int) -> list[str]:
        """Ids of the active silences that hide an alert, in their order."""
        found = self._matching(fingerprint, labels)
        return sorted(one.id for one in found if one.starts_at_ns <= now_ns < one.ends_at_ns)

    def counts(self, alerts: Iterable[Alert]) -> Counter[str]:
        """How many of the alerts each silence hides, or would in its time, by its id."""
        return Counter(one.id for alert in alerts for one in self._matching(alert.fingerprint, alert.labels))

    def _matching(self, fingerprint: str, labels: Labels) -> tuple[Silence, ...]:
        found = self._hiding.get(fingerprint)
        if found is None:
            found = tuple(one for one in self._all.values() if one.hides(labels))
            self._hiding[fingerprint] = found
        return found

    def forget(self, fingerprint: str) -> None:
        self._hiding.pop(fingerprint, None)

    def long_over(self, now_ns: int) -> list[str]:
        return [one.id for one in self._all.values() if one.ends_at_ns + EXPIRED_KEPT_NS < now_ns]

    def changed_by(self, wanted: Silence, now_ns: int, new_id: str) -> list[Silence]:
        """What is to be kept instead when somebody asks for this silence: it is the last one.

        One with an id changes that one in place where it may, and else ends it and goes on as a new one, so that
        what was hidden when stays known.

        Raises:
            BadRequest: it would hide everything, or its times are the wrong way round.
            NotFound: there is none of its id.
        """
        check(wanted, now_ns)
        before = self.get(wanted.id) if wanted.id else None
        if before is not None and _in_place(before, wanted, now_ns):
            return [replace(wanted, updated_at_ns=now_ns)]
        if sum(1 for one in self._all.values() if one.ends_at_ns > now_ns) >= SILENCES_MAX:
            raise BadRequest(f"cannot keep more than {SILENCES_MAX} silences that are not over: expire some first")
        made = replace(wanted, id=new_id, starts_at_ns=max(wanted.starts_at_ns, now_ns), updated_at_ns=now_ns)
        return [*([] if before is None else expired(before, now_ns)), made]


def check(silence: Silence, now_ns: int) -> None:
    """Raises BadRequest."""
    if silence.starts_at_ns >= silence.ends_at_ns:
        raise BadRequest("Failed to create silence: start time must be before end time")
    if silence.ends_at_ns < now_ns:
        raise BadRequest("Failed to create silence: end time can't be in the past")
    if not silence.matchers:
        raise BadRequest("invalid silence: at least one matcher required")
    if all(one.matches("") for one in silence.matchers):
        raise BadRequest("invalid silence: at least one matcher must not match the empty string")


def expired(silence: Silence, now_ns: int) -> list[Silence]:
    """What is to be kept when it ends now; empty where it is over already."""
    state = silence.state(now_ns)
    if state is SilenceState.EXPIRED:
        return []
    starts_ns = now_ns if state is SilenceState.PENDING else silence.starts_at_ns
    return [replace(silence, starts_at_ns=starts_ns, ends_at_ns=now_ns, updated_at_ns=now_ns)]


def _in_place(before: Silence, wanted: Silence, now_ns: int) -> bool:
    if before.matchers != wanted.matchers:
        return False
    state = before.state(now_ns)
    if state is SilenceState.ACTIVE:
        return before.starts_at_ns // 10**9 == wanted.starts_at_ns // 10**9 and wanted.ends_at_ns >= now_ns
    return state is SilenceState.PENDING and wanted.starts_at_ns >= now_ns
