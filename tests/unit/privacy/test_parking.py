"""What is kept of a body that could not be stored."""

import json
import time

import pytest

from midwatch.contract.privacy_hashing import HashKey
from midwatch.contract.privacy_rules import PrivacyPolicy
from midwatch.server.model.signal import SegmentKind
from midwatch.server.privacy.bodies import Parking
from midwatch.server.protocols.loki.messages import PushRequest
from midwatch.server.protocols.prometheus.messages import VERSION_1
from midwatch.server.protocols.sentry.envelope import Item, read_envelope, write_envelope
from midwatch.server.wal.frames import FrameHeader, encode_frame, read_frame, scan
from tests.bodies import gauge, logs, span, traces

MAIL, SECRET = "ann@leak.example", "q1w2e3r4"
PARKING = Parking(lambda: PrivacyPolicy(ids=HashKey("own", b"k" * 32)))


def _series() -> bytes:
    request = VERSION_1.request()
    series = request.timeseries.add()
    series.labels.add(name="who", value=MAIL)
    series.labels.add(name="password", value=SECRET)
    return bytes(request.SerializeToString())


def _push() -> bytes:
    request = PushRequest()
    stream = request.streams.add(labels=f'{{job="{MAIL}", password="{SECRET}"}}')
    stream.entries.add(line=MAIL).structured_metadata.add(name="note", value=MAIL)
    return bytes(request.SerializeToString())


def _envelope() -> bytes:
    event = {"message": MAIL, "extra": {"password": SECRET, "n": 5102389123}}
    return write_envelope(
        {"event_id": "e" * 32, "trace": {"user": MAIL}},
        [
            Item("event", {"type": "event"}, json.dumps(event).encode()),
            Item("attachment", {"type": "attachment", "filename": f"{MAIL}.txt"}, f"a line of {MAIL}".encode()),
            Item("replay_recording", {"type": "replay_recording"}, b"\xff" + MAIL.encode()),
        ],
    )


_LINE = {"body": f"mail {MAIL}", "password": SECRET, "n": 5102389123}
BODIES = {
    SegmentKind.OTLP_TRACES: traces("api", [span(attributes={"note": MAIL, "password": SECRET})]).SerializeToString(),
    SegmentKind.OTLP_LOGS: logs("api", [{"body": MAIL, "attributes": {"token": SECRET}}]).SerializeToString(),
    SegmentKind.OTLP_METRICS: gauge(MAIL, "n", 1).SerializeToString(),
    SegmentKind.LOKI_LOGS: _push(),
    SegmentKind.REMOTE_WRITE: _series(),
    SegmentKind.NDJSON_LOGS: f"{json.dumps(_LINE)}\n{MAIL}".encode(),
    SegmentKind.PRODUCT_EVENTS: json.dumps({"e": "x", "d": MAIL, "p": {"token": SECRET, "a": [MAIL]}}).encode(),
    SegmentKind.DOMAIN_EVENTS: json.dumps({"id": MAIL, "metadata": {"token": SECRET, "a": [MAIL]}}).encode(),
    SegmentKind.SENTRY: _envelope(),
}


def _frames(kind: SegmentKind, body: bytes) -> bytes:
    header = FrameHeader(3, "k1", "prod", time.time_ns(), b"d" * 16, "a,b")
    return b"".join(bytes(part) for part in encode_frame(kind, header, body))


@pytest.mark.parametrize("kind", BODIES)
def test_of_every_kind_what_is_private_is_not(kind: SegmentKind) -> None:
    """The frame stays one that can be tried again, as its sender's."""
    sent = _frames(kind, BODIES[kind])
    parked = PARKING(sent, kind, f"cannot read {MAIL}")
    assert MAIL.encode() not in parked.frames
    assert SECRET.encode() not in parked.frames
    assert (parked.error, parked.unread_bytes) == ("cannot read [email]", 0)
    data = memoryview(parked.frames)
    (one,) = scan(data)
    assert one.intact
    assert read_frame(data, one)[0] == read_frame(memoryview(sent), next(scan(memoryview(sent))))[0]


def test_an_envelope_stays_one() -> None:
    parked = PARKING(_frames(SegmentKind.SENTRY, BODIES[SegmentKind.SENTRY]), SegmentKind.SENTRY, "")
    data = memoryview(parked.frames)
    envelope = read_envelope(bytes(read_frame(data, next(scan(data)))[1]))
    assert [item.type for item in envelope.items] == ["event", "attachment", "replay_recording"]
    assert json.loads(envelope.items[0].payload)["extra"] == {"password": "[removed]", "n": 5102389123}
    assert envelope.items[1].payload == b"a line of [email]"


@pytest.mark.parametrize("kind", [SegmentKind.OTLP_LOGS, SegmentKind.SENTRY, SegmentKind.NDJSON_LOGS])
def test_what_cannot_be_read_is_left_out_and_told(kind: SegmentKind) -> None:
    """Unless letters are encrypted; a body beside it stays, and damaged bytes are as one that cannot be read."""
    poison, good = b"\x0a\xff\xff\xff\xff\x0f " + MAIL.encode(), _frames(kind, BODIES[kind])
    sent = _frames(kind, poison) + good + b"damaged " + MAIL.encode()
    parked = PARKING(sent, kind, "why")
    assert parked.unread_bytes == len(sent) - len(good)
    assert "not kept" in parked.error
    assert MAIL.encode() not in parked.frames
    assert [one.intact for one in scan(memoryview(parked.frames))] == [True]
    whole = Parking(PrivacyPolicy, keeps_unread=True)(sent, kind, "why")
    assert whole.frames.count(MAIL.encode()) == 2
    assert (whole.error, whole.unread_bytes) == ("why", 0)


def test_without_rules_letters_are_what_came() -> None:
    sent = _frames(SegmentKind.OTLP_LOGS, b"\xff" + MAIL.encode())
    parked = Parking(lambda: PrivacyPolicy(is_on=False))(sent, SegmentKind.OTLP_LOGS, MAIL)
    assert (parked.frames, parked.error, parked.unread_bytes) == (sent, MAIL, 0)
