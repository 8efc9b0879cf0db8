"""How statements look on a cluster."""

import pytest

from midwatch.server.store.layout import Cluster, SingleServer
from midwatch.server.store.migrate import schema_files, statements_of

CLUSTER = Cluster("main", "midwatch")


def test_a_table_is_replicated_and_has_a_distributed_one_in_front() -> None:
    """Whole segments go to one shard; the replica path names shard, database and table."""
    local, distributed = CLUSTER.ddl(
        "CREATE TABLE spans\n(\n    A UInt8 CODEC(ZSTD(1)),\n    Segment FixedString(16)\n)\n"
        "ENGINE = MergeTree\nORDER BY A"
    )
    assert local.startswith("CREATE TABLE spans_local ON CLUSTER `main` (")
    assert "ReplicatedMergeTree('/clickhouse/tables/{shard}/midwatch/spans', '{replica}')\nORDER BY A" in local
    assert distributed == (
        "CREATE TABLE spans ON CLUSTER `main` AS spans_local"
        " ENGINE = Distributed(`main`, `midwatch`, spans_local, sipHash64(Segment))"
    )


@pytest.mark.parametrize(
    ("columns", "key"),
    [
        ("Segment String, LastSegment String", "LastSegment"),
        ("MetricName String, SeriesId UInt128", "SeriesId"),
        ("MetricName String, Help String", "MetricName"),
    ],
)
def test_what_replaces_each_other_is_on_one_shard(columns: str, key: str) -> None:
    """Segments go to a shard as a whole; rows that stand being inserted again go by what makes them equal."""
    _, distributed = CLUSTER.ddl(f"CREATE TABLE t ({columns}) ENGINE = ReplacingMergeTree ORDER BY A")
    assert distributed.endswith(f"sipHash64({key}))")


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (
            "CREATE TABLE spans_in AS spans ENGINE = Null",
            ["CREATE TABLE spans_in ON CLUSTER `main` AS spans_local ENGINE = Null"],
        ),
        (
            "CREATE TABLE IF NOT EXISTS series_in\n(L Map(String, String))\nENGINE = Null",
            ["CREATE TABLE IF NOT EXISTS series_in ON CLUSTER `main` (L Map(String, String)) ENGINE = Null"],
        ),
        ("ALTER TABLE spans_in ADD COLUMN W String", ["ALTER TABLE spans_in ON CLUSTER `main` ADD COLUMN W String"]),
        (
            "ALTER TABLE spans MODIFY TTL T + INTERVAL 1 DAY",
            ["ALTER TABLE spans_local ON CLUSTER `main` MODIFY TTL T + INTERVAL 1 DAY"],
        ),
        (
            "ALTER TABLE service_edges MODIFY TTL T + INTERVAL 1 DAY",
            ["ALTER TABLE service_edges ON CLUSTER `main` MODIFY TTL T + INTERVAL 1 DAY"],
        ),
        (
            "ALTER TABLE spans ADD COLUMN W String",
            [
                "ALTER TABLE spans_local ON CLUSTER `main` ADD COLUMN W String",
                "ALTER TABLE spans ON CLUSTER `main` ADD COLUMN W String",
            ],
        ),
        ("DROP VIEW IF EXISTS v SYNC", ["DROP VIEW IF EXISTS v ON CLUSTER `main` SYNC"]),
        (
            "CREATE MATERIALIZED VIEW v TO t AS SELECT 1",
            ["CREATE MATERIALIZED VIEW v ON CLUSTER `main` TO t AS SELECT 1"],
        ),
    ],
)
def test_statements_reach_every_node(statement: str, expected: list[str]) -> None:
    """What changes rows' shape or life goes to the local tables; staging tables and views are on every node."""
    assert CLUSTER.ddl(statement) == expected
    assert SingleServer().ddl(statement) == [statement]


def test_the_removal_of_old_parts_is_stopped_on_every_node() -> None:
    assert CLUSTER.cleanup("STOP", "spans_local") == "SYSTEM STOP CLEANUP ON CLUSTER `main` spans_local"
    assert SingleServer().cleanup("START", "spans") == "SYSTEM START CLEANUP spans"


def test_an_unknown_statement_is_refused() -> None:
    """Rather an error at start than a table on one node of many."""
    with pytest.raises(ValueError, match="cannot put on a cluster: RENAME"):
        CLUSTER.ddl("RENAME TABLE a TO b")


def test_every_schema_file_has_a_meaning_on_a_cluster() -> None:
    """No statement of a schema file is left out."""
    for _, _, text in schema_files():
        for statement in statements_of(text):
            assert all("ON CLUSTER `main`" in one for one in CLUSTER.ddl(statement))
