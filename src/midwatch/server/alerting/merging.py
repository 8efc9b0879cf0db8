"""One alert, as several senders tell of it: Alertmanager's rules of how their words become one."""

from dataclasses import dataclass, replace

from midwatch.server.model.alert import Alert


@dataclass(frozen=True, slots=True)
class Known:
    alert: Alert
    timeout: bool = False
    """Its sender gave no end: it counts as resolved when nobody tells of it any more."""


def received(alert: Alert, now_ns: int, resolve_timeout_ns: int) -> Known:
    """An alert as it comes in, without labels that are empty; a start or an end of 0 was not told."""
    starts_ns = alert.starts_at_ns or alert.ends_at_ns or now_ns
    timeout = alert.ends_at_ns == 0
    ends_ns = now_ns + resolve_timeout_ns if timeout else alert.ends_at_ns
    labels = alert.labels
    if "" in labels.values():
        labels = {name: value for name, value in labels.items() if value}
    made = replace(
        alert,
        labels=labels,
        starts_at_ns=starts_ns,
        ends_at_ns=ends_ns,
        updated_at_ns=now_ns,
        fingerprint=alert.fingerprint if labels is alert.labels else "",
    )
    return Known(made, timeout)


def merged(old: Known, new: Known, now_ns: int) -> Known:
    """Of two tellings of one alert the younger, over the time of both where they overlap."""
    one, other = old.alert, new.alert
    overlap = (one.starts_at_ns < other.ends_at_ns < one.ends_at_ns) or (
        one.starts_at_ns < other.starts_at_ns < one.ends_at_ns
    )
    if not overlap:
        return new
    starts_ns, ends_ns, timeout = min(one.starts_at_ns, other.starts_at_ns), other.ends_at_ns, new.timeout
    if other.resolved(now_ns):
        if one.resolved(now_ns):
            ends_ns = max(ends_ns, one.ends_at_ns)
    elif one.ends_at_ns > ends_ns and not old.timeout:
        # An end that was told outlasts one that was only assumed.
        ends_ns = one.ends_at_ns
    return Known(replace(other, starts_at_ns=starts_ns, ends_at_ns=ends_ns), timeout)
