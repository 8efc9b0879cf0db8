"""Declared operations that no span tells of, and those whose spans lack attributes."""

import re
from typing import Any

from midwatch.contract import fields
from midwatch.contract.plan.sections import spans
from midwatch.contract.plan.sections.spans import ExpectedSpan
from midwatch.server.verify.asked import Asked
from midwatch.server.verify.coming import Came, judged
from midwatch.server.verify.finding import Finding, Outcome, Row
from midwatch.server.verify.registry import Check
from midwatch.server.verify.words import counted, share


async def run(asked: Asked) -> Outcome:
    outcome = Outcome()
    declared = [one for one in asked[spans.SECTION] if asked.here(one.environments)]
    if not declared:
        return outcome
    seen = await _came(asked, declared, before=False)
    absent = [place for place in range(len(declared)) if place not in seen]
    earlier = await _came(asked, declared, before=True) if absent and asked.looks_back else {}
    for place, one in enumerate(declared):
        came = seen.get(place) or Came(last_ns=earlier[place].last_ns if place in earlier else None)
        link = asked.link("/traces", query=_query(one))
        state, finding = judged("span", one.title, one, came, asked.scope.span, link)
        outcome.rows.append(
            Row(
                "span",
                one.title,
                state,
                count=came.count,
                first_ns=came.first_ns,
                last_ns=came.last_ns,
                services=one.services,
                owner=one.owner,
                link=link,
            )
        )
        if finding is not None:
            outcome.add(finding)
    await _attributes(asked, [one for place, one in enumerate(declared) if place in seen], outcome)
    return outcome


async def _came(asked: Asked, declared: list[ExpectedSpan], *, before: bool) -> dict[int, Came]:
    """By place in the list; from the roll-up by minute, so a time is that of its minute."""
    scope = asked.before if before else asked.scope
    params, conditions = _conditions(declared, scope.params)
    sql = f"""SELECT place, sum(Count) AS n, min(at) AS first, max(at) AS last FROM (
            SELECT Count, toInt64(toUnixTimestamp(Minute)) AS at,
                arrayJoin(arrayFilter((p, fits) -> fits, range({len(declared)}), [{", ".join(conditions)}])) AS place
            FROM service_red WHERE {scope.where("Minute", nanos=False)})
        GROUP BY place"""
    rows = await asked.source.rows(sql, params)
    end_ns = scope.span.end_ns
    return {row["place"]: Came(row["n"], row["first"] * 10**9, min((row["last"] + 59) * 10**9, end_ns)) for row in rows}


async def _attributes(asked: Asked, declared: list[ExpectedSpan], outcome: Outcome) -> None:
    """One question for all declarations that name attributes."""
    wanted = [(one, key) for one in declared for key in one.attributes]
    if not wanted:
        return
    expected = list(dict.fromkeys(one for one, _ in wanted))
    params, conditions = _conditions(expected, asked.scope.params)
    columns = []
    for place, (one, key) in enumerate(wanted):
        params[f"k{place}"] = list(fields.names_of(key))
        of = conditions[expected.index(one)]
        columns.append(
            f"countIf({of}) AS n{place}, countIf({of} AND hasAny(keys, {{k{place}:Array(String)}})) AS c{place}"
        )
    sql = f"""SELECT {", ".join(columns)} FROM (
            SELECT ServiceName, SpanName, SpanKind,
                arrayConcat(mapKeys(SpanAttributes), mapKeys(ResourceAttributes)) AS keys
            FROM spans WHERE {asked.scope.where()} AND ({" OR ".join(conditions)}))"""
    (row,) = await asked.source.rows(sql, params)
    for place, (one, key) in enumerate(wanted):
        count = row[f"n{place}"]
        missing = count - row[f"c{place}"]
        if missing > 0:
            outcome.add(
                Finding(
                    kind="span_attribute_missing",
                    severity="error",
                    subject=f"{one.title}: {key}",
                    expected=f"{key} on every span",
                    found=f"missing on {share(missing, count)} of {counted(count, 'span', 'spans')}",
                    todo=f"Set {key} where the span is made; a proxy or sampler in between may drop it.",
                    link=asked.link("/traces", query=f"{_query(one)} AND NOT {key}:*"),
                )
            )


def _conditions(declared: list[ExpectedSpan], scope: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Of each declaration, the condition on a row that has ServiceName, SpanName and SpanKind."""
    params: dict[str, Any] = dict(scope)
    conditions = []
    for place, one in enumerate(declared):
        params[f"name{place}"] = _pattern(one.name) if "*" in one.name else one.name
        parts = [
            f"match(SpanName, {{name{place}:String}})" if "*" in one.name else f"SpanName = {{name{place}:String}}"
        ]
        if one.services:
            params[f"services{place}"] = list(one.services)
            parts.append(f"ServiceName IN {{services{place}:Array(String)}}")
        if one.kind:
            parts.append(f"SpanKind = '{one.kind}'")
        conditions.append(f"({' AND '.join(parts)})")
    return params, conditions


def _pattern(name: str) -> str:
    return f"^{'.*'.join(map(re.escape, name.split('*')))}$"


def _query(one: ExpectedSpan) -> str:
    """A search for its spans; of a name with `*`, for what has the rest in common."""
    name = f'name:"{one.name}"' if "*" not in one.name else ""
    services = " OR ".join(f'service:"{service}"' for service in one.services)
    return " AND ".join(
        filter(None, (name, f"({services})" if services else "", f"kind:{one.kind}" if one.kind else ""))
    )


CHECK = Check("spans", "Spans", 50, run)
