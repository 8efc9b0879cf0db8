"""A report as JUnit's XML, which CI systems show: one case a check, one failure a finding."""

from typing import Any
from xml.etree import ElementTree as Xml


def junit_of(report: dict[str, Any], fail_on: str) -> str:
    """`fail_on` as `midwatch verify` has it; findings below it stand in the case's output."""
    suite = Xml.Element("testsuite", name=f"midwatch verify {report['environment']}".strip())
    counts = {"tests": 0, "failures": 0, "errors": 0}
    for check in report["checks"]:
        case = Xml.SubElement(suite, "testcase", classname="midwatch.verify", name=check["title"])
        case.set("time", f"{check['seconds']:.3f}")
        counts["tests"] += 1
        if check["state"] == "failed":
            counts["errors"] += 1
            Xml.SubElement(case, "error", message=_text(check["error"]))
        own = [one for one in report["findings"] if one["check"] == check["name"]]
        failing = [one for one in own if fail_on == "warning" or (fail_on == "error" and one["severity"] == "error")]
        for one in failing:
            message = _text(f"{one['subject']}: {one['found']}")
            failure = Xml.SubElement(case, "failure", type=one["kind"], message=message)
            failure.text = _text(f"expected {one['expected']}; found {one['found']}\n{one['todo']}")
        counts["failures"] += bool(failing)
        if rest := [one for one in own if one not in failing]:
            Xml.SubElement(case, "system-out").text = _text("\n".join(map(_line, rest)))
    for name, count in counts.items():
        suite.set(name, str(count))
    return Xml.tostring(suite, encoding="unicode", xml_declaration=True)


def _line(one: dict[str, Any]) -> str:
    return f"{one['severity']}: {one['subject']}: expected {one['expected']}; found {one['found']}"


def _text(text: str) -> str:
    """Without the characters that XML cannot have."""
    return "".join(one if one >= " " or one in "\n\t" else "\N{REPLACEMENT CHARACTER}" for one in text)
