"""Categories of failures and names of entities: pure tables."""

import pytest

from midwatch.contract.events import entity_of
from midwatch.contract.failures import CategoryRule, Failure, category_of


@pytest.mark.parametrize(
    ("entity", "read"),
    [
        (("linkup", 42), ("linkup", "42")),
        ("linkup:42", ("linkup", "42")),
        ("linkup:a:b", ("linkup", "a:b")),
        ("42", ("", "42")),
        ("", ("", "")),
        (None, ("", "")),
    ],
)
def test_an_entity_is_a_type_and_an_id(entity: str | tuple[str, object] | None, read: tuple[str, str]) -> None:
    assert entity_of(entity) == read


SMS = CategoryRule("sms_outbound", modules=("app.sms",), types=("TwilioRestException",))


@pytest.mark.parametrize(
    ("failure", "category"),
    [
        (Failure(("ValueError",), module="app.sms"), "sms_outbound"),
        (Failure(("ValueError",), module="app.sms.send"), "sms_outbound"),
        (Failure(("ValueError",), module="app.smsx"), "unknown"),
        (Failure(("ValueError",), file="/srv/code/app/sms.py"), "sms_outbound"),
        (Failure(("ValueError",), file="C:\\code\\app\\sms\\send.py"), "sms_outbound"),
        (Failure(("ValueError",), file="/srv/app/smsx.py"), "unknown"),
        (Failure(("ValueError",), module="other", file="/srv/app/sms.py"), "unknown"),
        (Failure(("TwilioRestException", "Exception"), message="timed out"), "sms_outbound"),
        (Failure(("ReadTimeout", "TimeoutError")), "timeout"),
        (Failure(("X",), message="Connection TIMED OUT"), "timeout"),
        (Failure(("X",), code="AUTH_"), "auth"),
        (Failure(("X",), code="NOAUTH_"), "unknown"),
        (Failure(("X",), status=402), "payment"),
        (Failure(()), "unknown"),
    ],
)
def test_the_first_rule_that_fits_says_the_category(failure: Failure, category: str) -> None:
    """The team's own before the defaults; a module stands for those below it, and not for its namesakes; so
    does a file, where no module is known."""
    assert category_of(failure, (SMS,)) == category
