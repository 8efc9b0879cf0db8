"""Names of services and operations of the last two days, for lists to choose from."""

from midwatch.server.query.source import Source

SERVICES_MAX = 1000
OPERATIONS_MAX = 2000
_RECENT = "Project = {project:UInt32} AND Minute >= now() - INTERVAL 2 DAY"


class RecentNames:
    def __init__(self, source: Source) -> None:
        self._source = source

    async def services(self, project: int) -> list[str]:
        """By name, SERVICES_MAX at most."""
        rows = await self._source.rows(
            f"SELECT DISTINCT toString(ServiceName) AS name FROM service_red WHERE {_RECENT}"
            f" ORDER BY name LIMIT {SERVICES_MAX}",
            {"project": project},
        )
        return [row["name"] for row in rows]

    async def operations(self, service: str, project: int) -> list[tuple[str, str]]:
        """Names and kinds of a service's spans, OPERATIONS_MAX at most."""
        rows = await self._source.rows(
            "SELECT DISTINCT toString(SpanName) AS name, toString(SpanKind) AS kind FROM service_red"
            f" WHERE {_RECENT} AND ServiceName = {{service:String}} ORDER BY name, kind LIMIT {OPERATIONS_MAX}",
            {"service": service, "project": project},
        )
        return [(row["name"], row["kind"]) for row in rows]
