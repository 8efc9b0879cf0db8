"""What a destination asks for, who it is, and how long something may wait for it."""

import asyncio
import re
import ssl
import time
from email.utils import formatdate
from pathlib import Path

import grpc
import pytest
import trustme
from tests.bodies import logs
from tests.conftest import KEY
from tests.eventually import becomes_true, eventually
from tests.integration.forward.conftest import Forwarding, endpoint, texts
from tests.integration.store.bodies import frame
from tests.integration.store.source import ListedSegments
from tests.otlp_sink import OtlpSink, running_sink

from midwatch.contract.plan.sections.forward import Destination
from midwatch.contract.privacy_rules import PrivacyPolicy
from midwatch.server.forward.delivery import RETRY_AFTER_SECONDS_MAX, Sender, Verdict
from midwatch.server.forward.forwarder import Forwarder, Wanted
from midwatch.server.forward.parcels import Parcel
from midwatch.server.model.clock import WallClock
from midwatch.server.model.signal import SegmentKind
from midwatch.server.outgoing.files import PlanFiles
from midwatch.server.protocols.otlp.messages import KINDS

pytestmark = pytest.mark.thorough

LOGS = next(one for one in KINDS if one.kind is SegmentKind.OTLP_LOGS)


def test_a_destination_is_left_alone_as_long_as_it_asks(forwarding: Forwarding, sink: OtlpSink) -> None:
    """`Retry-After` holds, where it would have been tried again within a second; what waited goes on afterwards."""
    sink.status, sink.also = 503, {"Retry-After": "3"}
    forwarding.to(busy={"endpoint": endpoint(sink)})
    forwarding.log("later")
    lane = eventually(lambda: found if (found := forwarding.lane("busy"))["error"] else None)
    assert lane["retry_at"] is not None
    sink.status, sink.also = 200, {}
    eventually(lambda: texts(sink) == ["later"])
    first, second = sink.asked_at
    assert second - first >= 3


async def test_what_retry_after_may_say(sink: OtlpSink) -> None:
    """Seconds or a date of HTTP's, an hour at most; what is neither is passed over."""
    sender = Sender(Destination(name="one", endpoint=endpoint(sink), compression="none"), PlanFiles(None))
    told = {
        "7": 7,
        "0": 0,
        "86400": RETRY_AFTER_SECONDS_MAX,
        "9" * 400: RETRY_AFTER_SECONDS_MAX,
        formatdate(time.time() - 60, usegmt=True): 0,
        formatdate(time.time() + 86_400, usegmt=True): RETRY_AFTER_SECONDS_MAX,
        "Fri, 31 Dec 99999 23:59:59 GMT": None,
        "-1": None,
        "soon": None,
        "": None,
    }
    sink.status = 429
    found = {}
    for said in told:
        sink.also = {"Retry-After": said}
        answer = await sender.send(LOGS, Parcel(0, b"\n\0"), "")
        assert answer.verdict is Verdict.AGAIN
        found[said] = answer.retry_after_seconds
    await sender.close()
    assert found == told


def test_what_waits_too_long_is_given_up(forwarding: Forwarding, sink: OtlpSink) -> None:
    """Counted, told, among the limits hit; what comes when the destination is back is sent."""
    sink.status = 503
    forwarding.to(old={"endpoint": endpoint(sink), "queue": {"age": "2s"}})
    forwarding.log("old 1", "old 2")
    eventually(lambda: forwarding.lane("old")["lost"] == {"too_old": 2})
    assert forwarding.lane("old")["waiting_bytes"] == 0
    sink.status = 200
    forwarding.log("young")
    eventually(lambda: texts(sink) == ["young"])
    with forwarding.server.api() as api:
        hits = api.get("/api/v1/system/limits").json()["hits"]
        metrics = api.get("/metrics").text
    assert "forward_too_old" in [hit["reason"] for hit in hits]
    assert re.search(r'midwatch_forward_lost_total\{.*"old".*"too_old".*\} 2', metrics)


def test_tls_is_as_the_plan_says(forwarding: Forwarding, files: Path) -> None:
    """A foreign authority is told and nothing is sent to it; with the plan's authority and name what waited goes on."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(files / "ca.pem")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("otlp.test").configure_cert(context)
    with running_sink(context) as sink:
        url = endpoint(sink).replace("http:", "https:")
        forwarding.to(private={"endpoint": url})
        forwarding.log("over TLS")
        assert "CERTIFICATE_VERIFY_FAILED" in eventually(lambda: forwarding.lane("private")["error"] or None)
        forwarding.to(private={"endpoint": url, "tls_config": {"ca_file": str(files / "ca.pem")}})
        refused = eventually(lambda: found if "mismatch" in (found := forwarding.lane("private")["error"]) else None)
        assert "127.0.0.1" in refused
        assert sink.asked_at == []
        named = {"ca_file": str(files / "ca.pem"), "server_name": "otlp.test"}
        forwarding.to(private={"endpoint": url, "tls_config": named})
        eventually(lambda: texts(sink) == ["over TLS"])
        forwarding.to(private={"endpoint": url, "tls_config": {"insecure_skip_verify": True}})
        forwarding.log("to anybody")
        eventually(lambda: texts(sink) == ["over TLS", "to anybody"])
        forwarding.to()


def test_what_came_by_grpc_goes_on(forwarding: Forwarding, sink: OtlpSink) -> None:
    """As OTLP over HTTP, in the order in which both doors took it."""
    forwarding.to(all={"endpoint": endpoint(sink)})
    forwarding.log("by HTTP")
    body = logs("api", [{"body": "by gRPC"}]).SerializeToString()
    with grpc.insecure_channel(forwarding.server.otlp_grpc_url.removeprefix("http://")) as channel:
        export = channel.unary_unary("/opentelemetry.proto.collector.logs.v1.LogsService/Export")
        export(body, metadata=[("authorization", f"Bearer {KEY}")], timeout=30)
    forwarding.log("by HTTP again")
    eventually(lambda: texts(sink) == ["by HTTP", "by gRPC", "by HTTP again"])


async def test_on_a_full_disk_the_oldest_is_given_up(sink: OtlpSink, tmp_path: Path) -> None:
    """Segment by segment, each counted, until room is there again: its files are gone."""
    sink.status = 503
    clock = WallClock()
    forwarder = Forwarder(
        tmp_path / "forward",
        PlanFiles(None),
        clock,
        node="n",
        key_names=dict,
        policy=PrivacyPolicy,
        disk_reserve_bytes=1 << 62,
    )
    destination = Destination(name="one", endpoint=endpoint(sink), signals=("logs",))
    await forwarder.configure(Wanted((destination,)))
    (log := tmp_path / "wal").mkdir()
    segments = ListedSegments(log)
    for bodies in (["a", "b"], ["c"]):
        frames = [frame(SegmentKind.OTLP_LOGS, logs("api", [{"body": body}]).SerializeToString()) for body in bodies]
        made = segments.add(SegmentKind.OTLP_LOGS, frames)
        forwarder.created(made.kind, made.id, made.path)
        forwarder.grown(made.kind, made.id, made.size_bytes)
        forwarder.sealed(made.kind, made.id)
    queued = tmp_path / "forward" / "one"
    assert len(list(queued.glob("*.wal"))) == 2
    working = asyncio.create_task(forwarder.run())
    ((_, lane),) = forwarder.lanes()
    await becomes_true(lambda: lane.state.lost == {"disk_full": 2})
    await becomes_true(lambda: lane.state.lost == {"disk_full": 3})
    await becomes_true(lambda: not list(queued.glob("*.wal")))
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    assert texts(sink) == []
