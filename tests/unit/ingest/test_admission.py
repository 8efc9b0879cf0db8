"""Keys and rates, on a virtual clock."""

import pytest

from midwatch.server.ingest.admission import BURST_SECONDS, ITEM_BYTES, Admission, key_in
from midwatch.server.model.actor import IngestGrant
from midwatch.server.model.clock import VirtualClock
from midwatch.server.model.errors import RateLimited, Unauthorized

GRANT = IngestGrant("k1", "api", 1, None, (), 10)
BROWSER = IngestGrant("k2", "web", 1, None, ("https://shop.example",), None)


class Ring:
    def find(self, key: str) -> IngestGrant | None:
        return {"api": GRANT, "web": BROWSER}.get(key)


@pytest.mark.parametrize(
    ("headers", "query", "key"),
    [
        ({"authorization": "Bearer abc"}, {}, "abc"),
        ({"authorization": "Bearer%20abc"}, {}, "abc"),
        ({"authorization": "Bearer abc%3D"}, {}, "abc="),
        ({"authorization": "Basic YWJjOg=="}, {}, "abc"),
        ({"authorization": "Basic dXNlcjphYmM="}, {}, "abc"),
        ({"x-midwatch-key": "abc"}, {}, "abc"),
        ({}, {"key": "abc"}, "abc"),
    ],
)
def test_a_key_is_found(headers: dict[str, str], query: dict[str, str], key: str) -> None:
    """Wherever a sender may put it."""
    assert key_in(headers, query) == key


@pytest.mark.parametrize(
    "headers", [{}, {"authorization": ""}, {"authorization": "Basic %%%"}, {"authorization": "Digest x"}]
)
def test_no_key_is_said_so(headers: dict[str, str]) -> None:
    """401 that tells where to put one."""
    with pytest.raises(Unauthorized):
        Admission(Ring(), VirtualClock()).admit(headers, {})


def test_a_rate_allows_a_burst_and_then_its_own_pace() -> None:
    """Five seconds' worth at once, then as much as time brings; the wait that is named is enough."""
    clock = VirtualClock()
    admission = Admission(Ring(), clock)
    admission.charge(GRANT, int(10 * BURST_SECONDS), 0)
    with pytest.raises(RateLimited) as caught:
        admission.charge(GRANT, 1, 0)
    clock.advance(caught.value.retry_after_seconds)
    admission.charge(GRANT, 1, 0)


def test_any_size_passes_once_and_is_paid_for_afterwards() -> None:
    """A body larger than the burst is taken and then waited for."""
    clock = VirtualClock()
    admission = Admission(Ring(), clock)
    admission.charge(GRANT, 1000, 0)
    with pytest.raises(RateLimited) as caught:
        admission.check_rate(GRANT)
    assert 90 < caught.value.retry_after_seconds < 100
    clock.advance(caught.value.retry_after_seconds)
    admission.check_rate(GRANT)


def test_bytes_are_bounded_besides_items() -> None:
    """A few huge items are over the rate as well; the message says which."""
    admission = Admission(Ring(), VirtualClock())
    admission.charge(GRANT, 1, int(10 * BURST_SECONDS * ITEM_BYTES))
    with pytest.raises(RateLimited, match="bytes a second"):
        admission.check_rate(GRANT)


def test_browser_keys_have_a_lower_rate_and_settings_change_both() -> None:
    """Where the key has none of its own."""
    admission = Admission(Ring(), VirtualClock(), items_per_second=1000, browser_items_per_second=1)
    admission.charge(BROWSER, 6, 0)
    with pytest.raises(RateLimited, match="1 items a second"):
        admission.check_rate(BROWSER)
    admission.charge(IngestGrant("k3", "worker", 1, None, (), None), 4999, 0)
