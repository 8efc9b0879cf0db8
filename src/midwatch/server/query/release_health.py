"""Sessions by release: who runs it, and how many of them crash. From log records named `sentry.session`.

A record is one state of a session (`session.id`), or a sum of several without ids (`session.count` of them with one
`session.status`). A session that crashed stays crashed, whatever comes after. `service.version` is the release,
`user.id` whoever had the session.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from midwatch.server.query.source import Scope, Source

EVENT_NAME = "sentry.session"
RELEASES_MAX = 1000
_SESSIONS = f"""SELECT
        ResourceAttributes['service.version'] AS release,
        LogAttributes['session.id'] AS session,
        anyIf(LogAttributes['user.id'], LogAttributes['user.id'] != '') AS user,
        min(Timestamp) AS first, max(Timestamp) AS last,
        if(session = '', sum(greatest(1, toUInt64OrZero(LogAttributes['session.count']))), 1) AS weight,
        max(LogAttributes['session.status'] = 'crashed') AS is_crashed,
        max(LogAttributes['session.status'] = 'abnormal') AND NOT is_crashed AS is_abnormal,
        (max(LogAttributes['session.status'] IN ('errored', 'unhandled'))
            OR max(toUInt64OrZero(LogAttributes['session.errors'])) > 0)
            AND NOT is_crashed AND NOT is_abnormal AS is_errored
    FROM logs WHERE {{where}} AND EventName = '{EVENT_NAME}' AND release != ''
    GROUP BY release, session,
        if(session = '', cityHash64(LogAttributes['user.id'], LogAttributes['session.status'], Timestamp), 0)
"""
_FIGURES = """sum(weight) AS sessions, sumIf(weight, is_crashed) AS crashed, sumIf(weight, is_abnormal) AS abnormal,
    sumIf(weight, is_errored) AS errored, uniqExactIf(user, user != '') AS users,
    uniqExactIf(user, user != '' AND is_crashed) AS crashed_users"""


@dataclass(frozen=True, slots=True)
class Sessions:
    sessions: int
    crashed: int
    abnormal: int
    errored: int
    users: int
    crashed_users: int
    first_ns: int
    last_ns: int


@dataclass(frozen=True, slots=True)
class SessionPoint:
    start_ns: int
    sessions: int
    crashed: int
    users: int
    all_sessions: int


@dataclass(frozen=True, slots=True)
class Health:
    by_release: Mapping[str, Sessions]
    sessions: int
    """Of all releases together."""
    users: int


class ReleaseHealthQueries:
    def __init__(self, source: Source) -> None:
        self._source = source

    async def all(self, scope: Scope) -> Health:
        """Every release that had sessions, those with the most first; RELEASES_MAX of them."""
        rows = await self._source.rows(
            f"""SELECT release, {_FIGURES}, toUnixTimestamp64Nano(min(first)) AS first_ns,
                toUnixTimestamp64Nano(max(last)) AS last_ns, sum(sum(weight)) OVER () AS all_sessions
            FROM ({_sessions(scope)}) GROUP BY release ORDER BY sessions DESC, release LIMIT {RELEASES_MAX}""",
            scope.params,
        )
        users = await self._source.rows(
            f"""SELECT uniqExactIf(LogAttributes['user.id'], LogAttributes['user.id'] != '') AS users FROM logs
            WHERE {scope.where()} AND EventName = '{EVENT_NAME}' AND ResourceAttributes['service.version'] != ''""",
            scope.params,
        )
        found = {
            row["release"]: Sessions(**{field.name: int(row[field.name]) for field in fields(Sessions)}) for row in rows
        }
        return Health(found, int(rows[0]["all_sessions"]) if rows else 0, int(users[0]["users"]) if users else 0)

    async def points(self, scope: Scope, release: str, step_seconds: int) -> list[SessionPoint]:
        """Of one release, by when its sessions began in the range; steps in which no release had any are left out."""
        step_ns = step_seconds * 10**9
        rows = await self._source.rows(
            f"""SELECT intDiv(toUnixTimestamp64Nano(first), {step_ns}) * {step_ns} AS at,
                sumIf(weight, release = {{release:String}}) AS sessions,
                sumIf(weight, release = {{release:String}} AND is_crashed) AS crashed,
                uniqExactIf(user, user != '' AND release = {{release:String}}) AS users, sum(weight) AS all_sessions
            FROM ({_sessions(scope)}) GROUP BY at ORDER BY at""",
            {**scope.params, "release": release},
        )
        names = ("at", "sessions", "crashed", "users", "all_sessions")
        return [SessionPoint(*(int(row[name]) for name in names)) for row in rows]


def _sessions(scope: Scope) -> str:
    return _SESSIONS.replace("{where}", scope.where())
