"""Services and environments: declared ones that are silent, and those that nobody has declared."""

from midwatch.contract.plan.sections import environments, services
from midwatch.server.verify.asked import Asked
from midwatch.server.verify.finding import Finding, Outcome, Row
from midwatch.server.verify.observed.places import SeenPlace, by_series, seen_places
from midwatch.server.verify.registry import Check
from midwatch.server.verify.words import counted, listed


async def run(asked: Asked) -> Outcome:
    seen, series = await asked.once(seen_places), await by_series(asked)
    outcome = Outcome()
    declared = asked[services.SECTION]
    by_service: dict[str, list[SeenPlace]] = {}
    for one in seen:
        by_service.setdefault(one.service, []).append(one)
    for name, service in declared.items():
        places = by_service.get(name) or series.get(name, [])
        if places or asked.here(service.environments):
            outcome.rows.append(_row("service", name, places, owner=service.owner))
        if not places and asked.here(service.environments):
            outcome.add(
                Finding(
                    kind="service_silent",
                    severity="error",
                    subject=name,
                    expected="anything of it",
                    found="nothing",
                    todo=f"Look whether {name} runs and where it sends to; its service.name has to be {name}."
                    + (f" Ask {service.owner}." if service.owner else ""),
                )
            )
        if service.environments and not asked.environment:
            for place in places:
                own = asked.aliases.get(place.environment, place.environment)
                if own and own not in service.environments:
                    outcome.add(
                        Finding(
                            kind="service_elsewhere",
                            severity="warning",
                            subject=f"{name} in {own}",
                            expected=f"{name} in {listed(service.environments)}",
                            found=f"telemetry of {name} from {own}",
                            todo=f"Correct its environment, or add {own} to its environments.",
                            since_ns=place.first_ns,
                        )
                    )
    if declared:
        for name, places in by_service.items():
            if name and name not in declared:
                outcome.rows.append(_row("service", name, places, declared=False))
                outcome.add(_undeclared("service", name, places, f"  {name}: {{}}\n"))
    _environments(asked, seen, outcome)
    return outcome


def _environments(asked: Asked, seen: list[SeenPlace], outcome: Outcome) -> None:
    known = asked[environments.SECTION]
    if not known:
        return
    by_name: dict[str, list[SeenPlace]] = {}
    for one in seen:
        by_name.setdefault(asked.aliases.get(one.environment, one.environment), []).append(one)
    for name in known:
        if not asked.environment or name == asked.environment:
            outcome.rows.append(_row("environment", name, by_name.get(name, [])))
    for name, places in by_name.items():
        if name and name not in known:
            outcome.rows.append(_row("environment", name, places, declared=False))
            outcome.add(_undeclared("environment", name, places, f"  {name}: {{}}\n"))
        elif not name:
            outcome.add(
                Finding(
                    kind="environment_missing",
                    severity="error",
                    subject=listed(sorted({one.service for one in places})),
                    expected=f"deployment.environment.name: {listed(known)}",
                    found="telemetry without an environment",
                    todo="Set MIDWATCH_ENVIRONMENT, or deployment.environment.name in OTEL_RESOURCE_ATTRIBUTES, or tie"
                    " the ingest key to an environment.",
                    since_ns=min(one.first_ns for one in places),
                )
            )


def _row(thing: str, name: str, places: list[SeenPlace], *, declared: bool = True, owner: str = "") -> Row:
    return Row(
        "service" if thing == "service" else "environment",
        name,
        ("coming" if declared else "unknown") if places else "never",
        declared=declared,
        count=sum(one.items for one in places),
        first_ns=min((one.first_ns for one in places), default=None),
        last_ns=max((one.last_ns for one in places), default=None),
        services=() if thing == "service" else tuple(sorted({one.service for one in places})),
        owner=owner,
    )


def _undeclared(thing: str, name: str, places: list[SeenPlace], snippet: str) -> Finding:
    return Finding(
        kind=f"{thing}_unknown",
        severity="warning",
        subject=name,
        expected=f"a declared {thing}",
        found=counted(sum(one.items for one in places), "item", "items"),
        todo=f"Declare it in {thing}s{', as one or as an alias of one' if thing == 'environment' else ''}.",
        since_ns=min(one.first_ns for one in places),
        snippet=snippet,
    )


CHECK = Check("places", "Services and environments", 10, run)
