"""Which experimental parts of the language a parser knows."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ParserOptions:
    """Each field is one of Prometheus's feature flags, named after it; all are off as they are there."""

    experimental_functions: bool = False
    """`promql-experimental-functions`"""
    duration_expr: bool = False
    """`promql-duration-expr`"""
    extended_range_selectors: bool = False
    """`promql-extended-range-selectors`: `anchored` and `smoothed`"""
    binop_fill_modifiers: bool = False
    """`promql-binop-fill-modifiers`"""

    @classmethod
    def everything(cls) -> "ParserOptions":
        return cls(
            experimental_functions=True, duration_expr=True, extended_range_selectors=True, binop_fill_modifiers=True
        )
