"""The model of dashboards, which is what the API speaks too. Read board.py first."""

from midwatch.server.schemas.dashboards import answers, board, fields, options, queries, transformations, variables

__all__ = ["answers", "board", "fields", "options", "queries", "transformations", "variables"]
