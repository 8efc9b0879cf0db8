"""Keys that every line is to have: which services leave them out."""

from typing import Any

from midwatch.contract import fields
from midwatch.contract.log_names import BUILT_IN, SDK_LOGGERS
from midwatch.contract.plan.log_contract import ALWAYS_THERE
from midwatch.contract.plan.sections.required_keys import RequiredKey
from midwatch.server.verify.asked import Asked
from midwatch.server.verify.finding import Finding, Outcome
from midwatch.server.verify.observed.log_events import EVENT_SQL
from midwatch.server.verify.registry import Check
from midwatch.server.verify.words import counted, share

SERVICES_MAX = 500
_TIME = frozenset({"ts", "time", "timestamp", "@timestamp"})
_COLUMNS = {
    fields.EVENT_NAME: f"{EVENT_SQL} != '' OR startsWith(LogAttributes['logger'], '{SDK_LOGGERS}')",
    fields.DEPLOYMENT_ENVIRONMENT: "Environment != ''",
    fields.SERVICE_NAME: "ServiceName != ''",
    fields.TRACE_ID: "TraceId != ''",
    fields.SPAN_ID: "SpanId != ''",
}
_LEVEL, _BODY = "Level != 'unknown'", "Body != ''"


async def run(asked: Asked) -> Outcome:
    outcome = Outcome()
    required = asked.contract.required
    if not required:
        return outcome
    params: dict[str, Any] = {"declared": list(asked.contract.events), "apart": list(BUILT_IN)}
    columns = []
    for place, one in enumerate(required):
        params[f"k{place}"] = list(fields.names_of(one.key))
        columns.append(f"countIf({_has(one.key, place)}) AS c{place}")
    sql = f"""SELECT toString(ServiceName) AS service, count() AS n, min(toUnixTimestamp64Nano(Timestamp)) AS first,
            {", ".join(columns)}
        FROM logs WHERE {asked.scope.where()} AND EventName NOT IN {{apart:Array(String)}}
        GROUP BY service ORDER BY n DESC LIMIT {SERVICES_MAX}"""
    for row in await asked.rows(sql, params):
        for place, one in enumerate(required):
            if (not one.services or row["service"] in one.services) and row[f"c{place}"] < row["n"] * one.at_least:
                outcome.add(_lacking(asked, one, row, row[f"c{place}"]))
    return outcome


def _has(key: str, place: int) -> str:
    """Whether a line has it, as SQL over a row of `logs`."""
    canonical = fields.canonical(key)
    if key in _TIME:
        return "1"
    if key in ALWAYS_THERE:
        return _LEVEL if key in ("level", "severity") else _BODY
    there = f"hasAny(arrayConcat(mapKeys(LogAttributes), mapKeys(ResourceAttributes)), {{k{place}:Array(String)}})"
    return f"{_COLUMNS[canonical]} OR {there}" if canonical in _COLUMNS else there


def _lacking(asked: Asked, one: RequiredKey, row: dict[str, Any], has: int) -> Finding:
    service, lines = row["service"] or "(no service)", row["n"]
    name = {fields.EVENT_NAME: "event", fields.DEPLOYMENT_ENVIRONMENT: "env"}.get(fields.canonical(one.key), one.key)
    wanted = "every line" if one.at_least == 1 else f"at least {share(one.at_least, 1)} of lines"
    return Finding(
        kind="required_key_missing",
        severity="error",
        subject=f"{service}: {one.key}",
        expected=f"{one.key} on {wanted}",
        found=f"missing on {share(lines - has, lines)} of {counted(lines, 'line', 'lines')}",
        todo=_todo(one.key, service),
        since_ns=row["first"] if has == 0 else None,
        link=asked.link("/logs", query=f'service:"{row["service"]}" AND NOT {name}:*' if row["service"] else ""),
    )


def _todo(key: str, service: str) -> str:
    canonical = fields.canonical(key)
    if canonical == fields.CORRELATION_ID:
        return (
            f"Let {service} read x-correlation-id and bind it to its lines, as midwatch.init and the line for its"
            " framework do; where lines of a start belong to no request, say at_least: 0.95."
        )
    if canonical == fields.DEPLOYMENT_ENVIRONMENT:
        return f"Set deployment.environment.name (MIDWATCH_ENVIRONMENT) where {service} runs."
    if canonical == fields.EVENT_NAME:
        return f"Let lines of {service} have a short stable name in event, or as their message."
    return f"Bind {key} in {service} where a request or job begins."


CHECK = Check("required_keys", "Keys of every line", 35, run)
