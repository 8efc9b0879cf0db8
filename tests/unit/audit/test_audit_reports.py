"""Forms of a report, suppressions, baselines, and the verb."""

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from midwatch.audit import Options, audit
from midwatch.audit.catalog import RULES
from midwatch.audit.formats.forms import FORMS
from midwatch.audit.snippets import snippet
from midwatch.cli.failure import Failure
from midwatch.cli.main import midwatch
from tests.unit.audit import chat_app
from tests.unit.audit.judging import write

SWALLOWED = "try:\n    f()\nexcept Exception:\n    pass\n"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(midwatch, ["audit", *map(str, arguments)])


@pytest.mark.parametrize("form", FORMS)
def test_each_form_has_each_finding(tmp_path: Path, form: str) -> None:
    """Rule, place and reason; nothing of a file can break out of it."""
    root = chat_app.write(tmp_path)
    write(root, {"a`|<b>.py": "print('`<script>alert(1)</script>|`')\n"})
    report = audit(root, Options())
    text = FORMS[form](report)
    assert all(one.rule.id in text for one in report.findings)
    if form == "html":
        assert not {"script", "b"} & _tags(text)
        assert "://" not in text


def _tags(text: str) -> set[str]:
    found: set[str] = set()
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attrs: found.add(tag)  # type: ignore[method-assign]
    parser.feed(text)
    return found


def test_sarif_has_what_code_hosts_ask_for(tmp_path: Path) -> None:
    """SARIF 2.1.0: rules by index, places below the root, fingerprints, what could not be read, suppressions."""
    write(
        tmp_path,
        {
            "src/a b.py": "é = 1; print('x')\nprint('y')  # midwatch: ignore[print-as-log] shown to people\n",
            "bad.py": "(\n",
        },
    )
    document = json.loads(FORMS["sarif"](audit(tmp_path, Options())))
    assert (document["version"], len(document["runs"])) == ("2.1.0", 1)
    found = document["runs"][0]
    assert [one["id"] for one in found["tool"]["driver"]["rules"]] == list(RULES)
    first, second = found["results"]
    assert found["tool"]["driver"]["rules"][first["ruleIndex"]]["id"] == first["ruleId"] == "MW101"
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "src/a%20b.py"
    assert (place["region"]["startLine"], place["region"]["startColumn"]) == (1, 8)
    assert len(first["partialFingerprints"]["midwatchAudit/v1"]) == 20
    assert second["suppressions"] == [{"kind": "inSource", "justification": "shown to people"}]
    notes = [one["message"]["text"] for one in found["invocations"][0]["toolExecutionNotifications"]]
    assert any(one.startswith("bad.py: is no Python") for one in notes)


@pytest.mark.parametrize(
    "line",
    [
        "log.info('x', password='hunter2secret')",
        'const apiKey = "hunter2secret"',
        "headers = {'Authorization': f'Bearer hunter2secret'}",
        "connect('postgres://app:hunter2secret@db/app')",
        "log.info('sk_live_hunter2secret')",
        "log.info('AKIAHUNTER2SECRETABC')",
        "x = 'hunter2secretABCDEFGHIJKLMNOP12345'",
        "token: string = `hunter2secret`",
        "log.info('ann.hunter2secret@example.org')",
    ],
)
def test_no_report_repeats_a_secret(line: str) -> None:
    """Texts given to names of secrets, vendors' keys, passwords in addresses, long opaque texts, mail addresses."""
    assert "hunter2secret" not in snippet(line).lower().replace("[removed]", "")


@pytest.mark.parametrize(
    ("code", "left"),
    [
        ("print('x')  # midwatch: ignore[print-as-log] for people\n", 0),
        ("print('x')  # midwatch: ignore[MW101]\n", 0),
        ("print('x')  # midwatch: ignore\n", 0),
        ("# midwatch: ignore[MW101, MW102] for people\nprint('x')\n", 0),
        ("# midwatch: ignore-file[print-as-log] for people\nx = 1\nprint('x')\n", 0),
        ("print('x')  # midwatch: ignore[values-in-message]\n", 1),
        ("print('x')  # midwatch: ignore[no-such-rule]\n", 1),
        ("# midwatch: ignore[MW101]\nx = 1\nprint('x')\n", 1),
        ("print('it\\'s', \"it's\")  # midwatch: ignore\n", 0),
        ("print('# midwatch: ignore')\nprint('x')\n", 2),
    ],
)
def test_suppressions(tmp_path: Path, code: str, left: int) -> None:
    """On the line, on the one above, for the file; by id or name; a word that is no rule is told."""
    write(tmp_path, {"x.py": code})
    report = audit(tmp_path, Options())
    assert len(report.findings) == left
    assert any("no-such-rule" in one for one in report.notes) == ("no-such-rule" in code)


def test_a_baseline_knows_what_was_there(tmp_path: Path) -> None:
    """Lines may move; what is new fails, a second one of the same kind too; what is gone is told."""
    code, known = tmp_path / "code", tmp_path / "known.json"
    write(code, {"x.py": f"def a():\n    {SWALLOWED.replace(chr(10), chr(10) + '    ')}\n"})
    assert run(code).exit_code == 1
    assert run(code, "--baseline", known, "--write-baseline").exit_code == 0
    write(code, {"x.py": "import os\n\n\n" + (code / "x.py").read_text()})
    moved = run(code, "--baseline", known)
    assert (moved.exit_code, "1 findings are in the baseline" in moved.output) == (0, True)
    write(code, {"x.py": (code / "x.py").read_text() + f"\n{SWALLOWED}"})
    assert run(code, "--baseline", known).exit_code == 1
    write(code, {"x.py": "x = 1\n"})
    assert "1 entries of the baseline were not found any more" in run(code, "--baseline", known).output


def test_statuses_and_options(tmp_path: Path) -> None:
    """0 nothing as bad as asked for, 1 something is, 2 what cannot be."""
    code = tmp_path / "code"
    write(code, {"x.py": "print('x')\n", "tests/test_x.py": SWALLOWED})
    assert run(code).exit_code == 0
    assert run(code, "--fail-on", "medium").exit_code == 1
    assert run(code, "--fail-on", "never", "--tests").exit_code == 0
    assert run(code, "--tests").exit_code == 1
    assert run(code, "--fail-on", "medium", "--off", "MW101").exit_code == 0
    assert run(code, "--fail-on", "medium", "--ignore", "*.py").exit_code == 0
    assert run(code, "--format", "sarif", "--output", tmp_path / "out.sarif").output.endswith("out.sarif: 1 findings\n")
    assert json.loads((tmp_path / "out.sarif").read_text())["version"] == "2.1.0"
    (tmp_path / "bad.json").write_text("{}")
    for wrong in (
        (tmp_path / "missing",),
        (code, "--off", "nothing"),
        (code, "--write-baseline"),
        (code, "--baseline", tmp_path / "bad.json"),
        (code, "--baseline", tmp_path / "missing.json"),
        (code, "--events", tmp_path / "missing.txt"),
        (code, "--plan", tmp_path / "missing"),
        ("--explain", "nothing"),
    ):
        error = run(*wrong).exception
        assert isinstance(error, Failure)
        assert error.exit_status == 2


def test_rules_are_listed_and_explained() -> None:
    """With their reasons, and what to do."""
    listed = run("--rules").output
    assert all(one.id in listed and one.why in listed and one.todo in listed for one in RULES.values())
    assert run("--explain", "swallowed-exception").output == run("--explain", "mw201").output
    assert run("--explain", "MW201").output.startswith("MW201 swallowed-exception (high): ")


def test_the_plan_says_what_is_left_out_and_which_events_there_are(tmp_path: Path) -> None:
    """`audit` of midwatch.yml; names of its log events, beside those of a file."""
    write(
        tmp_path,
        {
            "observability/midwatch.yml": "audit:\n  ignore: [legacy/]\n  rules_off: [MW102]\nlog_events:\n  order.paid: {}\n",
            "legacy/x.py": "print(1)\n",
            "app/x.py": "log.info(f'{x}')\nlog.info('order.paid')\n",
            "events.txt": "# ours\norder.lost\n",
        },
    )
    report = json.loads(run(tmp_path, "--format", "json", "--events", tmp_path / "events.txt").output)
    assert [(one["name"], one["message"]) for one in report["findings"]] == [
        ("event-not-in-code", "`order.lost` is logged nowhere")
    ]
    assert report["events"] == ["order.lost", "order.paid"]
    write(tmp_path, {"observability/midwatch.yml": "audit: {ignored: 1}\n"})
    assert "midwatch check says why" in str(run(tmp_path).exception)


def test_every_rule_is_documented() -> None:
    """docs/auditing.md has each with its name, severity and title."""
    text = (Path(__file__).resolve().parents[3] / "docs/auditing.md").read_text(encoding="utf-8")
    for one in RULES.values():
        assert f"| {one.id} | `{one.name}` | {one.severity} | {one.title} |" in text
