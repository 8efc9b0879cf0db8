"""Durations and sizes."""

import pytest

from midwatch.contract.duration import format_bytes, format_duration, parse_bytes, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0), ("7d", 604800), ("1h30m", 5400), ("1.5h", 5400), ("250ms", 0.25), (" 2w ", 1209600), ("1y", 31536000)],
)
def test_durations_are_read(text: str, seconds: float) -> None:
    """Units add up; 0 needs none."""
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "7", "7 days", "d", "-1d", "1e3s", "7dd", "inf", "400y", "1d 2h"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    """A number without unit is ambiguous, so it is an error."""
    with pytest.raises(ValueError, match="expected"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["0", "7d", "36h", "90m", "45s", "250ms"])
def test_durations_come_back_as_they_were(text: str) -> None:
    """Formatting keeps the value and picks the largest unit that is exact."""
    assert format_duration(parse_duration(text)) == text


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("512", 512),
        ("1KiB", 1024),
        ("1kB".replace("k", "K"), 1000),
        ("1.5GiB", 1610612736),
        ("64 MiB", 67108864),
        ("2G", 2147483648),
    ],
)
def test_sizes_are_read(text: str, count: int) -> None:
    """Binary and decimal units; a bare number is bytes."""
    assert parse_bytes(text) == count


@pytest.mark.parametrize("text", ["", "GiB", "-1", "1 XB", "1e9", "ten"])
def test_what_is_no_size_is_refused(text: str) -> None:
    """The message says what was expected."""
    with pytest.raises(ValueError, match="expected a size"):
        parse_bytes(text)


@pytest.mark.parametrize("text", ["1GiB", "1536MiB", "384MiB", "1000B", "0B"])
def test_sizes_come_back_as_they_were(text: str) -> None:
    """Formatting keeps the value."""
    assert format_bytes(parse_bytes(text)) == text
