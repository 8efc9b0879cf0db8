"""Rule files: Prometheus's as they are, and every mistake with its line and column."""

import textwrap

import pytest

from midwatch.contract.plan import load
from midwatch.server.rules.files import RULE_FILES, read_plan_rules, read_rules
from midwatch.server.rules.model import AlertingRule, RecordingRule

WHOLE = """
groups:
  - name: api
    interval: 30s
    query_offset: 1m30s
    limit: 20
    labels: {team: web, severity: ticket}
    rules:
      - record: job:errors:ratio5m
        expr: |
          sum by (job) (rate(errors_total[5m]))
            /
          sum by (job) (rate(requests_total[5m]))
        labels: {window: 5m}
      - alert: ErrorsHigh
        expr: job:errors:ratio5m > 0.05
        for: 1h30m
        keep_firing_for: 5m
        labels: {severity: page, level: 1, on: true}
        annotations:
          summary: '{{ $labels.job }}: {{ $value | humanizePercentage }}'
  - name: empty
"""


def test_a_file_of_prometheus_is_taken_as_it_is() -> None:
    """Groups with labels and offsets, block scalars, numbers and flags as texts; a group's labels under the rule's."""
    read = read_rules("rules/api.yml", WHOLE)
    assert read.problems == ()
    assert read.rules is not None
    group, empty = read.rules.groups
    assert (group.key, group.interval_ms, group.query_offset_ms, group.limit) == (
        "rules/api.yml;api",
        30_000,
        90_000,
        20,
    )
    assert (empty.rules, empty.interval_ms) == ((), 60_000)
    ratio, errors = group.rules
    assert isinstance(ratio, RecordingRule)
    assert ratio.query == "sum by (job) (rate(errors_total[5m])) / sum by (job) (rate(requests_total[5m]))"
    assert ratio.labels == {"team": "web", "severity": "ticket", "window": "5m"}
    assert isinstance(errors, AlertingRule)
    assert (errors.for_ms, errors.keep_firing_for_ms, errors.line) == (5_400_000, 300_000, 15)
    assert errors.labels == {"team": "web", "severity": "page", "level": "1", "on": "true"}


def test_ids_stay_while_name_and_labels_do() -> None:
    """Another expression, order or line changes no id; two equal rules have two."""
    text = "groups:\n  - name: g\n    rules:\n{}      - {{alert: A, expr: '{}'}}\n      - {{alert: B, expr: up}}\n"
    before, after = (
        read_rules("a.yml", text.format(*one)).rules
        for one in (("", "up"), ("      - {alert: C, expr: up}\n", "up > 1"))
    )
    assert before is not None
    assert after is not None
    ids = {rule.name: rule.id for _, rule in before}
    assert {rule.name: rule.id for _, rule in after if rule.name != "C"} == ids
    twice = read_rules("a.yml", "groups: [{name: g, rules: [{alert: A, expr: up}, {alert: A, expr: up}]}]").rules
    assert twice is not None
    assert len({rule.id for _, rule in twice}) == 2


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("groups: [\n", "2:1: cannot read this as YAML"),
        ("[]\n", "1:1: expected a mapping"),
        ("group: []\n", "1:1: group: unknown key; expected one of groups; did you mean groups?"),
        ("groups:\n  - name: g\n    intervall: 1m\n", "3:5: intervall: unknown key"),
        ("groups:\n  - name: g\n    interval: fast\n", "3:15: groups[0].interval=fast: expected a duration"),
        ("groups:\n  - name: g\n    interval: 0s\n", "3:15: groups[0].interval=0s: expected a duration such as 30s"),
        ("groups:\n  - name: g\n    interval: 60\n", "3:15: groups[0].interval=60: expected a duration"),
        ("groups:\n  - name: g\n    limit: many\n", "3:12: groups[0].limit=many: expected a whole number"),
        ("groups:\n  - rules: []\n", "2:5: groups[0].name: expected this key"),
        ("groups:\n  - name: ''\n", "2:11: name: expected a name of the group"),
        ("groups:\n  - name: g\n  - name: g\n", "3:11: name=g: expected one of its own; the group on line 2 has it"),
        ("groups:\n  - name: g\n    labels: {__name__: x}\n", "3:14: __name__: expected a label's name"),
    ],
)  # fmt: skip
def test_mistakes_of_files_and_groups_have_their_place(text: str, problem: str) -> None:
    """As compilers print them; nothing of such a file is in force."""
    read = read_rules("rules/a.yml", text)
    assert read.rules is None
    assert str(read.problems[0]).startswith(f"rules/a.yml:{problem}"), read.problems


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ("expr: up", "1:1: expected one of record and alert"),
        ("alert: A\nrecord: b\nexpr: up", "1:1: expected one of record and alert"),
        ("alert: ''\nexpr: up", "1:8: alert: expected a name"),
        ("alert: A", "1:1: expr: expected this key"),
        ("alert: A\nexpr: up\nthreshold: {of: up, above: 1}", "1:1: expr and threshold: expected one of them"),
        ("alert: A\nexpr: sum(up", "2:7: expr: cannot parse: unclosed left parenthesis"),
        ("alert: A\nexpr: up{job='a'} >> 1", "2:20: expr: cannot parse"),
        ("alert: A\nexpr: |\n  sum by (job) (\n    rate(up[5m]) +)\n", "4:19: expr: cannot parse"),
        ("alert: A\nexpr: >-\n  sum(up)\n  + + rate(up)\n", "4:12: expr: cannot parse"),
        ("alert: A\nexpr: 'up{job=\"it''s\"} > > 1'", "2:26: expr: cannot parse"),
        ('alert: A\nexpr: "up{job=\\"a\\"} > > 1"', "2:24: expr: cannot parse"),
        ("alert: A\nexpr: rate(up[5m])[5m:]", "2:7: expr: expected an instant vector or a scalar, got a range vector"),
        ("alert: A\nexpr: up\nfor: soon", "3:6: groups[0].rules[0].for=soon: expected a duration"),
        ("alert: A\nexpr: up\nlabels: {'': x}", "3:10: nothing: expected a label's name"),
        ("alert: A\nexpr: up\nlabels: [a]", "3:9: groups[0].rules[0].labels=a list: expected a mapping"),
        ("alert: A\nexpr: up\nannotations:\n  summary: '{{ $labels.job }'", "4:28: summary: cannot read this template"),
        ("alert: A\nexpr: up\nannotations:\n  summary: '{{ $nobody }}'", "4:16: summary: cannot read this template"),
        ("alert: A\nexpr: up\nannotations:\n  text: |\n    so\n    {{ shout 1 }}", "6:8: text: cannot read this"),
        ("record: a{b}\nexpr: up", "1:9: record=a{b}: expected a metric's name, without braces"),
        ("record: a\nexpr: up\nfor: 5m", "3:1: for: a recording rule has none"),
        ("record: a\nexpr: up\nannotations: {a: b}", "3:1: annotations: a recording rule has none"),
        ("alert: A\nexprs: up", "2:1: exprs: unknown key; expected one of record, alert, expr"),
        ("alert: A\nthreshold: {of: 'up{', above: 1}", "2:21: of: "),
        ("alert: A\nthreshold: {of: up}", "2:12: groups[0].rules[0].threshold=a mapping: expected `above`, `below`"),
        ("alert: A\nabsent: {of: sum(up)}", "2:14: of: expected a selector"),
        ("alert: A\nratio: {of: up, above: 5%}", "2:8: groups[0].rules[0].ratio.to: expected this key"),
    ],
)  # fmt: skip
def test_mistakes_of_rules_have_their_place(rule: str, problem: str) -> None:
    """Inside expressions and templates too, whatever YAML style they are written in."""
    head = "groups:\n  - name: g\n    rules:\n      - "
    body = textwrap.indent(rule, "        ").lstrip()
    read = read_rules("rules/a.yml", head + body + "\n")
    assert read.rules is None
    line, column, message = problem.split(":", 2)
    expected = f"rules/a.yml:{int(line) + 3}:{int(column) + 8}:{message}"
    assert any(str(one).startswith(expected) for one in read.problems), (expected, [str(one) for one in read.problems])


def test_two_rules_of_one_name_and_labels_are_told_and_taken() -> None:
    """Prometheus takes them; promtool and we say that they are hardly meant."""
    read = read_rules("a.yml", "groups: [{name: g, rules: [{alert: A, expr: up}, {alert: A, expr: down}]}]\n")
    assert [str(one) for one in read.problems] == [
        "a.yml:1:58: warning: alert=A: the rule on line 1 has the same name and labels"
    ]
    assert read.rules is not None


def test_a_plan_with_a_wrong_rule_file_is_no_plan() -> None:
    """All of its problems are told with those of the other files; what is in force stays there."""
    files = {"midwatch.yml": "{}", "rules/a.yml": WHOLE, "rules/b.yml": "groups: [{name: g, rules: [{alert: A}]}]"}
    loaded = load(files, [RULE_FILES])
    assert loaded.plan is None
    assert [one.file for one in loaded.errors] == ["rules/b.yml"]
    good = load({**files, "rules/b.yml": ""}, [RULE_FILES]).plan
    assert good is not None
    assert list(good.files["rules"]) == ["rules/a.yml", "rules/b.yml"]
    assert good.written["rules"]["a.yml"].startswith("2 groups, 2 rules (")


def test_unit_tests_of_promtool_may_lie_beside_the_rules() -> None:
    """They are no rules, and no mistake."""
    read = read_plan_rules({"rules/tests/api.yml": "rule_files: [../api.yml]\ntests:\n  - interval: 1m\n"})
    assert (dict(read.values), read.problems) == ({}, ())
