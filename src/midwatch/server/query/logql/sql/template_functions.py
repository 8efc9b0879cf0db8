"""The functions that templates may call, each as SQL over its operands."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from midwatch.server.promql.matchers import compile_pattern
from midwatch.server.query.logql.sql.labels import Bind

Kind = Literal["text", "number", "truth", "time"]
_VERB = re.compile(r"%%|%(-?\d*)(?:\.(\d+))?([svdqfg])")


@dataclass(frozen=True, slots=True)
class Value:
    """An expression; `literal` is its text where the template has it written."""

    sql: str
    kind: Kind
    literal: str | None = None


def text_of(value: Value) -> str:
    match value.kind:
        case "text":
            return value.sql
        case "truth":
            return f"if({value.sql}, 'true', 'false')"
        case "time":
            return f"concat(formatDateTime({value.sql}, '%Y-%m-%d %H:%i:%S'), ' +0000 UTC')"
        case "number":
            return f"toString({value.sql})"


def number_of(value: Value) -> str:
    return f"toFloat64OrZero({value.sql})" if value.kind == "text" else f"toFloat64({value.sql})"


def truth_of(value: Value) -> str:
    return value.sql if value.kind == "truth" else f"{value.sql} != ''" if value.kind == "text" else f"{value.sql} != 0"


@dataclass(frozen=True, slots=True)
class Function:
    """`sql` gets the operands' SQL, texts or numbers as `kinds` (`t`, `n`, `v` for any) says."""

    kinds: str
    sql: Callable[..., str]
    returns: Kind = "text"
    variadic: bool = False

    def call(self, name: str, operands: Sequence[Value], bind: Bind) -> Value:
        """
        Raises:
            ValueError: a wrong number of operands, or one that has to be written out.
        """
        wanted = len(self.kinds)
        if len(operands) < wanted or (len(operands) > wanted and not self.variadic):
            raise ValueError(f"template: {name}: expected {wanted} operands, got {len(operands)}")
        if (special := _SPECIAL.get(name)) is not None:
            return special(operands, bind)
        kinds = self.kinds + self.kinds[-1:] * (len(operands) - wanted)
        as_sql = {"t": text_of, "n": number_of, "v": truth_of}
        return Value(self.sql(*(as_sql[kind](one) for kind, one in zip(kinds, operands, strict=True))), self.returns)


def _printf(operands: Sequence[Value], bind: Bind) -> Value:
    form, rest = operands[0].literal, list(operands[1:])
    if form is None:
        raise ValueError("template: printf: expected its format as a string")
    parts: list[str] = []
    at = 0
    for verb in _VERB.finditer(form):
        parts += [bind(form[at : verb.start()])] if verb.start() > at else []
        at = verb.end()
        if verb[0] == "%%":
            parts.append("'%'")
            continue
        if not rest:
            raise ValueError(f"template: printf {form[:40]!r}: more verbs than operands")
        parts.append(_formatted(rest.pop(0), verb))
    if "%" in form[at:]:
        raise ValueError(f"template: printf {form[:40]!r}: expected the verbs %s %v %d %q %f %g")
    parts += [bind(form[at:])] if at < len(form) else []
    return Value(f"concat('', {', '.join(parts) or chr(39) * 2})", "text")


def _formatted(value: Value, verb: re.Match[str]) -> str:
    width, digits, letter = verb[1], verb[2], verb[3]
    text = text_of(value)
    if letter == "q":
        text = f"toJSONString({text})"
    elif letter == "f":
        text = f"toDecimalString({number_of(value)}, {min(int(digits or 6), 15)})"
    elif letter in "sv" and digits is not None:
        text = f"leftUTF8({text}, {int(digits)})"
    if not width.lstrip("-"):
        return text
    size = min(int(width.lstrip("-")), 1000)
    fill = "'0'" if width[0] == "0" and letter in "df" else "' '"
    pad = "rightPadUTF8" if width[0] == "-" else "leftPadUTF8"
    return f"if(lengthUTF8({text}) < {size}, {pad}({text}, {size}, {fill}), {text})"


def _replace_all(operands: Sequence[Value], bind: Bind) -> Value:
    if operands[0].literal is None or operands[2].literal is None:
        raise ValueError("template: regexReplaceAll: expected pattern and replacement as strings")
    _require_pattern(operands[0].literal)
    replacement = operands[2].literal.replace("\\", "\\\\")
    replacement = re.sub(r"\$\{?(\d)\}?", r"\\\1", replacement)
    return Value(f"replaceRegexpAll({text_of(operands[1])}, {operands[0].sql}, {bind(replacement)})", "text")


def _replace_literal(operands: Sequence[Value], bind: Bind) -> Value:
    if operands[0].literal is None or operands[2].literal is None:
        raise ValueError("template: regexReplaceAllLiteral: expected pattern and replacement as strings")
    _require_pattern(operands[0].literal)
    written = bind(operands[2].literal.replace("\\", "\\\\"))
    return Value(f"replaceRegexpAll({text_of(operands[1])}, {operands[0].sql}, {written})", "text")


def _count(operands: Sequence[Value], bind: Bind) -> Value:
    if operands[0].literal is None:
        raise ValueError("template: count: expected its pattern as a string")
    _require_pattern(operands[0].literal)
    return Value(f"countMatches({text_of(operands[1])}, {operands[0].sql})", "number")


def _require_pattern(text: str) -> None:
    try:
        compile_pattern(text)
    except ValueError as problem:
        raise ValueError(f"template: error parsing regexp: {problem}") from None


def _replace(operands: Sequence[Value], bind: Bind) -> Value:
    """`Replace .text "old" "new" n`; a negative n: all of them."""
    text, old, new = (text_of(one) for one in operands[:3])
    count = operands[3].literal
    if count != "1" and not (count or "").startswith("-"):
        raise ValueError("template: Replace: expected -1 (all) or 1 as its last operand")
    if count == "1":
        return Value(f"if({old} = '', {text}, replaceOne({text}, {old}, {new}))", "text")
    return Value(_replaced(text, old, new), "text")


_SPECIAL = {
    "Replace": _replace,
    "printf": _printf,
    "regexReplaceAll": _replace_all,
    "regexReplaceAllLiteral": _replace_literal,
    "count": _count,
}


def _nothing(*_: str) -> str:
    return "''"


def _replaced(text: str, old: str, new: str) -> str:
    return f"if({old} = '', {text}, replaceAll({text}, {old}, {new}))"


def _without_prefix(text: str, prefix: str) -> str:
    return f"if(startsWith({text}, {prefix}), substring({text}, length({prefix}) + 1), {text})"


def _without_suffix(text: str, suffix: str) -> str:
    return f"if(endsWith({text}, {suffix}), left({text}, length({text}) - length({suffix})), {text})"


def _compared(operator: str) -> "Function":
    return Function("nn", lambda a, b: f"({a} {operator} {b})", "truth")


def _folded(operator: str) -> "Function":
    return Function("nn", lambda *all: "(" + f" {operator} ".join(all) + ")", "number", variadic=True)


def _whole(operation: str) -> "Function":
    return Function(
        "nn", lambda a, b: f"if({b} = 0, 0, {operation}(toInt64({a}), toInt64(if({b} = 0, 1, {b}))))", "number"
    )


FUNCTIONS: dict[str, Function] = {
    **dict.fromkeys(("ToLower", "lower"), Function("t", lambda s: f"lowerUTF8({s})")),
    **dict.fromkeys(("ToUpper", "upper"), Function("t", lambda s: f"upperUTF8({s})")),
    **dict.fromkeys(("Title", "title"), Function("t", lambda s: f"initcapUTF8({s})")),
    "Replace": Function("tttn", _nothing),
    "replace": Function("ttt", lambda old, new, s: _replaced(s, old, new)),
    "Trim": Function("tt", lambda s, cut: f"trim(BOTH {cut} FROM {s})"),
    "TrimLeft": Function("tt", lambda s, cut: f"trim(LEADING {cut} FROM {s})"),
    "TrimRight": Function("tt", lambda s, cut: f"trim(TRAILING {cut} FROM {s})"),
    "TrimPrefix": Function("tt", _without_prefix),
    "TrimSuffix": Function("tt", _without_suffix),
    **dict.fromkeys(("TrimSpace", "trim"), Function("t", lambda s: f"trimBoth({s})")),
    "trimAll": Function("tt", lambda cut, s: f"trim(BOTH {cut} FROM {s})"),
    "trimPrefix": Function("tt", lambda prefix, s: _without_prefix(s, prefix)),
    "trimSuffix": Function("tt", lambda suffix, s: _without_suffix(s, suffix)),
    "trunc": Function("nt", lambda n, s: f"if({n} < 0, rightUTF8({s}, toInt64(-{n})), leftUTF8({s}, toInt64({n})))"),
    "substr": Function("nnt", lambda a, b, s: f"substringUTF8({s}, toInt64({a}) + 1, toInt64(greatest({b} - {a}, 0)))"),
    "indent": Function("nt", lambda n, s: f"concat(repeat(' ', toInt64({n})), {s})"),
    "repeat": Function("nt", lambda n, s: f"repeat({s}, toInt64(least({n}, 1000)))"),
    "contains": Function("tt", lambda part, s: f"position({s}, {part}) > 0", "truth"),
    "hasPrefix": Function("tt", lambda part, s: f"startsWith({s}, {part})", "truth"),
    "hasSuffix": Function("tt", lambda part, s: f"endsWith({s}, {part})", "truth"),
    "default": Function("tt", lambda otherwise, s: f"if({s} = '', {otherwise}, {s})"),
    "len": Function("t", lambda s: f"length({s})", "number"),
    "eq": Function("tt", lambda a, b: f"({a} = {b})", "truth"),
    "ne": Function("tt", lambda a, b: f"({a} != {b})", "truth"),
    **{name: _compared(sign) for name, sign in (("lt", "<"), ("le", "<="), ("gt", ">"), ("ge", ">="))},
    "and": Function("vv", lambda *all: "(" + " AND ".join(all) + ")", "truth", variadic=True),
    "or": Function("vv", lambda *all: "(" + " OR ".join(all) + ")", "truth", variadic=True),
    "not": Function("v", lambda a: f"NOT ({a})", "truth"),
    "add": _folded("+"),
    "sub": _folded("-"),
    "mul": _folded("*"),
    "div": _whole("intDiv"),
    "mod": _whole("modulo"),
    "addf": _folded("+"),
    "subf": _folded("-"),
    "mulf": _folded("*"),
    "divf": Function("nn", lambda a, b: f"({a} / {b})", "number"),
    "int": Function("n", lambda a: f"toInt64({a})", "number"),
    "float64": Function("n", lambda a: f"{a}", "number"),
    "floor": Function("n", lambda a: f"floor({a})", "number"),
    "ceil": Function("n", lambda a: f"ceil({a})", "number"),
    "round": Function("nn", lambda a, digits: f"round({a}, toInt64({digits}))", "number"),
    "b64enc": Function("t", lambda s: f"base64Encode({s})"),
    "b64dec": Function("t", lambda s: f"tryBase64Decode({s})"),
    "urlencode": Function("t", lambda s: f"encodeURLComponent({s})"),
    "urldecode": Function("t", lambda s: f"decodeURLFormComponent({s})"),
    "printf": Function("t", _nothing, variadic=True),
    "count": Function("tt", _nothing),
    "regexReplaceAll": Function("ttt", _nothing),
    "regexReplaceAllLiteral": Function("ttt", _nothing),
}
"""Go's and sprig's names; what `trim` is called with a cutset has Loki's order of operands."""
