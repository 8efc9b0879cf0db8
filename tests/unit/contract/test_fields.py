"""Names of fields."""

from midwatch.contract.fields import ALIASES, CANONICAL, canonical, names_of


def test_what_teams_write_is_known_by_the_conventions_name() -> None:
    """`sessionId`, `correlation_id` and `x-trace-id` are the fields they mean."""
    assert canonical("sessionId") == "session.id"
    assert canonical("correlation_id") == "correlation.id"
    assert canonical("x-trace-id") == "trace_id"
    assert canonical("cart.size") == "cart.size"


def test_no_name_means_two_fields() -> None:
    """Each alias belongs to one convention, and no convention is an alias of another."""
    assert sum(len(aliases) for aliases in ALIASES.values()) == len(CANONICAL)
    assert not CANONICAL.keys() & ALIASES.keys()


def test_every_name_of_a_field_leads_to_all_of_them() -> None:
    """From the convention's name and from each alias; a name that is none of ours is alone."""
    assert names_of("sessionId") == names_of("session.id") == ("session.id", "sessionId", "session_id")
    assert names_of("cart.size") == ("cart.size",)
