"""Environments that send another share of their traces, or lines of lower levels, than the plan says."""

import math

from midwatch.contract.plan.sections import sampling
from midwatch.contract.plan.sections.sampling import Sampling
from midwatch.server.query.search.fields import LEVELS
from midwatch.server.verify.asked import Asked
from midwatch.server.verify.finding import Finding, Outcome
from midwatch.server.verify.registry import Check
from midwatch.server.verify.words import listed, share

TRACES_MIN = 30
"""Below so many nothing is said of a share."""
DEVIATIONS = 4.0
"""Of chance: what is further off than so many standard deviations is no chance."""
SLACK = 0.02
"""Of the share itself, beside chance."""
SERVICES_MAX = 500


async def run(asked: Asked) -> Outcome:
    outcome = Outcome()
    declared = {
        name: one for name, one in asked[sampling.SECTION].items() if not asked.environment or name == asked.environment
    }
    if any(one.traces is not None for one in declared.values()):
        await _traces(asked, declared, outcome)
    if any(one.log_level is not None for one in declared.values()):
        await _levels(asked, declared, outcome)
    return outcome


async def _traces(asked: Asked, declared: dict[str, Sampling], outcome: Outcome) -> None:
    """By the weights of entry spans: one that stands for four was kept with a share of a quarter."""
    sql = f"""SELECT toString(Environment) AS env, toString(ServiceName) AS service, count() AS kept,
            sum(Weight) AS stood_for
        FROM spans WHERE {asked.scope.where()} AND ParentSpanId = '' GROUP BY env, service
        HAVING kept >= {TRACES_MIN} ORDER BY kept DESC LIMIT {SERVICES_MAX}"""
    for row in await asked.rows(sql):
        wanted = declared.get(asked.aliases.get(row["env"], row["env"]))
        if wanted is None or wanted.traces is None or not row["stood_for"]:
            continue
        observed = row["kept"] / row["stood_for"]
        if not differs(observed, wanted.traces, row["stood_for"]):
            continue
        outcome.add(
            Finding(
                kind="sampling_share",
                severity="warning",
                subject=f"{row['service']} in {row['env']}",
                expected=f"{share(wanted.traces, 1)} of traces",
                found=f"{share(observed, 1)}, by {row['kept']:,} traces",
                todo="Let it read the plan (init(plan=…)), or set OTEL_TRACES_SAMPLER_ARG to the same share; a sampler"
                " that says nothing in tracestate counts as keeping all.",
                link=asked.link("/traces", query=f'service:"{row["service"]}"'),
            )
        )


def differs(observed: float, wanted: float, traces: float) -> bool:
    """Whether an observed share is another than the one that is wanted, and not by chance."""
    chance = math.sqrt(max(wanted * (1 - wanted), 0.0) / max(traces, 1.0))
    return abs(observed - wanted) > DEVIATIONS * chance + SLACK * max(wanted, 0.05)


async def _levels(asked: Asked, declared: dict[str, Sampling], outcome: Outcome) -> None:
    sql = f"""SELECT toString(Environment) AS env, toString(ServiceName) AS service, toString(Level) AS level,
            sum(Count) AS n
        FROM log_volume WHERE {asked.scope.where("Minute", nanos=False)} AND Level != 'unknown'
        GROUP BY env, service, level ORDER BY n DESC LIMIT {SERVICES_MAX * 6}"""
    lower: dict[tuple[str, str], dict[str, int]] = {}
    for row in await asked.rows(sql):
        wanted = declared.get(asked.aliases.get(row["env"], row["env"]))
        if wanted is not None and wanted.log_level and LEVELS[row["level"]] < LEVELS[wanted.log_level]:
            lower.setdefault((row["env"], row["service"]), {})[row["level"]] = row["n"]
    for (env, service), levels in lower.items():
        wanted = declared[asked.aliases.get(env, env)]
        outcome.add(
            Finding(
                kind="sampling_level",
                severity="warning",
                subject=f"{service} in {env}",
                expected=f"no lines below {wanted.log_level}",
                found=f"{sum(levels.values()):,} lines of {listed(levels)}",
                todo="Let it read the plan (init(plan=…)), or set LOG_LEVEL there.",
                link=asked.link("/logs", query=f'service:"{service}" AND level:{next(iter(levels))}'),
            )
        )


CHECK = Check("sampling", "Sampling", 80, run)
