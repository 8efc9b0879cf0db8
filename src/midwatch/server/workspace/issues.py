"""Issues as people see and change them. Every act is in the issue's activity and in the audit log."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from midwatch.server.model.actor import Actor
from midwatch.server.model.clock import Clock, now_ms
from midwatch.server.model.errors import BadRequest, Conflict, NotFound
from midwatch.server.workspace.audit import noted
from midwatch.server.workspace.database import Database
from midwatch.server.workspace.issue_ledger import ESCALATING, ONGOING, activity, open_again
from midwatch.server.workspace.models.issues import IssueActivityRow, IssueGroupRow, IssueLinkRow, IssueRow

ISSUES_MAX = 20_000
"""Looked at for one list."""
AT_ONCE = 500
WORDS_MAX = 20
ACTIVITY_MAX = 500
COMMENT_CHARACTERS_MAX = 10_000
NEW_FOR_MS = 7 * 86_400_000
"""After this a new issue that nobody touched is an ongoing one."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is of. Empty: any."""

    project: int
    status: str = ""
    substatus: str = ""
    query: str = ""
    severities: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    assignee: str | None = None
    """Empty: nobody's."""
    handled: bool | None = None
    since_ms: int | None = None
    until_ms: int | None = None
    first_release: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What is changed of an issue; None: not."""

    status: str | None = None
    resolved_in: str = ""
    ignored_until: Mapping[str, Any] = field(default_factory=dict)
    assignee: str | None = None
    priority: str | None = None


class Issues:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    async def wanted(self, wanted: Wanted) -> list[IssueRow]:
        """Those last seen latest, at most `ISSUES_MAX`."""
        query = select(IssueRow).where(*_conditions(wanted)).order_by(IssueRow.last_ms.desc()).limit(ISSUES_MAX)
        return await self._database.call(lambda s: list(s.scalars(query)))

    async def counts(self, project: int) -> dict[str, int]:
        """Issues by status and, of unresolved ones, by substatus."""
        query = (
            select(IssueRow.status, IssueRow.substatus, func.count())
            .where(IssueRow.project == project, IssueRow.status != "merged")
            .group_by(IssueRow.status, IssueRow.substatus)
        )
        found: dict[str, int] = {}
        for status, substatus, count in await self._database.call(lambda s: list(s.execute(query))):
            found[status] = found.get(status, 0) + count
            if status == "unresolved":
                found[substatus] = found.get(substatus, 0) + count
        return found

    async def merged_groups(self, project: int) -> dict[str, str]:
        """Groups that do not stand for their issue, and the one that does."""
        query = (
            select(IssueGroupRow.hash, IssueRow.primary_hash)
            .join(IssueRow, IssueRow.id == IssueGroupRow.issue_id)
            .where(IssueGroupRow.project == project, IssueGroupRow.hash != IssueRow.primary_hash)
        )
        return {row[0]: row[1] for row in await self._database.call(lambda s: list(s.execute(query)))}

    async def get(self, issue_id: int) -> IssueRow:
        """Follows what was merged. Raises NotFound."""
        return await self._database.call(lambda s: _found(s, issue_id))

    async def of_groups(self, project: int, hashes: Collection[str]) -> dict[str, IssueRow]:
        """By group."""
        query = (
            select(IssueGroupRow.hash, IssueRow)
            .join(IssueRow, IssueRow.id == IssueGroupRow.issue_id)
            .where(IssueGroupRow.project == project, IssueGroupRow.hash.in_(list(hashes)))
        )
        return {row[0]: row[1] for row in await self._database.call(lambda s: list(s.execute(query)))}

    async def groups(self, issue_id: int) -> list[IssueGroupRow]:
        query = select(IssueGroupRow).where(IssueGroupRow.issue_id == issue_id).order_by(IssueGroupRow.first_ms)
        return await self._database.call(lambda s: list(s.scalars(query)))

    async def activity(self, issue_id: int) -> list[IssueActivityRow]:
        """Newest first."""
        query = (
            select(IssueActivityRow)
            .where(IssueActivityRow.issue_id == issue_id)
            .order_by(IssueActivityRow.id.desc())
            .limit(ACTIVITY_MAX)
        )
        return await self._database.call(lambda s: list(s.scalars(query)))

    async def links(self, issue_id: int) -> list[IssueLinkRow]:
        query = select(IssueLinkRow).where(IssueLinkRow.issue_id == issue_id).order_by(IssueLinkRow.id)
        return await self._database.call(lambda s: list(s.scalars(query)))

    async def similar(self, issue: IssueRow, *, limit: int) -> list[IssueRow]:
        """Of the same type or place; those of the type first, the newest first."""
        alike = [IssueRow.type == issue.type] if issue.type else []
        if issue.culprit:
            alike.append(IssueRow.culprit == issue.culprit)
        if not alike:
            return []
        query = (
            select(IssueRow)
            .where(IssueRow.project == issue.project, IssueRow.id != issue.id, IssueRow.status != "merged", or_(*alike))
            .order_by((IssueRow.type == issue.type).desc(), IssueRow.last_ms.desc())
            .limit(limit)
        )
        return await self._database.call(lambda s: list(s.scalars(query)))

    async def new_in(self, project: int, release: str, *, limit: int) -> list[IssueRow]:
        """First seen in a release."""
        query = (
            select(IssueRow)
            .where(IssueRow.project == project, IssueRow.first_release == release, IssueRow.status != "merged")
            .order_by(IssueRow.first_ms.desc())
            .limit(limit)
        )
        return await self._database.call(lambda s: list(s.scalars(query)))

    async def new_by_release(self, project: int, releases: Collection[str]) -> dict[str, int]:
        query = (
            select(IssueRow.first_release, func.count())
            .where(IssueRow.project == project, IssueRow.first_release.in_(list(releases)), IssueRow.status != "merged")
            .group_by(IssueRow.first_release)
        )
        return {row[0]: row[1] for row in await self._database.call(lambda s: list(s.execute(query)))}

    async def ignored_with_conditions(self) -> list[IssueRow]:
        """Ignored until so many events or users came."""
        query = select(IssueRow).where(IssueRow.status == "ignored").limit(ISSUES_MAX)
        found = await self._database.call(lambda s: list(s.scalars(query)))
        return [row for row in found if row.ignored_until.get("count") or row.ignored_until.get("users")]

    async def spikes_among(self, hashes: Collection[tuple[int, str]]) -> list[IssueRow]:
        """The unresolved issues of these groups (project, hash), each once."""
        found: dict[int, IssueRow] = {}
        for project in {one for one, _ in hashes}:
            some = await self.of_groups(project, [hash_ for one, hash_ in hashes if one == project])
            found |= {row.id: row for row in some.values() if row.status == "unresolved"}
        return list(found.values())

    # --- acts --------------------------------------------------------------------------------------------------------

    async def change(self, actor: Actor, issue_ids: Sequence[int], change: Change) -> list[IssueRow]:
        """Raises NotFound."""

        def work(session: Session) -> list[IssueRow]:
            rows = [_found(session, issue_id, for_update=True) for issue_id in dict.fromkeys(issue_ids)]
            for row in rows:
                self._change(session, actor, row, change)
            return rows

        return await self._database.call(work)

    async def comment(self, actor: Actor, issue_id: int, text: str) -> None:
        """Raises NotFound."""

        def work(session: Session) -> None:
            row = _found(session, issue_id)
            self._act(session, actor, row, "comment", {"text": text[:COMMENT_CHARACTERS_MAX]})

        await self._database.call(work)

    async def merge(self, actor: Actor, into_id: int, issue_ids: Sequence[int]) -> IssueRow:
        """All groups of the others are of the first from now on.

        Raises:
            NotFound: one of them is not there.
            BadRequest: of different projects, or nothing to merge.
        """

        def work(session: Session) -> IssueRow:
            into = _found(session, into_id, for_update=True)
            others = {row.id: row for one in issue_ids if (row := _found(session, one, for_update=True)).id != into.id}
            if not others:
                raise BadRequest("nothing to merge: expected at least two issues")
            if any(row.project != into.project for row in others.values()):
                raise BadRequest("cannot merge issues of different projects")
            for row in others.values():
                session.execute(update(IssueGroupRow).where(IssueGroupRow.issue_id == row.id).values(issue_id=into.id))
                if row.first_ms < into.first_ms:
                    into.first_ms, into.first_release = row.first_ms, row.first_release
                if row.last_ms > into.last_ms:
                    into.last_ms, into.last_release = row.last_ms, row.last_release
                row.status, row.merged_into, row.changed_ms = "merged", into.id, now_ms(self._clock)
                self._act(session, actor, row, "merged", {"into": into.id})
            self._act(session, actor, into, "merge", {"issues": sorted(others)})
            return into

        return await self._database.call(work)

    async def split(self, actor: Actor, issue_id: int, hashes: Collection[str]) -> IssueRow:
        """These groups become an issue of their own.

        Raises:
            NotFound: the issue, or one of the groups of it, is not there.
            Conflict: nothing would be left.
        """

        def work(session: Session) -> IssueRow:
            issue = _found(session, issue_id, for_update=True)
            groups = {
                row.hash: row
                for row in session.scalars(select(IssueGroupRow).where(IssueGroupRow.issue_id == issue.id))
            }
            if unknown := set(hashes) - groups.keys():
                raise NotFound(f"issue {issue.id} has no group {min(unknown)[:32]}")
            left = [row for row in groups.values() if row.hash not in hashes]
            if not left or not hashes:
                raise Conflict("cannot split: expected some and not all of the issue's groups")
            moved = [groups[hash_] for hash_ in sorted(set(hashes), key=lambda one: groups[one].first_ms)]
            new = IssueRow(
                **{
                    column.key: getattr(issue, column.key)
                    for column in IssueRow.__table__.columns
                    if column.key != "id"
                }
            )
            new.primary_hash, new.title, new.first_ms = moved[0].hash, moved[0].title, moved[0].first_ms
            new.status, new.substatus, new.merged_into = "unresolved", ONGOING, None
            session.add(new)
            session.flush()
            for row in moved:
                row.issue_id = new.id
            if issue.primary_hash not in {row.hash for row in left}:
                issue.primary_hash = min(left, key=lambda row: row.first_ms).hash
            self._act(session, actor, issue, "split", {"into": new.id, "groups": sorted(hashes)})
            self._act(session, actor, new, "split_from", {"issue": issue.id})
            return new

        return await self._database.call(work)

    async def link(self, actor: Actor, issue_id: int, tracker: str, url: str, title: str) -> IssueLinkRow:
        """Raises NotFound."""

        def work(session: Session) -> IssueLinkRow:
            row = _found(session, issue_id)
            link = IssueLinkRow(
                issue_id=row.id,
                tracker=tracker[:40],
                url=url[:1000],
                title=title[:300],
                made_ms=now_ms(self._clock),
                made_by=actor.name[:254],
            )
            session.add(link)
            self._act(session, actor, row, "linked", {"tracker": tracker, "url": url})
            session.flush()
            return link

        return await self._database.call(work)

    async def unlink(self, actor: Actor, issue_id: int, link_id: int) -> None:
        """Raises NotFound."""

        def work(session: Session) -> None:
            row, link = _found(session, issue_id), session.get(IssueLinkRow, link_id)
            if link is None or link.issue_id != row.id:
                raise NotFound(f"cannot find link {link_id} of issue {issue_id}")
            self._act(session, actor, row, "unlinked", {"url": link.url})
            session.delete(link)

        await self._database.call(work)

    async def open_ignored(self, issue_id: int, data: dict[str, Any]) -> None:
        """A condition came true; one that somebody changed meanwhile is left."""

        def work(session: Session) -> None:
            row = session.get(IssueRow, issue_id, with_for_update=True)
            if row is not None and row.status == "ignored":
                open_again(session, row, now_ms(self._clock), data)

        await self._database.call(work)

    async def escalate(self, issue_id: int, data: dict[str, Any]) -> bool:
        """It spikes; False where that was known."""

        def work(session: Session) -> bool:
            row = session.get(IssueRow, issue_id, with_for_update=True)
            if row is None or row.status != "unresolved" or row.substatus == ESCALATING:
                return False
            now = now_ms(self._clock)
            row.substatus, row.changed_ms = ESCALATING, now
            session.add(activity(row.id, now, ESCALATING, data, owed=True))
            return True

        return await self._database.call(work)

    async def settle(self, spiking: Collection[int]) -> None:
        """Issues that no longer spike, and new ones that are old by now, are ongoing."""
        now = now_ms(self._clock)

        def work(session: Session) -> None:
            calm = update(IssueRow).where(IssueRow.status == "unresolved", IssueRow.substatus == ESCALATING)
            session.execute(calm.where(IssueRow.id.not_in(list(spiking))).values(substatus=ONGOING, changed_ms=now))
            old = update(IssueRow).where(IssueRow.status == "unresolved", IssueRow.substatus == "new")
            session.execute(old.where(IssueRow.first_ms < now - NEW_FOR_MS).values(substatus=ONGOING, changed_ms=now))

        await self._database.call(work)

    def _change(self, session: Session, actor: Actor, row: IssueRow, change: Change) -> None:
        now = now_ms(self._clock)
        if change.status is not None and (change.status != row.status or change.status != "unresolved"):
            row.resolved_ms = now if change.status == "resolved" else None
            row.ignored_ms = now if change.status == "ignored" else None
            row.resolved_in, row.ignored_until = "", {}
            data: dict[str, Any] = {}
            if change.status == "resolved" and change.resolved_in:
                row.resolved_in = ">" + row.last_release if change.resolved_in == "next" else "=" + change.resolved_in
                data = {"in": row.resolved_in}
            if change.status == "ignored" and change.ignored_until:
                row.ignored_until = dict(change.ignored_until)
                data = {"until": row.ignored_until}
            if change.status == "unresolved":
                row.substatus = ONGOING
            row.status = change.status
            self._act(session, actor, row, change.status, data)
        if change.assignee is not None and change.assignee != row.assignee:
            row.assignee = change.assignee[:254]
            self._act(session, actor, row, "assigned", {"to": row.assignee})
        if change.priority is not None and change.priority != row.priority:
            row.priority, row.priority_by = change.priority, actor.name[:254]
            self._act(session, actor, row, "priority", {"to": row.priority})
        row.changed_ms = now

    def _act(self, session: Session, actor: Actor, row: IssueRow, kind: str, data: dict[str, Any]) -> None:
        session.add(activity(row.id, now_ms(self._clock), kind, data, actor=actor.name))
        shown = {key: value for key, value in data.items() if key != "text"}
        session.add(noted(self._clock, actor, f"issue.{kind}", f"issue {row.id}", shown))


def _found(session: Session, issue_id: int, *, for_update: bool = False) -> IssueRow:
    row = session.get(IssueRow, issue_id, with_for_update=for_update)
    hops = 0
    while row is not None and row.merged_into is not None and hops < AT_ONCE:
        row = session.get(IssueRow, row.merged_into, with_for_update=for_update)
        hops += 1
    if row is None:
        raise NotFound(f"cannot find issue {issue_id}")
    return row


def _conditions(wanted: Wanted) -> list[Any]:
    found: list[Any] = [IssueRow.project == wanted.project]
    found.append(IssueRow.status == wanted.status if wanted.status else IssueRow.status != "merged")
    if wanted.substatus:
        found.append(IssueRow.substatus == wanted.substatus)
    for column, some in (
        (IssueRow.severity, wanted.severities),
        (IssueRow.category, wanted.categories),
        (IssueRow.priority, wanted.priorities),
        (IssueRow.platform, wanted.platforms),
    ):
        if some:
            found.append(column.in_(some))
    if wanted.assignee is not None:
        found.append(IssueRow.assignee == wanted.assignee)
    if wanted.handled is not None:
        found.append(IssueRow.handled.is_(wanted.handled))
    if wanted.since_ms is not None:
        found.append(IssueRow.last_ms >= wanted.since_ms)
    if wanted.until_ms is not None:
        found.append(IssueRow.first_ms < wanted.until_ms)
    if wanted.first_release:
        found.append(IssueRow.first_release == wanted.first_release)
    return [*found, *(_says(word) for word in wanted.query.split()[:WORDS_MAX])]


def _says(word: str) -> Any:
    columns: Sequence[Any] = (IssueRow.title, IssueRow.culprit, IssueRow.value, IssueRow.service)
    return or_(*(column.icontains(word, autoescape=True) for column in columns))
