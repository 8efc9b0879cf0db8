"""What is counted of an operation's requests."""

import pytest

from midwatch.sdk import http_client, retries
from midwatch.sdk.retries import PLACES_MAX, Attempts
from midwatch.sdk.setup import METRICS


def counted(host: str) -> dict[str, float]:
    families = [one for one in METRICS.registry.collect() if one.name == "api_retries"]
    return {
        sample.labels["outcome"]: sample.value
        for sample in families[0].samples
        if sample.labels.get("host") == host and sample.name == "api_retries_total"
    }


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ("o", {}),
        ("x", {}),
        ("oo", {}),
        ("xo", {"recovered": 1}),
        ("xx", {"gave_up": 1}),
        ("xxxo", {"failed": 2, "recovered": 1}),
        ("xxx", {"failed": 1, "gave_up": 1}),
        ("xoxo", {"recovered": 2}),
        ("xox", {"recovered": 1}),
    ],
)
def test_a_request_after_a_failed_one_is_a_retry(ends: str, expected: dict[str, float]) -> None:
    """o: succeeded, x: failed; the last of those that only fail gave up."""
    attempts = Attempts()
    for one in ends:
        attempts.ended((f"{ends}.example", "GET", "/"), "503", 0.1, failed=one == "x")
    attempts.close()
    attempts.close()
    assert counted(f"{ends}.example") == expected
    assert attempts.retries == sum(expected.values())


def test_other_places_are_other_requests() -> None:
    attempts = Attempts()
    attempts.ended(("places.example", "GET", "/a"), "503", 0.1, failed=True)
    attempts.ended(("places.example", "GET", "/b"), "200", 0.1, failed=False)
    attempts.close()
    assert counted("places.example") == {}


def test_places_are_bounded() -> None:
    """An operation of many thousand failing requests remembers the first hundred."""
    attempts = Attempts()
    for _ in range(2):
        for number in range(PLACES_MAX + 1):
            attempts.ended(("bounded.example", str(number)), "503", 0.1, failed=True)
    attempts.close()
    assert attempts.retries == PLACES_MAX
    assert counted("bounded.example") == {"gave_up": PLACES_MAX}


def test_operations_within_one_another_are_apart() -> None:
    with retries.retrying() as outer, retries.retrying() as inner:
        for tries in (inner, inner, outer):
            tries.attempt("nested.example", failed=True)
    assert (outer.retries, inner.retries) == (0, 1)
    assert retries.at_hand() is None


def test_requests_of_an_operation_that_is_told_have_no_spans_at_its_host_alone() -> None:
    """A token that is fetched elsewhere on the way is a request like any other."""
    token = retries.enter(Attempts(told_at="llm.example"))
    try:
        inner, other = (
            http_client.begin("POST", f"http://{host}/", host, 80, "/", {}) for host in ("llm.example", "login.example")
        )
    finally:
        retries.leave(token)
    assert inner is not None
    assert inner.call is None
    assert other is not None
    assert other.call is not None
    http_client.answered(other, 200, ())
