"""Alerts without a runbook, and runbooks whose links lead nowhere."""

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from midwatch.contract.plan.sections import runbooks
from midwatch.server.runbooks.document import Prose, Runbook
from midwatch.server.runbooks.links import links_of
from midwatch.server.verify.asked import Asked
from midwatch.server.verify.checks.alerts import OWN_FOLDERS
from midwatch.server.verify.finding import Finding, Outcome
from midwatch.server.verify.registry import Check

FOLDER = "runbooks"
ANNOTATIONS = ("runbook", "runbook_url", "runbook_uri")


async def run(asked: Asked) -> Outcome:
    outcome = Outcome()
    files: Mapping[str, Any] = asked.plan.files.get(FOLDER, {})
    names = {one.name for one in files.values()}
    if asked[runbooks.SECTION] != "off":
        for rule in await asked.rooms.drills():
            if rule.file.startswith(OWN_FOLDERS):
                outcome.findings += _of_rule(asked, rule.name, rule.annotations, names)
    for one in files.values():
        outcome.findings += _dead_links(asked, one, set(files))
    return outcome


def _of_rule(asked: Asked, alert: str, annotations: Mapping[str, str], names: set[str]) -> Iterator[Finding]:
    told = {name: annotations[name] for name in ANNOTATIONS if annotations.get(name)}
    runbook = told.get("runbook", "")
    missing = runbook and "{{" not in runbook and "://" not in runbook and runbook not in names
    if not told or missing:
        yield Finding(
            kind="runbook_missing",
            severity="error" if asked[runbooks.SECTION] == "require" else "warning",
            subject=alert,
            expected="a runbook",
            found=f"runbook={runbook}, which is none of the plan" if missing else "none",
            todo=f"Write runbooks/{runbook or alert}.md, and name it in the rule's annotation runbook.",
            link=asked.link("/alerts/rules", filter=alert),
        )


def _dead_links(asked: Asked, one: Runbook, files: set[str]) -> Iterator[Finding]:
    """Links to other files of the plan; what is outside of it is not asked for."""
    text = "\n".join(block.markdown for block in one.blocks if isinstance(block, Prose))
    for link in links_of(text):
        parts = urlsplit(link)
        if parts.scheme or parts.netloc or not parts.path or parts.path.startswith("/"):
            continue
        path = posixpath.normpath(posixpath.join(posixpath.dirname(one.file), unquote(parts.path)))
        if path not in files and path.startswith(f"{FOLDER}/"):
            yield Finding(
                kind="runbook_link",
                severity="warning",
                subject=f"{one.name}: {link}",
                expected="a file of the plan",
                found=f"there is no {path}",
                todo="Correct the link, or write the runbook.",
                link=asked.link(f"/alerts/runbooks/{one.name}"),
            )


CHECK = Check("runbooks", "Runbooks", 110, run)
