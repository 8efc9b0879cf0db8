"""Probes that never looked, heartbeats that never came, health checks that nobody tells of."""

from midwatch.contract.plan.sections import health_checks, heartbeats, probes
from midwatch.server.verify.asked import Asked, Monitored
from midwatch.server.verify.finding import Finding, Outcome, Row, State
from midwatch.server.verify.registry import Check

CHECKS_MAX = 5000


async def run(asked: Asked) -> Outcome:
    outcome = Outcome()
    seen_probes = {one.name: one for one in await asked.rooms.probes()}
    _probes(asked, seen_probes, outcome)
    if asked[heartbeats.SECTION]:
        _heartbeats(asked, list(await asked.rooms.heartbeats()), outcome)
    if asked[health_checks.SECTION]:
        await _health(asked, seen_probes, outcome)
    return outcome


def _probes(asked: Asked, seen: dict[str, Monitored], outcome: Outcome) -> None:
    """What is down is an alert's to tell; here is what never looked."""
    for probe in asked[probes.SECTION]:
        one = seen.get(probe.name)
        looked = one is not None and one.seen
        link = asked.link("/uptime", open=probe.name)
        last = one.last_ns if one is not None else None
        outcome.rows.append(Row("probe", probe.name, "coming" if looked else "never", last_ns=last, link=link))
        if not looked:
            where = f" from {', '.join(probe.locations)}" if probe.locations else ""
            outcome.add(
                Finding(
                    kind="probe_never",
                    severity="error",
                    subject=probe.name,
                    expected=f"that it looks{where}",
                    found="no attempt yet",
                    todo=f"Run `midwatch probe` where it is to look from{where}, or wait for its interval."
                    if probe.locations
                    else "Wait for its interval; then see whether this server holds the lease of probes (/metrics).",
                    link=link,
                )
            )


def _heartbeats(asked: Asked, seen: list[Monitored], outcome: Outcome) -> None:
    for heartbeat in asked[heartbeats.SECTION]:
        own = [
            one
            for one in seen
            if one.name == heartbeat.name
            and (
                not asked.environment or asked.aliases.get(one.environment, one.environment) in ("", asked.environment)
            )
        ]
        came = [one for one in own if one.seen]
        state: State = "coming" if came else "never"
        if came and all(one.state == "missed" for one in came):
            state = "stopped"
        last = max((one.last_ns for one in came if one.last_ns is not None), default=None)
        link = asked.link("/uptime/heartbeats")
        outcome.rows.append(Row("heartbeat", heartbeat.name, state, last_ns=last, link=link))
        if state != "coming":
            every = heartbeat.schedule or "its interval"
            outcome.add(
                Finding(
                    kind=f"heartbeat_{state}",
                    severity="error",
                    subject=heartbeat.name,
                    expected=f"a sign of life by {every}",
                    found="none yet" if state == "never" else "it is missed",
                    todo="Let the job ping its address (Uptime → Heartbeats has it), or use midwatch.heartbeat.",
                    since_ns=last,
                    link=link,
                )
            )


async def _health(asked: Asked, probes_seen: dict[str, Monitored], outcome: Outcome) -> None:
    told = await _told(asked)
    for service, wanted in asked[health_checks.SECTION].items():
        if not asked.here(wanted.environments):
            continue
        for check in wanted.checks:
            last = told.get((service, check))
            name, link = f"{service}: {check}", asked.link("/explore", expr=f'health_check_up{{job="{service}"}}')
            state: State = "coming" if last is not None else "never"
            outcome.rows.append(
                Row("health check", name, state, last_ns=last, services=(service,), owner=wanted.owner, link=link)
            )
            if last is None:
                others = sorted(one for of, one in told if of == service)
                outcome.add(
                    Finding(
                        kind="health_check_never",
                        severity="error",
                        subject=name,
                        expected=f'health_check_up{{job="{service}", check="{check}"}}',
                        found=f"{service} tells of {', '.join(others)}" if others else f"{service} tells of no checks",
                        todo=f"Add the check to {service} (midwatch.health), and let something ask for it: an"
                        " orchestrator or a probe asks its readiness path.",
                        link=link,
                    )
                )
        for probe in wanted.probes:
            one = probes_seen.get(probe)
            if one is None or one.state in ("down", "new"):
                outcome.add(
                    Finding(
                        kind="health_check_down",
                        severity="error",
                        subject=f"{service}: probe {probe}",
                        expected=f"an answer of {service}",
                        found="down" if one is not None and one.state == "down" else "never looked at",
                        todo="Open the probe: it says what it got.",
                        link=asked.link("/uptime", open=probe),
                    )
                )


async def _told(asked: Asked) -> dict[tuple[str, str], int]:
    """By service and check: when its series came last."""
    scope = asked.scope
    env = "AND Labels['env'] IN {environments:Array(String)}" if scope.environments else ""
    sql = f"""SELECT Labels['job'] AS job, Labels['check'] AS check,
            max(toUnixTimestamp64Milli(LastTime)) * 1000000 AS last
        FROM metric_series WHERE Project = {{project:UInt32}} AND MetricName = 'health_check_up' {env}
            AND LastTime >= fromUnixTimestamp64Nano({{start:Int64}}, 'UTC')
        GROUP BY job, check LIMIT {CHECKS_MAX}"""
    return {(row["job"], row["check"]): row["last"] for row in await asked.rows(sql)}


CHECK = Check("monitors", "Health checks, probes, heartbeats", 60, run)
