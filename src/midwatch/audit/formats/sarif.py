"""SARIF 2.1.0 (OASIS): what code hosts and editors show beside the code."""

import json
from typing import Any
from urllib.parse import quote

from midwatch._version import __version__
from midwatch.audit.auditing import Report
from midwatch.audit.catalog import RULES
from midwatch.audit.finding import Finding, Rule, Severity
from midwatch.audit.formats import view

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: dict[Severity, str] = {"high": "error", "medium": "warning", "low": "note"}


def render(report: Report) -> str:
    results = [_result(one, "new" if report.known or report.gone else None) for one in report.findings]
    results += [_result(one, "unchanged") for one in report.known]
    results += [{**_result(one.finding, None), "suppressions": [_suppression(one.reason)]} for one in report.suppressed]
    notifications = [_notification(one) for one in view.asides(report)]
    notifications += [_notification(f"{one.file}: {one.reason}", one.file) for one in report.not_read]
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "midwatch audit",
                "semanticVersion": __version__,
                "rules": [_rule(one) for one in RULES.values()],
            }
        },
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": notifications}],
        "results": results,
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1, ensure_ascii=False) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": rule.todo},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": ["observability"], "severity": rule.severity},
    }


def _result(one: Finding, state: str | None) -> dict[str, Any]:
    region: dict[str, Any] = {"startLine": one.line, "startColumn": one.column}
    if one.snippet:
        region["snippet"] = {"text": one.snippet}
    result: dict[str, Any] = {
        "ruleId": one.rule.id,
        "ruleIndex": list(RULES).index(one.rule.id),
        "level": _LEVELS[one.severity],
        "message": {"text": f"{one.rule.title}: {one.message}"},
        "locations": [{"physicalLocation": {"artifactLocation": _artifact(one.file), "region": region}}],
        "properties": {"severity": one.severity},
    }
    if one.fingerprint:
        result["partialFingerprints"] = {"midwatchAudit/v1": one.fingerprint}
    if state:
        result["baselineState"] = state
    return result


def _suppression(reason: str) -> dict[str, str]:
    return {"kind": "inSource", "justification": reason} if reason else {"kind": "inSource"}


def _notification(text: str, file: str | None = None) -> dict[str, Any]:
    note: dict[str, Any] = {"level": "note", "message": {"text": text}}
    if file:
        note["locations"] = [{"physicalLocation": {"artifactLocation": _artifact(file)}}]
    return note


def _artifact(file: str) -> dict[str, str]:
    return {"uri": quote(file), "uriBaseId": "%SRCROOT%"}
