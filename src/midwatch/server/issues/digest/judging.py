"""One event's way, whoever told of it: filter → resolve → scrub → group → sample → tell apart → thin out → row."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import xxhash

from midwatch.server.issues.digest.digested import Digested, Sender
from midwatch.server.issues.digest.memory import Memory, Told
from midwatch.server.issues.digest.rows import dropped_line, leaks_line, line_of
from midwatch.server.issues.events.agents import put_contexts
from midwatch.server.issues.events.facts import Facts, facts_of, service_of
from midwatch.server.issues.events.normal import time_ns
from midwatch.server.issues.filters import filtered
from midwatch.server.issues.grouping import Grouping, grouping_of
from midwatch.server.issues.rules import ErrorRules
from midwatch.server.issues.source_maps.lookups import Lookup
from midwatch.server.issues.source_maps.open_maps import Artifact
from midwatch.server.issues.source_maps.resolve import resolve
from midwatch.server.model.error_group import ErrorGroup
from midwatch.server.privacy.error_events import scrub
from midwatch.server.privacy.scrubber import Leak, scrubber


@dataclass(slots=True)
class Lines:
    """Rows of one sender, and what of its events was dropped."""

    rows: list[bytes] = field(default_factory=list)
    dropped: dict[str, int] = field(default_factory=dict)
    received_ns: int = 0
    leaks: dict[str, Counter[Leak]] = field(default_factory=lambda: defaultdict(Counter))
    """What was private in the files of events, by service."""

    def content(self) -> bytes:
        dropped = (dropped_line(reason, count) for reason, count in self.dropped.items())
        leaks = (leaks_line(found, service) for service, found in self.leaks.items())
        return b"\n".join([*self.rows, *dropped, *leaks])


@dataclass(frozen=True, slots=True)
class Arrival:
    """How an event came."""

    sender: Sender
    received_ns: int
    key_name: str
    source: str = "sentry"
    share: float = 1.0
    """What its sender kept of events like it."""
    light: bool = False
    """One of a flood: it lost its load already."""
    maps: Mapping[Lookup, Artifact] = field(default_factory=dict)


class Judge:
    """Of one batch."""

    def __init__(self, memory: Memory, rules: ErrorRules, into: Digested) -> None:
        self._memory, self._rules, self._into = memory, rules, into
        self.lines: dict[Sender, Lines] = {}

    def take(self, event: dict[str, Any], arrival: Arrival) -> str:
        """`event`: a normal one. Returns `kept`, `duplicate`, or why it is not kept."""
        lines = self.lines.setdefault(arrival.sender, Lines())
        lines.received_ns = max(lines.received_ns, arrival.received_ns)
        project, event_id = arrival.sender.project, event["event_id"]
        if self._memory.is_repeated(project, event_id):
            outcome = "repeated"
        else:
            try:
                outcome = self._taken(event, arrival, lines)
            except Exception:
                # Whoever tries it again shall not be told that it came before.
                self._memory.forget(project, event_id)
                raise
        if outcome not in ("kept", "duplicate"):
            lines.dropped[outcome] = lines.dropped.get(outcome, 0) + 1
        return outcome

    def _taken(self, event: dict[str, Any], arrival: Arrival, lines: Lines) -> str:
        rules, memory, sender = self._rules, self._memory, arrival.sender
        if memory.is_spike(sender.project, sender.key_id, arrival.received_ns, rules.limits):
            return "spike_protection"
        put_contexts(event)
        if reason := filtered(event, rules.filters):
            return reason
        if arrival.maps:
            resolve(event, memory.maps.finder(arrival.maps))
        # From here on nobody sees what is private: neither columns, nor titles that rules make, nor issues.
        scrub(event, cleaning := scrubber(rules.privacy, service_of(event, arrival.key_name)))
        leaks = cleaning.taken_out()
        grouping, facts = grouping_of(event, rules), facts_of(event, rules, arrival.key_name)
        kept_share = rules.sampling.get(facts.severity, 1.0)
        if kept_share < 1 and _drawn(event["event_id"]) >= kept_share:
            return "sampled_out"
        first = self._told_first(event, facts, grouping, arrival)
        if first is not None:
            grouping = replace(grouping, hash=first.hash)
        flood = memory.is_flood(sender.project, sender.key_id, grouping.hash, arrival.received_ns, rules.limits)
        lines.rows.append(
            line_of(
                event,
                facts,
                grouping,
                source=arrival.source,
                duplicate=first is not None,
                thin=flood or arrival.light,
                weight=1 / (kept_share * arrival.share),
                leaks=leaks,
            )
        )
        if first is not None:
            return "duplicate"
        self._note(event, facts, grouping, sender)
        return "kept"

    def _told_first(self, event: dict[str, Any], facts: Facts, grouping: Grouping, arrival: Arrival) -> Told | None:
        if not facts.type:
            return None
        told = Told(time_ns(event), arrival.source, facts.value, grouping.hash)
        return self._memory.told_before(arrival.sender.project, facts.trace_id, facts.type, told)

    def _note(self, event: dict[str, Any], facts: Facts, grouping: Grouping, sender: Sender) -> None:
        at_ns, release = time_ns(event), event.get("release", "")
        group = self._into.groups.get((sender.project, grouping.hash))
        if group is None:
            group = self._into.groups[sender.project, grouping.hash] = ErrorGroup(
                project=sender.project,
                hash=grouping.hash,
                version=grouping.version,
                older=grouping.older,
                title=grouping.title or facts.title,
                culprit=facts.culprit,
                type=facts.type,
                value=facts.value,
                level=event["level"],
                severity=facts.severity,
                category=facts.category,
                platform=event["platform"],
                service=facts.service,
                environment=sender.environment or event.get("environment", ""),
                handled=facts.handled,
                event_id=event["event_id"],
                first_ns=at_ns,
                last_ns=at_ns,
                first_release=release,
                release=release,
            )
        group.count += 1
        group.handled = group.handled and facts.handled
        if release:
            group.releases.add(release)
        if at_ns < group.first_ns:
            group.first_ns, group.first_release = at_ns, release
        if at_ns >= group.last_ns:
            group.last_ns, group.release, group.level, group.severity = at_ns, release, event["level"], facts.severity
            group.title, group.event_id = grouping.title or facts.title, event["event_id"]


def _drawn(event_id: str) -> float:
    """From 0 to 1, the same for the same event."""
    return xxhash.xxh3_64_intdigest(event_id.encode()) / 2**64
