"""Prometheus's doors: remote write 1.0 and 2.0, and its OTLP door. Refusals are plain text, as Prometheus's are."""

from email.message import Message as Header

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from midwatch.server.ingest.checks import Body, Check
from midwatch.server.ingest.doors import NOT_VISIBLE, PROTOBUF, otlp_route
from midwatch.server.ingest.ingest import Ingest, Taken
from midwatch.server.ingest.unpack import SNAPPY
from midwatch.server.model.errors import BadRequest, MidwatchError, UnsupportedMedia, retry_seconds
from midwatch.server.model.signal import SegmentKind
from midwatch.server.protocols.otlp.messages import KINDS
from midwatch.server.protocols.prometheus.messages import VERSION_1, VERSION_2
from midwatch.server.protocols.prometheus.remote_write import BadWrite, Checked, Written, check_version_1
from midwatch.server.protocols.prometheus.version_2 import check_version_2

ENCODINGS = (SNAPPY, "zstd", "identity")
"""2.0 wants a 415 for every other. vmagent sends zstd."""
VERSION_1_BYTES_MAX = 512 << 10
"""Checked on the event loop up to this: 2,000 series as Prometheus sends them at once, about 3 ms."""
VERSION_2_BYTES_MAX = 64 << 10
"""The same for 2.0, which costs Python some 8 µs a series of 70 bytes."""
_KIND = SegmentKind.REMOTE_WRITE


def _body(checked: Checked) -> Body:
    return Body(checked.content, checked.items, refused=checked.refused, receipt=checked.written)


def remote_write_1(raw: bytes) -> Body:
    try:
        return _body(check_version_1(raw))
    except BadWrite as error:
        raise BadRequest(f"cannot read the body: {error}") from None


def remote_write_2(raw: bytes) -> Body:
    try:
        return _body(check_version_2(raw))
    except BadWrite as error:
        raise BadRequest(f"cannot read the body: {error}") from None


_CHECKS = {
    VERSION_1.name: Check(remote_write_1, VERSION_1_BYTES_MAX, empty_is_request=True),
    VERSION_2.name: Check(remote_write_2, VERSION_2_BYTES_MAX, empty_is_request=True),
}
"""By the message that the content type names."""


def prometheus_doors(ingest: Ingest) -> list[Route]:
    """`/prometheus/api/v1/write`, and OTLP metrics where Prometheus 3 takes them."""

    async def write(request: Request) -> Response:
        try:
            check, headers = _check(request.headers), _with_encoding(request.headers)
        except UnsupportedMedia as error:
            return _failure(ingest.refuse(_KIND, request.headers, request.query_params, error))
        try:
            taken = await ingest.take(_KIND, headers, request.query_params, request.stream(), check)
        except MidwatchError as error:
            return _failure(error)
        except ClientDisconnect:
            ingest.note_refusal("", _KIND, "sender_gone")
            return Response(status_code=400)
        return _answer(taken, _written(taken) if check is _CHECKS[VERSION_2.name] else {})

    metrics = next(otlp for otlp in KINDS if otlp.kind is SegmentKind.OTLP_METRICS)
    return [
        Route("/prometheus/api/v1/write", write, methods=["POST"]),
        otlp_route(ingest, metrics, "/prometheus/api/v1/otlp/v1/metrics"),
    ]


def _answer(taken: Taken, written: dict[str, str]) -> Response:
    if taken.refused:
        # The same again would be refused again; what is sound is kept, and 2.0's headers say how much that is.
        return _said(f"{taken.refused}; the rest is kept, do not send it again", 400, written)
    if not taken.visible:
        return _said(NOT_VISIBLE, 202, written)
    return Response(status_code=204, headers=written)


def _failure(error: MidwatchError) -> Response:
    """By the specification 4xx is final but for 429, and 5xx is sent again."""
    seconds = retry_seconds(error)
    return _said(error.message, error.status, {} if seconds is None else {"retry-after": str(seconds)})


def _said(text: str, status: int, headers: dict[str, str]) -> Response:
    return PlainTextResponse(text + "\n", status, headers)


def _written(taken: Taken) -> dict[str, str]:
    assert isinstance(taken.receipt, Written)
    return {
        "x-prometheus-remote-write-samples-written": str(taken.receipt.samples),
        "x-prometheus-remote-write-histograms-written": str(taken.receipt.histograms),
        "x-prometheus-remote-write-exemplars-written": str(taken.receipt.exemplars),
    }


def _check(headers: Headers) -> Check:
    """The check of the message that the content type names; none named is 1.0, as its senders name none.

    Raises:
        UnsupportedMedia: another.
    """
    sent = headers.get("content-type", "") or PROTOBUF
    header = Header()
    header["content-type"] = sent[:1000]
    name = header.get_param("proto", VERSION_1.name)
    found = _CHECKS.get(str(name)) if header.get_content_type() == PROTOBUF else None
    if found is None:
        raise UnsupportedMedia(
            f"content-type={sent[:200]!r}: expected {PROTOBUF}, with proto={VERSION_1.name} or proto={VERSION_2.name}"
        )
    return found


def _with_encoding(headers: Headers) -> Headers:
    """With the encoding named, which is snappy where the sender names none.

    Raises:
        UnsupportedMedia: one that remote write has not.
    """
    sent = headers.get("content-encoding", "").strip().lower()
    if sent in ENCODINGS:
        return headers
    if sent:
        raise UnsupportedMedia(f"content-encoding={sent[:60]!r}: expected {', '.join(ENCODINGS)}")
    return Headers({**headers, "content-encoding": SNAPPY})
