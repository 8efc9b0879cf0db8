"""Rate limits as the APIs that teams use say them."""

import pytest

from midwatch.sdk.rate_limits import RateLimit, read

NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        (
            {
                "x-ratelimit-limit": "5000",
                "x-ratelimit-remaining": "4987",
                "x-ratelimit-reset": "1800000600",
                "x-ratelimit-used": "13",
                "x-ratelimit-resource": "core",
            },
            {"core": RateLimit(5000, 4987, 600)},
        ),
        ({"x-ratelimit-remaining": "595.0", "x-ratelimit-reset": "277"}, {"": RateLimit(None, 595, 277)}),
        (
            {
                "x-ratelimit-limit-tokens": "150000",
                "x-ratelimit-remaining-tokens": "149984",
                "x-ratelimit-reset-tokens": "6m0s",
                "x-ratelimit-reset-requests": "20ms",
            },
            {"tokens": RateLimit(150000, 149984, 360), "requests": RateLimit(None, None, 0.02)},
        ),
        ({"x-ratelimit-remaining-project-tokens": "7"}, {"project-tokens": RateLimit(None, 7, None)}),
        (
            {
                "anthropic-ratelimit-input-tokens-limit": "50000",
                "anthropic-ratelimit-input-tokens-remaining": "49000",
                "anthropic-ratelimit-input-tokens-reset": "2027-01-15T08:01:30Z",
                "anthropic-ratelimit-requests-remaining": "4",
                "anthropic-ratelimit-requests-reset": "soonT",
            },
            {"input-tokens": RateLimit(50000, 49000, 90), "requests": RateLimit(None, 4, None)},
        ),
        (
            {"ratelimit-limit": "100, 100;w=60", "ratelimit-remaining": "50", "ratelimit-reset": "30"},
            {"": RateLimit(100, 50, 30)},
        ),
        ({"ratelimit": '"default";r=50;t=30'}, {"default": RateLimit(None, 50, 30)}),
        ({"x-ratelimit-remaining": "many", "content-type": "text/plain"}, {}),
    ],
    ids=["github", "reddit", "openai", "openai project", "anthropic", "ietf", "ietf structured", "nonsense"],
)
def test_what_an_api_says_is_read(headers: dict[str, str], found: dict[str, RateLimit]) -> None:
    assert read(headers.items(), NOW) == found
