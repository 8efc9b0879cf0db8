"""What happened to items at each limit, and which setting changes it: the words of Settings → limits hit."""

EXPLANATIONS = {
    "attribute_truncated": "Attribute values over 32 KiB, of items or their resource, were cut; the rest was kept.",
    "attributes_dropped": "Items or resources with more than 256 attributes kept the first ones.",
    "value_nested_too_deep": "Arrays and maps within others read [nested too deep]: send the inner ones as text.",
    "body_nested_too_deep": "Bodies that are maps of maps read [nested too deep] within: send them as text or NDJSON.",
    "event_value_nested": "Arrays and maps of events and links read [nested too deep]: send them as text.",
    "body_truncated": "Log bodies over 256 KiB were cut.",
    "name_truncated": "Names over 1 KiB (levels and units 64 bytes, descriptions 4 KiB) were cut.",
    "status_message_truncated": "Status messages of spans over 32 KiB were cut.",
    "trace_state_truncated": "Trace states over 512 bytes were cut.",
    "parent_span_id_invalid": "Parent ids that are not 8 bytes (16 hex digits) were left out: the span has no parent.",
    "time_missing": "Items without a time were given the time at which they came.",
    "time_clamped": "Times outside of what can be stored (1900 to 2262) were moved to its edge.",
    "too_old": "Items older than the retention were set aside; `--retention` changes what is kept.",
    "too_far_ahead": "Items from the future were set aside: check the sender's clock.",
    "trace_id_invalid": "Not 16 bytes (32 hex digits): kept as an attribute of a record; a span is set aside.",
    "span_id_invalid": "Not 8 bytes (16 hex digits): kept as an attribute of a record; a span is set aside.",
    "rate_limited": "Refused with 429: the key's rate was reached. Senders try again; raise it under Keys.",
    "body_too_large": "Refused with 413: the body was over 64 MiB once unpacked. Send smaller batches.",
    "empty_body": "Refused with 400: the body was empty.",
    "too_many_bodies": "Refused with 429: more bodies came at once than fit into memory. Senders try again.",
    "body_too_slow": "Refused with 400: the sender took over two minutes to send the body.",
    "checker_lost": "Refused with 503: the process that checks large bodies ended. Senders try again.",
    "sender_gone": "The sender hung up before its body was whole. Nothing of it was kept.",
    "wal_failed": "Refused with 503: the log could not be written. Look at the server's log and its disk.",
    "stopping": "Refused with 503: Midwatch was stopping. Senders try again.",
    "wal_full": "Refused with 429: the store is slower than what comes in. Senders try again.",
    "disk_full": "Refused with 503: less than half of `--disk-reserve` is free. Free space or shorten the retention.",
    "bad_body": "Refused with 400: the body is not what its content type says.",
    "bad_encoding": "Refused with 400: the body could not be unpacked.",
    "unauthorized": "Refused with 401: no key, or one that is not known.",
    "forbidden": "Refused with 403: the key may not be used here.",
    "origin_not_allowed": "Refused with 403: the page that sent it is not among the key's origins.",
    "other": "Refused for reasons beyond those that are counted apart.",
    "unsupported_media_type": "Refused with 415: a content type or encoding that is not read.",
}


def explain(reason: str) -> str:
    """A sentence for people; for an unknown reason, its own name in words."""
    return EXPLANATIONS.get(reason, reason.replace("_", " ").capitalize() + ".")
