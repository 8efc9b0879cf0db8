"""Names that a search can use, for completion: the built-in ones and the attributes that were seen lately."""

from midwatch.server.query.facets import one_in
from midwatch.server.query.search.fields import LOGS, SPANS, Kind, Schema
from midwatch.server.query.source import Source
from midwatch.server.schemas.logs import FieldInfo, FieldList

ROWS_MAX = 50_000
KEYS_MAX = 300
_TYPES = {Kind.KEYWORD: "keyword", Kind.TEXT: "text", Kind.LEVEL: "keyword", Kind.DURATION: "duration"}


class FieldQueries:
    def __init__(self, source: Source) -> None:
        self._source = source

    async def all(self, signal: str, project: int = 1) -> FieldList:
        schema: Schema = SPANS if signal == "spans" else LOGS
        types = schema.attributes.removesuffix("s") + "Types"
        where = "Project = {project:UInt32} AND Timestamp >= now() - INTERVAL 1 DAY"
        counted = await self._source.rows(
            f"SELECT count() AS n FROM {schema.table} WHERE {where}", {"project": project}
        )
        sql = f"""SELECT pair.1 AS name, pair.2 AS kind FROM (
                SELECT arrayJoin(arrayZip(mapKeys({schema.attributes}), {types})) AS pair FROM {schema.table}
                WHERE {where} AND length({schema.attributes}) = length({types})
                    AND {one_in(counted[0]["n"], ROWS_MAX)})
            GROUP BY pair ORDER BY count() DESC, pair LIMIT {KEYS_MAX}"""
        rows = await self._source.rows(sql, {"project": project})
        found: dict[str, str] = {}
        for row in rows:  # a name that was sent with several types is of the one that came most often
            found.setdefault(row["name"], "number" if row["kind"] in (3, 4) else "keyword")
        builtin = [
            FieldInfo(name=name, type=_TYPES.get(field.kind, "keyword"), origin="builtin")
            for name, field in schema.builtin.items()
        ]
        attributes = [FieldInfo(name=name, type=kind, origin="attribute") for name, kind in sorted(found.items())]
        return FieldList(fields=[*builtin, *attributes])
