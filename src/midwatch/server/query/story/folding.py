"""What is shown of a story's spans: what a service was asked, what it asked of others, failures; the rest, counted."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from midwatch.server.query.story.lines import Line, LineKind

_ENTRY, _OUTBOUND = frozenset({"server", "consumer"}), frozenset({"client", "producer"})


@dataclass(frozen=True, slots=True)
class Fold:
    """Spans of one service in one trace that nothing sets apart."""

    first: Line
    count: int
    end_ns: int

    @property
    def time_ns(self) -> int:
        return self.first.time_ns

    @property
    def key(self) -> str:
        return f"fold-{self.first.key}"


Shown = Line | Fold


def folded(lines: Sequence[Line]) -> list[Shown]:
    """In order of time; a fold stands where its first span does."""
    services = {(line.trace_id, line.span_id): line.service for line in lines if line.span_kind}
    rest: dict[tuple[str, str], list[Line]] = {}
    shown: list[Shown] = []
    for line in lines:
        if line.kind is not LineKind.SPAN or stands_alone(line, services.get((line.trace_id, line.parent_span_id))):
            shown.append(line)
        else:
            rest.setdefault((line.trace_id, line.service), []).append(line)
    return sorted([*shown, *map(_fold, rest.values())], key=place)


def _fold(some: Sequence[Line]) -> Shown:
    return some[0] if len(some) == 1 else Fold(some[0], len(some), max(one.end_ns for one in some))


def stands_alone(line: Line, parent_service: str | None) -> bool:
    """Whether a span is shown by itself. `parent_service` is None where its parent is not of the story."""
    if line.failed or line.span_kind in _ENTRY or parent_service != line.service:
        return True
    return line.span_kind in _OUTBOUND and not (line.facts.get("db.system") or line.facts.get("db.system.name"))


def place(one: Shown) -> tuple[int, str]:
    """What lines are ordered by."""
    return one.time_ns, one.key


def of_kinds(lines: Sequence[Line], kinds: Collection[str], levels: Collection[str]) -> list[Line]:
    """Those of some kinds and levels; none given: all."""
    return [line for line in lines if (not kinds or line.kind in kinds) and (not levels or line.level in levels)]
