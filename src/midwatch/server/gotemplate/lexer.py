"""Tokens of a template: text as it is, and what stands between `{{` and `}}`."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from midwatch.server.gotemplate.errors import TemplateError, place_of

LEFT, RIGHT = "{{", "}}"
_SPACES = " \t\r\n"
_OPEN_COMMENT, _CLOSE_COMMENT = "/*", "*/"
_ESCAPES = {"a": 7, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11, "\\": 92, "'": 39, '"': 34}
_HEX = {"x": 2, "u": 4, "U": 8}


class Kind(StrEnum):
    TEXT = "text"
    OPEN = "left delimiter"
    CLOSE = "right delimiter"
    NAME = "name"
    FIELD = "field"
    VARIABLE = "variable"
    NUMBER = "number"
    STRING = "string"
    CHARACTER = "character"
    SIGN = "sign"
    """One of `| ( ) , . = :=`."""
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    kind: Kind
    text: str
    """As written; of a string and a character, what it means."""
    offset: int
    glued: bool = False
    """Nothing stands between it and the token before."""


class Lexer:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def tokens(self) -> Iterator[Token]:
        """Raises TemplateError."""
        text, trim = self._text, False
        while True:
            found = text.find(LEFT, self._at)
            piece = text[self._at :] if found < 0 else text[self._at : found]
            begin = self._at
            if trim:
                piece = piece.lstrip(_SPACES)
            after = found + len(LEFT)
            if found >= 0 and text[after : after + 1] == "-" and text[after + 1 : after + 2] in tuple(_SPACES):
                piece = piece.rstrip(_SPACES)
                after += 2
            if piece:
                yield Token(Kind.TEXT, piece, begin)
            if found < 0:
                yield Token(Kind.END, "", len(text))
                return
            self._at = after
            if text.startswith(_OPEN_COMMENT, after):
                trim = self._comment(found)
                continue
            yield Token(Kind.OPEN, LEFT, found)
            yield from self._inside(found)
            trim = text[self._at - len(RIGHT) - 1] == "-" and text[self._at - len(RIGHT) - 2] in _SPACES
            yield Token(Kind.CLOSE, RIGHT, self._at - len(RIGHT))

    def _comment(self, begin: int) -> bool:
        """Past it; whether what follows is trimmed."""
        end = self._text.find(_CLOSE_COMMENT, self._at)
        if end < 0:
            raise self._error(begin, "unclosed comment")
        end += len(_CLOSE_COMMENT)
        rest = self._text[end:]
        for closing, trim in ((RIGHT, False), *((f"{space}-{RIGHT}", True) for space in _SPACES)):
            if rest.startswith(closing):
                self._at = end + len(closing)
                return trim
        raise self._error(begin, "comment ends before closing delimiter")

    def _inside(self, begin: int) -> Iterator[Token]:
        text = self._text
        glued = False
        while True:
            at = self._at
            while self._at < len(text) and text[self._at] in _SPACES:
                self._at += 1
            glued = glued and self._at == at
            if self._at > at and text.startswith(f"-{RIGHT}", self._at):
                self._at += 1 + len(RIGHT)
                return
            if text.startswith(RIGHT, self._at):
                self._at += len(RIGHT)
                return
            if self._at >= len(text):
                raise self._error(begin, "unclosed action")
            yield self._token(glued=glued)
            glued = True

    def _token(self, *, glued: bool) -> Token:
        begin = self._at
        character, following = self._text[begin], self._text[begin + 1 : begin + 2]
        if character in "\"`'":
            return self._literal(character, begin, glued=glued)
        signed = character in "+-" and (following.isdigit() or following == ".")
        if character.isdigit() or signed or (character == "." and following.isdigit()):
            kind, text = Kind.NUMBER, self._number()
        elif character == "." and _letter(following):
            kind, text = Kind.FIELD, "." + self._word(begin + 1)
        elif character == "$":
            kind, text = Kind.VARIABLE, "$" + self._word(begin + 1)
        elif _letter(character):
            kind, text = Kind.NAME, self._word(begin)
        elif character in "|(),.=" or self._text.startswith(":=", begin):
            kind, text = Kind.SIGN, ":=" if character == ":" else character
            self._at += len(text)
        else:
            raise self._error(begin, f"unexpected character {character!r} in an action")
        return Token(kind, text, begin, glued)

    def _literal(self, quote: str, begin: int, *, glued: bool) -> Token:
        if quote == "`":
            return Token(Kind.STRING, self._raw(), begin, glued)
        if quote == '"':
            return Token(Kind.STRING, self._quoted(quote, "quoted string"), begin, glued)
        value = self._quoted(quote, "character constant")
        if len(value) != 1:
            raise self._error(begin, "malformed character constant")
        return Token(Kind.CHARACTER, value, begin, glued)

    def _word(self, begin: int) -> str:
        end = begin
        while end < len(self._text) and (_letter(self._text[end]) or self._text[end].isdecimal()):
            end += 1
        self._at = end
        return self._text[begin:end]

    def _number(self) -> str:
        begin, end, text = self._at, self._at + 1, self._text
        while end < len(text) and (
            text[end].isalnum() or text[end] in "._" or (text[end] in "+-" and text[end - 1] in "eEpP")
        ):
            end += 1
        self._at = end
        return text[begin:end]

    def _raw(self) -> str:
        begin = self._at
        end = self._text.find("`", begin + 1)
        if end < 0:
            raise self._error(begin, "unterminated raw quoted string")
        self._at = end + 1
        return self._text[begin + 1 : end].replace("\r", "")

    def _quoted(self, quote: str, shown: str) -> str:
        """What Go's escapes mean; bytes (`\\xff`) that are no UTF-8 become replacement characters."""
        text, begin, at = self._text, self._at, self._at + 1
        made = bytearray()
        while at < len(text) and text[at] not in (quote, "\n"):
            if text[at] != "\\":
                made += text[at].encode("utf-8", "surrogatepass")
                at += 1
                continue
            letter = text[at + 1 : at + 2]
            digits = _HEX.get(letter, 3 if letter and letter in "01234567" else 0)
            if letter in _ESCAPES and letter != ("'" if quote == '"' else '"'):
                made.append(_ESCAPES[letter])
                at += 2
            elif digits:
                start = at + (1 if digits == 3 else 2)
                made += self._code(text[start : start + digits], digits, at)
                at = start + digits
            else:
                raise self._error(at, f"unknown escape in {shown}")
        if at >= len(text) or text[at] != quote:
            raise self._error(begin, f"unterminated {shown}")
        self._at = at + 1
        return made.decode("utf-8", "replace")

    def _code(self, digits: str, count: int, offset: int) -> bytes:
        allowed = "01234567" if count == 3 else "0123456789abcdefABCDEF"
        if len(digits) < count or any(one not in allowed for one in digits):
            raise self._error(offset, "malformed escape")
        code = int(digits, 8 if count == 3 else 16)
        if count <= 3:
            if code > 255:
                raise self._error(offset, "malformed escape")
            return bytes([code])
        if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
            raise self._error(offset, "escape is no Unicode character")
        return chr(code).encode()

    def _error(self, offset: int, message: str) -> TemplateError:
        return TemplateError(message, *place_of(self._text, offset))


def _letter(character: str) -> bool:
    return character == "_" or character.isalpha()
