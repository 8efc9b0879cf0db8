"""One issue with everything that is known of it: the workspace's part, the store's, and what lies in blobs."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import orjson

from midwatch.server.model.blobs import Blobs
from midwatch.server.model.timerange import TimeRange
from midwatch.server.query.issues.events import IssueEvents, StoredEvent
from midwatch.server.query.issues.groups import Merged
from midwatch.server.query.issues.lists import IssueLists
from midwatch.server.query.issues.volume import IssueVolume, Narrowed, Seen
from midwatch.server.query.source import Scope
from midwatch.server.workspace.issues import Issues
from midwatch.server.workspace.models.issues import IssueRow
from midwatch.server.workspace.models.releases import ReleaseCommitRow, ReleaseRow

ATTACHMENTS_MAX = 50
SUSPECTS_MAX = 5
FILES_MAX = 30
Resolve = Callable[[int, dict[str, Any]], Awaitable[dict[str, Any]]]
"""Project and event → the event with source maps that came later."""
Rules = TypeVar("Rules")


class Releases(Protocol):
    async def get(self, project: int, version: str) -> ReleaseRow | None: ...

    async def commits(self, release_id: int) -> list[ReleaseCommitRow]: ...


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that came with an event."""

    name: str
    content_type: str
    size_bytes: int
    place: int


@dataclass(frozen=True, slots=True)
class Suspect:
    release: str
    sha: str
    author: str
    message: str
    files: tuple[str, ...]


class IssueReading(Generic[Rules]):
    """`rules`: those in force, with another version of grouping."""

    def __init__(
        self,
        issues: Issues,
        volume: IssueVolume,
        events: IssueEvents,
        releases: Releases,
        blobs: Blobs,
        resolve: Resolve,
        rules: Callable[[int], Rules],
    ) -> None:
        self.issues, self.volume, self.events = issues, volume, events
        self.lists = IssueLists(issues, volume)
        self.rules = rules
        self.resolved = resolve
        self._releases, self._blobs = releases, blobs

    async def hashes(self, issue_id: int) -> list[str]:
        """Raises NotFound."""
        row = await self.issues.get(issue_id)
        return [group.hash for group in await self.issues.groups(row.id)]

    async def seen(self, scope: Scope, row: IssueRow) -> tuple[Seen, list[float]]:
        """In the scope: events and users, and the trend of its list."""
        hashes = [group.hash for group in await self.issues.groups(row.id)]
        merged = Merged({hash_: row.primary_hash for hash_ in hashes if hash_ != row.primary_hash})
        trends = await self.volume.trends(scope, merged, Narrowed(), [row.primary_hash])
        return await self.volume.seen(scope, hashes), trends[row.primary_hash]

    async def event(self, scope: Scope, row: IssueRow, which: str) -> StoredEvent | None:
        return await self.events.one(scope, [group.hash for group in await self.issues.groups(row.id)], which)

    async def find(self, project: int, event_id: str) -> StoredEvent | None:
        """Whenever it was."""
        facts = await self.events.find(project, event_id)
        if facts is None:
            return None
        scope = Scope(_around(int(facts["time_ns"])), project=project)
        return await self.events.one(scope, [facts["GroupHash"]], event_id)

    async def attachments(self, project: int, event_id: str) -> list[Kept]:
        sizes = {info.name: info.size_bytes async for info in self._blobs.list(f"attachments/{project}/{event_id}")}
        found: list[Kept] = []
        for name in sorted(name for name in sizes if f"{name}.json" in sizes)[:ATTACHMENTS_MAX]:
            said = orjson.loads(await self._blobs.get(f"{name}.json") or b"{}")
            place = int(name.rpartition("/")[2])
            shown, kind = str(said.get("filename", "attachment")), str(said.get("content_type", ""))
            found.append(Kept(shown, kind, sizes[name], place))
        return found

    async def attachment(self, project: int, event_id: str, place: int) -> bytes | None:
        return await self._blobs.get(f"attachments/{project}/{event_id}/{place:03d}")

    async def suspects(self, row: IssueRow) -> list[Suspect]:
        """Commits of the release in which it was first seen that touch files of its stack; the newest first."""
        release = await self._releases.get(row.project, row.first_release) if row.first_release else None
        if release is None:
            return []
        commits = await self._releases.commits(release.id)
        if not commits:
            return []
        found = await self.find(row.project, row.last_event_id)
        files = _files(found.payload) if found and found.payload else []
        suspects: list[Suspect] = []
        for commit in commits:
            touched = tuple(path for path in commit.files if any(_same_file(str(path), one) for one in files))
            if touched and len(suspects) < SUSPECTS_MAX:
                author = commit.author or commit.email
                suspects.append(Suspect(release.version, commit.sha, author, commit.message, touched))
        return suspects


def _around(time_ns: int) -> TimeRange:
    return TimeRange(time_ns - 60 * 10**9, time_ns + 60 * 10**9)


def _files(event: dict[str, Any]) -> list[str]:
    """Of its own frames, the innermost first."""
    found: dict[str, None] = {}
    for exception in reversed((event.get("exception") or {}).get("values") or []):
        for frame in reversed((exception.get("stacktrace") or {}).get("frames") or []):
            if frame.get("in_app") and (path := frame.get("filename") or frame.get("abs_path")):
                found[str(path)] = None
    return list(found)[:FILES_MAX]


def _same_file(committed: str, framed: str) -> bool:
    """Paths of a repository and of a running app share their ends."""
    ours, theirs = _parts(committed), _parts(framed)
    shared = 0
    for one, other in zip(reversed(ours), reversed(theirs), strict=False):
        if one != other:
            break
        shared += 1
    return shared >= min(2, len(ours), len(theirs)) and shared > 0


def _parts(path: str) -> Sequence[str]:
    return [part for part in path.replace("\\", "/").partition("?")[0].split("/") if part not in ("", ".", "..")]
