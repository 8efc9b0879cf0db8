"""The body of an answer that says what went wrong: `{ok: false, code, message, request_id}`."""

from midwatch.sdk import context

VALIDATION_ERROR, RATE_LIMITED, INTERNAL_ERROR = "VALIDATION_ERROR", "RATE_LIMITED", "INTERNAL_ERROR"
INTERNAL_MESSAGE = "Something went wrong on our side."
CODES = {
    400: VALIDATION_ERROR,
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    409: "CONFLICT",
    413: "TOO_LARGE",
    422: VALIDATION_ERROR,
    429: RATE_LIMITED,
    503: "UNAVAILABLE",
}


def envelope(status: int, message: str) -> dict[str, object]:
    """What an exception says of itself is never in the answer to a 500: only the id under which it is found."""
    if status >= 500 and status not in CODES:
        message = INTERNAL_MESSAGE
    code = CODES.get(status) or (INTERNAL_ERROR if status >= 500 else "BAD_REQUEST")
    said: dict[str, object] = {"ok": False, "code": code, "message": message}
    request_id = context.current().request_id
    if request_id:
        said["request_id"] = request_id
    return said
