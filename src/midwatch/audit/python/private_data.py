"""Secrets and personal data among what is logged or printed."""

import ast
from collections.abc import Iterator

from midwatch.audit.catalog import PRIVATE_DATA_IN_LOG
from midwatch.audit.finding import Fact, Finding, Severity
from midwatch.audit.python.module import Module, text_of
from midwatch.audit.snippets import SECRET
from midwatch.audit.words import privacy_of

_WHOLE = {
    "request.headers": "all headers of a request",
    "request.body": "the whole body of a request",
    "request.data": "the whole body of a request",
    "request.POST": "all fields of a form",
    "request.form": "all fields of a form",
    "request.cookies": "all cookies",
    "request.COOKIES": "all cookies",
    "request.json": "the whole body of a request",
    "request.json()": "the whole body of a request",
    "request.get_json()": "the whole body of a request",
    "request.body()": "the whole body of a request",
    "os.environ": "the whole environment",
}
_SAME_VALUE = ("str", "repr", "dict", "json.dumps", "format", "list", "pprint.pformat")
_DEPTH = 8


def look(module: Module) -> Iterator[Finding | Fact]:
    if module.kind == "test":
        return
    logged = [one.call for one in module.log_calls]
    printed = [call for call in module.all(ast.Call) if module.dotted(call.func) in ("print", "pprint.pprint")]
    for call in [*logged, *([] if module.is_command else printed)]:
        for value, what, severity in _private(module, call):
            yield module.finding(PRIVATE_DATA_IN_LOG, value, f"{what} in a log call", severity)
            break


def _private(module: Module, call: ast.Call) -> Iterator[tuple[ast.AST, str, Severity]]:
    values: list[tuple[ast.expr, str]] = [(one, "") for one in call.args]
    values += [
        (one.value, one.arg or "") for one in call.keywords if one.arg not in ("exc_info", "stack_info", "stacklevel")
    ]
    for value, name in values:
        for node, told in _told(module, value, name, _DEPTH):
            dotted = module.dotted(node)
            if dotted in _WHOLE:
                yield node, _WHOLE[dotted], "high"
            elif (text := text_of(node)) is not None:
                if SECRET.search(text):
                    yield node, "a secret, written out,", "high"
            elif kind := privacy_of(told):
                what = (
                    f"`{told}`, a secret by its name," if kind == "secret" else f"`{told}`, personal data by its name,"
                )
                yield node, what, "high" if kind == "secret" else "medium"


def _told(module: Module, node: ast.expr, name: str, depth: int) -> Iterator[tuple[ast.expr, str]]:
    """The values that will be readable in the line, each with the name that tells of it."""
    if depth == 0:
        return
    match node:
        case ast.JoinedStr(values=parts):
            for part in parts:
                inner = part.value if isinstance(part, ast.FormattedValue) else part
                if isinstance(inner, ast.expr):
                    yield from _told(module, inner, "", depth - 1)
        case ast.BinOp(left=left, right=right):
            yield from _told(module, left, "", depth - 1)
            yield from _told(module, right, name, depth - 1)
        case ast.Tuple(elts=items) | ast.List(elts=items):
            for item in items:
                yield from _told(module, item, "", depth - 1)
        case ast.Dict(keys=keys, values=values):
            for key, value in zip(keys, values, strict=True):
                yield from _told(module, value, text_of(key) or "", depth - 1)
        case ast.BoolOp(values=values):
            for value in values:
                yield from _told(module, value, name, depth - 1)
        case ast.Call(func=func, args=args, keywords=keywords):
            called = module.dotted(func)
            if called in _SAME_VALUE:
                for value in args[:1]:
                    yield from _told(module, value, name, depth - 1)
            elif isinstance(func, ast.Attribute) and func.attr == "format":
                for value in [*args, *(one.value for one in keywords)]:
                    yield from _told(module, value, "", depth - 1)
            elif f"{called}()" in _WHOLE:
                yield node, ""
        case ast.Attribute(attr=attr):
            yield node, attr
        case ast.Name(id=identifier):
            yield node, identifier
        case ast.Subscript(slice=index):
            yield node, text_of(index) or name
        case ast.Await(value=value):
            yield from _told(module, value, name, depth - 1)
        case ast.Constant(value=str()):
            yield node, ""
