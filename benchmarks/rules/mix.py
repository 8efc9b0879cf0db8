# ruff: noqa: E501 - queries stand as they are asked
"""5,000 rules over 100,000 series: what a team of a hundred services has, made by a rule of its own so that all have it.

Of every service fifty rules: a fifth record, half of the others are the same conditions at two severities, and a few look
back an hour or more, as burn rates and full disks do.
"""

from collections.abc import Iterator

from midwatch.server.promql.labels import Labels, make

SERVICES, INSTANCES = 100, 10
GROUP_RULES = 25
LONG_MS, SHORT_MS, RECORDED_MS = 3_900_000, 660_000, 21_900_000
"""How far back there are samples: of disks, of everything, and of what rules recorded."""
BUCKETS = ("0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "+Inf")
_HANDLERS = ("/", "/cart", "/items", "/login", "/pay", "/search")
_CODES = ("200", "201", "404", "500", "503")

_RECORDED = (
    ("job:requests:rate5m", "sum by (job, code) (rate(http_requests_total{{{j}}}[5m]))"),
    ("job:errors:rate5m", 'sum by (job) (rate(http_requests_total{{{j},code=~"5.."}}[5m]))'),
    ("job:errors:ratio5m", "job:errors:rate5m{{{j}}} / on (job) sum by (job) (job:requests:rate5m{{{j}}})"),
    ("job_handler:requests:rate5m", "sum by (job, handler) (rate(http_requests_total{{{j}}}[5m]))"),
    (
        "job:latency:p50",
        "histogram_quantile(0.5, sum by (job, le) (rate(http_request_duration_seconds_bucket{{{j}}}[5m])))",
    ),
    (
        "job:latency:p99",
        "histogram_quantile(0.99, sum by (job, le) (rate(http_request_duration_seconds_bucket{{{j}}}[5m])))",
    ),
    ("job_instance:cpu:rate5m", "rate(process_cpu_seconds_total{{{j}}}[5m])"),
    ("job:memory:sum", "sum by (job) (container_memory_working_set_bytes{{{j}}})"),
    ("job:up:ratio", "avg by (job) (up{{{j}}})"),
    ("job_queue:length:max", "max by (job, queue) (queue_length{{{j}}})"),
)
_ALERTS = (
    ("Down", 'up{{{j}}} == {n0}', "2m"),
    ("HalfDown", 'avg by (job) (up{{{j}}}) < 0.{n5}', "1m"),
    ("Gone", 'absent(up{{{j},instance="i{n0}"}})', "5m"),
    ("ErrorsHigh", 'job:errors:ratio5m{{{j}}} > 0.{n9}', "5m"),
    ("ErrorsByHandler", 'sum by (handler) (rate(http_requests_total{{{j},code=~"5.."}}[5m])) / sum by (handler) (rate(http_requests_total{{{j}}}[5m])) > 0.{n9}', "5m"),
    ("LatencyHigh", 'job:latency:p99{{{j}}} > {n9}', "10m"),
    ("LatencyOfHandler", 'histogram_quantile(0.95, sum by (le, handler) (rate(http_request_duration_seconds_bucket{{{j},handler="/pay"}}[5m]))) > {n9}', "5m"),
    ("TrafficLow", 'sum by (job) (rate(http_requests_total{{{j}}}[10m])) < 0.{n5}', "10m"),
    ("TrafficHigh", 'sum by (job) (irate(http_requests_total{{{j}}}[2m])) > {n9}000', "2m"),
    ("QueueLong", 'queue_length{{{j}}} > {n9}00', "5m"),
    ("QueueGrowing", 'deriv(queue_length{{{j}}}[10m]) > {n9}', "10m"),
    ("MemoryHigh", 'process_resident_memory_bytes{{{j}}} > {n9}e9', "15m"),
    ("CpuHigh", 'rate(process_cpu_seconds_total{{{j}}}[5m]) > 0.{n9}', "15m"),
    ("FilesHigh", 'process_open_fds{{{j}}} / process_max_fds{{{j}}} > 0.{n9}', "5m"),
    ("DiskFull", 'node_filesystem_avail_bytes{{{j}}} / node_filesystem_size_bytes{{{j}}} < 0.0{n5}', "5m"),
    ("DiskWillBeFull", 'predict_linear(node_filesystem_avail_bytes{{{j}}}[1h], 4 * 3600) < -{n0}', "30m"),
    ("PodNotReady", 'sum by (pod) (kube_pod_status_phase{{{j},phase="Pending"}}) > {n0}', "15m"),
    ("TaskLate", 'time() - job_last_success_seconds{{{j}}} > {n9}000', "1m"),
    ("BurnFast", '(avg_over_time(job:errors:ratio5m{{{j}}}[1h]) > 14.4 * 0.00{n5}) and (avg_over_time(job:errors:ratio5m{{{j}}}[5m]) > 14.4 * 0.00{n5})', "2m"),
    ("BurnSlow", '(avg_over_time(job:errors:ratio5m{{{j}}}[6h]) > 6 * 0.00{n5}) and (avg_over_time(job:errors:ratio5m{{{j}}}[30m]) > 6 * 0.00{n5})', "15m"),
)  # fmt: skip


def rule_files() -> Iterator[tuple[str, str]]:
    """Path and text of one file a service."""
    for service in range(SERVICES):
        lines = [f"# Service {service}", "groups:"]
        rules = list(_rules(service))
        for place in range(0, len(rules), GROUP_RULES):
            lines += [f"  - name: part-{place // GROUP_RULES}", "    interval: 1m", "    rules:"]
            lines += rules[place : place + GROUP_RULES]
        yield f"rules/service-{service}.yml", "\n".join(lines) + "\n"


def _rules(service: int) -> Iterator[str]:
    job = f'job="service-{service}"'
    for name, expr in _RECORDED:
        yield f"      - record: {name}\n        expr: '{expr.format(j=job)}'"
    for name, expr, wait in _ALERTS:
        for place, severity in enumerate(("ticket", "page")):
            text = expr.format(j=job, n0=place, n5=5 - place, n9=8 + place)
            yield (
                f"      - alert: {name}\n        expr: '{text}'\n        for: {wait}\n"
                f"        labels: {{severity: {severity}}}\n        annotations:\n"
                f"          summary: '{{{{ $labels.job }}}}: {{{{ $value | humanize }}}}'\n"
                f"          runbook_url: 'runbooks/{name.lower()}.md'"
            )


def series() -> Iterator[tuple[Labels, int, int]]:
    """Labels, how far back in milliseconds, and the time between samples."""
    for service in range(SERVICES):
        job = f"service-{service}"
        for place in range(INSTANCES):
            for name, labels in _of_instance():
                back = LONG_MS if name.startswith("node_filesystem") else SHORT_MS
                yield make({"__name__": name, "job": job, "instance": f"i{place}", **labels}), back, 15_000
        for name in ("job:errors:ratio5m", "job:errors:rate5m", "job:latency:p99"):
            yield make({"__name__": name, "job": job}), RECORDED_MS, 60_000


def _of_instance() -> Iterator[tuple[str, dict[str, str]]]:
    yield "up", {}
    for handler in _HANDLERS:
        for code in _CODES:
            yield "http_requests_total", {"handler": handler, "code": code}
    for handler in ("/", "/pay"):
        for le in BUCKETS:
            yield "http_request_duration_seconds_bucket", {"handler": handler, "le": le}
    for queue in ("a", "b", "c", "d", "e"):
        yield "queue_length", {"queue": queue}
        yield "job_last_success_seconds", {"task": queue}
        yield "cache_hits_total", {"cache": queue}
    for name in ("process_resident_memory_bytes", "process_cpu_seconds_total", "process_open_fds", "process_max_fds"):
        yield name, {}
    for mount in ("/", "/data", "/log", "/tmp"):
        yield "node_filesystem_avail_bytes", {"mountpoint": mount}
        yield "node_filesystem_size_bytes", {"mountpoint": mount}
    for pod in range(10):
        yield "container_memory_working_set_bytes", {"pod": f"p{pod}"}
    for pod in range(4):
        for phase in ("Running", "Pending"):
            yield "kube_pod_status_phase", {"pod": f"p{pod}", "phase": phase}
