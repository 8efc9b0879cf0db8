"""PromQL as text and as a tree."""

from midwatch.server.promql.syntax.narrowed import narrowed
from midwatch.server.promql.syntax.options import ParserOptions
from midwatch.server.promql.syntax.parser import parse, parse_matchers, parse_selector
from midwatch.server.promql.syntax.printer import to_text

__all__ = ["ParserOptions", "narrowed", "parse", "parse_matchers", "parse_selector", "to_text"]
