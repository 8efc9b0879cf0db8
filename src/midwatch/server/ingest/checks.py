"""What each door checks of a body. Plain functions of modules, so that another process can run them."""

from functools import partial

from midwatch.server.ingest.ingest import Body, Check
from midwatch.server.model.errors import BadRequest
from midwatch.server.protocols.ndjson.lines import BadLines, all_have_times, count_lines, to_lines
from midwatch.server.protocols.otlp.json import BadJson, to_message
from midwatch.server.protocols.otlp.messages import KINDS, BadMessage, OtlpKind, count_items


def otlp_protobuf(index: int, raw: bytes) -> Body:
    """Syntax, UTF-8 and depth by the C parser."""
    try:
        return Body(raw, count_items(KINDS[index], raw))
    except BadMessage as error:
        raise BadRequest(f"cannot read the body: {error}") from None


def otlp_json(index: int, raw: bytes) -> Body:
    """JSON is converted before the log, which holds protobuf only."""
    otlp = KINDS[index]
    message = otlp.request()
    try:
        to_message(raw, message)
    except BadJson as error:
        raise BadRequest(f"cannot read the body as OTLP/JSON: {error}") from None
    encoded = message.SerializeToString()
    return Body(encoded, count_items(otlp, encoded))


def ndjson(raw: bytes) -> Body:
    try:
        lines = to_lines(raw)
    except BadLines as error:
        raise BadRequest(f"cannot read the body: {error}") from None
    return Body(lines, count_lines(lines), retry_is_copy=all_have_times(lines))


def otlp_check(otlp: OtlpKind, *, json: bool) -> Check:
    """The check of one request in one encoding."""
    return partial(otlp_json if json else otlp_protobuf, KINDS.index(otlp))
