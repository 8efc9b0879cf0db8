"""Frames of a segment of envelopes, or told exceptions → what is put away of them. Runs in another process."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
import xxhash

from midwatch.server.issues.digest.digested import BATCH_BYTES, Digested, Order, Output, Replay, Sender
from midwatch.server.issues.digest.judging import Arrival, Judge, Lines
from midwatch.server.issues.digest.lightening import lighten, place_of
from midwatch.server.issues.digest.memory import Memory, Told
from midwatch.server.issues.events.normal import normal_event
from midwatch.server.issues.events.security import security_event
from midwatch.server.issues.events.told import told_event
from midwatch.server.issues.rules import ErrorRules
from midwatch.server.issues.source_maps.lookups import Lookup, wanted
from midwatch.server.model.signal import SegmentKind
from midwatch.server.privacy.scrubber import scrubber
from midwatch.server.protocols.sentry.envelope import SERVICE, USER_AGENT, Envelope, Item, read_envelope
from midwatch.server.protocols.sentry.telemetry import TYPES, BadItem, Telemetry, convert
from midwatch.server.wal.encryption import read_content
from midwatch.server.wal.frames import FrameHeader, read_frame, scan

_SCRIPTS = ("javascript", "node")
_SCRIPTS_WRITTEN = tuple(f'"{name}"'.encode() for name in _SCRIPTS)
"""What has none of these in it need not be parsed."""
_memory: Memory | None = None


def memory() -> Memory:
    """That of this process."""
    global _memory  # noqa: PLW0603 - a process has one
    if _memory is None:
        _memory = Memory()
    return _memory


@dataclass(slots=True)
class _Batch:
    order: Order
    into: Digested
    judge: Judge
    telemetry: dict[Sender, Telemetry] = field(default_factory=dict)
    received: dict[Sender, int] = field(default_factory=dict)


def digest_segment(order: Order) -> Digested:
    """The next frames of a segment; a frame that makes us fail is told of and left out."""
    held = memory()
    into = Digested(end=order.start)
    batch = _Batch(order, into, Judge(held, order.rules, into))
    data = read_content(order.path, order.keys, order.start)
    frames = 0
    for span in scan(data):
        start, end = order.start + span.start, order.start + span.end
        if frames >= order.frames_max or (frames and end - order.start > BATCH_BYTES):
            break
        frames += 1
        into.end = end
        if not span.intact:
            into.failed.append((start, end, "the bytes are damaged"))
            continue
        header, body = read_frame(data, span)
        try:
            _take_envelope(batch, header, read_envelope(bytes(body)))
        except Exception as error:  # ours: the frame is kept aside with its reason, and the others go on
            into.failed.append((start, end, f"{type(error).__name__}: {error}"))
    _put_out(batch)
    return into


def wanted_of(order: Order) -> dict[int, list[Lookup]]:
    """Which source maps the events of the same frames ask for, by project."""
    found: dict[int, dict[Lookup, None]] = {}
    data = read_content(order.path, order.keys, order.start)
    for frames, span in enumerate(scan(data)):
        if frames >= order.frames_max or (frames and span.end > BATCH_BYTES):
            break
        if not span.intact:
            continue
        header, body = read_frame(data, span)
        try:
            for item in read_envelope(bytes(body)).items:
                if item.type == "event" and any(name in item.payload for name in _SCRIPTS_WRITTEN):
                    event = orjson.loads(item.payload)
                    if event.get("platform") in _SCRIPTS:
                        found.setdefault(header.project, {}).update(dict.fromkeys(wanted(event)))
        except Exception:  # noqa: S112 - the digest itself tells of it
            continue
    return {project: list(lookups) for project, lookups in found.items()}


def digest_told(rows: Sequence[Mapping[str, Any]], rules: ErrorRules, key_names: Mapping[str, str]) -> Digested:
    """Rows of the table of told exceptions."""
    into = Digested()
    judge = Judge(memory(), rules, into)
    for row in rows:
        sender = Sender(row["Project"], row["KeyId"], row["Environment"])
        try:
            sent = told_event(row)
            share = _share(row["Attributes"].get("error.sample_rate"))
            event = normal_event(sent, row["ReceivedNs"], sent["event_id"])
            outcome = judge.take(event, Arrival(sender, row["ReceivedNs"], row["ServiceName"], row["Source"], share))
        except Exception as error:  # ours: told, and the others go on; the record itself stays where it is
            outcome = f"failed_{type(error).__name__}"
        into.counts[f"told_{row['Source']}", outcome] += 1
    _put_lines(judge, into)
    return into


def remember(told: Sequence[tuple[int, str, str, int, str, str, str, str]]) -> None:
    """What an earlier process saw: project, trace, type, time, source, value, group, event id."""
    held = memory()
    for project, trace_id, kind, at_ns, source, value, group, event_id in told:
        held.is_repeated(project, event_id)
        held.told_before(project, trace_id, kind, Told(at_ns, source, value, group))


def _share(sent: Any) -> float:
    try:
        found = float(sent)
    except (TypeError, ValueError):
        return 1.0
    return found if 0 < found <= 1 else 1.0


def _take_envelope(batch: _Batch, header: FrameHeader, envelope: Envelope) -> None:
    sender = Sender(header.project, header.key_id, header.environment)
    batch.received[sender] = max(batch.received.get(sender, 0), header.received_ns)
    key_name = batch.order.key_names.get(header.key_id, "")
    counts = batch.into.counts
    for place, item in enumerate(envelope.items):
        if item.type == "event":
            counts[item.type, _take_event(batch, header, sender, envelope, item, key_name)] += 1
        elif item.type == "raw_security":
            counts[item.type, _take_report(batch, header, sender, envelope, item, key_name)] += 1
        elif item.type in TYPES:
            headers = {**envelope.headers, SERVICE: key_name}
            telemetry = batch.telemetry.setdefault(sender, Telemetry(memory().loads))
            try:
                convert(item.type, item.headers, item.payload, headers, header.received_ns, telemetry)
                counts[item.type, "kept"] += 1
            except BadItem:
                counts[item.type, "bad_item"] += 1
        elif item.type in ("attachment", "profile", "profile_chunk"):
            counts[item.type, _keep(batch, sender, envelope, item, place)] += 1
    _take_replay(batch, header, sender, envelope)


def _take_event(
    batch: _Batch, header: FrameHeader, sender: Sender, envelope: Envelope, item: Item, key_name: str
) -> str:
    sent = orjson.loads(item.payload)
    if not isinstance(sent, dict):
        return "bad_item"
    trace, limits = envelope.headers.get("trace"), batch.order.rules.limits
    light = memory().is_flood_from(header.project, place_of(sent), header.received_ns, limits)
    if light:
        lighten(sent)
    event = normal_event(sent, header.received_ns, str(envelope.headers.get("event_id") or ""))
    if isinstance(trace, dict) and isinstance(replay := trace.get("replay_id"), str):
        event.setdefault("contexts", {}).setdefault("replay", {"replay_id": replay})
    if agent := envelope.headers.get(USER_AGENT):
        request = event.setdefault("request", {})
        if not any(name.lower() == "user-agent" for name in request.get("headers", {})):
            request.setdefault("headers", {})["User-Agent"] = str(agent)
    maps = batch.order.maps.get(header.project, {}) if event["platform"] in _SCRIPTS else {}
    return batch.judge.take(event, Arrival(sender, header.received_ns, key_name, light=light, maps=maps))


def _take_report(
    batch: _Batch, header: FrameHeader, sender: Sender, envelope: Envelope, item: Item, key_name: str
) -> str:
    report = orjson.loads(item.payload)
    found = security_event(report, str(envelope.headers.get(USER_AGENT) or "")) if isinstance(report, dict) else None
    if found is None:
        return "bad_item"
    event = normal_event(found, header.received_ns, _made_id(header, item))
    return batch.judge.take(event, Arrival(sender, header.received_ns, key_name, "browser"))


def _made_id(header: FrameHeader, item: Item) -> str:
    return xxhash.xxh3_128(header.received_ns.to_bytes(8, "little") + item.payload).hexdigest()


def _take_replay(batch: _Batch, header: FrameHeader, sender: Sender, envelope: Envelope) -> None:
    events = [item for item in envelope.items if item.type == "replay_event"]
    recordings = [item for item in envelope.items if item.type == "replay_recording"]
    if not events and not recordings:
        return
    if not events or not recordings:
        kind = "replay_event" if events else "replay_recording"
        batch.into.counts[kind, "without_its_other_half"] += 1
        return
    event = orjson.loads(events[0].payload)
    if isinstance(event, dict):
        batch.into.replays.append(Replay(sender, event, recordings[0].payload, header.received_ns))


def _keep(batch: _Batch, sender: Sender, envelope: Envelope, item: Item, place: int) -> str:
    """Attachments lie below their event's id, profiles below their own; beside each, what its sender said of it."""
    event_id = "".join(one for one in str(envelope.headers.get("event_id") or "") if one.isalnum())[:64]
    if not event_id:
        return "without_event"
    folder = "attachments" if item.type == "attachment" else "profiles"
    scrub = scrubber(batch.order.rules.privacy)
    scrub.place = folder
    said = {
        name: scrub.text(str(item.headers[name])[:200])
        for name in ("filename", "content_type", "attachment_type")
        if name in item.headers
    }
    name = f"{folder}/{sender.project}/{event_id}/{place:03d}"
    batch.into.blobs += [(name, scrub.file(item.payload)), (f"{name}.json", orjson.dumps(said))]
    if leaks := scrub.taken_out():
        lines = batch.judge.lines.setdefault(sender, Lines())
        lines.received_ns = max(lines.received_ns, batch.received[sender])
        lines.leaks[batch.order.key_names.get(sender.key_id, "")].update(leaks)
    return "kept"


def _put_out(batch: _Batch) -> None:
    _put_lines(batch.judge, batch.into)
    for sender, telemetry in batch.telemetry.items():
        for kind, message, items in (
            (SegmentKind.OTLP_TRACES, telemetry.traces, telemetry.span_count),
            (SegmentKind.OTLP_LOGS, telemetry.logs, telemetry.log_count),
            (SegmentKind.OTLP_METRICS, telemetry.metrics, telemetry.point_count),
        ):
            if items:
                content = message.SerializeToString()
                batch.into.outputs.append(Output(sender, kind, content, items, batch.received[sender]))
        for reason, count in telemetry.skipped.items():
            batch.into.counts["telemetry", reason] += count


def _put_lines(judge: Judge, into: Digested) -> None:
    for sender, lines in judge.lines.items():
        if content := lines.content():
            count = len(lines.rows)
            into.outputs.append(Output(sender, SegmentKind.ERROR_EVENTS, content, count, lines.received_ns))
