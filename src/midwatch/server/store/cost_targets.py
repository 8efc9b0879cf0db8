"""What segments tell of costs: usage of what has a price, and how much each service sends."""

from collections.abc import Iterable

from midwatch.contract import events, fields
from midwatch.server.model.signal import Signal
from midwatch.server.store.staging import EVENT_DAY, Target, again, roll_up

FEATURE, JOB, JOB_ID = ("feature", "feature.name"), ("job", "job.name"), ("job_id", "job.id", "jobId")
USER, CORRELATION = fields.names_of(fields.USER_ID), fields.names_of(fields.CORRELATION_ID)
COLUMNS_OF = {FEATURE: "Feature", JOB: "Job", JOB_ID: "JobId", USER: "UserId", CORRELATION: "CorrelationId"}
"""What apps call that which costs are told apart by, and the column that has it."""
_CALL = "if({span} = '', toUInt64(0), sipHash64(TraceId, {span}))"
_IN_COLUMNS = (
    *(events.EVENT_ID, events.COST_KIND, events.COST_UNITS, events.COST_AMOUNT, events.COST_CURRENCY),
    *("provider", "model", "response_model", *FEATURE, *JOB, *JOB_ID, *USER, *CORRELATION),
)
_OF_SPANS = ("gen_ai.operation.name", "openai.request.service_tier", "openai.response.service_tier", "server.address")
"""Attributes of LLM spans that a price may go by."""
_INPUT = ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens")
_OUTPUT = ("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens")
_CACHE_READ = ("gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens")
_CACHE_CREATION = ("gen_ai.usage.cache_creation.input_tokens", "gen_ai.usage.cache_creation_input_tokens")
_COUNTED = "arrayExists(name -> startsWith(name, 'gen_ai.usage.'), mapKeys(SpanAttributes))"
"""Asked of every span: 0.03 µs of the 6 that one takes. `hasAny` with the names takes 0.12."""
_PARENTS_OF_CALLS = ("invoke_agent", "create_agent", "invoke_workflow", "execute_tool")
"""Operations whose spans add up what calls below them have used."""


def _first(attributes: str, names: Iterable[str]) -> str:
    """The first of these that is there; a name's place is where it is looked for first."""
    known = list(names)
    tried = "".join(f"mapContains({attributes}, '{one}'), {attributes}['{one}'], " for one in known[:-1])
    return f"multiIf({tried}{attributes}['{known[-1]}'])" if tried else f"{attributes}['{known[-1]}']"


def _common(attributes: str) -> str:
    feature, job, job_id, user, correlation = (
        _first(attributes, names) for names in (FEATURE, JOB, JOB_ID, USER, CORRELATION)
    )
    return f"""toLowCardinality({feature}) AS Feature, toLowCardinality({job}) AS Job, {job_id} AS JobId,
            {user} AS UserId, {correlation} AS CorrelationId"""


_RECORDS = again(
    "usage",
    f"""SELECT Project, Timestamp, LogAttributes['{events.COST_KIND}'] AS Kind,
            ifNull(toDecimal128OrNull(LogAttributes['{events.COST_UNITS}'], 9), 0) AS Units,
            toDecimal128OrNull(LogAttributes['{events.COST_AMOUNT}'], 12) AS Amount,
            upper(LogAttributes['{events.COST_CURRENCY}']) AS Currency, ServiceName, Environment,
            LogAttributes['provider'] AS Provider, LogAttributes['model'] AS Model,
            LogAttributes['response_model'] AS ResponseModel, {_common("LogAttributes")}, TraceId, SpanId,
            mapFilter((name, value) -> name NOT IN {_IN_COLUMNS}, LogAttributes) AS Attributes, 'record' AS Source,
            toUInt64(0) AS Call, if(startsWith(Kind, 'llm.'), {_CALL.format(span="SpanId")}, 0) AS Covers,
            if(LogAttributes['{events.EVENT_ID}'] != '', sipHash64(LogAttributes['{events.EVENT_ID}']),
                sipHash64(Segment, SegmentRow)) AS Id, Segment
        FROM {{source}} WHERE SetAside = '' AND EventName = '{events.COST}'
            AND (isNotNull(Amount) OR isNotNull(toDecimal128OrNull(LogAttributes['{events.COST_UNITS}'], 9)))""",
    part="records",
)

# Tokens by kinds that do not overlap, as the SDK tells them; a call that was sampled counts for those that were not.
_SPANS = again(
    "usage",
    f"""SELECT Project, Timestamp, used.1 AS Kind, toDecimal128(used.2, 9) * toDecimal128(Weight, 6) AS Units,
            CAST(NULL AS Nullable(Decimal(38, 12))) AS Amount, '' AS Currency, ServiceName, Environment,
            {_first("SpanAttributes", ("gen_ai.provider.name", "gen_ai.system"))} AS Provider,
            {_first("SpanAttributes", ("gen_ai.request.model", "gen_ai.response.model"))} AS Model,
            SpanAttributes['gen_ai.response.model'] AS ResponseModel, {_common("SpanAttributes")}, TraceId, SpanId,
            mapFilter((name, value) -> name IN {_OF_SPANS}, SpanAttributes) AS Attributes, 'span' AS Source,
            {_CALL.format(span="SpanId")} AS Call, {_CALL.format(span="ParentSpanId")} AS Covers,
            sipHash64(TraceId, SpanId, used.1) AS Id, Segment
        FROM (SELECT *,
                toUInt32OrZero({_first("SpanAttributes", _INPUT)}) AS input,
                toUInt32OrZero({_first("SpanAttributes", _OUTPUT)}) AS output,
                toUInt32OrZero({_first("SpanAttributes", _CACHE_READ)}) AS cache_read,
                toUInt32OrZero({_first("SpanAttributes", _CACHE_CREATION)}) AS cache_creation
            FROM (SELECT * FROM {{source}} WHERE SetAside = '' AND {_COUNTED})
            WHERE SpanAttributes['gen_ai.operation.name'] NOT IN {_PARENTS_OF_CALLS})
        ARRAY JOIN arrayFilter(one -> one.2 > 0, [
            ('llm.input_tokens', toUInt64(greatest(toInt64(input) - toInt64(cache_read) - toInt64(cache_creation), 0))),
            ('llm.cache_read_tokens', toUInt64(cache_read)),
            ('llm.cache_creation_tokens', toUInt64(cache_creation)),
            ('llm.output_tokens', toUInt64(output))]) AS used""",
    part="spans",
)


def _sent(signal: Signal, size: str) -> Target:
    """Bytes of what tells items apart most; columns that all items have alike compress to next to nothing."""
    return roll_up(
        "sent_bytes",
        f"""SELECT Project, '{signal.value}' AS Signal, ServiceName, Environment,
            toUInt32(toYYYYMMDD(Timestamp)) AS Day, any(Writer) AS Writer, max(Segment) AS LastSegment,
            count() AS Items, sum({size}) AS Bytes
        FROM {{source}} WHERE SetAside = '' GROUP BY Project, Signal, ServiceName, Environment, Day""",
        source_day=EVENT_DAY,
        table_day="Day",
    )


OF_LOGS = (_RECORDS, _sent(Signal.LOGS, "byteSize(Body, LogAttributes, ResourceAttributes, TraceId)"))
OF_SPANS = (_SPANS, _sent(Signal.TRACES, "byteSize(SpanAttributes, ResourceAttributes, StatusMessage, TraceId)"))
