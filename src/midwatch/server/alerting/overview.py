"""What fires, cut to what a page can hold: the most urgent first, and how much there is of everything."""

import asyncio
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from midwatch.server.alerting.marks import MarkKind, Marks
from midwatch.server.alerting.view import AT_ONCE, AlertView, GroupView
from midwatch.server.model.alert import Labels

_GRAVE = re.compile(r"critical|page|emergency|fatal|disaster|high|sev-?[01]|p[01]", re.IGNORECASE)
_WARNING = re.compile(r"warn|warning|error|major|medium|minor|ticket|sev-?2|p[23]", re.IGNORECASE)


class Standing(StrEnum):
    """What keeps an alert from waking somebody, the strongest first; `open` where nothing does."""

    SILENCED = "silenced"
    INHIBITED = "inhibited"
    SNOOZED = "snoozed"
    ACKNOWLEDGED = "acknowledged"
    MUTED = "muted"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Wanted:
    standing: Standing | None = None
    words: tuple[str, ...] = ()
    """In lower case; each is in the receiver, a label or the summary."""


@dataclass(frozen=True, slots=True)
class Urgent:
    """A group with its alerts that are wanted, the most urgent first."""

    group: GroupView
    alerts: list[AlertView]


@dataclass(frozen=True, slots=True)
class Overview:
    groups: list[Urgent]
    """The most urgent first."""
    counts: Counter[Standing]
    """Of all different alerts, wanted or not."""


def standing_of(marks: Marks, view: AlertView) -> Standing:
    if view.silenced_by:
        return Standing.SILENCED
    if view.inhibited_by:
        return Standing.INHIBITED
    if marks.of(MarkKind.SNOOZED, view.alert.fingerprint):
        return Standing.SNOOZED
    if marks.of(MarkKind.ACKNOWLEDGED, view.alert.fingerprint):
        return Standing.ACKNOWLEDGED
    return Standing.MUTED if view.muted_by else Standing.OPEN


def severity_rank(labels: Labels) -> int:
    """The gravest has the lowest. The page colours the same words (`ui/src/model/alerts.ts`)."""
    word = labels.get("severity") or labels.get("priority") or ""
    if _GRAVE.fullmatch(word):
        return 0
    if _WARNING.fullmatch(word):
        return 1
    return 2 if word else 3


async def overview(marks: Marks, groups: Sequence[GroupView], wanted: Wanted) -> Overview:
    found: list[tuple[tuple[int, int, int], Urgent]] = []
    standings: dict[str, Standing] = {}
    looked_at = 0
    for group in groups:
        ranked: list[tuple[tuple[int, int, int], AlertView]] = []
        for view in group.alerts:
            looked_at += 1
            if looked_at % AT_ONCE == 0:
                await asyncio.sleep(0)
            standing = standings[view.alert.fingerprint] = standing_of(marks, view)
            if wanted.standing in (None, standing) and _holds(view, group.receiver, wanted.words):
                ranked.append((_urgency(view, standing), view))
        ranked.sort(key=lambda one: one[0])
        if ranked:
            found.append((ranked[0][0], Urgent(group, [view for _, view in ranked])))
    found.sort(key=lambda one: one[0])
    return Overview([one for _, one in found], Counter(standings.values()))


def shares(sizes: Sequence[int], each_max: int, all_max: int) -> list[int]:
    """How many of each group are shown: all where they fit, else large ones are cut to the same number, at least 1."""
    left, shown = all_max, [0] * len(sizes)
    for waiting, index in zip(range(len(sizes), 0, -1), sorted(range(len(sizes)), key=sizes.__getitem__), strict=True):
        shown[index] = max(1, min(sizes[index], each_max, left // waiting))
        left = max(0, left - shown[index])
    return shown


def _urgency(view: AlertView, standing: Standing) -> tuple[int, int, int]:
    return int(standing is not Standing.OPEN), severity_rank(view.alert.labels), -view.alert.starts_at_ns


def _holds(view: AlertView, receiver: str, words: tuple[str, ...]) -> bool:
    if not words:
        return True
    alert = view.alert
    labels = (f"{name}={value}" for name, value in alert.labels.items())
    text = "\n".join((receiver, *labels, alert.annotations.get("summary", ""))).lower()
    return all(word in text for word in words)
