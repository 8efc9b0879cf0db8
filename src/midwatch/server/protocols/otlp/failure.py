"""What OTLP answers in place of a response: a `google.rpc.Status`, over HTTP as the body, over gRPC beside the code."""

from google.protobuf.duration_pb2 import Duration
from google.rpc.code_pb2 import Code
from google.rpc.error_details_pb2 import BadRequest, RetryInfo
from google.rpc.status_pb2 import Status

CODES: dict[int, int] = {
    400: Code.INVALID_ARGUMENT,
    401: Code.UNAUTHENTICATED,
    403: Code.PERMISSION_DENIED,
    404: Code.NOT_FOUND,
    405: Code.UNIMPLEMENTED,
    413: Code.INVALID_ARGUMENT,
    415: Code.INVALID_ARGUMENT,
    429: Code.RESOURCE_EXHAUSTED,
    503: Code.UNAVAILABLE,
}
"""By HTTP status."""


def failure(http_status: int, message: str, retry_seconds: int | None) -> Status:
    """With `BadRequest` where the data is at fault, and `RetryInfo` where the same data may be sent again.

    Without the latter OTLP clients take RESOURCE_EXHAUSTED for final.
    """
    status = Status(code=CODES.get(http_status, Code.UNKNOWN), message=message)
    if retry_seconds is not None:
        status.details.add().Pack(RetryInfo(retry_delay=Duration(seconds=retry_seconds)))
    elif http_status == 400:
        violation = BadRequest.FieldViolation(field="body", description=message)
        status.details.add().Pack(BadRequest(field_violations=[violation]))
    return status
