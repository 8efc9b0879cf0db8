"""The doors over gRPC: OTLP's three services. Requests stay bytes; nothing is encoded again."""

from collections.abc import AsyncIterator
from typing import Any

import grpc
import grpc.aio

from midwatch.server.ingest.checks import otlp_check
from midwatch.server.ingest.doors import otlp_answer
from midwatch.server.ingest.ingest import Ingest
from midwatch.server.ingest.unpack import BODY_BYTES_MAX
from midwatch.server.model.errors import MidwatchError, Unavailable, retry_seconds
from midwatch.server.protocols.otlp.failure import failure
from midwatch.server.protocols.otlp.messages import KINDS, OtlpKind

MESSAGE_BYTES_MAX = BODY_BYTES_MAX + (16 << 20)
"""gRPC itself refuses what is larger, uncounted and in its own words; what is a little over the limit reaches ours."""
_CODES = {code.value[0]: code for code in grpc.StatusCode}


async def serve_grpc(ingest: Ingest, host: str, port: int) -> tuple[grpc.aio.Server, int]:
    """Start the server; port 0 picks one. Returns it and its port.

    Raises:
        Unavailable: the port is taken.
    """
    server = grpc.aio.server(options=[("grpc.max_receive_message_length", MESSAGE_BYTES_MAX), ("grpc.so_reuseport", 0)])
    for otlp in KINDS:
        handler = grpc.unary_unary_rpc_method_handler(
            _export(ingest, otlp), request_deserializer=None, response_serializer=None
        )
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(otlp.service, {"Export": handler}),))
    try:
        bound = server.add_insecure_port(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
    except RuntimeError:  # gRPC says no more than that it could not
        raise Unavailable(f"otlp_grpc_port={port}: cannot listen on {host}:{port}; choose another (0 picks)") from None
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
            status = failure(error.status, error.message, retry_seconds(error))
            if status.details:
                context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
            await context.abort(_CODES[status.code], error.message)
        return success if taken.visible else otlp_answer(otlp, taken).SerializeToString()

    return export


async def _once(body: bytes) -> AsyncIterator[bytes]:
    yield body
