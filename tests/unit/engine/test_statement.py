"""Requests taken apart: where the data of an INSERT begins, and what a request sets."""

from pathlib import Path

import pytest

from midwatch.server.engine.statement import (
    BadStatement,
    Statement,
    from_url,
    insert_from_file,
    is_insert,
    kill_by_comment,
    preamble,
    quote,
    split_insert,
)


@pytest.mark.parametrize(
    ("sql", "head", "data_format", "data"),
    [
        (b"INSERT INTO t FORMAT TSV\n1\t2\n", "INSERT INTO t ", "TSV", b"1\t2\n"),
        (b"insert into t (format, x) format JSONEachRow\r\n{}", "insert into t (format, x) ", "JSONEachRow", b"{}"),
        (b'INSERT INTO t FORMAT JSONEachRow {"a":1}', "INSERT INTO t ", "JSONEachRow", b'{"a":1}'),
        (b"INSERT INTO t FORMAT Native", "INSERT INTO t ", "Native", b""),
        (b"-- FORMAT CSV\nINSERT INTO t FORMAT TSV;\n1", "-- FORMAT CSV\nINSERT INTO t ", "TSV", b"1"),
        (b"INSERT INTO `a format b` FORMAT TSV\n1", "INSERT INTO `a format b` ", "TSV", b"1"),
        (b"INSERT INTO t SELECT ' FORMAT x\n' FROM input('a Int8') FORMAT TSV\n1",
         "INSERT INTO t SELECT ' FORMAT x\n' FROM input('a Int8') ", "TSV", b"1"),
        (b"INSERT INTO t FORMAT TSV\n\n FORMAT CSV\n", "INSERT INTO t ", "TSV", b"\n FORMAT CSV\n"),
    ],
)  # fmt: skip
def test_where_the_data_begins(sql: bytes, head: str, data_format: str, data: bytes) -> None:
    """Statement, format and data are told apart, whatever is quoted, commented or named like a keyword."""
    found = split_insert(sql)
    assert found is not None
    assert (found[0], found[1], sql[found[2] :]) == (head, data_format, data)


@pytest.mark.parametrize(
    "sql",
    [
        b"INSERT INTO t VALUES (5, 'x format JSON\n y')",
        b"INSERT INTO t FORMAT Values (1)",
        b"INSERT INTO t SELECT 1",
        b"INSERT INTO t SELECT format FROM x",
        b"INSERT INTO t SELECT 'FORMAT TSV\n'",
        b"INSERT INTO t SELECT 1 -- FORMAT TSV\n",
    ],
)
def test_statements_that_carry_no_data_file(sql: bytes) -> None:
    """A statement with its values inside, or without any, is run as it is."""
    assert split_insert(sql) is None


@pytest.mark.parametrize(
    ("sql", "expected"),
    [(b" insert into t", True), (b"-- x\nINSERT INTO t", True), (b"/* a */ INSERT INTO t", True), (b"SELECT 1", False)],
)
def test_an_insert_is_known_by_its_first_word(sql: bytes, expected: bool) -> None:
    """Comments and space before it do not matter."""
    assert is_insert(sql) is expected


def test_an_insert_reads_its_data_from_a_file() -> None:
    """`input()` becomes `file()`; without it the file is named where ClickHouse's grammar has it, before SETTINGS."""
    assert (
        insert_from_file("INSERT INTO t SELECT a FROM input('a Int8')", "TSV", Path("/d/f"))
        == "INSERT INTO t SELECT a FROM file('/d/f', 'TSV', 'a Int8')"
    )
    assert (
        insert_from_file("INSERT INTO t SETTINGS a=1", "TSV", Path("/d/f"))
        == "INSERT INTO t  FROM INFILE '/d/f' SETTINGS a=1 FORMAT TSV"
    )


def test_settings_and_parameters_of_a_url() -> None:
    """What the HTTP layer understands goes no further; names that are no identifiers are refused."""
    url = {"param_x": "1", "max_threads": "2", "query": "SELECT 1", "session_id": "s", "database": "d"}
    assert from_url(url) == ({"max_threads": "2"}, {"x": "1"})
    with pytest.raises(BadStatement, match="expected an identifier"):
        from_url({"a = 1, b": "x"})


def test_what_is_set_before_a_statement_runs() -> None:
    """Values are quoted, and `readonly` comes last, since nothing can be set after it."""
    steps = preamble(
        Statement(
            "SELECT 1", settings={"readonly": "1", "format_schema": "a'b\\c\n"}, params={"x": "it's"}, database="d"
        )
    )
    assert steps[0] == "USE `d`"
    assert "format_schema = 'a\\'b\\\\c\n'" in steps[1]
    assert steps[2] == "SET param_x = 'it\\'s'"
    assert steps[-1] == "SET readonly = '1'"
    with pytest.raises(BadStatement, match="UNKNOWN_DATABASE"):
        preamble(Statement("SELECT 1", database="d`; DROP"))


@pytest.mark.parametrize(
    ("sql", "default_format", "streamed", "bounded"),
    [
        ("SELECT 1", "Native", True, False),
        ("SELECT 1 FORMAT JSON", "Native", False, True),
        ("(SELECT 1) FORMAT CSV", "Native", True, False),
        ("WITH 1 AS a SELECT a FORMAT JSONEachRow SETTINGS max_threads = 1", "Native", True, False),
        ("INSERT INTO t SELECT 1", "TabSeparated", False, False),
        ("SHOW TABLES", "TabSeparated", False, False),
    ],
)
def test_results_are_streamed_or_bounded(sql: str, default_format: str, streamed: bool, bounded: bool) -> None:
    """A query's result is sent block by block, or it is made whole under a bound; nothing else gets the bound."""
    statement = Statement(sql, default_format=default_format)
    assert statement.is_streamed is streamed
    assert any("max_result_bytes" in step for step in preamble(statement)) is bounded


def test_kill_finds_our_ids() -> None:
    """The engine makes up ids of its own; ours are kept beside them."""
    assert kill_by_comment("KILL QUERY WHERE query_id = 'x'") == "KILL QUERY WHERE Settings['log_comment'] = 'x'"
    assert quote("a'b\\") == "'a\\'b\\\\'"
