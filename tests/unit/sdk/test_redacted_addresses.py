"""What leaves of a text, and what does not."""

import pytest

from midwatch.contract.redaction.values import Redactor


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("page=2&api_key=q1w2&sort=up", "page=2&api_key=[removed]&sort=up"),
        ("GET https://a.example/x?access%5Ftoken=q1w2#top", "GET https://a.example/x?access%5Ftoken=[removed]#top"),
        ("login failed: user=anna password=q1w2", "login failed: user=anna password=[removed]"),
        ("cannot reach redis://:q1w2@cache:6379/0", "cannot reach redis://[removed]@cache:6379/0"),
        ("x = 1, tokens=12, token_count=3", "x = 1, tokens=12, token_count=3"),
    ],
)
def test_values_of_private_names_leave_no_text(text: str, left: str) -> None:
    """A URL's query, its user and password, and `name=value` in what a line says."""
    assert Redactor().text(text) == left
