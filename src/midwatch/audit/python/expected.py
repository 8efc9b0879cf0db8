"""Handlers of what fails in the normal course of things: trying is how one asks."""

import ast
import re

from midwatch.audit.python.module import Module, calls_in

STATEMENTS_MAX = 4
"""Of a longer attempt nobody can say what in it is expected to fail."""
_ASKED = re.compile(
    r"(?i)(?:^|\.|_)(?:json_?loads|loads|json|\w*parse\w*|decode\w*|literal_eval|validate\w*|fromisoformat|strptime|int|float|decimal|uuid|import_module|hasattr|getattr|unescape|unquote|b64decode|is_\w+)$"
)
"""Whether a text is JSON, a number or a date."""
_TIDIED = re.compile(r"\.(?:close|aclose|unlink|rmdir|remove|disconnect|kill|terminate|cancel|shutdown|stop)$")


def is_expected(module: Module, handler: ast.ExceptHandler) -> bool:
    attempt = module.parents[handler]
    if not isinstance(attempt, ast.Try | ast.TryStar) or len(attempt.body) > STATEMENTS_MAX:
        return False
    called = [module.dotted(one.func) for line in attempt.body for one in calls_in(line)]
    if any(_ASKED.search(one) for one in called):
        return True
    if called and all(_TIDIED.search(one) for one in called):
        return True
    return _is_flag(attempt.body[-1]) and _is_flag(handler.body[-1])


def _is_flag(statement: ast.stmt) -> bool:
    """Both ends return one: the attempt itself is the question."""
    value = statement.value if isinstance(statement, ast.Return) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, bool)
