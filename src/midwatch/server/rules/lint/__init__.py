"""Rules that can be evaluated and will not do what was meant: wrong expressions, lost labels, no runbook."""

from midwatch.server.rules.lint.looked_back import LookBack
from midwatch.server.rules.lint.plan import Routed, lint_rules

__all__ = ["LookBack", "Routed", "lint_rules"]
