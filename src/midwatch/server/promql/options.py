"""How the engine behaves, with Prometheus's defaults."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from midwatch.server.promql.errors import ParameterError
from midwatch.server.promql.syntax.options import ParserOptions

LOOKBACK_MS = 300_000
SAMPLES_MAX = 50_000_000
SERIES_MAX = 1_000_000
STEPS_MAX = 11_000
"""Prometheus's own bound on points per series."""


_PARSER_FEATURES = {
    "promql-experimental-functions": "experimental_functions",
    "promql-duration-expr": "duration_expr",
    "promql-extended-range-selectors": "extended_range_selectors",
    "promql-binop-fill-modifiers": "binop_fill_modifiers",
}
_ENGINE_FEATURES = {
    "promql-delayed-name-removal": "delayed_name_removal",
    "use-start-timestamps": "start_timestamps",
    "type-and-unit-labels": "type_and_unit_labels",
}
FEATURES = (*_PARSER_FEATURES, *_ENGINE_FEATURES)
"""Prometheus's `--enable-feature` names that change what a query means."""


def _minute(range_ms: int) -> int:
    return 60_000


@dataclass(frozen=True, slots=True)
class EngineOptions:
    parser: ParserOptions = field(default_factory=ParserOptions)
    lookback_ms: int = LOOKBACK_MS
    samples_max: int = SAMPLES_MAX
    """Samples that one query may hold at once."""
    series_max: int = SERIES_MAX
    """Series that one selector may find."""
    steps_max: int = STEPS_MAX
    delayed_name_removal: bool = False
    """`promql-delayed-name-removal`: metric names go at the very end, so that they can be matched until then."""
    start_timestamps: bool = False
    """`use-start-timestamps`: rate() and its kin see resets by when a counter began."""
    type_and_unit_labels: bool = False
    """`type-and-unit-labels`: the hint that a metric is no counter goes by `__type__`."""
    subquery_step_ms: Callable[[int], int] = _minute
    """The step of a subquery that names none, by its range."""

    def with_features(self, names: Iterable[str]) -> "EngineOptions":
        """With Prometheus's features of these names on.

        Raises:
            ParameterError: a name that is none of FEATURES.
        """
        parser, engine = set[str](), set[str]()
        for name in names:
            if name in _PARSER_FEATURES:
                parser.add(_PARSER_FEATURES[name])
            elif name in _ENGINE_FEATURES:
                engine.add(_ENGINE_FEATURES[name])
            else:
                raise ParameterError(f"feature {name!r}: expected one of {', '.join(FEATURES)}")
        changed = replace(self.parser, **dict.fromkeys(parser, True))
        return replace(self, parser=changed, **dict.fromkeys(engine, True))  # type: ignore[arg-type]
