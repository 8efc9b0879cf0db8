"""For people: in a pull request, a wiki, or a terminal."""

from midwatch.audit.auditing import Report
from midwatch.audit.formats import view
from midwatch.audit.inventory import Count

PLACES_MAX = 40
"""Of one rule; JSON and SARIF have all."""
NOT_READ_MAX = 50


def render(report: Report) -> str:
    lines = [f"# Observability audit of {_code(report.root)}", "", view.headline(report), ""]
    lines += [f"* {_plain(one)}" for one in view.asides(report)]
    lines += ["", "## What is there", *_libraries(report), *_inventory(report)]
    lines += ["", "## What is missing", *_findings(report)]
    lines += _events(report)
    lines += _not_read(report)
    return "\n".join(lines).rstrip() + "\n"


def _libraries(report: Report) -> list[str]:
    rows = [f"| {_plain(name)} | {roles} | {_code(place)} |" for name, roles, place in view.libraries(report)]
    return ["", "| library | for | first at |", "|---|---|---|", *rows] if rows else []


def _inventory(report: Report) -> list[str]:
    rows = [_row(one) for one in view.inventory(report)]
    head = ["", "| what | where | how many | looked after | names | first at |", "|---|---|---|---|---|---|"]
    return [*head, *rows] if rows else ["", "Nothing was found that could be observed."]


def _row(count: Count) -> str:
    names = ", ".join(f"{_code(name)} {often}" if often > 1 else _code(name) for name, often in count.names if name)
    place = f"{count.places[0].file}:{count.places[0].line}"
    covered = view.covered_text(count) or "–"
    return f"| {count.kind} | {view.SIDES[count.side]} | {count.count} | {covered} | {names} | {_code(place)} |"


def _findings(report: Report) -> list[str]:
    lines: list[str] = []
    for group in view.groups(report):
        rule, found = group.rule, group.findings
        lines += ["", f"### {group.severity}: {rule.title} ({rule.id} {rule.name}, {len(found)})", ""]
        lines += [f"{rule.why} **What to do:** {rule.todo}", ""]
        for one in found[:PLACES_MAX]:
            shown = f": {_code(one.snippet)}" if one.snippet else ""
            lines.append(f"* {_code(f'{one.file}:{one.line}:{one.column}')} {_plain(one.message)}{shown}")
        if len(found) > PLACES_MAX:
            lines.append(f"* … and {len(found) - PLACES_MAX} more (`--format json` has all)")
    return lines or ["", "Nothing that these rules know."]


def _events(report: Report) -> list[str]:
    if not report.events:
        return []
    told: dict[str, str] = {}
    for fact in report.facts:
        if fact.kind == "event":
            told.setdefault(fact.name, f"{fact.file}:{fact.line}")
    rows = [f"| {_code(one)} | {_code(told[one]) if one in told else 'nowhere'} |" for one in sorted(report.events)]
    return ["", "## Events of the plan", "", "| event | logged at |", "|---|---|", *rows]


def _not_read(report: Report) -> list[str]:
    if not report.not_read:
        return []
    rows = [f"* {_code(one.file)} {_plain(one.reason)}" for one in report.not_read[:NOT_READ_MAX]]
    more = len(report.not_read) - NOT_READ_MAX
    return ["", "## Not looked at", "", *rows, *([f"* … and {more} more"] if more > 0 else [])]


def _code(text: str) -> str:
    """As code, whatever is in it; a table's cell may hold it."""
    shown = "".join(one if one.isprintable() else " " for one in text).replace("|", "\\|")
    if "`" in shown:
        return f"`` {shown} ``" if "``" not in shown else f"``` {shown} ```"
    return f"`{shown}`"


def _plain(text: str) -> str:
    """Without what would be markup; code in backticks stays."""
    shown = "".join(one if one.isprintable() else " " for one in text)
    return shown.replace("<", "&lt;").replace("|", "\\|").replace("*", "\\*")
