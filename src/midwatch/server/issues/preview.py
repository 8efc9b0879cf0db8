"""What another version of grouping, or other rules, would make of the errors that are stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from midwatch.server.issues.grouping import grouping_of
from midwatch.server.issues.rules import ErrorRules

EXAMPLES_MAX = 20


@dataclass(frozen=True, slots=True)
class Merging:
    """Groups of several issues that would be one."""

    issues: tuple[int, ...]
    titles: tuple[str, ...]


@dataclass(slots=True)
class Preview:
    groups: int = 0
    """That were looked at, each by its newest event."""
    after: int = 0
    """Groups that they would be."""
    merges: list[Merging] = field(default_factory=list)
    merged_issues: int = 0
    moved: int = 0
    """Groups whose hash would be another: their issues keep them, by the hashes of older versions."""


def preview(
    events: Sequence[tuple[str, dict[str, Any]]], rules: ErrorRules, issues: Mapping[str, tuple[int, str]]
) -> Preview:
    """`events`: group and newest event; `issues`: id and title by group. Runs for a while: call it in a thread."""
    found = Preview(groups=len(events))
    by_hash: dict[str, list[str]] = {}
    for group, event in events:
        event.setdefault("tags", {})
        grouping = grouping_of(event, rules)
        by_hash.setdefault(grouping.hash, []).append(group)
        found.moved += grouping.hash != group
    found.after = len(by_hash)
    for groups in by_hash.values():
        some = {issues[group] for group in groups if group in issues}
        if len(some) > 1:
            found.merged_issues += len(some)
            if len(found.merges) < EXAMPLES_MAX:
                ordered = sorted(some)
                found.merges.append(Merging(tuple(one for one, _ in ordered), tuple(title for _, title in ordered)))
    return found
