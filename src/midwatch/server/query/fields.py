"""Names that a search can use, for completion: the built-in ones and the attributes that were seen lately."""

from midwatch.server.http.schemas.logs import FieldInfo, FieldList
from midwatch.server.query.search.fields import LOGS, SPANS, Kind, Schema
from midwatch.server.query.source import Source

ROWS_MAX = 50_000
KEYS_MAX = 300
_TYPES = {Kind.KEYWORD: "keyword", Kind.TEXT: "text", Kind.LEVEL: "keyword", Kind.DURATION: "duration"}


class FieldQueries:
    def __init__(self, source: Source) -> None:
        self._source = source

    async def all(self, signal: str, project: int = 1) -> FieldList:
        schema: Schema = SPANS if signal == "spans" else LOGS
        types = schema.attributes.removesuffix("s") + "Types"
        sql = f"""SELECT topK({KEYS_MAX})(pair) AS pairs FROM (
                SELECT arrayJoin(arrayZip(mapKeys({schema.attributes}), {types})) AS pair
                FROM {schema.table} WHERE Project = {{project:UInt32}} AND Timestamp >= now() - INTERVAL 1 DAY
                    AND length({schema.attributes}) = length({types})
                LIMIT {ROWS_MAX})"""
        rows = await self._source.rows(sql, {"project": project})
        found = {name: "number" if kind in (3, 4) else "keyword" for name, kind in rows[0]["pairs"]} if rows else {}
        builtin = [
            FieldInfo(name=name, type=_TYPES.get(field.kind, "keyword"), origin="builtin")
            for name, field in schema.builtin.items()
        ]
        attributes = [FieldInfo(name=name, type=kind, origin="attribute") for name, kind in sorted(found.items())]
        return FieldList(fields=[*builtin, *attributes])
