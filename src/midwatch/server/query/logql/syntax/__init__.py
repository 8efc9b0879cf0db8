"""LogQL's text to a tree."""

from midwatch.server.query.logql.syntax.parser import parse, parse_selector

__all__ = ["parse", "parse_selector"]
