"""A log query as a relation: FROM and WHERE over `logs`, and what line, labels and sample are in it."""

from midwatch.server.promql.matchers import Matcher
from midwatch.server.query.logql.errors import Unsupported
from midwatch.server.query.logql.sql import filters, labels, parsers
from midwatch.server.query.logql.sql.params import Params
from midwatch.server.query.logql.sql.template import template_sql
from midwatch.server.query.logql.syntax.ast import (
    Capture,
    CompareNumber,
    CompareText,
    Decolorize,
    Drop,
    InNetwork,
    Junction,
    Keep,
    LabelFormat,
    LineFilter,
    LineFormat,
    LineInNetwork,
    LogQuery,
    Parse,
    Stage,
    Unwrap,
)

_ERROR, _DETAILS = "__error__", "__error_details__"


class Pipeline:
    """Built stage by stage. A stage that makes something new becomes a subquery: no expression is worked out twice.

    What parsers and formats found lies in one map over the stored labels: it wins, and an empty value removes a label.
    """

    def __init__(self, query: LogQuery, where: str, params: Params) -> None:
        self._bind = params.text
        self._level = 0
        self._source = "logs"
        self._conditions = [where, *(self._selects(one) for one in query.matchers)]
        self._kept: frozenset[str] | None = None
        self.line = "Body"
        self.parsed = ""
        """The column of the map, or empty where nothing was parsed."""
        self.value = ""
        self.unwrapped = ""
        """The label whose value the sample is."""
        for stage in query.stages:
            self._apply(stage)

    @property
    def relation(self) -> str:
        """What comes after FROM."""
        return f"{self._source} WHERE {' AND '.join(self._conditions)}"

    @property
    def kept(self) -> frozenset[str] | None:
        """The only stored labels left, after `keep`."""
        return self._kept

    def label(self, name: str) -> str:
        """A label's value as it stands now."""
        if name in (_ERROR, _DETAILS) or (self._kept is not None and name not in self._kept):
            stored = "''"
        else:
            stored = labels.any_label(name, self._bind)
        if not self.parsed:
            return stored
        key = self._bind(name)
        return f"if(mapContains({self.parsed}, {key}), {self.parsed}[{key}], {stored})"

    def all_labels(self, *, but: tuple[str, ...] = ()) -> str:
        """The labels of a stream and what was parsed, without those named, as a sorted map."""
        found = labels.stream_map()
        if self._kept is not None:
            found = f"mapFilter((k, v) -> has({self._names(self._kept)}, k), {found})"
        if self.parsed:
            found = f"mapUpdate({found}, {self.parsed})"
        removed = self._names({*but, _ERROR, _DETAILS, *filter(None, [self.unwrapped])})
        return f"mapSort(mapFilter((k, v) -> v != '' AND NOT has({removed}, k), {found}))"

    def _selects(self, matcher: Matcher) -> str:
        value = labels.stream_label(matcher.name, self._bind)
        condition = filters.matches(matcher, value, self._bind, dot_all=True)
        if matcher.type.value == "=" and matcher.value and matcher.name == labels.SERVICE_NAME:
            return f"ServiceName = {self._bind(matcher.value)}"
        if matcher.type.value == "=" and matcher.value and matcher.name not in (labels.ENV, labels.LEVEL):
            # What follows from it about the values alone is what the bloom filter can answer.
            return f"(has(mapValues(ResourceAttributes), {self._bind(matcher.value)}) AND {condition})"
        return condition

    def _names(self, names: set[str] | frozenset[str]) -> str:
        return "[" + ", ".join(self._bind(name) for name in sorted(names)) + "]"

    def _apply(self, stage: Stage) -> None:
        match stage:
            case LineFilter():
                indexed = self.line == "Body"
                self._conditions.append(filters.line_filter(stage, self.line, self._bind, indexed=indexed))
            case LineInNetwork():
                self._conditions.append(filters.line_in_network(stage, self.line, self._bind))
            case CompareText() | CompareNumber() | InNetwork() | Junction():
                self._filter(stage)
            case Parse():
                self._parse(stage)
            case Capture():
                self._step(parsed=self._with(parsers.captures(self.line, stage.pattern, stage.names, self._bind)))
            case LineFormat():
                self._step(line=self._template(stage.template, stage))
            case LabelFormat():
                self._format_labels(stage)
            case Decolorize():
                self._step(line=parsers.decolorized(self.line))
            case Drop():
                self._step(parsed=self._with(self._map({name: self._unless(name, one) for name, one in stage.labels})))
            case Keep():
                self._keep(stage)
            case Unwrap():
                self._unwrap(stage)

    def _step(self, *, line: str = "", parsed: str = "", value: str = "") -> None:
        """Go on over a subquery in which these are columns."""
        columns = [*labels.COLUMNS, f"{line or self.line} AS line{self._level}"]
        if parsed or self.parsed:
            columns.append(f"{parsed or self.parsed} AS parsed{self._level}")
            self_parsed = f"parsed{self._level}"
        else:
            self_parsed = ""
        if value or self.value:
            columns.append(f"{value or self.value} AS value{self._level}")
            self.value = f"value{self._level}"
        self._source = f"(SELECT {', '.join(columns)} FROM {self.relation})"
        self.line, self.parsed = f"line{self._level}", self_parsed
        self._conditions = ["1"]
        self._level += 1

    def _with(self, found: str) -> str:
        """The map with more in it."""
        return f"mapUpdate({self.parsed}, {found})" if self.parsed else found

    def _map(self, values: dict[str, str]) -> str:
        pairs = ", ".join(f"{self._bind(name)}, {value}" for name, value in values.items())
        return f"CAST(map({pairs}) AS Map(String, String))"

    def _filter(self, stage: CompareText | CompareNumber | InNetwork | Junction) -> None:
        condition, errors = filters.label_filter(stage, self.label, self._bind)
        if errors:
            if self.parsed:  # a line that has an error is left to filters of __error__
                condition = f"({self.parsed}['{_ERROR}'] != '' OR {condition})"
            self._conditions.append(condition)
            failed = self._map(
                {_ERROR: "'LabelFilterErr'", _DETAILS: "'a label is no number of the kind it is compared with'"}
            )
            self._step(parsed=self._with(f"if({' OR '.join(errors)}, {failed}, {parsers.EMPTY})"))
        else:
            self._conditions.append(condition)

    def _parse(self, stage: Parse) -> None:
        line = self.line
        if stage.format == "unpack":
            self._step(parsed=self._with(parsers.unpacked(line)))
            self._step(
                line=f"if(mapContains({self.parsed}, '_entry'), {self.parsed}['_entry'], {self.line})",
                parsed=f"mapFilter((k, v) -> k != '_entry', {self.parsed})",
            )
            return
        if stage.format == "json" and stage.fields:
            try:
                found = parsers.json_fields(line, stage.fields, self._bind)
            except ValueError as problem:
                raise Unsupported(f"json: {problem}", stage.span) from None
        elif stage.format == "json":
            found = parsers.json_map(line)
        elif stage.fields:
            found = parsers.logfmt_fields(line, stage.fields, self._bind)
        else:
            found = parsers.logfmt_map(line)
        self._step(parsed=self._with(found))

    def _template(self, text: str, stage: LineFormat | LabelFormat) -> str:
        try:
            return template_sql(text, line=self.line, label=self.label, bind=self._bind)
        except ValueError as problem:
            raise Unsupported(str(problem), stage.span) from None

    def _format_labels(self, stage: LabelFormat) -> None:
        values: dict[str, str] = {}
        for name, text, is_template in stage.assignments:
            if is_template:
                values[name] = self._template(text, stage)
            else:
                source = self.label(text)
                values[name] = f"if({source} != '', {source}, {self.label(name)})"
                values.setdefault(text, "''")
        self._step(parsed=self._with(self._map(values)))

    def _unless(self, name: str, matcher: Matcher | None) -> str:
        """A label's value where the matcher does not hold, else nothing."""
        if matcher is None:
            return "''"
        value = self.label(name)
        return f"if({filters.matches(matcher, value, self._bind)}, '', {value})"

    def _keep(self, stage: Keep) -> None:
        names = {name for name, _ in stage.labels}
        values = {}
        for name, matcher in stage.labels:
            if matcher is not None:
                value = self.label(name)
                values[name] = f"if({filters.matches(matcher, value, self._bind)}, {value}, '')"
        if self.parsed:
            self._step(parsed=f"mapFilter((k, v) -> has({self._names({*names, _ERROR, _DETAILS})}, k), {self.parsed})")
        if values:
            self._step(parsed=self._with(self._map(values)))
        self._kept = frozenset(names) if self._kept is None else self._kept & names

    def _unwrap(self, stage: Unwrap) -> None:
        unit = {"": "number", "bytes": "bytes"}.get(stage.conversion, "duration")
        value = self.label(stage.label)
        number = filters.number_of(value, unit)
        self._conditions.append(f"{value} != ''")
        failed = self._map({_ERROR: "'SampleExtractionErr'", _DETAILS: "'the unwrapped label is no number'"})
        parsed = self._with(f"if(isNull({number}), {failed}, {parsers.EMPTY})")
        self._step(parsed=parsed, value=f"ifNull({number}, 0)")
        self.unwrapped = stage.label
