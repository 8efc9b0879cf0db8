"""Services and environments that told of anything."""

from dataclasses import dataclass

from midwatch.server.verify.asked import Asked
from midwatch.server.verify.observed.metrics import seen_metrics

SEEN_MAX = 2000


@dataclass(frozen=True, slots=True)
class SeenPlace:
    """A service in an environment; times are those of its first and last minute."""

    service: str
    environment: str
    items: float
    first_ns: int
    last_ns: int


async def seen_places(asked: Asked) -> list[SeenPlace]:
    """By spans, lines, errors and product events; a job of series need not be a service."""
    where = asked.scope.where("Minute", nanos=False)
    places = " UNION ALL ".join(
        f"""SELECT toString(ServiceName) AS service, toString(Environment) AS env, toFloat64(sum({items})) AS n,
            toInt64(toUnixTimestamp({minute})) AS at FROM {table} WHERE {within} GROUP BY service, env, at"""
        for table, items, minute, within in (
            ("service_red", "Count", "Minute", where),
            ("log_volume", "Count", "Minute", where),
            ("error_volume", "Count", "Minute", where),
            ("product_events", "1", "toStartOfMinute(Timestamp)", asked.scope.where("Timestamp")),
        )
    )
    sql = f"""SELECT service, env, sum(n) AS items, min(at) AS first, max(at) AS last
        FROM ({places}) GROUP BY service, env ORDER BY items DESC LIMIT {SEEN_MAX}"""
    return [
        SeenPlace(
            row["service"],
            row["env"],
            row["items"],
            row["first"] * 10**9,
            min((row["last"] + 59) * 10**9, asked.scope.span.end_ns),
        )
        for row in await asked.rows(sql)
    ]


async def by_series(asked: Asked) -> dict[str, list[SeenPlace]]:
    """By the jobs of series: of services that tell of nothing else."""
    found: dict[str, list[SeenPlace]] = {}
    for metric in (await asked.once(seen_metrics)).values():
        for job in metric.services:
            found.setdefault(job, []).append(SeenPlace(job, "", 0, metric.first_ns, metric.last_ns))
    return found
