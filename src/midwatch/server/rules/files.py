"""The files of a plan's `rules/`: texts → rule sets, or every problem with its line and column."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from midwatch.contract.plan import Problem
from midwatch.contract.plan.document import Document, Path, read_document
from midwatch.contract.plan.explain import explained, listed
from midwatch.contract.plan.readers import FileReader, ReadFiles
from midwatch.server.gotemplate import TemplateError
from midwatch.server.promql.errors import ParseError
from midwatch.server.promql.labels import NAME, is_label_name
from midwatch.server.promql.options import EngineOptions
from midwatch.server.promql.syntax import parse, to_text
from midwatch.server.promql.syntax.ast import Expr, ValueType, type_of
from midwatch.server.promql.syntax.options import ParserOptions
from midwatch.server.rules.conveniences import Convenience, NotWritable
from midwatch.server.rules.form import CONVENIENCES, FileForm, GroupForm, RuleForm
from midwatch.server.rules.model import INTERVAL_MS, AlertingRule, Group, RecordingRule, Rule, RuleSet, with_ids
from midwatch.server.rules.places import inside, offset_of
from midwatch.server.rules.templates import check_template

FOLDER = "rules"
READ_AGAIN_MAX = 1000
"""Files whose reading is remembered: of a plan that is applied again most are as they were."""
_FORM: TypeAdapter[FileForm] = TypeAdapter(FileForm)
_ANY_TYPE = frozenset({"limit", *CONVENIENCES})
"""Keys whose values are more than a text."""
_TESTS = frozenset({"tests", "rule_files"})
"""What promtool's unit tests begin with: they lie beside the rules and are read by who rehearses."""


@dataclass(frozen=True, slots=True)
class ReadRules:
    """`rules` is None where there is an error."""

    rules: RuleSet | None
    problems: tuple[Problem, ...] = ()


def read_rules(file: str, text: str, options: ParserOptions | None = None) -> ReadRules:
    """One rule file. Never raises."""
    document = read_document(file, text)
    if document.problems:
        return ReadRules(None, tuple(document.problems))
    if document.value is None:
        return ReadRules(RuleSet())
    if not isinstance(document.value, dict):
        return ReadRules(None, (document.problem((), "expected a mapping with the key groups"),))
    try:
        form = _FORM.validate_python(listed(_texts(document, document.value, ())))
    except ValidationError as error:
        return ReadRules(None, tuple(explained(error, _FORM, document, ())))
    return _Reading(document, text, options or EngineOptions().parser).whole(form)


def is_unit_test(text: str) -> bool:
    """Whether a file is one of promtool's `test rules` instead of one of rules."""
    return any(line.partition(":")[0] in _TESTS for line in text.splitlines() if line[:1].isalpha())


def _texts(document: Document, value: Any, path: Path) -> Any:
    """Scalars as they are written, since Prometheus takes `severity: 1` as a text, too."""
    if path and path[-1] in _ANY_TYPE and "labels" not in path and "annotations" not in path:
        return value
    if isinstance(value, dict):
        return {key: _texts(document, one, (*path, key)) for key, one in value.items()}
    if isinstance(value, list):
        return [_texts(document, one, (*path, place)) for place, one in enumerate(value)]
    return None if value is None else document.texts.get(path, value)


class _Reading:
    """One file, with the problems that its types do not show."""

    def __init__(self, document: Document, text: str, options: ParserOptions) -> None:
        self._document, self._text, self._options = document, text, options
        self._problems: list[Problem] = []

    def whole(self, form: FileForm) -> ReadRules:
        groups: list[Group] = []
        seen: dict[str, int] = {}
        for place, one in enumerate(form.groups or ()):
            path: Path = ("groups", place)
            if not one.name:
                self._tell((*path, "name"), "name: expected a name of the group")
            if (first := seen.setdefault(one.name, place)) != place:
                line = self._document.values[("groups", first)][0]
                self._tell(
                    (*path, "name"), f"name={one.name}: expected one of its own; the group on line {line} has it"
                )
            groups.append(self._group(one, path))
        errors = any(problem.severity == "error" for problem in self._problems)
        return ReadRules(None if errors else RuleSet(tuple(groups)), tuple(sorted(set(self._problems))))

    def _group(self, form: GroupForm, path: Path) -> Group:
        self._check_labels(form.labels, (*path, "labels"))
        rules = []
        seen: dict[tuple[str, str, tuple[tuple[str, str], ...]], int] = {}
        for place, one in enumerate(form.rules or ()):
            at: Path = (*path, "rules", place)
            rule = self._rule(one, at, form.labels or {})
            if rule is None:
                continue
            same = (rule.kind, rule.name, tuple(sorted(rule.labels.items())))
            if same in seen:
                key = "record" if rule.kind == "recording" else "alert"
                text = f"{key}={rule.name}: the rule on line {seen[same]} has the same name and labels"
                self._problems.append(replace(self._document.problem((*at, key), text), severity="warning"))
            seen.setdefault(same, rule.line)
            rules.append(rule)
        return Group(
            file=self._document.file,
            name=form.name,
            rules=with_ids(self._document.file, form.name, rules),
            interval_ms=form.interval or INTERVAL_MS,
            query_offset_ms=form.query_offset or 0,
            limit=form.limit or 0,
        )

    def _rule(self, form: RuleForm, path: Path, group_labels: Mapping[str, str]) -> Rule | None:
        if (form.record is None) == (form.alert is None):
            self._tell(path, "expected one of record and alert")
            return None
        expr, written = self._expression(form, path)
        self._check_labels(form.labels, (*path, "labels"))
        name = form.record if form.record is not None else form.alert
        key = "record" if form.record is not None else "alert"
        if not name:
            self._tell((*path, key), f"{key}: expected a name")
        labels = {**group_labels, **(form.labels or {})}
        line = self._document.values[path][0]
        if form.record is not None:
            self._check_recording(form, path)
        else:
            self._check_alerting(form, path)
        if expr is None or name is None:
            return None
        band = None if form.anomaly is None else form.anomaly.band()
        if form.record is not None:
            return RecordingRule(name, to_text(expr), expr, labels, line, written, band)
        return AlertingRule(
            name,
            to_text(expr),
            expr,
            labels,
            line,
            written,
            band,
            annotations=form.annotations or {},
            for_ms=form.for_ or 0,
            keep_firing_for_ms=form.keep_firing_for or 0,
        )

    def _expression(self, form: RuleForm, path: Path) -> tuple[Expr | None, str]:
        """The condition, and the convenience that it was written as."""
        given = [key for key in ("expr", *CONVENIENCES) if getattr(form, key) is not None]
        if len(given) != 1:
            what = f"{' and '.join(given)}: expected one of them" if given else "expr: expected this key"
            self._tell(path, what)
            return None, ""
        key = given[0]
        if key == "expr":
            assert form.expr is not None
            return self._parsed(form.expr, (*path, key)), ""
        convenience: Convenience = getattr(form, key)
        try:
            return parse(convenience.promql(), self._options), key
        except NotWritable as problem:
            where = (*path, key, problem.key)
            self._problems.append(
                inside(self._document, self._text, where, problem.offset, f"{problem.key}: {problem}")
            )
        except ParseError as error:
            self._tell((*path, key), f"{key}: cannot make PromQL of this: {error.detail}")
        return None, key

    def _parsed(self, query: str, path: Path) -> Expr | None:
        try:
            expr = parse(query, self._options)
        except ParseError as error:
            expected = f"; expected {error.expected}" if error.expected and "expected" not in error.detail else ""
            message = f"expr: cannot parse: {error.detail}{expected}"
            self._problems.append(inside(self._document, self._text, path, error.start, message))
            return None
        if (kind := type_of(expr)) not in (ValueType.VECTOR, ValueType.SCALAR):
            self._tell(path, f"expr: expected an instant vector or a scalar, got a {kind}")
            return None
        return expr

    def _check_recording(self, form: RuleForm, path: Path) -> None:
        if form.record and ("{" in form.record or "}" in form.record or not is_label_name(form.record)):
            self._tell((*path, "record"), f"record={form.record}: expected a metric's name, without braces")
        for key, value in (
            ("for", form.for_),
            ("keep_firing_for", form.keep_firing_for),
            ("annotations", form.annotations),
        ):
            if value:
                problem = self._document.problem((*path, key), f"{key}: a recording rule has none", at_key=True)
                self._problems.append(problem)

    def _check_alerting(self, form: RuleForm, path: Path) -> None:
        for key, texts in (("labels", form.labels or {}), ("annotations", form.annotations or {})):
            for name, text in texts.items():
                if key == "annotations" and not is_label_name(name):
                    self._problems.append(self._document.problem((*path, key, name), _name(name), at_key=True))
                self._check_template((*path, key, name), text)

    def _check_template(self, path: Path, text: str) -> None:
        try:
            check_template(text)
        except TemplateError as error:
            offset = offset_of(text, error.line, error.column)
            message = f"{path[-1]}: cannot read this template: {error.message}"
            self._problems.append(inside(self._document, self._text, path, offset, message))

    def _check_labels(self, labels: Mapping[str, str] | None, path: Path) -> None:
        for name in labels or {}:
            if name == NAME or not is_label_name(name):
                self._problems.append(self._document.problem((*path, name), _name(name), at_key=True))

    def _tell(self, path: Path, message: str) -> None:
        self._problems.append(self._document.problem(path, message))


def _name(name: str) -> str:
    return f"{name or 'nothing'}: expected a label's name, and not {NAME}"


@lru_cache(READ_AGAIN_MAX)
def _read_once(file: str, text: str) -> ReadRules:
    return read_rules(file, text)


def read_plan_rules(files: Mapping[str, str]) -> ReadFiles:
    """All rule files of a plan, by path; promtool's unit tests among them are left aside."""
    values: dict[str, RuleSet] = {}
    told: dict[str, str] = {}
    problems: list[Problem] = []
    for file, text in sorted(files.items()):
        if is_unit_test(text):
            continue
        read = _read_once(file, text)
        problems += read.problems
        if read.rules is None:
            continue
        values[file] = read.rules
        told[file.removeprefix(f"{FOLDER}/")] = _line(read.rules, text)
    return ReadFiles(values, told, tuple(problems))


def _line(rules: RuleSet, text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    count = sum(1 for _ in rules)
    return f"{len(rules.groups)} groups, {count} rules ({digest})"


def in_force(values: Mapping[str, Any]) -> RuleSet:
    """What the reader made of a plan's files, as one set."""
    return RuleSet(tuple(_groups(values)))


def _groups(values: Mapping[str, Any]) -> Iterator[Group]:
    for _, rules in sorted(values.items()):
        yield from rules.groups


RULE_FILES = FileReader(FOLDER, read_plan_rules)
