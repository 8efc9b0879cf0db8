"""For programs: everything, in full."""

import json
from dataclasses import asdict
from typing import Any

from midwatch._version import __version__
from midwatch.audit.auditing import Report
from midwatch.audit.finding import Finding
from midwatch.audit.formats import view

VERSION = 1


def render(report: Report) -> str:
    document = {
        "version": VERSION,
        "midwatch": __version__,
        "root": report.root,
        "files": report.files,
        "totals": view.totals(report),
        "notes": list(view.asides(report)),
        "findings": [_finding(one) for one in report.findings],
        "known": [_finding(one) for one in report.known],
        "suppressed": [{**_finding(one.finding), "reason": one.reason} for one in report.suppressed],
        "inventory": [asdict(one) for one in report.facts],
        "events": sorted(report.events),
        "not_read": [asdict(one) for one in report.not_read],
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _finding(one: Finding) -> dict[str, Any]:
    return {
        "rule": one.rule.id,
        "name": one.rule.name,
        "severity": one.severity,
        "file": one.file,
        "line": one.line,
        "column": one.column,
        "message": one.message,
        "why": one.rule.why,
        "what_to_do": one.rule.todo,
        "snippet": one.snippet,
        "within": one.within,
        "fingerprint": one.fingerprint,
    }
