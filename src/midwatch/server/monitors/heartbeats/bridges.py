"""Others' words for signs of life → ours: Sentry's check-ins, Healthchecks' pings, the SDK's events."""

import asyncio
import re

import structlog

from midwatch.contract import events as names
from midwatch.server.model.actor import IngestGrant
from midwatch.server.model.errors import BadRequest, MidwatchError
from midwatch.server.monitors.heartbeats.desk import Heard, HeartbeatDesk, status_of
from midwatch.server.monitors.heartbeats.life import Beat, Status
from midwatch.server.monitors.heartbeats.schedule import GRACE_SECONDS, SECOND, Expectation
from midwatch.server.protocols.healthchecks.pings import EVERY_SECONDS, Ping
from midwatch.server.protocols.healthchecks.pings import GRACE_SECONDS as PING_GRACE_SECONDS
from midwatch.server.protocols.otlp.heartbeats import SentHeartbeat, heartbeats_in
from midwatch.server.protocols.sentry.check_in import BadCheckIn, CheckIn, read_check_in
from midwatch.server.workspace.heartbeats import Identity

log = structlog.get_logger(__name__)

SENTRY, HEALTHCHECKS, SDK = "sentry", "healthchecks", "sdk"
BODIES_WAITING_MAX = 1000
"""Of the SDK's, whose heartbeats wait to be written down; more are dropped, and the next sign is as good."""
AHEAD_SECONDS, BEHIND_SECONDS = 60, 86_400
"""A sign's own time counts within these of ours."""
_NAME = re.compile(r"[\w.\-/]{1,200}")
_STATUSES = {"ok": Status.OK, "in_progress": Status.STARTED, "error": Status.FAILED}
_SDK_STATUSES = {names.OK: Status.OK, names.STARTED: Status.STARTED, names.FAILED: Status.FAILED}
_ACTIONS = {"success": Status.OK, "start": Status.STARTED, "fail": Status.FAILED, "log": Status.LOG}


async def take_check_in(desk: HeartbeatDesk, grant: IngestGrant, payload: bytes) -> None:
    """The item `check_in` of an envelope. Raises MidwatchError."""
    try:
        check_in = read_check_in(payload)
    except BadCheckIn as error:
        raise BadRequest(f"cannot read the check-in: {error}", code="bad_check_in") from None
    await take_read_check_in(desk, grant, check_in)


async def take_read_check_in(desk: HeartbeatDesk, grant: IngestGrant, check_in: CheckIn) -> None:
    """Raises MidwatchError."""
    config, expectation = check_in.config, None
    if config is not None:
        expectation = Expectation(
            config.every_seconds,
            config.cron,
            config.time_zone,
            config.margin_seconds,
            config.runtime_seconds,
            config.failures,
            config.recoveries,
        )
    identity = Identity(grant.project, check_in.slug, grant.environment or check_in.environment)
    beat = Beat(_STATUSES[check_in.status], desk.now_ns(), check_in.check_in_id, check_in.seconds)
    await desk.take(Heard(identity, beat, SENTRY, expectation=expectation))


def beat_of_ping(ping: Ping, run: str, now_ns: int) -> Beat:
    status = _ACTIONS[ping.action] if ping.exit_status is None else status_of(ping.exit_status)
    said = f"exit status {ping.exit_status}" if ping.exit_status else ""
    return Beat(status, now_ns, run, said=said)


def made_by_ping() -> Expectation:
    """Of a check that `?create=1` makes: Healthchecks' own, a run being bound by the grace."""
    return Expectation(EVERY_SECONDS, "", "UTC", PING_GRACE_SECONDS, PING_GRACE_SECONDS)


class SdkBridge:
    """The SDK's heartbeats are log records; what the door has taken is looked into after its answer."""

    def __init__(self, desk: HeartbeatDesk) -> None:
        self._desk = desk
        self._waiting: asyncio.Queue[tuple[IngestGrant, bytes]] = asyncio.Queue(BODIES_WAITING_MAX)
        self.dropped = 0

    def hear(self, grant: IngestGrant, body: bytes) -> None:
        """A body with at least one heartbeat in it."""
        try:
            self._waiting.put_nowait((grant, body))
        except asyncio.QueueFull:
            self.dropped += 1

    async def run(self) -> None:
        while True:
            grant, body = await self._waiting.get()
            for sent in await asyncio.to_thread(heartbeats_in, body):
                try:
                    await self._take(grant, sent)
                except MidwatchError as error:
                    log.warning("heartbeat.not_taken", heartbeat=sent.name[:100], error=error.message)

    async def _take(self, grant: IngestGrant, sent: SentHeartbeat) -> None:
        status = _SDK_STATUSES.get(sent.status)
        if status is None or not _NAME.fullmatch(sent.name):
            raise BadRequest("expected a name of letters and digits, and a status of ok, started or failed")
        now_ns = self._desk.now_ns()
        sound = now_ns - BEHIND_SECONDS * SECOND < sent.at_ns < now_ns + AHEAD_SECONDS * SECOND
        beat = Beat(status, min(sent.at_ns, now_ns) if sound else now_ns, seconds=sent.seconds)
        identity = Identity(grant.project, sent.name, (grant.environment or sent.environment)[:200])
        await self._desk.take(Heard(identity, beat, SDK, expectation=_expected(sent)))


def _expected(sent: SentHeartbeat) -> Expectation | None:
    if not sent.schedule and sent.every_seconds is None:
        return None
    every = None if sent.schedule or sent.every_seconds is None else max(1.0, sent.every_seconds)
    grace = sent.grace_seconds
    if grace is None:
        grace = GRACE_SECONDS if every is None else min(GRACE_SECONDS, max(60.0, every))
    return Expectation(every, sent.schedule, sent.time_zone, max(1.0, grace))
