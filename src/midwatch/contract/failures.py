"""Errors as SDK and server know them: the attributes that an error event carries, its severity and its category."""

from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType

EVENT = "exception"
"""`event_name` of the log records that are errors (OpenTelemetry's exception conventions)."""

EVENT_ID = "event.id"
"""A record that comes twice is the same event."""
CATEGORY = "error.category"
FINGERPRINT = "error.fingerprint"
"""A list of strings: errors with the same list are one issue, whatever they look like."""
MECHANISM = "error.mechanism"
"""Who saw it: `log`, `capture`, or the hook that nothing else had stopped it before."""
HANDLED = "error.handled"
SAMPLE_RATE = "error.sample_rate"
"""The share that was sent, where it is not all."""
FRAMES = "exception.frames"
"""JSON text: a list of maps, outermost call first: file, line, function, module, in_app, source, source_start,
locals."""
CAUSES = "exception.causes"
"""JSON text: a list of maps: type, message, frames; from the nearest cause to the first."""
BREADCRUMBS = "breadcrumbs"
"""JSON text: a list of maps, oldest first: timestamp, level, message, logger, data."""
TAG, EXTRA, USER = "tag.", "extra.", "user."
"""What begins the names of a team's own tags, extras and fields of its user."""

TYPE_KEYS = ("exception.type", "err.type", "error.type", "err.name", "error.name")
MESSAGE_KEYS = ("exception.message", "err.message", "error.message")
STACK_KEYS = ("exception.stacktrace", "err.stack", "error.stack_trace", "error.stack", "stack_trace", "exception")
"""Attributes in which OpenTelemetry, pino, ECS and structlog tell of an exception; the first that is there counts."""

SEVERITIES = MappingProxyType({"fatal": "critical", "error": "error", "warning": "warning", "info": "info"})
"""Severity of an error → level of the line that tells it."""

AUTH, PIPELINE, PAYMENT, TIMEOUT, RATE_LIMIT, UNKNOWN = (
    "auth",
    "pipeline",
    "payment",
    "timeout",
    "rate_limit",
    "unknown",
)
CATEGORIES = (AUTH, PIPELINE, PAYMENT, TIMEOUT, RATE_LIMIT, UNKNOWN)


@dataclass(frozen=True, slots=True)
class Failure:
    """What a category is judged by."""

    types: tuple[str, ...]
    """The names of its class and of the classes below it, with and without their modules."""
    message: str = ""
    code: str = ""
    status: int = 0
    """An HTTP status; 0 for none."""
    module: str = ""
    """Where it was raised."""
    file: str = ""
    """The same, where only the file is known."""

    def is_in(self, module: str) -> bool:
        """Whether it was raised in this module, or in one below it."""
        if self.module or not self.file:
            return f"{self.module}.".startswith(f"{module}.")
        path = self.file.replace("\\", "/").rpartition(".")[0].replace("/", ".")
        return f".{module}." in f".{path}."


@dataclass(frozen=True, slots=True)
class CategoryRule:
    """A category and what it is known by: one thing that fits is enough.

    A team's own: `CategoryRule("sms_outbound", types=("TwilioRestException",), modules=("app.sms",))`.
    """

    category: str
    types: tuple[str, ...] = ()
    code_prefixes: tuple[str, ...] = ()
    statuses: tuple[int, ...] = ()
    words: tuple[str, ...] = ()
    """Parts of the message, in small letters."""
    modules: tuple[str, ...] = ()
    """Modules, with those below them."""

    def fits(self, failure: Failure) -> bool:
        message = failure.message.lower()
        return (
            not set(self.types).isdisjoint(failure.types)
            or (bool(failure.code) and failure.code.startswith(self.code_prefixes))
            or failure.status in self.statuses
            or any(word in message for word in self.words)
            or any(failure.is_in(module) for module in self.modules)
        )


DEFAULT_RULES = (
    CategoryRule(AUTH, code_prefixes=("AUTH_",), statuses=(401, 403)),
    CategoryRule(PIPELINE, code_prefixes=("PIPELINE_",)),
    CategoryRule(PAYMENT, code_prefixes=("PAYMENT_",), statuses=(402,)),
    CategoryRule(TIMEOUT, types=("TimeoutError",), statuses=(408, 504), words=("timeout", "timed out")),
    CategoryRule(RATE_LIMIT, statuses=(429,), words=("rate limit", "too many requests")),
)


def category_of(failure: Failure, rules: Iterable[CategoryRule] = ()) -> str:
    """The category of the first rule that fits: the team's own, then the defaults, else `unknown`."""
    found = (rule.category for some in (rules, DEFAULT_RULES) for rule in some if rule.fits(failure))
    return next(found, UNKNOWN)
