"""Which distinct ids are one person."""

import pytest

from midwatch.server.store.persons import Link, resolved


@pytest.mark.parametrize(
    ("links", "persons"),
    [
        ([("anon", "user", "identify")], {"anon": "user", "user": "user"}),
        ([("a1", "u", "identify"), ("a2", "u", "identify")], {"a1": "u", "a2": "u", "u": "u"}),
        # A second account on one device without a reset is somebody else.
        ([("anon", "one", "identify"), ("anon", "two", "identify")], {"anon": "one", "one": "one"}),
        # Aliases join whomever they name, in chains and in circles.
        ([("b", "a", "alias"), ("c", "b", "alias")], {"a": "a", "b": "a", "c": "a"}),
        ([("a", "b", "alias"), ("b", "a", "alias")], {"a": "b", "b": "b"}),
        (
            [("x", "u1", "identify"), ("y", "u2", "identify"), ("u2", "u1", "merge")],
            {"x": "u1", "y": "u1", "u1": "u1", "u2": "u1"},
        ),
    ],
)
def test_ids_that_belong_together_are_one_person(links: list[tuple[str, str, str]], persons: dict[str, str]) -> None:
    """Called by who was identified first."""
    assert resolved(Link(*link) for link in links) == persons
