"""What is told of lines without reading them."""

import pytest

from midwatch.server.protocols.ndjson.lines import BadLines, all_have_times, count_lines, is_probe, to_lines


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (b'{"a":1}\n{"b":2}', b'{"a":1}\n{"b":2}'),
        (b'[{"a":1}, {"b": 2}]', b'{"a":1}\n{"b":2}'),
        (b' [\n {"a": 1}\n]', b'{"a":1}'),
        (b'[1, "x", null]', b'1\n"x"\nnull'),
        (b"[2026-01-01] INFO started\n[x", b"[2026-01-01] INFO started\n[x"),
        (b'{\n "a": 1\n}', b'{"a":1}'),
        (b'{"torn": \nnext', b'{"torn": \nnext'),
        (b"just text", b"just text"),
        ("größe".encode(), "größe".encode()),
    ],
)
def test_bodies_become_lines(body: bytes, lines: bytes) -> None:
    """Arrays and spread objects are put into lines, everything else is left alone."""
    assert to_lines(body, is_json=False) == lines


@pytest.mark.parametrize(
    ("body", "is_json"), [(b"\xff", False), (b"", False), (b" \n\t", False), (b'[{"a"', True), (b"[]", True)]
)
def test_what_is_no_text_is_refused(body: bytes, is_json: bool) -> None:
    """Invalid UTF-8, nothing at all, and arrays that end too early."""
    with pytest.raises(BadLines, match="expected"):
        to_lines(body, is_json=is_json)


@pytest.mark.parametrize(
    ("body", "count"), [(b"a", 1), (b"a\n", 1), (b"a\nb", 2), (b"a\n\n \nb\n", 2), (b"\n\na\n", 1)]
)
def test_lines_are_counted(body: bytes, count: int) -> None:
    """Blank ones are left out."""
    assert count_lines(body) == count


@pytest.mark.parametrize(
    ("body", "timed"),
    [
        (b'{"time":1,"msg":"a"}\n{"msg":"b","ts" : 2}', True),
        (b'{"time":1,"a":{"time":2}}\n{"msg":"b"}', False),
        (b'{"msg":"a"}', False),
        (b"text", False),
        (b'{"EdgeStartTimestamp":"2026-01-01T00:00:00Z"}\n', True),
    ],
)
def test_a_repeat_is_a_retry_only_where_every_line_has_a_time(body: bytes, timed: bool) -> None:
    """Two times in one line do not make up for none in the next."""
    assert all_have_times(body) is timed


def test_a_probe_is_told_from_a_line() -> None:
    """Only Logpush's own words, alone."""
    assert is_probe(b'{"content":"tests"}')
    assert is_probe(b'{"content": "test"}\n')
    assert not is_probe(b'{"content":"tests"}\n{"content":"tests"}')
    assert not is_probe(b'{"content":"other"}')
