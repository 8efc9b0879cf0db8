"""From tokens to a tree, with the complaints of Go's parser."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from midwatch.server.gotemplate import nodes
from midwatch.server.gotemplate.errors import TemplateError, place_of
from midwatch.server.gotemplate.lexer import Kind, Lexer, Token
from midwatch.server.gotemplate.limits import NESTING_MAX, TEXT_CHARACTERS_MAX
from midwatch.server.gotemplate.numbers import number_of

ROOT_VARIABLE = "$"
_KEYWORDS = frozenset({"if", "else", "end", "range", "with", "define", "template", "block", "break", "continue", "nil"})
_CONSTANTS = {"true": True, "false": False}


def parse(text: str, functions: Collection[str], *, name: str = "", variables: Iterable[str] = ()) -> nodes.Parsed:
    """`variables` are those that are set from outside, with their dollars. Raises TemplateError."""
    if len(text) > TEXT_CHARACTERS_MAX:
        raise TemplateError(f"expected at most {TEXT_CHARACTERS_MAX:,} characters", 1, 1, template=name)
    try:
        return _Parser(text, functions, name, variables).parsed()
    except TemplateError as error:
        error.template = error.template or name
        raise


@dataclass(slots=True)
class _Block:
    """What a list of nodes ended with: `end`, or an `else` with what stands behind it."""

    body: tuple[nodes.Node, ...]
    ending: str
    token: Token


@dataclass(slots=True)
class _Parser:
    text: str
    functions: Collection[str]
    name: str
    outside: Iterable[str]
    tokens: list[Token] = field(init=False)
    at: int = 0
    depth: int = 0
    loops: int = 0
    scope: list[str] = field(init=False)
    defined: dict[str, nodes.Parsed] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tokens = list(Lexer(self.text).tokens())
        self.scope = [ROOT_VARIABLE, *self.outside]

    def parsed(self) -> nodes.Parsed:
        block = self._list(top=True)
        if block.ending:
            raise self._error(block.token, f"unexpected {{{{{block.ending}}}}}")
        return nodes.Parsed(self.text, self.name, block.body, self.defined)

    # Lists and blocks.

    def _list(self, *, top: bool = False) -> _Block:
        """Up to the `end` or `else` that closes it, or the end of the text, which only the outermost may reach."""
        found: list[nodes.Node] = []
        while True:
            token = self._next()
            if token.kind is Kind.END:
                if not top:
                    raise self._error(token, "unexpected end of the text: expected {{end}}")
                return _Block(tuple(found), "", token)
            if token.kind is Kind.TEXT:
                found.append(nodes.Text(token.offset, token.text))
                continue
            word = self._peek()
            if word.kind is Kind.NAME and word.text in ("end", "else"):
                self._next()
                if word.text == "end":
                    self._closed("end")
                return _Block(tuple(found), word.text, word)
            if (node := self._action(token, top=top)) is not None:
                found.append(node)

    def _action(self, opening: Token, *, top: bool) -> nodes.Node | None:
        word = self._peek()
        keyword = word.text if word.kind is Kind.NAME else ""
        if keyword in ("if", "with", "range"):
            self._next()
            return self._control(keyword, word)
        if keyword in ("break", "continue"):
            self._next()
            self._closed(keyword)
            if not self.loops:
                raise self._error(word, f"{{{{{keyword}}}}} outside {{{{range}}}}")
            return nodes.Break(word.offset) if keyword == "break" else nodes.Continue(word.offset)
        if keyword == "template":
            self._next()
            return self._call(word)
        if keyword == "block":
            self._next()
            return self._block(word)
        if keyword == "define":
            if not top:
                raise self._error(word, "unexpected {{define}}: expected at the top of the text alone")
            self._next()
            self._define(word)
            return None
        pipeline = self._pipeline("command")
        self._closed("command")
        return nodes.Action(opening.offset, pipeline)

    def _control(self, keyword: str, word: Token) -> nodes.Node:
        self._deeper(word)
        variables = len(self.scope)
        pipeline = self._pipeline(keyword)
        self._closed(keyword)
        self.loops += keyword == "range"
        block = self._list()
        self.loops -= keyword == "range"
        otherwise: tuple[nodes.Node, ...] = ()
        if block.ending == "else":
            otherwise = self._else(keyword, block.token)
        del self.scope[variables:]
        self.depth -= 1
        made = {"if": nodes.If, "with": nodes.With, "range": nodes.Range}[keyword]
        return made(word.offset, pipeline, block.body, otherwise)

    def _else(self, keyword: str, word: Token) -> tuple[nodes.Node, ...]:
        following = self._peek()
        if following.kind is Kind.NAME and following.text in ("if", "with"):
            if following.text != keyword:
                raise self._error(following, f"unexpected {{{{else {following.text}}}}} in {{{{{keyword}}}}}")
            self._next()
            return (self._control(keyword, following),)
        self._closed("else")
        block = self._list()
        if block.ending == "else":
            raise self._error(block.token, "expected {{end}}: found another {{else}}")
        return block.body

    def _call(self, word: Token) -> nodes.Node:
        name = self._template_name(word, "template")
        pipeline = None
        if self._peek().kind is not Kind.CLOSE:
            pipeline = self._pipeline("template")
        self._closed("template")
        return nodes.Call(word.offset, name, pipeline)

    def _block(self, word: Token) -> nodes.Node:
        name = self._template_name(word, "block")
        pipeline = self._pipeline("block")
        self._closed("block")
        self._body_of(name, word)
        return nodes.Call(word.offset, name, pipeline)

    def _define(self, word: Token) -> None:
        name = self._template_name(word, "define")
        self._closed("define")
        self._body_of(name, word)

    def _body_of(self, name: str, word: Token) -> None:
        self._deeper(word)
        scope, loops = self.scope, self.loops
        self.scope, self.loops = [ROOT_VARIABLE], 0
        block = self._list()
        if block.ending != "end":
            raise self._error(block.token, f"unexpected {{{{{block.ending}}}}} in the definition of {name!r}")
        self.scope, self.loops = scope, loops
        self.depth -= 1
        # An empty one does not replace what there is, as in Go: files may end with a define of what others fill in.
        if name not in self.defined or any(not _blank(node) for node in block.body):
            self.defined[name] = nodes.Parsed(self.text, self.name, block.body)

    def _template_name(self, word: Token, keyword: str) -> str:
        token = self._next()
        if token.kind is not Kind.STRING:
            raise self._error(word, f"expected a quoted name after {keyword}")
        return token.text

    # Pipelines.

    def _pipeline(self, context: str, *, parenthesized: bool = False) -> nodes.Pipeline:
        begin = self._peek()
        names, declares = self._declarations(context) if not parenthesized else ((), False)
        commands: list[nodes.Command] = []
        while True:
            token = self._peek()
            if token.kind in (Kind.CLOSE, Kind.TEXT, Kind.END) or (token.kind is Kind.SIGN and token.text == ")"):
                break
            commands.append(self._command())
            token = self._peek()
            if token.kind is Kind.SIGN and token.text == "|":
                self._next()
                if self._peek().kind is Kind.CLOSE:
                    raise self._error(token, "missing command after |")
        if not commands:
            raise self._error(begin, f"missing value for {context}")
        for stage, command in enumerate(commands[1:], 2):
            if isinstance(command.words[0], nodes.Constant | nodes.Dot):
                raise self._error(
                    self.tokens[self.at - 1], f"non executable command in pipeline stage {stage}", command.offset
                )
        if declares:
            self.scope += names
        return nodes.Pipeline(begin.offset, tuple(commands), names, declares)

    def _declarations(self, context: str) -> tuple[tuple[str, ...], bool]:
        """`$x :=`, `$x =`, and for range `$i, $x :=`."""
        first, second = self._peek(), self._peek(1)
        if first.kind is not Kind.VARIABLE or second.kind is not Kind.SIGN or second.text not in (":=", "=", ","):
            return (), False
        names, sign = [first], second
        count = 2
        if second.text == ",":
            other, sign = self._peek(2), self._peek(3)
            if context != "range" or other.kind is not Kind.VARIABLE or sign.text not in (":=", "="):
                raise self._error(second, f"too many declarations in {context}")
            names.append(other)
            count = 4
        self.at += count
        for name in names:
            if sign.text == "=" and name.text not in self.scope:
                raise self._error(name, f"undefined variable {name.text!r}")
        return tuple(name.text for name in names), sign.text == ":="

    def _command(self) -> nodes.Command:
        begin = self._peek()
        words: list[nodes.Node] = []
        while True:
            token = self._peek()
            if words and token.glued and token.kind is not Kind.CLOSE and not _separates(token):
                raise self._error(token, f"unexpected {token.text!r} in operand")
            if (word := self._operand()) is None:
                break
            words.append(word)
        if not words:
            raise self._error(begin, f"unexpected {begin.text!r} in {'command' if begin.text else 'action'}")
        if isinstance(words[0], nodes.Constant) and words[0].value is None:
            raise self._error(begin, "nil is not a command")
        return nodes.Command(begin.offset, tuple(words))

    def _operand(self) -> nodes.Node | None:
        token = self._peek()
        word = self._term(token)
        if word is None:
            return None
        names = []
        while self._peek().kind is Kind.FIELD and self._peek().glued:
            names.append(self._next().text[1:])
        if not names:
            return word
        match word:
            case nodes.Field():
                return nodes.Field(word.offset, (*word.names, *names))
            case nodes.Variable():
                return nodes.Variable(word.offset, word.name, tuple(names))
            case nodes.Pipeline():
                return nodes.Chain(word.offset, word, tuple(names))
            case nodes.Function():
                command = nodes.Command(word.offset, (word,))
                return nodes.Chain(word.offset, nodes.Pipeline(word.offset, (command,)), tuple(names))
        raise self._error(token, f"unexpected {'.' + names[0]!r} after term {token.text!r}")

    def _term(self, token: Token) -> nodes.Node | None:
        made: nodes.Node | None = None
        match token.kind:
            case Kind.STRING:
                made = nodes.Constant(token.offset, token.text)
            case Kind.CHARACTER:
                made = nodes.Constant(token.offset, ord(token.text))
            case Kind.NUMBER:
                try:
                    made = nodes.Constant(token.offset, number_of(token.text))
                except ValueError as error:
                    raise self._error(token, str(error)) from None
            case Kind.FIELD:
                made = nodes.Field(token.offset, (token.text[1:],))
            case Kind.VARIABLE:
                if token.text not in self.scope:
                    raise self._error(token, f"undefined variable {token.text!r}")
                made = nodes.Variable(token.offset, token.text)
            case Kind.NAME:
                made = self._named(token)
            case Kind.SIGN if token.text == ".":
                made = nodes.Dot(token.offset)
            case Kind.SIGN if token.text == "(":
                return self._parenthesized(token)
        if made is not None:
            self._next()
        return made

    def _named(self, token: Token) -> nodes.Node:
        if token.text in _CONSTANTS:
            return nodes.Constant(token.offset, _CONSTANTS[token.text])
        if token.text == "nil":
            return nodes.Constant(token.offset, None)
        if token.text in _KEYWORDS:
            raise self._error(token, f"unexpected <{token.text}> in operand")
        if token.text not in self.functions:
            raise self._error(token, f"function {token.text!r} not defined")
        return nodes.Function(token.offset, token.text)

    def _parenthesized(self, token: Token) -> nodes.Node:
        self._next()
        self._deeper(token)
        pipeline = self._pipeline("parenthesized pipeline", parenthesized=True)
        closing = self._next()
        if closing.kind is not Kind.SIGN or closing.text != ")":
            raise self._error(token, "unclosed left paren")
        self.depth -= 1
        return pipeline

    # Tokens.

    def _peek(self, ahead: int = 0) -> Token:
        return self.tokens[min(self.at + ahead, len(self.tokens) - 1)]

    def _next(self) -> Token:
        token = self._peek()
        self.at += 1
        return token

    def _closed(self, context: str) -> None:
        token = self._next()
        if token.kind is not Kind.CLOSE:
            raise self._error(token, f"unexpected {token.text!r} in {context}")

    def _deeper(self, token: Token) -> None:
        self.depth += 1
        if self.depth > NESTING_MAX:
            raise self._error(token, f"expected at most {NESTING_MAX} blocks and parentheses within each other")

    def _error(self, token: Token, message: str, offset: int | None = None) -> TemplateError:
        return TemplateError(message, *place_of(self.text, token.offset if offset is None else offset))


def _separates(token: Token) -> bool:
    return token.kind is Kind.SIGN and token.text in ("|", ")")


def _blank(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Text) and not node.text.strip()
