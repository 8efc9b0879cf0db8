"""API tokens do what they and their owners may at the moment they are used; on SQLite and PostgreSQL."""

import pytest

from midwatch.server.model.actor import Actor, Role, Scope
from midwatch.server.model.clock import VirtualClock
from midwatch.server.model.errors import Forbidden, NotFound, Unauthorized
from midwatch.server.workspace.workspace import Workspace

SYSTEM = Actor("system", "tests", "tests", Role.ADMIN)
EVERYTHING = list(Scope)


async def user(workspace: Workspace, role: Role, email: str = "ana@example.com") -> Actor:
    """A user that was just made, as who calls."""
    row, _ = await workspace.people.add(SYSTEM, email, "", role, None)
    return Actor("user", row.id, row.email, role)


async def rights(workspace: Workspace, secret: str) -> tuple[Role, frozenset[Scope]] | None:
    actor = await workspace.tokens.actor(secret)
    return None if actor is None else (actor.role, actor.scopes)


async def test_tokens_do_no_more_than_their_makers(workspace: Workspace, clock: VirtualClock) -> None:
    """A token has a role up to its maker's, scopes and an end; removed, it is nobody."""
    editor = await user(workspace, Role.EDITOR)
    with pytest.raises(Forbidden, match="at most your own, editor"):
        await workspace.tokens.add(editor, "ci", Role.ADMIN, [Scope.READ], None)
    writer = Actor("token", "w", "a token", Role.ADMIN, frozenset({Scope.READ, Scope.WRITE}))
    with pytest.raises(Forbidden, match="scopes=admin: expected at most your own, read, write"):
        await workspace.tokens.add(writer, "more", Role.ADMIN, [Scope.ADMIN], None)
    row, secret = await workspace.tokens.add(editor, "ci", Role.EDITOR, [Scope.READ], 1)
    assert await rights(workspace, secret) == (Role.EDITOR, {Scope.READ})
    clock.advance(86_401)
    assert await rights(workspace, secret) is None
    await workspace.tokens.remove(SYSTEM, row.id)
    with pytest.raises(NotFound):
        await workspace.tokens.remove(SYSTEM, row.id)


async def test_a_token_follows_its_owner(workspace: Workspace) -> None:
    """Less when the owner is made less, never more than it was made with, nothing while the owner is disabled."""
    ana = await user(workspace, Role.ADMIN)
    await user(workspace, Role.ADMIN, "ben@example.com")
    _, strong = await workspace.tokens.add(ana, "strong", Role.ADMIN, EVERYTHING, None)
    _, weak = await workspace.tokens.add(ana, "weak", Role.VIEWER, [Scope.READ], None)

    async def change(*, role: Role | None = None, disabled: bool | None = None) -> None:
        await workspace.people.change(SYSTEM, ana.id, name=None, role=role, disabled=disabled)

    assert await rights(workspace, strong) == (Role.ADMIN, set(Scope))
    await change(role=Role.EDITOR)
    assert await rights(workspace, strong) == (Role.EDITOR, set(Scope))
    assert await rights(workspace, weak) == (Role.VIEWER, {Scope.READ})
    await change(disabled=True)
    assert await rights(workspace, strong) is await rights(workspace, weak) is None
    await change(disabled=False, role=Role.ADMIN)
    assert await rights(workspace, strong) == (Role.ADMIN, set(Scope))
    await workspace.people.remove(SYSTEM, ana.id)
    assert await rights(workspace, strong) is await rights(workspace, weak) is None
    assert await workspace.tokens.all() == []


async def test_what_a_token_makes_is_its_owners_too(workspace: Workspace) -> None:
    """A token that a token made goes with the same user, and its acts tell the user's name before any other."""
    ana = await user(workspace, Role.ENGINEER)
    _, first = await workspace.tokens.add(ana, "admin@localhost", Role.ENGINEER, EVERYTHING, None)
    actor = await workspace.tokens.actor(first)
    assert actor is not None
    assert actor.name == "ana@example.com (token admin@localhost)"
    row, second = await workspace.tokens.add(actor, "x" * 200, Role.ENGINEER, EVERYTHING, None)
    assert (row.owner.email if row.owner else None, row.created_by) == ("ana@example.com", actor.name)
    third = await workspace.tokens.actor(second)
    assert third is not None
    await workspace.tokens.add(third, "y" * 200, Role.VIEWER, [Scope.READ], None)
    assert {token.user_id for token in await workspace.tokens.all()} == {ana.id}
    await workspace.people.remove(SYSTEM, ana.id)
    assert await rights(workspace, second) is None
    with pytest.raises(Unauthorized, match="no user any more"):
        await workspace.tokens.add(actor, "late", Role.VIEWER, [Scope.READ], None)


async def test_each_server_has_a_token_for_its_command_line(workspace: Workspace) -> None:
    """A server that starts replaces its own and no other server's; the environment's stays beside them."""

    async def start(node: str, token: str) -> None:
        fixed = {"admin_password": None, "ingest_key": None, "api_token": "mwt_automation"}
        await workspace.bootstrap(**fixed, node=node, node_token=token)

    for node, token in (("a", "mwt_a1"), ("b", "mwt_b1"), ("a", "mwt_a2")):
        await start(node, token)
    assert await rights(workspace, "mwt_a1") is None
    for secret in ("mwt_a2", "mwt_b1", "mwt_automation"):
        assert await rights(workspace, secret) == (Role.ADMIN, set(Scope))


async def test_the_installations_tokens_are_nobodys(workspace: Workspace) -> None:
    """MIDWATCH_API_TOKEN, and what is made with it, stay an admin's, whatever becomes of any admin."""
    await workspace.bootstrap(admin_password=None, ingest_key=None, api_token="mwt_automation")
    (first,) = await workspace.people.all()
    automation = await workspace.tokens.actor("mwt_automation")
    assert automation is not None
    _, made = await workspace.tokens.add(automation, "ci", Role.ADMIN, EVERYTHING, None)
    await user(workspace, Role.ADMIN)
    await workspace.people.remove(SYSTEM, first.id)
    for secret in ("mwt_automation", made):
        assert await rights(workspace, secret) == (Role.ADMIN, set(Scope))
