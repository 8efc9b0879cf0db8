"""OpenTelemetry points → series, by the OpenTelemetry–Prometheus compatibility specification (text of August 2026).

All of it is SQL over the rows of `metric_points_in`, run by the views that `targets` makes. docs/adr/0009-series.md
says what was decided where the specification leaves a choice.
"""

from midwatch.server.store.otlp_series.points import TARGETS

__all__ = ["TARGETS"]
