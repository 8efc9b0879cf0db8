"""Alerts that were never rehearsed, changed since, or failed their rehearsal."""

from midwatch.server.verify.asked import Asked, DrilledRule
from midwatch.server.verify.finding import Finding, Outcome
from midwatch.server.verify.registry import Check

OWN_FOLDERS = ("rules/", "slos/")


async def run(asked: Asked) -> Outcome:
    outcome = Outcome()
    for rule in await asked.rooms.drills():
        if not rule.file.startswith(OWN_FOLDERS):
            continue
        found = _found(rule)
        if found:
            outcome.add(
                Finding(
                    kind="alert_unrehearsed",
                    severity="error" if rule.severity in ("critical", "page") else "warning",
                    subject=rule.name,
                    expected="a rehearsal that passed",
                    found=found,
                    todo=f"Run `midwatch drill {rule.name}`.",
                    since_ns=rule.drilled_ns,
                    link=asked.link("/alerts/rules", filter=rule.name),
                )
            )
    return outcome


def _found(rule: DrilledRule) -> str:
    if rule.drilled_ns is None:
        return "never rehearsed"
    if rule.changed:
        return "changed since its rehearsal"
    return "" if rule.passed else "its last rehearsal failed"


CHECK = Check("alerts", "Rehearsals of alerts", 100, run)
