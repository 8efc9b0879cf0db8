"""How our tables lie on the store: as they are written on one server; sharded and replicated on a cluster.

On a cluster every table `t` is `t_local`, replicated, on each shard, and a Distributed `t` in front of it; staging
tables and views are on every node, so that any node takes segments. The sharding key is the segment: all that an INSERT
brings goes to one shard, where it is atomic per table and day as on a single server. Exactly-once needs that.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

_CREATE = re.compile(
    r"CREATE TABLE (?P<exists>IF NOT EXISTS )?(?P<table>\w+)\s*(?P<columns>\(.*\))\s*"
    r"ENGINE = (?P<engine>\w*MergeTree)\b(?P<rest>.*)",
    re.DOTALL,
)
_STAGING = re.compile(r"CREATE TABLE (?P<exists>IF NOT EXISTS )?(?P<table>\w+) AS (?P<like>\w+) ENGINE = Null")
_NULL = re.compile(
    r"CREATE TABLE (?P<exists>IF NOT EXISTS )?(?P<table>\w+)\s*(?P<columns>\(.*\))\s*ENGINE = Null", re.DOTALL
)
_ALTER = re.compile(r"ALTER TABLE (?P<table>\w+) (?P<change>.*)", re.DOTALL)
_VIEW = re.compile(r"CREATE MATERIALIZED VIEW (?P<view>\w+) (?P<rest>TO .*)", re.DOTALL)
_DROP_VIEW = re.compile(r"DROP VIEW IF EXISTS (?P<view>\w+) SYNC")
_STAGING_SUFFIX = "_in"
_WHOLE = frozenset(
    {
        *("person_links", "person_properties", "persons", "schema_migrations", "service_edges", "service_edge_blocks"),
        *("domain_events", "entity_latest", "event_chain", "event_ids"),
    }
)
"""Small tables, the same on every node."""
_SHARDING_KEYS = ("LastSegment", "Segment", "SeriesId", "MetricName")
"""The first of these that a table has. Tables without a segment take the same rows again without a change: an INSERT
need not be atomic, and what replaces each other has to lie on one shard."""
_COLUMN_CHANGE = re.compile(r"\b(?:ADD|DROP|MODIFY|RENAME) COLUMN\b")


class Layout(Protocol):
    """What differs between one server and a cluster."""

    @property
    def parts(self) -> str:
        """The table of parts, as a FROM names it."""
        ...

    def ddl(self, statement: str) -> list[str]:
        """The statements that do here what this one does on a single server."""
        ...

    def cleanup(self, word: str, stored: str) -> str:
        """The statement that stops or starts (`word`) the removal of old parts of a table that has some."""
        ...

    def stored(self, table: str) -> str:
        """The name of the table that has the parts of `table`."""
        ...

    def insert_settings(self, segment_id: str) -> Mapping[str, str | int]:
        """Settings of the INSERT of a segment, beside those that every store gets."""
        ...


class SingleServer:
    """Everything as it is written."""

    parts = "system.parts"

    def ddl(self, statement: str) -> list[str]:
        return [statement]

    def cleanup(self, word: str, stored: str) -> str:
        return f"SYSTEM {word} CLEANUP {stored}"

    def stored(self, table: str) -> str:
        return table

    def insert_settings(self, segment_id: str) -> Mapping[str, str | int]:
        return {}


@dataclass(frozen=True, slots=True)
class Cluster:
    """Tables on every node of a cluster whose servers define the macros `shard` and `replica`."""

    name: str
    database: str

    @property
    def parts(self) -> str:
        return f"cluster('{self.name}', system.parts)"

    def cleanup(self, word: str, stored: str) -> str:
        return f"SYSTEM {word} CLEANUP ON CLUSTER `{self.name}` {stored}"

    def stored(self, table: str) -> str:
        return table if table in _WHOLE else f"{table}_local"

    def insert_settings(self, segment_id: str) -> Mapping[str, str | int]:
        """An INSERT ends when the shard has it, and the replica that took it is asked first what it has.

        Replicated tables note the token in Keeper together with the part: a replica that lags behind is not told twice.
        """
        return {
            "distributed_foreground_insert": 1,
            "load_balancing": "in_order",
            "insert_deduplication_token": segment_id,
            "deduplicate_blocks_in_dependent_materialized_views": 1,
        }

    def ddl(self, statement: str) -> list[str]:  # noqa: PLR0911 - one line a kind
        """See `Layout`.

        Raises:
            ValueError: a kind of statement that has no meaning on a cluster yet.
        """
        everywhere = f"ON CLUSTER `{self.name}`"
        if found := _CREATE.fullmatch(statement):
            return self._create(**found.groupdict())
        if found := _STAGING.fullmatch(statement):
            table, like = f"{found['exists'] or ''}{found['table']}", self.stored(found["like"])
            return [f"CREATE TABLE {table} {everywhere} AS {like} ENGINE = Null"]
        if found := _NULL.fullmatch(statement):
            return [
                f"CREATE TABLE {found['exists'] or ''}{found['table']} {everywhere} {found['columns']} ENGINE = Null"
            ]
        if found := _ALTER.fullmatch(statement):
            table, change = found["table"], found["change"]
            if table.endswith(_STAGING_SUFFIX):
                return [f"ALTER TABLE {table} {everywhere} {change}"]
            altered = [f"ALTER TABLE {self.stored(table)} {everywhere} {change}"]
            if table not in _WHOLE and _COLUMN_CHANGE.search(change):
                altered.append(f"ALTER TABLE {table} {everywhere} {change}")
            return altered
        if found := _VIEW.fullmatch(statement):
            return [f"CREATE MATERIALIZED VIEW {found['view']} {everywhere} {found['rest']}"]
        if found := _DROP_VIEW.fullmatch(statement):
            return [f"DROP VIEW IF EXISTS {found['view']} {everywhere} SYNC"]
        raise ValueError(f"cannot put on a cluster: {statement[:80]}")

    def _create(self, *, exists: str | None, table: str, columns: str, engine: str, rest: str) -> list[str]:
        everywhere, exists = f"ON CLUSTER `{self.name}`", exists or ""
        path = f"/clickhouse/tables/{{shard}}/{self.database}/{table}"
        if table in _WHOLE:
            path = f"/clickhouse/tables/all/{self.database}/{table}"
            replicated = f"Replicated{engine}('{path}', '{{shard}}_{{replica}}')"
            return [f"CREATE TABLE {exists}{table} {everywhere} {columns} ENGINE = {replicated}{rest}"]
        key = next(one for one in _SHARDING_KEYS if one in columns)
        local, replicated = self.stored(table), f"Replicated{engine}('{path}', '{{replica}}')"
        in_front = f"Distributed(`{self.name}`, `{self.database}`, {local}, sipHash64({key}))"
        return [
            f"CREATE TABLE {exists}{local} {everywhere} {columns} ENGINE = {replicated}{rest}",
            f"CREATE TABLE {exists}{table} {everywhere} AS {local} ENGINE = {in_front}",
        ]
