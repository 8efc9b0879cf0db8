"""People, sessions, keys and tokens, the same on SQLite and PostgreSQL."""

import asyncio

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from midwatch.server.model.actor import Actor, Role, Scope
from midwatch.server.model.clock import VirtualClock
from midwatch.server.model.errors import BadRequest, Conflict, Forbidden, NotFound, RateLimited, Unauthorized
from midwatch.server.workspace.audit import note_refusal, noted
from midwatch.server.workspace.database import Database
from midwatch.server.workspace.models import AuditRow
from midwatch.server.workspace.sessions import LINK_MS, SESSION_IDLE_MS, SESSION_MS_MAX
from midwatch.server.workspace.workspace import ADMIN_EMAIL, Workspace

PASSWORD = "correct horse battery"
ADMIN = Actor("system", "admin", ADMIN_EMAIL, Role.ADMIN)


async def acts(workspace: Workspace) -> list[str]:
    """What the audit log says was done, oldest first."""
    return [row.action for row in reversed(await workspace.audit_page(before_id=None, limit=100))]


async def test_the_first_start_makes_an_admin_and_a_key(workspace: Workspace) -> None:
    """A one-time link signs the admin in, once; there is a key; the next start changes nothing."""
    made = await workspace.bootstrap(admin_password=None, ingest_key=None, api_token=None)
    assert made.signin_token is not None
    user, secret = await workspace.sessions.sign_in_by_link(made.signin_token, "::1")
    assert (user.email, user.role) == (ADMIN_EMAIL, Role.ADMIN)
    actor = await workspace.sessions.actor(secret)
    assert actor is not None
    assert actor.role is Role.ADMIN
    with pytest.raises(Unauthorized, match="used already"):
        await workspace.sessions.sign_in_by_link(made.signin_token, "::1")
    key = await workspace.keys.first()
    assert key is not None
    assert workspace.keys.find(key) is not None
    again = await workspace.bootstrap(admin_password=None, ingest_key=None, api_token=None)
    assert again.signin_token is None
    assert await workspace.keys.first() == key


async def test_what_the_environment_fixes_follows_it(workspace: Workspace) -> None:
    """Password, key and token of the environment are in force; changed, the old ones are not."""
    await workspace.bootstrap(admin_password=PASSWORD, ingest_key="mwk_one", api_token="mwt_one")
    await workspace.bootstrap(admin_password=PASSWORD, ingest_key="mwk_two", api_token="mwt_two")
    assert workspace.keys.find("mwk_one") is None
    assert workspace.keys.find("mwk_two") is not None
    assert await workspace.tokens.actor("mwt_one") is None
    actor = await workspace.tokens.actor("mwt_two")
    assert actor is not None
    assert actor.role is Role.ADMIN
    assert (await workspace.sessions.sign_in(ADMIN_EMAIL, PASSWORD, "::1"))[0].email == ADMIN_EMAIL
    assert [row.prefix for row in await workspace.keys.all()] == ["…"], (
        "a short key is not shown, not even its beginning"
    )


async def test_sessions_end_by_idling_by_age_and_by_hand(workspace: Workspace, clock: VirtualClock) -> None:
    """Used, a session lives on; idle for two weeks, older than ninety days, or ended, it is over."""
    await workspace.bootstrap(admin_password=PASSWORD, ingest_key=None, api_token=None)

    async def sign_in() -> str:
        return (await workspace.sessions.sign_in(ADMIN_EMAIL, PASSWORD, "::1"))[1]

    idle, used, ended = await sign_in(), await sign_in(), await sign_in()
    await workspace.sessions.end(ended)
    assert await workspace.sessions.actor(ended) is None
    days = 0
    while days * 86_400_000 < SESSION_MS_MAX:
        clock.advance(7 * 86_400)
        days += 7
        assert (await workspace.sessions.actor(used) is not None) == (days * 86_400_000 <= SESSION_MS_MAX)
        if days * 86_400_000 > SESSION_IDLE_MS:
            assert await workspace.sessions.actor(idle) is None


async def test_a_new_password_ends_the_other_sessions(workspace: Workspace) -> None:
    """Whoever had the old password is out; the session that changed it stays."""
    await workspace.bootstrap(admin_password=PASSWORD, ingest_key=None, api_token=None)
    user, mine = await workspace.sessions.sign_in(ADMIN_EMAIL, PASSWORD, "::1")
    _, theirs = await workspace.sessions.sign_in(ADMIN_EMAIL, PASSWORD, "::2")
    actor = await workspace.sessions.actor(mine)
    assert actor is not None
    with pytest.raises(Forbidden, match="current password"):
        await workspace.sessions.change_password(actor, "wrong", "another long one", keep=mine)
    await workspace.sessions.change_password(actor, PASSWORD, "another long one", keep=mine)
    assert await workspace.sessions.actor(mine) is not None
    assert await workspace.sessions.actor(theirs) is None
    with pytest.raises(Unauthorized):
        await workspace.sessions.sign_in(user.email, PASSWORD, "::3")


async def test_guessing_is_slowed_down(workspace: Workspace, clock: VirtualClock) -> None:
    """After a few failures an account has to wait, from any address; time lets it in again."""
    await workspace.bootstrap(admin_password=PASSWORD, ingest_key=None, api_token=None)
    for number in range(5):
        with pytest.raises(Unauthorized):
            await workspace.sessions.sign_in(ADMIN_EMAIL, "wrong", f"10.0.0.{number}")
    with pytest.raises(RateLimited):
        await workspace.sessions.sign_in(ADMIN_EMAIL, PASSWORD, "10.0.0.10")
    clock.advance(3600)
    await workspace.sessions.sign_in(ADMIN_EMAIL, PASSWORD, "10.0.0.10")
    assert (await acts(workspace)).count("session.refused") == 5


async def test_asking_at_once_is_no_way_around(workspace: Workspace) -> None:
    """Of thirty wrong passwords at the same time only a few are tried."""
    await workspace.bootstrap(admin_password=PASSWORD, ingest_key=None, api_token=None)
    tries = (workspace.sessions.sign_in(ADMIN_EMAIL, "wrong", "::1") for _ in range(30))
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert 0 < sum(isinstance(outcome, Unauthorized) for outcome in outcomes) <= 6
    assert sum(isinstance(outcome, RateLimited) for outcome in outcomes) >= 24


async def test_nobody_can_lock_others_out_of_their_links(workspace: Workspace) -> None:
    """Wrong links from one address slow down that address alone."""
    made = await workspace.bootstrap(admin_password=None, ingest_key=None, api_token=None)
    for number in range(12):
        with pytest.raises(Unauthorized if number < 5 else (Unauthorized, RateLimited)):
            await workspace.sessions.sign_in_by_link("wrong", "10.0.0.1")
    assert made.signin_token is not None
    await workspace.sessions.sign_in_by_link(made.signin_token, "10.0.0.2")


async def test_people_come_change_and_go(workspace: Workspace, clock: VirtualClock) -> None:
    """Made with a link, changed, disabled at once everywhere, removed; each act is in the audit log."""
    await workspace.bootstrap(admin_password=PASSWORD, ingest_key=None, api_token=None)
    user, link = await workspace.people.add(ADMIN, " Ana@Example.com ", "Ana", Role.EDITOR, None)
    assert user.email == "ana@example.com"
    with pytest.raises(Conflict, match="already"):
        await workspace.people.add(ADMIN, "ana@example.com", "", Role.VIEWER, None)
    with pytest.raises(BadRequest, match="expected an address"):
        await workspace.people.add(ADMIN, "nobody", "", Role.VIEWER, None)
    _, secret = await workspace.sessions.sign_in_by_link(link, "::1")
    late = await workspace.people.make_link(ADMIN, user.id)
    clock.advance(LINK_MS / 1000 + 1)
    with pytest.raises(Unauthorized, match="expired"):
        await workspace.sessions.sign_in_by_link(late, "::1")
    changed = await workspace.people.change(ADMIN, user.id, name=None, role=Role.ENGINEER, disabled=None)
    assert (changed.role, changed.name) == (Role.ENGINEER, "Ana")
    await workspace.people.change(ADMIN, user.id, name=None, role=None, disabled=True)
    assert await workspace.sessions.actor(secret) is None
    await workspace.people.remove(ADMIN, user.id)
    with pytest.raises(NotFound):
        await workspace.people.get(user.id)
    assert await acts(workspace) == [
        *("user.create", "session.start", "user.link", "user.change", "user.change", "user.remove"),
    ]


async def test_somebody_can_always_administer(workspace: Workspace) -> None:
    """The last admin can be neither removed, nor disabled, nor made less; with a second one the first can go."""
    await workspace.bootstrap(admin_password=PASSWORD, ingest_key=None, api_token=None)
    (admin,) = await workspace.people.all()
    with pytest.raises(Conflict, match="last admin"):
        await workspace.people.remove(ADMIN, admin.id)
    with pytest.raises(Conflict, match="last admin"):
        await workspace.people.change(ADMIN, admin.id, name=None, role=None, disabled=True)
    with pytest.raises(Conflict, match="last admin"):
        await workspace.people.change(ADMIN, admin.id, name=None, role=Role.VIEWER, disabled=None)
    assert await acts(workspace) == [], "what was refused was not done"
    await workspace.people.add(ADMIN, "b@example.com", "", Role.ADMIN, PASSWORD)
    await workspace.people.remove(ADMIN, admin.id)


async def test_admins_who_remove_each_other_at_once_leave_one(workspace: Workspace) -> None:
    """Of two admins one is removed while the other is disabled or made less, at the same moment: one act is refused."""
    await workspace.bootstrap(admin_password=PASSWORD, ingest_key=None, api_token=None)
    for number in range(12):
        first = next(user for user in await workspace.people.all() if user.role == Role.ADMIN and not user.disabled)
        second, _ = await workspace.people.add(ADMIN, f"{number}@example.com", "", Role.ADMIN, None)
        role = Role.VIEWER if number % 2 else None
        acts = (
            workspace.people.change(ADMIN, first.id, name=None, role=role, disabled=None if role else True),
            workspace.people.remove(ADMIN, second.id),
        )
        outcomes = await asyncio.gather(*acts, return_exceptions=True)
        assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 1, outcomes


async def test_keys_open_doors_until_revoked(workspace: Workspace, database_url: str) -> None:
    """A key has its project, environment, origins and rate; another server's revocation holds here after a refresh."""
    row, secret = await workspace.keys.add(
        ADMIN, name="web", project=2, environment="production", origins=["https://a.example"], items_per_second=10
    )
    grant = workspace.keys.find(secret)
    assert grant is not None
    assert (grant.project, grant.environment, grant.origins, grant.items_per_second) == (
        *(2, "production", ("https://a.example",), 10),
    )
    assert secret.startswith(row.prefix)
    assert len(row.prefix) < len(secret) / 2
    other = Workspace(Database(database_url), VirtualClock())
    await other.open()
    await other.keys.revoke(ADMIN, row.id)
    await other.close()
    await workspace.keys.refresh()
    assert workspace.keys.find(secret) is None
    assert await acts(workspace) == ["key.create", "key.revoke"]


async def test_an_act_and_its_note_are_one(workspace: Workspace) -> None:
    """When the note of an act cannot be written, the act is not done."""
    await workspace.bootstrap(admin_password=PASSWORD, ingest_key=None, api_token=None)
    await workspace.database.call(lambda s: s.execute(_no_more_notes()))
    for act in (
        workspace.people.add(ADMIN, "c@example.com", "", Role.VIEWER, None),
        workspace.keys.add(ADMIN, name="k", project=1, environment=None, origins=[], items_per_second=None),
        workspace.tokens.add(ADMIN, "t", Role.VIEWER, [Scope.READ], None),
    ):
        with pytest.raises(Exception, match="does not answer"):
            await act
    assert [user.email for user in await workspace.people.all()] == [ADMIN_EMAIL]
    assert len(await workspace.keys.all()) == 1
    assert await workspace.tokens.all() == []


def _no_more_notes() -> object:
    from sqlalchemy import text

    return text("ALTER TABLE audit_log RENAME TO audit_log_gone")


async def test_refused_sign_ins_do_not_fill_the_audit_log(workspace: Workspace, clock: VirtualClock) -> None:
    """The newest are kept in a number, and what administrators did stays whatever anybody tries."""

    def work(session: Session) -> list[str]:
        session.add(noted(clock, ADMIN, "key.create", "k"))
        for number in range(7):
            note_refusal(session, clock, f"guess-{number}", "10.0.0.1", kept=3)
        return list(session.scalars(select(AuditRow.target).order_by(AuditRow.id.desc()).limit(4)))

    assert await workspace.database.call(work) == ["guess-6", "guess-5", "guess-4", "k"]


async def test_documents_have_versions(workspace: Workspace) -> None:
    """Each change is a version more, by whom and when; changed at the same time, none is lost."""
    await workspace.put_document("d", {"n": 0}, "ana")
    await asyncio.gather(*(workspace.put_document("d", {"n": number}, "ana") for number in range(10)))
    await workspace.put_document("d", {"n": 99}, "ben")
    document = await workspace.get_document("d")
    assert document is not None
    assert (document.value, document.changed_by, document.version) == ({"n": 99}, "ben", 12)


async def test_a_link_used_at_once_signs_in_once(workspace: Workspace, database_url: str) -> None:
    """Of eight uses of a link at the same moment, at two servers, exactly one wins; so for every link."""
    await workspace.bootstrap(admin_password=PASSWORD, ingest_key=None, api_token=None)
    (admin,) = await workspace.people.all()
    other = Workspace(Database(database_url), VirtualClock())
    await other.open()
    for number in range(20):
        link = await workspace.people.make_link(ADMIN, admin.id)
        tries = [
            server.sessions.sign_in_by_link(link, f"10.{number}.{one}.{two}")
            for one, server in enumerate((workspace, other))
            for two in range(4)
        ]
        outcomes = await asyncio.gather(*tries, return_exceptions=True)
        refused = [outcome for outcome in outcomes if isinstance(outcome, Unauthorized)]
        assert (len(outcomes) - len(refused), len(refused)) == (1, 7), outcomes
    await other.close()


async def test_a_text_that_the_database_cannot_hold_is_the_callers_mistake(workspace: Workspace) -> None:
    """PostgreSQL has no NUL in texts: that is a refusal, and no outage of the database."""
    with pytest.raises((BadRequest, Unauthorized)):
        await workspace.sessions.sign_in("ana\0@example.com", "wrong", "::1")
    if workspace.database.name == "PostgreSQL":
        with pytest.raises(BadRequest, match="NUL"):
            await workspace.tokens.add(ADMIN, "c\0i", Role.VIEWER, [Scope.READ], None)
