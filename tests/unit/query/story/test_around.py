"""Which alerts are told beside a story."""

import pytest

from midwatch.server.query.story.sources.alerts import concerns


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({"service": "shop"}, True),
        ({"job": "shop", "env": "production"}, True),
        ({"service_name": "shop", "environment": "staging"}, False),
        ({"service": "other"}, False),
        ({"queue": "mail"}, False),
        ({"queue": "mail", "linkup": "42"}, True),
        ({"queue": "mail", "linkup": "42", "env": "production"}, True),
        ({"queue": "mail", "linkup": "42", "env": "staging"}, False),
        ({"service": "other", "issue": "42", "project": "42"}, False),
    ],
)
def test_an_alert_concerns_a_story(labels: dict[str, str], expected: bool) -> None:
    """By its service in that environment, or by one of its ids."""
    assert concerns(labels, ["shop"], ["production"], {"42", "c"}) is expected
