"""`# midwatch: ignore[rule] reason` and `// midwatch: ignore[rule] reason`, on the line or alone on the one above.

Several rules are joined by commas; without brackets all are meant. `ignore-file[rule]` within the first lines
holds for the file.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from midwatch.audit.catalog import rule
from midwatch.audit.finding import Finding

HEAD_LINES = 30
_COMMENT = re.compile(
    r"(?:#|//|/\*|<!--)\s*midwatch:\s*ignore(-file)?(?:\[([^\]]*)\])?\s*(.*?)\s*(?:\*/|-->)?\s*$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Suppressed:
    finding: Finding
    reason: str
    """Empty where none was given."""


@dataclass(frozen=True, slots=True)
class Suppressions:
    by_line: dict[int, tuple[frozenset[str], str]]
    for_file: tuple[tuple[frozenset[str], str], ...]
    unknown: tuple[tuple[int, str], ...]
    """Words in brackets that name no rule, with their lines."""

    def of(self, finding: Finding) -> str | None:
        """The reason that the finding is left out for; None where it is not."""
        held = [self.by_line[finding.line]] if finding.line in self.by_line else []
        return next((reason for ids, reason in [*held, *self.for_file] if not ids or finding.rule.id in ids), None)


def read(text: str) -> Suppressions:
    by_line: dict[int, tuple[frozenset[str], str]] = {}
    for_file: list[tuple[frozenset[str], str]] = []
    unknown: list[tuple[int, str]] = []
    if "midwatch:" not in text.lower():
        return Suppressions(by_line, (), ())
    for number, line in enumerate(text.split("\n"), start=1):
        match = _COMMENT.search(line)
        if match is None or _in_a_text(line[: match.start()]):
            continue
        words = [one.strip() for one in (match[2] or "").split(",") if one.strip()]
        known = [found.id for one in words if (found := rule(one))]
        unknown += [(number, one) for one in words if rule(one) is None]
        if words and not known:
            continue
        held = (frozenset(known), match[3])
        if match[1]:
            if number <= HEAD_LINES:
                for_file.append(held)
        else:
            by_line[number if line[: match.start()].strip() else number + 1] = held
    return Suppressions(by_line, tuple(for_file), tuple(unknown))


def _in_a_text(before: str) -> bool:
    """Whether quotes are open at the end of it."""
    quote, escaped = "", False
    for one in before:
        if escaped:
            escaped = False
        elif one == "\\":
            escaped = True
        elif quote:
            quote = "" if one == quote else quote
        elif one in "\"'`":
            quote = one
    return quote != ""


def split(findings: Iterable[Finding], held: Suppressions) -> tuple[list[Finding], list[Suppressed]]:
    kept, left_out = [], []
    for one in findings:
        reason = held.of(one)
        if reason is None:
            kept.append(one)
        else:
            left_out.append(Suppressed(one, reason))
    return kept, left_out
