"""Rows of usage: those that are stored, what the plan counts as usage besides, and fees by the day. Nothing is priced
here.

A call of a language model may be told by several: its cost records, its span, the span of a library around it. What is
nearest to the call counts. A span gives way to cost records that were told in it, and to an LLM span that is its child:
`Covers` of a row has the call that it stands for, and calls that are covered are left out.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from midwatch.contract.plan.sections.fees import Fee
from midwatch.contract.plan.sections.usage import Counting, Usage
from midwatch.server.query.search.language import bind, compile_search
from midwatch.server.query.source import Scope
from midwatch.server.query.spending import fees
from midwatch.server.query.spending.plan import SCHEMAS
from midwatch.server.store import cost_targets

COLUMNS: Mapping[str, str] = {
    "kind": "Kind",
    "service": "ServiceName",
    "env": "Environment",
    "provider": "Provider",
    "model": "Model",
    "feature": "Feature",
    "job": "Job",
    "job_id": "JobId",
    "user": "UserId",
    "correlation_id": "CorrelationId",
    "trace_id": "TraceId",
}
"""Names of what costs are told apart by, beside attributes."""
_NAMES = {
    **COLUMNS,
    **{name: column for names, column in cost_targets.COLUMNS_OF.items() for name in names},
}
"""The same under every name that apps have for it."""
_ALL = (
    "Timestamp, Kind, Units, Amount, Currency, ServiceName, Environment, Provider, Model, ResponseModel, Feature, Job,"
    " JobId, UserId, CorrelationId, TraceId, Attributes"
)
_PARAM = re.compile(r"\{(q\d+):")
_AROUND_SECONDS = 3600
"""A record may be told after its span has begun, and a child begins after its parent."""
_BEFORE_SECONDS = 300
"""How far back the sample lies that a counter's first increase is told from; as far as PromQL looks."""


class Rows:
    """Puts together the relation of usage in a scope; its parameters are gathered meanwhile."""

    def __init__(self, scope: Scope, mapped: tuple[Usage, ...], paid: tuple[Fee, ...] = ()) -> None:
        self.scope, self._mapped, self._paid = scope, mapped, paid
        self.params: dict[str, Any] = dict(scope.params)
        self._pieces = 0

    def bind(self, value: str | float) -> str:
        return bind(self.params, value)

    def relation(self, match: Mapping[str, str]) -> str:
        """Usage with the columns of the table, narrowed.

        Raises:
            BadQuery: a search of the plan cannot be read.
        """
        parts = [self._stored(), *(self._counted(one) for one in self._mapped)]
        if paid := [*fees.shares(self._paid, self.scope)]:
            parts.append(self._fees(paid))
        where = " AND ".join(self.condition(name, pattern) for name, pattern in match.items())
        return f"(SELECT * FROM ({' UNION ALL '.join(parts)}){f' WHERE {where}' if where else ''})"

    def column(self, name: str) -> str:
        """What a name means, as text."""
        return f"toString({_NAMES[name]})" if name in _NAMES else f"Attributes[{self.bind(name)}]"

    def condition(self, name: str, pattern: str) -> str:
        """Against the column itself: the engine's indexes know nothing of functions of it."""
        text = _NAMES.get(name) or f"Attributes[{self.bind(name)}]"
        sides = (text, "ResponseModel") if name == "model" else (text,)
        if "*" in pattern:
            like = re.sub(r"([%_\\])", r"\\\1", pattern).replace("*", "%")
            return f"({' OR '.join(f'{side} LIKE {self.bind(like)}' for side in sides)})"
        return f"({' OR '.join(f'{side} = {self.bind(pattern)}' for side in sides)})"

    def _stored(self) -> str:
        around = (
            "Project = {project:UInt32}"
            f" AND Timestamp >= fromUnixTimestamp64Nano({{start:Int64}}, 'UTC') - INTERVAL {_AROUND_SECONDS} SECOND"
            f" AND Timestamp < fromUnixTimestamp64Nano({{end:Int64}}, 'UTC') + INTERVAL {_AROUND_SECONDS} SECOND"
        )
        covered = f"SELECT Covers FROM usage WHERE {around} AND Covers != 0 AND Kind >= 'llm.' AND Kind < 'llm/'"
        left = f"(Call = 0 OR Call GLOBAL NOT IN ({covered}))"
        return f"SELECT {_ALL} FROM usage FINAL WHERE {self.scope.where()} AND {left}"

    def _fees(self, paid: Sequence[fees.Share]) -> str:
        """A row for each fee and day."""
        listed = ", ".join(
            f"({fees.number(one.first)}, {fees.number(one.last)}, '{one.amount:f}', {self.bind(one.fee.kind)},"
            f" '{one.fee.currency}', {self.bind(one.fee.service)}, {self.bind(one.fee.env)},"
            f" {self.bind(one.fee.provider)}, {self.bind(one.fee.feature)}, {self.bind(one.fee.name)})"
            for one in paid
        )
        day = "arrayJoin(range(toUInt32(share.1), toUInt32(share.2) + 1))"
        return f"""SELECT fromUnixTimestamp64Nano({day} * toInt64(86400000000000), 'UTC') AS Timestamp, share.4 AS Kind,
            toDecimal128(0, 9) AS Units, CAST(toDecimal128(share.3, 12) AS Nullable(Decimal(38, 12))) AS Amount,
            share.5 AS Currency, share.6 AS ServiceName, share.7 AS Environment, share.8 AS Provider, '' AS Model,
            '' AS ResponseModel, share.9 AS Feature, '' AS Job, '' AS JobId, '' AS UserId, '' AS CorrelationId,
            '' AS TraceId, CAST(if(share.10 = '', map(), map('{fees.ATTRIBUTE}', share.10))
                AS Map(LowCardinality(String), String)) AS Attributes
            FROM (SELECT arrayJoin([{listed}]) AS share)"""

    def _counted(self, one: Usage) -> str:
        if one.metric:
            return self._row(one, self.increases(one), "service", "env", "units", "", "map()")
        schema = SCHEMAS[one.from_ or "logs"]
        found = compile_search(one.search, schema)
        where = self._own(found.sql, found.params)
        units = "1"
        if one.value:
            own: dict[str, Any] = {}
            number = schema.field(one.value, lambda value: bind(own, value)).number
            units = f"ifNull({self._own(number, own)}, 0)"
        rows = f"(SELECT *, {units} AS units FROM {schema.table} WHERE {self.scope.where()} AND {where})"
        return self._row(one, rows, "ServiceName", "Environment", "units", schema.attributes, schema.attributes)

    def _row(self, one: Usage, rows: str, service: str, env: str, units: str, attributes: str, more: str) -> str:
        """With the columns of stored usage; what `attributes` says of them where it is given."""

        def of(*names: str) -> str:
            known = [name for name in names if attributes]
            tried = "".join(
                f"{attributes}[{self.bind(name)}] != '', {attributes}[{self.bind(name)}], " for name in known
            )
            return f"multiIf({tried}'')" if tried else "''"

        trace = "TraceId" if attributes else "''"
        return f"""SELECT CAST(Timestamp AS DateTime64(9, 'UTC')) AS Timestamp, {self.bind(one.kind)} AS Kind,
            toDecimal128({units}, 9) AS Units, CAST(NULL AS Nullable(Decimal(38, 12))) AS Amount, '' AS Currency,
            {service} AS ServiceName, {env} AS Environment, {of("provider")} AS Provider, {of("model")} AS Model,
            '' AS ResponseModel, {of(*cost_targets.FEATURE)} AS Feature, {of(*cost_targets.JOB)} AS Job,
            {of(*cost_targets.JOB_ID)} AS JobId, {of(*cost_targets.USER)} AS UserId,
            {of(*cost_targets.CORRELATION)} AS CorrelationId, {trace} AS TraceId,
            CAST({more} AS Map(LowCardinality(String), String)) AS Attributes FROM {rows}"""

    def increases(self, one: Counting) -> str:
        """How much a counter grew from each sample to the next, resets and deltas as PromQL has them, nothing
        extrapolated: what was counted once is paid once."""
        within = "Project = {project:UInt32}"
        name = f"MetricName = {self.bind(one.metric)}"
        labels = "".join(f" AND Labels[{self.bind(key)}] = {self.bind(value)}" for key, value in one.labels.items())
        env = " AND Labels['env'] IN {environments:Array(String)}" if self.scope.environments else ""
        start, end = "fromUnixTimestamp64Nano({start:Int64}, 'UTC')", "fromUnixTimestamp64Nano({end:Int64}, 'UTC')"
        earlier = f"{start} - INTERVAL {_BEFORE_SECONDS} SECOND"
        days = f"Day >= toYYYYMMDD({earlier}) AND Day <= toYYYYMMDD({end})"
        return f"""(SELECT Timestamp, grown AS units, l.1 AS service, l.2 AS env FROM (
                SELECT SeriesId, Timestamp, multiIf(IsDelta, Value, at = 1,
                    if(StartTimestamp >= {start}, Value, 0), Value < before, Value, Value - before) AS grown
                FROM (SELECT SeriesId, Timestamp, StartTimestamp, IsDelta, Value, row_number() OVER w AS at,
                        lagInFrame(Value) OVER w AS before
                    FROM metric_samples FINAL
                    WHERE {within} AND {name} AND Timestamp >= {earlier} AND Timestamp < {end} AND isFinite(Value)
                    WINDOW w AS (PARTITION BY SeriesId ORDER BY Timestamp))
                WHERE Timestamp >= {start} AND grown > 0) AS s
            GLOBAL INNER JOIN (SELECT SeriesId, any((Labels['job'], Labels['env'])) AS l FROM metric_series
                WHERE {within} AND {name} AND {days}{labels}{env} GROUP BY SeriesId) AS m USING (SeriesId))"""

    def _own(self, sql: str, params: Mapping[str, Any]) -> str:
        """A piece of SQL whose parameters get names of their own."""
        if not params:
            return sql
        self._pieces += 1
        prefix = f"s{self._pieces}"
        self.params |= {f"{prefix}{name}": value for name, value in params.items()}
        return _PARAM.sub(rf"{{{prefix}\1:", sql)
