"""Handlers of what fails in the normal course of things: trying is how one asks."""

import ast
import re

from midwatch.audit.python.module import Module, calls_in

STATEMENTS_MAX = 4
"""Of a longer attempt nobody can say what in it is expected to fail."""
_ASKED = re.compile(
    r"(?i)(?:^|\.|_)(?:json_?loads|loads|json|\w*parse\w*|decode\w*|literal_eval|validate\w*|fromisoformat|strptime|int|float|decimal|uuid|import_module|hasattr|getattr|unescape|unquote|b64decode|is_\w+|verify\w*|get_type_hints|signature)$"
)
"""Whether a text is JSON, a number or a date, a signature is right, a type says what it is."""
_OF_VALUES = frozenset(
    {"astimezone", "count", "encode", "endswith", "format", "get", "index", "items", "join", "keys", "len", "lower"}
    | {"lstrip", "partition", "replace", "rpartition", "rsplit", "rstrip", "split", "splitlines", "startswith"}
    | {"str", "strip", "upper", "values"}
)
_ANSWERED = re.compile(r"(?:Response|jsonify|^render\w*|redirect|^(?:abort|str|repr|len|dict|list|print))$")
"""What an answer is made by, whether it is good or bad."""
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
    # The same call with something else: what failed is done in another way.
    again = {module.dotted(one.func) for line in handler.body for one in calls_in(line)}
    if any(one in called and not _ANSWERED.search(one) for one in again if one):
        return True
    if _only_reckons(module, attempt):
        return True
    return _is_flag(attempt.body[-1]) and _is_flag(handler.body[-1])


def _is_flag(statement: ast.stmt) -> bool:
    """Both ends return one: the attempt itself is the question."""
    value = statement.value if isinstance(statement, ast.Return) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, bool)


def _only_reckons(module: Module, attempt: ast.Try | ast.TryStar) -> bool:
    """Nothing is called but what texts, dictionaries and dates have: values are made of values, and some have none."""
    return all(
        module.dotted(call.func).rpartition(".")[2] in _OF_VALUES for line in attempt.body for call in calls_in(line)
    ) and not any(isinstance(one, ast.Await) for line in attempt.body for one in ast.walk(line))
