"""A report in the order in which people read it: the same for all forms."""

from collections.abc import Iterator
from dataclasses import dataclass

from midwatch.audit.auditing import Report
from midwatch.audit.finding import SEVERITIES, Finding, Rule, Severity, Side
from midwatch.audit.inventory import EVENT, KINDS, LIBRARY, Count, counted

SIDES: dict[Side, str] = {"python": "Python", "node": "Node.js", "browser": "browser"}


@dataclass(frozen=True, slots=True)
class Group:
    """Findings of one rule and one severity."""

    rule: Rule
    severity: Severity
    findings: tuple[Finding, ...]


def groups(report: Report) -> list[Group]:
    """The worst first, then what there is most of."""
    found: dict[tuple[str, Severity], list[Finding]] = {}
    for one in report.findings:
        found.setdefault((one.rule.id, one.severity), []).append(one)
    made = [Group(held[0].rule, severity, tuple(held)) for (_, severity), held in found.items()]
    return sorted(made, key=lambda one: (-SEVERITIES.index(one.severity), -len(one.findings), one.rule.id))


def totals(report: Report) -> dict[Severity, int]:
    return {
        severity: sum(1 for one in report.findings if one.severity == severity) for severity in reversed(SEVERITIES)
    }


def headline(report: Report) -> str:
    files = report.files
    read = f"{files['python']} files of Python and {files['javascript']} of TypeScript and JavaScript"
    found = ", ".join(f"{count} {severity}" for severity, count in totals(report).items())
    return f"{read}; findings: {found}."


def asides(report: Report) -> Iterator[str]:
    """What else is to be known of how it came about."""
    yield from report.notes
    if report.known:
        yield f"{len(report.known)} findings are in the baseline and are not listed."
    if report.gone:
        yield f"{report.gone} entries of the baseline were not found any more: write it again."
    if report.suppressed:
        without = sum(1 for one in report.suppressed if not one.reason)
        said = f", {without} of them without a reason" if without else ""
        yield f"{len(report.suppressed)} findings are suppressed in the code{said}."
    if report.rules_off:
        yield f"Rules that are off: {', '.join(sorted(report.rules_off))}."
    if report.files["tests"]:
        yield f"{report.files['tests']} files of tests were not judged (--tests judges them)."
    if report.files["left out"]:
        yield f"{report.files['left out']} files were left out: built, vendored, generated, or ignored."
    if report.not_read:
        yield f"{len(report.not_read)} files could not be judged; they are listed at the end."


def libraries(report: Report) -> list[tuple[str, str, str]]:
    """Library, what it is for, where it is imported first."""
    roles: dict[tuple[str, Side], tuple[list[str], str]] = {}
    for fact in report.facts:
        if fact.kind == LIBRARY:
            name, _, role = fact.name.rpartition(": ")
            held, _ = roles.setdefault((name, fact.side), ([], f"{fact.file}:{fact.line}"))
            if role not in held:
                held.append(role)
    return sorted((f"{name} ({SIDES[side]})", ", ".join(held), place) for (name, side), (held, place) in roles.items())


def inventory(report: Report) -> list[Count]:
    return [one for one in counted(report.facts) if one.kind != LIBRARY]


def covered_text(count: Count) -> str:
    """`12 of 40 with a time-out`; empty where that is no question."""
    meaning = KINDS.get(count.kind, "")
    asked = count.covered + count.uncovered
    if not meaning or not asked or (count.kind == EVENT and not count.covered and not count.uncovered):
        return ""
    return f"{count.covered} of {asked} {meaning}"
