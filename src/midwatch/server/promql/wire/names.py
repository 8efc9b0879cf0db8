"""Names of any characters, written with letters, digits and underscores: `U__http_2e_status` is `http.status`."""

import re

_ESCAPED = re.compile(r"__|_([0-9a-fA-F]{1,6})_|_")
_PREFIX = "U__"


def unescaped(name: str) -> str:
    """The name that is meant; one that is no escape of any stays as it is."""
    if not name.startswith(_PREFIX):
        return name
    wrong = False

    def plain(found: "re.Match[str]") -> str:
        nonlocal wrong
        if found[0] == "__":
            return "_"
        code = int(found[1], 16) if found[1] else -1
        if code < 0 or code > 0x10FFFF or 0xD800 <= code < 0xE000:
            wrong = True
            return ""
        return chr(code)

    out = _ESCAPED.sub(plain, name.removeprefix(_PREFIX))
    return name if wrong else out
