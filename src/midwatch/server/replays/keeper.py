"""Takes segments of replays in: read, private values out, compressed into a blob, and noted in the workspace."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from midwatch.contract.privacy_rules import PrivacyPolicy
from midwatch.server.model.blobs import Blobs
from midwatch.server.model.measure import Counts, Measure
from midwatch.server.privacy.scrubber import Leak, Scrubber
from midwatch.server.protocols.sentry.replay import BadReplay, ReplayEvent, read_event, read_recording
from midwatch.server.replays.client import client_of
from midwatch.server.replays.segment import Segment, made
from midwatch.server.workspace.replays import NewSegment, ReplayLedger

__all__ = ["BadReplay", "ReplayKeeper", "blob_name", "blob_prefix"]

AHEAD_SECONDS_MAX = 86_400
BEHIND_SECONDS_MAX = 400 * 86_400


class ReplayKeeper:
    """`privacy`: the rules in force."""

    def __init__(self, ledger: ReplayLedger, blobs: Blobs, privacy: Callable[[], PrivacyPolicy]) -> None:
        self._ledger, self._blobs, self._privacy = ledger, blobs, privacy
        self._counts = Counts("midwatch_replay_segments_total", "Segments of session replays by outcome", ("outcome",))
        self._bytes = Counts("midwatch_replay_stored_bytes_total", "Bytes of session replays put into blobs", ())

    async def keep(
        self,
        project: int,
        environment: str,
        event: Mapping[str, Any],
        recording: bytes,
        received_ns: int,
    ) -> Counter[Leak]:
        """Durable on return; the same segment again changes nothing. Returns what was private in it.

        `environment`: what the key says; empty: what the event says. What a replay has over its limits is counted,
        noted with it, and not kept.

        Raises:
            BadReplay: the segment is none, and would not be later; the message says why.
            Unavailable: disk, object store or database; it can be tried again.
        """
        try:
            said = read_event(event)
            _check_time(said, received_ns)
            refusal = await self._ledger.refusal(project, said.replay_id, said.segment, said.at_ms)
            if refusal:
                self._counts.add(refusal)
                return Counter()
            scrub = Scrubber(self._privacy())
            scrub.place = "replays"
            content, new, dropped = await asyncio.to_thread(_read, project, environment, said, recording, scrub)
        except BadReplay:
            self._counts.add("malformed")
            raise
        name = blob_name(project, said.replay_id, said.segment)
        await self._blobs.put(name, content)
        outcome = await self._ledger.add(new)
        if outcome == "deleted":  # meanwhile
            await self._blobs.drop(name)
        if outcome == "added":
            self._bytes.add(amount=len(content))
        self._counts.add(outcome)
        if dropped:
            self._counts.add("event_out_of_time", amount=dropped)
        return scrub.taken_out()

    def measures(self) -> Iterable[Measure]:
        yield from self._counts.measures()
        yield from self._bytes.measures()


def blob_prefix(project: int, replay_id: str) -> str:
    return f"replays/{project}/{replay_id}"


def blob_name(project: int, replay_id: str, segment: int) -> str:
    return f"{blob_prefix(project, replay_id)}/{segment:06}"


def _read(
    project: int, environment: str, said: ReplayEvent, recording: bytes, scrub: Scrubber
) -> tuple[bytes, NewSegment, int]:
    """What goes into the blob, what is noted of it, and how many events were left out. Takes a thread's time."""
    number, events = read_recording(recording)
    if number != said.segment:
        raise BadReplay(f"segment_id={said.segment}: the recording says that it is of segment {number}")
    segment = made(said, events, scrub)
    return segment.content, _new(project, environment, said, segment, scrub), segment.dropped


def _label(sent: Mapping[str, str], kept: Mapping[str, str]) -> str:
    """What a user is called on the page: by what may be told as it was sent before what became a hash."""
    names = ("email", "username", "id")
    plain = [kept[name] for name in names if kept.get(name) and kept[name] == sent.get(name)]
    others = [kept[name] for name in ("id", "username", "email", "ip_address") if kept.get(name)]
    return next(iter((*plain, *others)), "")


def _check_time(said: ReplayEvent, received_ns: int) -> None:
    ahead = said.at_ms / 1000 - received_ns / 1e9
    if ahead > AHEAD_SECONDS_MAX or -ahead > BEHIND_SECONDS_MAX:
        days = abs(ahead) / 86_400
        raise BadReplay(
            f"timestamp: {days:.0f} days {'ahead of' if ahead > 0 else 'before'} this server's clock;"
            f" expected at most {AHEAD_SECONDS_MAX // 86_400} ahead and {BEHIND_SECONDS_MAX // 86_400} before:"
            " is the clock of the browser right?"
        )


def _new(project: int, environment: str, said: ReplayEvent, segment: Segment, scrub: Scrubber) -> NewSegment:
    user = scrub.user(said.user)
    client = client_of(said.contexts, said.user_agent)
    return NewSegment(
        project=project,
        replay_id=said.replay_id,
        segment=said.segment,
        started_ms=said.started_ms,
        at_ms=said.at_ms,
        first_ms=segment.first_ms,
        last_ms=segment.last_ms,
        bytes=len(segment.content),
        unpacked_bytes=segment.unpacked_bytes,
        events=segment.events,
        clicks=segment.clicks,
        dead_clicks=segment.dead_clicks,
        rage_clicks=segment.rage_clicks,
        is_buffer=said.is_buffer,
        user_label=_label(said.user, user),
        texts={
            "release": said.release,
            "environment": environment or said.environment,
            "browser": client.browser,
            "os": client.os,
            "device": client.device,
            "sdk": said.sdk,
        },
        keys={
            "user": list(dict.fromkeys(user.values())),
            "error": said.error_ids,
            "trace": said.trace_ids,
            "url": list(dict.fromkeys(scrub.address(url)[:500] for url in said.urls)),
        },
    )
