"""The doors over gRPC: OTLP's three services. Requests stay bytes; nothing is encoded again."""

import math
from collections.abc import AsyncIterator
from typing import Any

import grpc
import grpc.aio
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status

from midwatch.server.ingest.checks import otlp_check
from midwatch.server.ingest.doors import otlp_answer
from midwatch.server.ingest.ingest import Ingest
from midwatch.server.ingest.unpack import BODY_BYTES_MAX
from midwatch.server.model.errors import MidwatchError, RateLimited, Unavailable
from midwatch.server.protocols.otlp.messages import KINDS, OtlpKind

_CODES = {
    400: grpc.StatusCode.INVALID_ARGUMENT,
    401: grpc.StatusCode.UNAUTHENTICATED,
    403: grpc.StatusCode.PERMISSION_DENIED,
    413: grpc.StatusCode.INVALID_ARGUMENT,
    429: grpc.StatusCode.RESOURCE_EXHAUSTED,
    503: grpc.StatusCode.UNAVAILABLE,
}


async def serve_grpc(ingest: Ingest, host: str, port: int) -> tuple[grpc.aio.Server, int]:
    """Start the server; port 0 picks one. Returns it and its port."""
    server = grpc.aio.server(options=[("grpc.max_receive_message_length", BODY_BYTES_MAX), ("grpc.so_reuseport", 0)])
    for otlp in KINDS:
        handler = grpc.unary_unary_rpc_method_handler(
            _export(ingest, otlp), request_deserializer=None, response_serializer=None
        )
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(otlp.service, {"Export": handler}),))
    bound = server.add_insecure_port(f"{host}:{port}")
    await server.start()
    return server, bound


def _export(ingest: Ingest, otlp: OtlpKind) -> Any:
    check = otlp_check(otlp, json=False, empty_is_request=True)
    success = otlp.response().SerializeToString()

    async def export(request: bytes, context: "grpc.aio.ServicerContext[bytes, bytes]") -> bytes:
        headers = {key: value for key, value in context.invocation_metadata() or () if isinstance(value, str)}
        # gRPC has unpacked the message; what these say is of its own framing.
        headers.pop("content-encoding", None)
        headers.pop("content-length", None)
        try:
            taken = await ingest.take(otlp.kind, headers, {}, _once(request), check)
        except MidwatchError as error:
            code = _CODES.get(error.status, grpc.StatusCode.UNKNOWN)
            if isinstance(error, RateLimited | Unavailable):
                context.set_trailing_metadata(_retry_later(error, code))
            await context.abort(code, error.message)
        return success if taken.visible else otlp_answer(otlp, taken).SerializeToString()

    return export


def _retry_later(error: RateLimited | Unavailable, code: grpc.StatusCode) -> tuple[tuple[str, str | bytes], ...]:
    """`RetryInfo`, without which OTLP clients take RESOURCE_EXHAUSTED for final."""
    detail = AnyMessage()
    detail.Pack(RetryInfo(retry_delay=Duration(seconds=max(1, math.ceil(error.retry_after_seconds)))))
    status = Status(code=code.value[0], message=error.message, details=[detail])
    return (("grpc-status-details-bin", status.SerializeToString()),)


async def _once(body: bytes) -> AsyncIterator[bytes]:
    yield body
