"""The work that a message brings."""

import pytest

from midwatch.sdk import context
from midwatch.sdk.context import bind, work
from midwatch.sdk.messages import carried_by, ids, received

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.mark.parametrize("encode", [str, str.encode], ids=["text", "bytes"])
def test_a_message_brings_its_ids(encode: object) -> None:
    """As Redis gives them, too; what else is in it is not looked at."""
    assert callable(encode)
    sent = {encode("x-correlation-id"): encode("order-77"), encode("item"): encode("lamp"), 7: 8}
    with received(sent, job_id="j1"):
        assert ids()["x-correlation-id"] == "order-77"
        assert dict(context.current().fields) == {"job_id": "j1"}
    assert context.current() is context.EMPTY


def test_a_message_without_ids_goes_on_with_the_work_at_hand() -> None:
    with work("order-77", user_id="u1"), received(None):
        assert ids()["x-correlation-id"] == "order-77"
        assert context.current().fields["user_id"] == "u1"
    with received({}):
        first = ids()["x-correlation-id"]
    with received({}):
        assert ids()["x-correlation-id"] != first


def test_ids_that_are_none_are_replaced() -> None:
    with received({"x-correlation-id": "a b\r\nc", "traceparent": "nonsense"}):
        assert "\r" not in ids()["x-correlation-id"]


def test_what_fails_inside_is_raised() -> None:
    with pytest.raises(ValueError, match="inside"), received({"traceparent": PARENT}):
        raise ValueError("inside")


def test_what_is_bound_outside_of_any_work_stays_there() -> None:
    def outside() -> None:
        bind(one=1)
        bind(two=2)
        assert dict(context.current().fields) == {"one": 1, "two": 2}
        with received({}):
            assert context.current().bound == {}

    import contextvars

    contextvars.Context().run(outside)
    assert context.EMPTY.bound == {}


CARRIED = [
    ({"x": 1, "ids": {"x-correlation-id": "order-7", "more": 1}}, {"x-correlation-id": "order-7"}),
    ({"x-correlation-id": "order-7", "x_request_id": "r-1"}, {"x-correlation-id": "order-7", "x-request-id": "r-1"}),
    ({"ids": [1, 2], "traceparent": PARENT}, {"traceparent": PARENT}),
    ({"ids": {"traceparent": 7, "x-request-id": None}}, {}),
    ("text", {}),
    (None, {}),
    ([{"traceparent": PARENT}], {}),
]


@pytest.mark.parametrize(("payload", "found"), CARRIED)
def test_ids_in_a_message(payload: object, found: dict[str, str]) -> None:
    assert carried_by(payload) == found
