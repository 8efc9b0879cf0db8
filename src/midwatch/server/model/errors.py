"""Everything that goes wrong on purpose.

MidwatchError
├── CallerError              the caller's mistake: a 4xx, no error log
│   ├── BadRequest           400: syntax, wrong type, unknown field
│   │   └── BadQuery         400: a search or SQL text; knows its column and what was expected
│   ├── Unauthorized         401: no key, no session, or one that is unknown
│   ├── Forbidden            403: known, but may not
│   ├── NotFound             404
│   ├── Conflict             409: exists already, or changed meanwhile
│   ├── TooLarge             413: body or item over a limit
│   ├── UnsupportedMedia     415: content type or encoding we do not read
│   └── RateLimited          429: try again after `retry_after_seconds`
└── Unavailable              503: store, disk or database cannot serve now; try again after `retry_after_seconds`
    └── StoreError           the store answered with an error; knows whether the same call can succeed later
Anything else is our own bug: raised, traced, a 500.
"""

import math


class MidwatchError(Exception):
    """Catch where any of our own refusals is an answer."""

    status = 500
    code = "internal"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code


class CallerError(MidwatchError):
    """Catch to answer the caller; never logged as an error of ours."""

    status = 400
    code = "bad_request"


class BadRequest(CallerError):
    """The request cannot be read as what it claims to be."""


class BadQuery(BadRequest):
    """A search or SQL text that cannot be understood or is not allowed."""

    code = "bad_query"

    def __init__(self, message: str, *, column: int | None = None, expected: list[str] | None = None) -> None:
        super().__init__(message)
        self.column = column
        self.expected = expected


class Unauthorized(CallerError):
    """Nobody we know."""

    status = 401
    code = "unauthorized"


class Forbidden(CallerError):
    """Somebody we know, who may not do this."""

    status = 403
    code = "forbidden"


class NotFound(CallerError):
    """The thing named does not exist, or not for this caller."""

    status = 404
    code = "not_found"


class Conflict(CallerError):
    """The thing exists already, or was changed by somebody else meanwhile."""

    status = 409
    code = "conflict"


class TooLarge(CallerError):
    """Over a named limit."""

    status = 413
    code = "too_large"


class UnsupportedMedia(CallerError):
    """A content type or content encoding that this door does not read."""

    status = 415
    code = "unsupported_media_type"


class RateLimited(CallerError):
    """Over a rate or a bound that falls with time."""

    status = 429
    code = "rate_limited"

    def __init__(self, message: str, *, retry_after_seconds: float, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.retry_after_seconds = retry_after_seconds


class Unavailable(MidwatchError):
    """A part we need does not answer now; the same call can succeed later."""

    status = 503
    code = "unavailable"

    def __init__(self, message: str, *, retry_after_seconds: float = 5.0, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.retry_after_seconds = retry_after_seconds


TOO_MUCH = "too_much"
"""Code of a question that needed more time or memory than it may have."""


class StoreError(Unavailable):
    """The store answered with an error, or not at all.

    `permanent` tells whether the same statement would fail again (syntax, type, missing table) or may succeed later
    (unreachable, memory, time). `exception_code` is ClickHouse's own number where it gave one. A question that needed
    too much time or memory has the code `too_much`: asked again it would be too much again.
    """

    code = "store_unavailable"

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        exception_code: int | None = None,
        retry_after_seconds: float = 5.0,
        code: str | None = None,
    ) -> None:
        super().__init__(message, retry_after_seconds=retry_after_seconds, code=code)
        self.permanent = permanent
        self.exception_code = exception_code


def retry_seconds(error: MidwatchError) -> int | None:
    """Whole seconds, as `Retry-After` has them; None where asking again is of no use."""
    return max(1, math.ceil(error.retry_after_seconds)) if isinstance(error, RateLimited | Unavailable) else None
