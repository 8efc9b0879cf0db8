"""What the doors of product events check of a body."""

from dataclasses import dataclass
from functools import partial

from midwatch.server.ingest.checks import JSON_BYTES_MAX, Body, Check
from midwatch.server.model.errors import BadRequest, TooLarge
from midwatch.server.protocols.posthog.bodies import BODY_BYTES_MAX, BadCapture, CaptureTooLarge, Form, parsed
from midwatch.server.protocols.posthog.events import Refused, Told, captured


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a door needs to know of a body that was read."""

    key: str
    uuids: tuple[str, ...]
    refused: tuple[Refused, ...]


def product_events(form: Form, told: Told, raw: bytes) -> Body:
    """Events as lines; those that cannot be kept are refused beside the others."""
    try:
        found = captured(parsed(raw, form), told, raw)
    except BadCapture as error:
        raise BadRequest(f"cannot read the events: {error}") from None
    except CaptureTooLarge:
        raise TooLarge(
            f"cannot take the body: over {BODY_BYTES_MAX >> 20} MiB once unpacked; send smaller batches",
            code="body_too_large",
        ) from None
    refused = f"{len(found.refused)} of {found.events + len(found.refused)} events" if found.refused else ""
    receipt = Receipt(found.key, tuple(found.uuids), tuple(found.refused))
    return Body(found.lines, found.events, retry_is_copy=found.retry_is_copy, refused=refused, receipt=receipt)


def product_events_check(form: Form, told: Told) -> Check:
    return Check(partial(product_events, form, told), JSON_BYTES_MAX)
