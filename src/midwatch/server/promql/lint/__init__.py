"""Queries that are PromQL and cannot mean what was meant."""

from midwatch.server.promql.lint.checks import lint
from midwatch.server.promql.lint.finding import Finding
from midwatch.server.promql.lint.labels import surviving
from midwatch.server.promql.lint.sent import NOTHING_KNOWN, Sent

__all__ = ["NOTHING_KNOWN", "Finding", "Sent", "lint", "surviving"]
