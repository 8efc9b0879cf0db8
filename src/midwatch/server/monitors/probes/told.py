"""What probes tell as series: blackbox_exporter's names where it has them, and where each probe stands."""

from collections.abc import Iterable, Iterator

from midwatch.contract.plan.sections.probes import Probe
from midwatch.server.monitors.probes.agreement import Agreed
from midwatch.server.monitors.probes.judgement import State
from midwatch.server.monitors.probes.prober import Report
from midwatch.server.monitors.series import STALE, Sample, label_set

JOB = "probes"
VALUES = (
    "probe_ssl_earliest_cert_expiry",
    "probe_http_status_code",
    "probe_http_redirects",
    "probe_http_ssl",
    "probe_http_version",
    "probe_http_uncompressed_body_length",
    "probe_dns_answer_rrs",
    "probe_icmp_packet_loss_ratio",
    "probe_grpc_status_code",
    "probe_grpc_healthcheck_response",
)
"""What attempts measure besides success and time."""
STATES = (State.UP, State.DOWN, State.UNKNOWN)


def labels_of(probe: Probe, location: str = "") -> dict[str, str]:
    own = {"job": JOB, "instance": probe.target.shown, "probe": probe.name, "kind": probe.kind, "location": location}
    return {**probe.labels, **own}


def samples_of(report: Report, probe: Probe) -> Iterator[Sample]:
    """Of one attempt."""
    result, labels = report.result, labels_of(probe, report.location)
    at_ms = result.at_ns // 10**6
    yield Sample(label_set("probe_success", labels), float(result.success), at_ms)
    yield Sample(label_set("probe_duration_seconds", labels), result.seconds, at_ms)
    for phase, seconds in result.phases.items():
        name = f"probe_{probe.kind}_duration_seconds"
        yield Sample(label_set(name, {**labels, "phase": phase}), seconds, at_ms)
    for name, value in result.values.items():
        if name in VALUES:
            yield Sample(label_set(name, labels), value, at_ms)


def state_samples(probe: Probe, agreed: Agreed, at_ms: int) -> Iterator[Sample]:
    """Where it stands, all locations together: 1 for its state, 0 for the others."""
    labels = labels_of(probe)
    for state in STATES:
        value = float(agreed.state is state)
        yield Sample(label_set("probe_state", {**labels, "state": state}), value, at_ms)
    yield Sample(label_set("probe_flapping", labels), float(agreed.flapping), at_ms)
    yield Sample(label_set("probe_locations_down", labels), float(len(agreed.down)), at_ms)


def endings(probe: Probe, locations: Iterable[str], at_ms: int) -> Iterator[Sample]:
    """Markers for a probe that is no more, or is another now."""
    labels = labels_of(probe)
    for state in STATES:
        yield Sample(label_set("probe_state", {**labels, "state": state}), STALE, at_ms)
    for name in ("probe_flapping", "probe_locations_down"):
        yield Sample(label_set(name, labels), STALE, at_ms)
    for location in locations:
        own = labels_of(probe, location)
        for name in ("probe_success", "probe_duration_seconds", *VALUES):
            yield Sample(label_set(name, own), STALE, at_ms)
