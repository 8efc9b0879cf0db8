"""Handlers of what fails in the normal course of things: trying is how one asks."""

import re

from midwatch.audit.javascript.handlers import Handler, answers
from midwatch.audit.javascript.module import Module, walk

TRIED_LINES_MAX, RECKONED_LINES_MAX, TRIED_CHARACTERS_MAX = 8, 20, 2_000
BODY_CHARACTERS_MAX = 200
"""Of a longer attempt nobody can say what in it is expected to fail; where nothing is waited for it may be longer."""
_ASKED = re.compile(
    r"JSON\.(?:parse|stringify)|new URL\w*\(|decodeURI|localStorage|sessionStorage|\batob\b|\bbtoa\b|new RegExp|navigator\.|execCommand|dataTransfer\.|"
    r"\bIntl\.|\bwindow\.|[oO]bserver\b|performance\.|\bconfirm\w*\(|\bprompt\w*\(|\.share\(|[aA]bortController|[fF]ormat\w*\(|\.toLocale|\w*[pP]arse\w*\(|[dD]ecode\w*\(|[dD]ecompress\w*\(|\bverify\w*\(|\b(?:is|validate)[A-Z]?\w*\(|require\(|\bimport\(|\b\$?router\.(?:push|replace)\("
)
"""Whether a text is JSON or an address, whether there is storage; whether going to a page was not overtaken."""
_WAITS = re.compile(r"\bawait\b|Sync\(")
_BODY = re.compile(
    r"^\W*(?:(?:const|let)\s)?[\w\s{},.:=<>]*?(?:await\s+)?[\w.()\s]+\.(?:json|text)\(\)(?:\s+as\s+\w+)?;?\s*\}?$"
)
"""Reading a body, and nothing else: whoever sent it may have sent anything."""
_TIDIED = re.compile(
    r"^\W*(?:await\s+)?[\w.?!]+\.(?:play|unlink|rm|close|end|destroy|terminate|disconnect|abort|kill|remove|release|cleanup|cleanUp|dispose|(?:exit|request)Fullscreen|setPointerCapture|cancel)\w*\([^;]*\);?\s*\}?$|"
    r"\b(?:unlink|access|accessSync|stat|statSync|mkdir|mkdirSync|rm|rmSync|unlinkSync|readdir|readdirSync)\("
)
"""Closing what may be closed already, files that need not be there."""


def is_expected(module: Module, handler: Handler) -> bool:
    if (
        re.search(r"(?i)\bsupport|\bavailable\b", module.said(handler.body))
        or _thrown_next(module, handler)
        or _only_reckons(module, handler)
    ):
        return True
    tried = handler.tried.strip()
    lines_max = TRIED_LINES_MAX if _WAITS.search(tried) else RECKONED_LINES_MAX
    if len([one for one in tried.split("\n") if one.strip(" {}();")]) > lines_max or len(tried) > TRIED_CHARACTERS_MAX:
        return False
    if _ASKED.search(tried) or _TIDIED.search(tried) or (len(tried) <= BODY_CHARACTERS_MAX and _BODY.search(tried)):
        return True
    return _says_whether(module, handler) or _tries_otherwise(module, handler)


def _thrown_next(module: Module, handler: Handler) -> bool:
    """`const x = await f().catch(() => null)`, and then: `if (!x) throw …`."""
    if handler.is_clause:
        return False
    statement = next((one for one in module.above(handler.node) if one.type == "lexical_declaration"), None)
    follows = None if statement is None else statement.next_named_sibling
    return (
        follows is not None
        and follows.type == "if_statement"
        and re.search(r"\bthrow\b", module.said(follows)) is not None
    )


def _only_reckons(module: Module, handler: Handler) -> bool:
    """Nothing is waited for, read, or done for its effect: values are made of values, and of some there are none."""
    if handler.attempt is None or len(handler.tried) > TRIED_CHARACTERS_MAX:
        return False
    if _WAITS.search(handler.tried) or answers(module, handler):
        return False
    effects = (one for one in walk(handler.attempt) if one.type == "expression_statement")
    return not any(one.named_children and one.named_children[0].type == "call_expression" for one in effects)


def _tries_otherwise(module: Module, handler: Handler) -> bool:
    """The same call with something else."""
    if handler.attempt is None or answers(module, handler):
        return False
    tried, again = (
        {module.called(one) for one in walk(node) if one.type == "call_expression"}
        for node in (handler.attempt, handler.body)
    )
    return not tried.isdisjoint(again - {""})


def _says_whether(module: Module, handler: Handler) -> bool:
    """Both ends are a flag: the attempt itself is the question."""
    ends = [module.said(one) for one in walk(handler.body) if one.type in ("true", "false")]
    return len(ends) == 1 and re.search(r"\breturn (?:true|false)\b", handler.tried) is not None
