"""PromQL: a query over a source of series to its result; pure, no I/O of its own."""

from midwatch.server.promql.engine import Engine
from midwatch.server.promql.errors import (
    ExecutionError,
    LimitError,
    ParameterError,
    ParseError,
    QueryCanceledError,
    QueryError,
    QueryTimeoutError,
)
from midwatch.server.promql.options import FEATURES, EngineOptions
from midwatch.server.promql.results import Matrix, Points, Result, Sample, Scalar, String, Vector
from midwatch.server.promql.storage import PushDown, RangeRequest, Series, SeriesSource
from midwatch.server.promql.syntax import ParserOptions, narrowed, parse, parse_matchers, parse_selector, to_text

__all__ = [
    "FEATURES",
    "Engine",
    "EngineOptions",
    "ExecutionError",
    "LimitError",
    "Matrix",
    "ParameterError",
    "ParseError",
    "ParserOptions",
    "Points",
    "PushDown",
    "QueryCanceledError",
    "QueryError",
    "QueryTimeoutError",
    "RangeRequest",
    "Result",
    "Sample",
    "Scalar",
    "Series",
    "SeriesSource",
    "String",
    "Vector",
    "narrowed",
    "parse",
    "parse_matchers",
    "parse_selector",
    "to_text",
]
