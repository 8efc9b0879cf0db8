"""The doors over gRPC: OTLP's three services. Requests stay bytes; nothing is encoded again."""

import math
from collections.abc import AsyncIterator
from typing import Any

import grpc
import grpc.aio

from midwatch.server.ingest.admission import BODY_BYTES_MAX
from midwatch.server.ingest.checks import otlp_check
from midwatch.server.ingest.ingest import Ingest
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
    check, success = otlp_check(otlp, json=False), otlp.response().SerializeToString()

    async def export(request: bytes, context: "grpc.aio.ServicerContext[bytes, bytes]") -> bytes:
        headers = {key: value for key, value in context.invocation_metadata() or () if isinstance(value, str)}
        try:
            await ingest.take(otlp.kind, headers, {}, _once(request), check)
        except MidwatchError as error:
            if isinstance(error, RateLimited | Unavailable):
                context.set_trailing_metadata((("retry-after", str(math.ceil(error.retry_after_seconds))),))
            await context.abort(_CODES.get(error.status, grpc.StatusCode.UNKNOWN), error.message)
        return success

    return export


async def _once(body: bytes) -> AsyncIterator[bytes]:
    yield body
