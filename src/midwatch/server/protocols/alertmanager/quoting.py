"""Go's quoted strings, as its strconv.Quote and Unquote have them."""

import re

_WRITTEN = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}
_WRITTEN |= {"\\": "\\\\", '"': '\\"'}
_READ = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", '"': '"'}
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.?))", re.DOTALL)
_PLAIN = re.compile(r"[^\\]+")


def quoted(text: str) -> str:
    """In double quotes, with what cannot be printed escaped."""
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    if (written := _WRITTEN.get(character)) is not None:
        return written
    if character.isprintable():
        return character
    code = ord(character)
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def unquoted(text: str) -> str:
    """Of a text in double quotes.

    Raises ValueError: an escape that Go does not have, a line break, or bytes that are no UTF-8.
    """
    if len(text) < 2 or text[0] != '"' or text[-1] != '"' or "\n" in text:
        raise ValueError("expected a text in double quotes on one line")
    inner, made, at = text[1:-1], bytearray(), 0
    while at < len(inner):
        if (plain := _PLAIN.match(inner, at)) is not None:
            made += plain[0].encode("utf-8", "surrogatepass")
            at = plain.end()
            continue
        found = _ESCAPE.match(inner, at)
        assert found is not None
        made += _bytes(found)
        at = found.end()
    return made.decode()


def _bytes(found: "re.Match[str]") -> bytes:
    if found[1] is not None:
        return bytes([int(found[1], 16)])
    if (code := found[2] or found[3]) is not None:
        if int(code, 16) > 0x10FFFF:
            raise ValueError(f"\\U{code}: no such character")
        return chr(int(code, 16)).encode()
    if found[4] is not None:
        if int(found[4], 8) > 255:
            raise ValueError(f"\\{found[4]}: expected at most \\377")
        return bytes([int(found[4], 8)])
    if found[5] not in _READ:
        raise ValueError(f"\\{found[5]}: no such escape")
    return _READ[found[5]].encode()
