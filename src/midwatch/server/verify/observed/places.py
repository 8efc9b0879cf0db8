"""Services and environments that told of anything."""

from dataclasses import dataclass

from midwatch.server.verify.asked import Asked

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
    where = asked.scope.where("Minute", nanos=False)
    sql = f"""SELECT service, env, sum(n) AS items, min(at) AS first, max(at) AS last FROM (
            SELECT toString(ServiceName) AS service, toString(Environment) AS env, sum(Count) AS n,
                toInt64(toUnixTimestamp(Minute)) AS at FROM service_red WHERE {where} GROUP BY service, env, at
            UNION ALL
            SELECT toString(ServiceName), toString(Environment), toFloat64(sum(Count)),
                toInt64(toUnixTimestamp(Minute)) AS at FROM log_volume WHERE {where}
            GROUP BY ServiceName, Environment, at
        ) GROUP BY service, env ORDER BY items DESC LIMIT {SEEN_MAX}"""
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
