"""Handlers of what fails in the normal course of things: trying is how one asks."""

import re

from midwatch.audit.javascript.handlers import Handler
from midwatch.audit.javascript.module import Module, walk

TRIED_LINES_MAX = 8
BODY_CHARACTERS_MAX = 200
"""Of a longer attempt nobody can say what in it is expected to fail."""
_ASKED = re.compile(
    r"JSON\.parse|new URL\(|decodeURI|localStorage|sessionStorage|\batob\b|\bbtoa\b|new RegExp|navigator\.|execCommand|"
    r"\bIntl\.|\bwindow\.|[oO]bserver\b|performance\.|\bconfirm\w*\(|\bprompt\w*\(|\.share\(|[aA]bortController|[fF]ormat\w*\(|\.toLocale|\w*[pP]arse\w*\(|[dD]ecode\w*\(|\bverify\w*\(|\b(?:is|validate)[A-Z]?\w*\(|require\(|\bimport\("
)
"""Whether a text is JSON or an address, whether there is storage."""
_BODY = re.compile(
    r"^\W*(?:(?:const|let)\s)?[\w\s{},.:=<>]*?(?:await\s+)?[\w.()]+\.(?:json|text)\(\)(?:\s+as\s+\w+)?;?\s*\}?$"
)
"""Reading a body, and nothing else: whoever sent it may have sent anything."""
_TIDIED = re.compile(
    r"^\W*(?:await\s+)?[\w.?!]+\.(?:play|unlink|rm|close|end|destroy|terminate|disconnect|abort|kill|remove|release|setPointerCapture|cancel)\w*\([^;]*\);?\s*\}?$|"
    r"\b(?:unlink|access|accessSync|stat|statSync|mkdir|mkdirSync|rm|rmSync|unlinkSync)\("
)
"""Closing what may be closed already, files that need not be there."""


def is_expected(module: Module, handler: Handler) -> bool:
    if re.search(r"(?i)\bsupport|\bavailable\b", module.said(handler.body)) or _thrown_next(module, handler):
        return True
    tried = handler.tried.strip()
    if len([one for one in tried.split("\n") if one.strip(" {}();")]) > TRIED_LINES_MAX or len(tried) > 2_000:
        return False
    if _ASKED.search(tried) or _TIDIED.search(tried) or (len(tried) <= BODY_CHARACTERS_MAX and _BODY.search(tried)):
        return True
    return _says_whether(module, handler)


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


def _says_whether(module: Module, handler: Handler) -> bool:
    """Both ends are a flag: the attempt itself is the question."""
    ends = [module.said(one) for one in walk(handler.body) if one.type in ("true", "false")]
    return len(ends) == 1 and re.search(r"\breturn (?:true|false)\b", handler.tried) is not None
