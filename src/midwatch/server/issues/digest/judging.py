"""One event's way, whoever told of it: filter → sample → resolve → group → tell apart → thin out → scrub → row."""

from dataclasses import dataclass, field
from typing import Any

import xxhash

from midwatch.server.issues.digest.digested import Digested, Sender
from midwatch.server.issues.digest.memory import Memory, Told
from midwatch.server.issues.digest.rows import dropped_line, line_of
from midwatch.server.issues.events.agents import put_contexts
from midwatch.server.issues.events.facts import Facts, facts_of
from midwatch.server.issues.events.normal import exceptions_of, frames_of, time_ns
from midwatch.server.issues.events.scrub import private_keys, scrub
from midwatch.server.issues.filters import filtered
from midwatch.server.issues.grouping import Grouping, grouping_of
from midwatch.server.issues.rules import ErrorRules
from midwatch.server.issues.source_maps.lookups import Lookup
from midwatch.server.issues.source_maps.open_maps import Artifact
from midwatch.server.issues.source_maps.resolve import resolve
from midwatch.server.model.error_group import ErrorGroup

_HEAVY = ("breadcrumbs", "extra", "contexts", "request", "threads", "debug_meta", "user")


@dataclass(slots=True)
class Lines:
    """Rows of one sender, and what of its events was dropped."""

    rows: list[bytes] = field(default_factory=list)
    dropped: dict[str, int] = field(default_factory=dict)
    received_ns: int = 0

    def content(self) -> bytes:
        return b"\n".join([*self.rows, *(dropped_line(reason, count) for reason, count in self.dropped.items())])


class Judge:
    """Of one batch."""

    def __init__(self, memory: Memory, rules: ErrorRules, into: Digested) -> None:
        self._memory, self._rules, self._into = memory, rules, into
        self.lines: dict[Sender, Lines] = {}

    def take(
        self,
        event: dict[str, Any],
        sender: Sender,
        *,
        received_ns: int,
        key_name: str,
        source: str = "sentry",
        share: float = 1.0,
        light: bool = False,
        maps: dict[Lookup, Artifact] | None = None,
    ) -> str:
        """`event`: a normal one; `share`: what its sender kept; `light`: it lost its load already.

        Returns `kept`, `duplicate`, or why it is not kept.
        """
        lines = self.lines.setdefault(sender, Lines())
        lines.received_ns = max(lines.received_ns, received_ns)
        outcome = self._taken(event, sender, lines, received_ns, key_name, source, share, maps or {}, light=light)
        if outcome not in ("kept", "duplicate"):
            lines.dropped[outcome] = lines.dropped.get(outcome, 0) + 1
        return outcome

    def _taken(
        self,
        event: dict[str, Any],
        sender: Sender,
        lines: Lines,
        received_ns: int,
        key_name: str,
        source: str,
        share: float,
        maps: dict[Lookup, Artifact],
        *,
        light: bool,
    ) -> str:
        rules, memory = self._rules, self._memory
        if memory.is_repeated(sender.project, event["event_id"]):
            return "repeated"
        if memory.is_spike(sender.project, sender.key_id, received_ns, rules.limits):
            return "spike_protection"
        put_contexts(event)
        if reason := filtered(event, rules.filters):
            return reason
        if maps:
            resolve(event, memory.maps.finder(maps))
        grouping = grouping_of(event, rules)
        facts = facts_of(event, rules, key_name)
        kept_share = rules.sampling.get(facts.severity, 1.0)
        if kept_share < 1 and _drawn(event["event_id"]) >= kept_share:
            return "sampled_out"
        first = self._told_first(event, facts, grouping, sender, source)
        if first is not None:
            grouping = Grouping(first.hash, grouping.version, grouping.by, grouping.parts)
        thin = memory.is_flood(sender.project, sender.key_id, grouping.hash, received_ns, rules.limits) or light
        if thin:
            _lighten(event)
        scrub(event, private_keys(rules.deny))
        facts = _scrubbed(facts, event, rules, key_name, thin=thin)
        weight = 1 / (kept_share * share) if kept_share * share > 0 else 1.0
        duplicate = first is not None
        lines.rows.append(line_of(event, facts, grouping, source=source, duplicate=duplicate, thin=thin, weight=weight))
        if duplicate:
            return "duplicate"
        self._note(event, facts, grouping, sender)
        return "kept"

    def _told_first(
        self, event: dict[str, Any], facts: Facts, grouping: Grouping, sender: Sender, source: str
    ) -> Told | None:
        if not facts.type:
            return None
        told = Told(time_ns(event), source, facts.value, grouping.hash)
        return self._memory.told_before(sender.project, facts.trace_id, facts.type, told)

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


def _lighten(event: dict[str, Any]) -> None:
    """What is not kept of an event that is only counted need not be looked through."""
    for name in _HEAVY:
        if name != "contexts":
            event.pop(name, None)
    for one in exceptions_of(event):
        for frame in frames_of(one):
            frame.pop("vars", None)


def _scrubbed(facts: Facts, event: dict[str, Any], rules: ErrorRules, key_name: str, *, thin: bool) -> Facts:
    """The facts of an event as it is now. One that was lightened lost who and where, which are no text of anybody's."""
    found = facts_of(event, rules, key_name)
    if not thin:
        return found
    kept = {name: getattr(facts, name) for name in ("user", "url", "service", "category", "severity")}
    return type(found)(**{name: getattr(found, name) for name in found.__slots__} | kept)
