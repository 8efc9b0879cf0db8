"""Whether a query fits together: types, argument counts, matching clauses, selectors that would take all."""

from dataclasses import replace

from midwatch.server.promql.errors import ParseError
from midwatch.server.promql.labels import NAME
from midwatch.server.promql.syntax.ast import (
    COMPARISONS,
    SETS,
    Aggregate,
    Binary,
    Call,
    Cardinality,
    Expr,
    Matching,
    MatrixSelector,
    Paren,
    Span,
    Subquery,
    Unary,
    ValueType,
    VectorSelector,
    type_of,
)
from midwatch.server.promql.syntax.lexer import refuse

_OPERANDS = (ValueType.SCALAR, ValueType.VECTOR)


def check(expr: Expr, query: str) -> Expr:
    """The same tree, with what only the types tell filled in.

    Raises:
        ParseError: the first thing that does not fit.
    """
    return _Checker(query).check(expr)


class _Checker:
    def __init__(self, query: str) -> None:
        self.query = query

    def refuse(self, span: Span, message: str) -> ParseError:
        return refuse(self.query, span, message)

    def check(self, expr: Expr) -> Expr:  # noqa: PLR0911 - one line a node
        match expr:
            case Aggregate():
                return self._aggregate(expr)
            case Binary():
                return self._binary(expr)
            case Call():
                return self._call(expr)
            case Paren():
                return replace(expr, expr=self.check(expr.expr))
            case Unary():
                return self._unary(expr)
            case Subquery():
                inner = self.check(expr.expr)
                if (found := type_of(inner)) is not ValueType.VECTOR:
                    problem = f"subquery is only allowed on instant vector, got {found.wire} instead"
                    raise self.refuse(expr.span, problem)
                return replace(expr, expr=inner)
            case MatrixSelector():
                self._selector(expr.selector)
            case VectorSelector():
                self._selector(expr)
        return expr

    def _typed(self, expr: Expr, wanted: ValueType, where: str) -> Expr:
        checked = self.check(expr)
        if (found := type_of(checked)) is not wanted:
            raise self.refuse(expr.span, f"expected type {wanted} in {where}, got {found}")
        return checked

    def _aggregate(self, expr: Aggregate) -> Expr:
        inner = self._typed(expr.expr, ValueType.VECTOR, "aggregation expression")
        parameter = expr.parameter
        if parameter is not None:
            wanted = ValueType.STRING if expr.operator == "count_values" else ValueType.SCALAR
            parameter = self._typed(parameter, wanted, "aggregation parameter")
        return replace(expr, expr=inner, parameter=parameter)

    def _unary(self, expr: Unary) -> Expr:
        inner = self.check(expr.expr)
        if (found := type_of(inner)) not in _OPERANDS:
            where = "unary expression only allowed on expressions of type scalar or instant vector"
            raise self.refuse(expr.span, f'{where}, got "{found}"')
        return replace(expr, expr=inner)

    def _binary(self, expr: Binary) -> Expr:
        left, right = self.check(expr.left), self.check(expr.right)
        left_type, right_type = type_of(left), type_of(right)
        between = self._between(expr)
        matching = expr.matching
        if expr.return_bool and expr.operator not in COMPARISONS:
            raise self.refuse(between, "bool modifier can only be used on comparison operators")
        scalars = left_type is ValueType.SCALAR and right_type is ValueType.SCALAR
        if expr.operator in COMPARISONS and not expr.return_bool and scalars:
            raise self.refuse(between, "comparisons between scalars must use BOOL modifier")
        if matching.on and (both := [name for name in matching.labels if name in matching.include]):
            raise self.refuse(between, f'label "{both[0]}" must not occur in ON and GROUP clause at once')
        for side, found in ((left, left_type), (right, right_type)):
            if found not in _OPERANDS:
                raise self.refuse(side.span, "binary expression must contain only scalar and instant vector types")
        if left_type is not ValueType.VECTOR or right_type is not ValueType.VECTOR:
            self._scalar_matching(expr)
            matching = Matching()
        elif expr.operator in SETS:
            self._set_matching(expr)
        return replace(expr, left=left, right=right, matching=matching)

    def _between(self, expr: Binary) -> Span:
        """Where the operator stands."""
        text = self.query[expr.left.span.end : expr.right.span.start]
        start = expr.left.span.end + len(text) - len(text.lstrip())
        return Span(start, max(start + 1, expr.right.span.start))

    def _scalar_matching(self, expr: Binary) -> None:
        matching = expr.matching
        if matching.labels:
            raise self.refuse(expr.span, "vector matching only allowed between instant vectors")
        if matching.fill_left is not None or matching.fill_right is not None:
            raise self.refuse(expr.span, "filling in missing series only allowed between instant vectors")
        if expr.operator in SETS:
            raise self.refuse(expr.span, f'set operator "{expr.operator}" not allowed in binary scalar expression')
        if expr.operator in ("</", ">/") and type_of(expr.left) is type_of(expr.right):
            raise self.refuse(expr.span, f'operator "{expr.operator}" not allowed for Scalar operations')

    def _set_matching(self, expr: Binary) -> None:
        matching = expr.matching
        if matching.cardinality is not Cardinality.MANY_TO_MANY:
            raise self.refuse(expr.span, f'no grouping allowed for "{expr.operator}" operation')
        if matching.fill_left is not None or matching.fill_right is not None:
            raise self.refuse(expr.span, "filling in missing series not allowed for set operators")

    def _call(self, expr: Call) -> Expr:
        function, count = expr.function, len(expr.arguments)
        wanted = len(function.arguments)
        least = wanted - 1 if function.variadic else wanted
        if not function.variadic and count != wanted:
            problem = f'expected {wanted} argument(s) in call to "{function.name}", got {count}'
            raise self.refuse(expr.span, problem)
        if count < least:
            problem = f'expected at least {least} argument(s) in call to "{function.name}", got {count}'
            raise self.refuse(expr.span, problem)
        if 0 < function.variadic < count - least:
            most = least + function.variadic
            raise self.refuse(
                expr.span, f'expected at most {most} argument(s) in call to "{function.name}", got {count}'
            )
        where = f'call to function "{function.name}"'
        checked: list[Expr] = []
        for index, argument in enumerate(expr.arguments):
            if function.name == "info" and index == 1:
                checked.append(self._info_selector(expr, argument))
                continue
            checked.append(self._typed(argument, function.arguments[min(index, wanted - 1)], where))
        return replace(expr, arguments=tuple(checked))

    def _info_selector(self, call: Call, argument: Expr) -> Expr:
        """The second argument of info() picks labels: no name, and it may be all of them."""
        if (found := type_of(argument)) is not ValueType.VECTOR:
            where = 'call to function "info"'
            raise self.refuse(call.span, f"expected type {ValueType.VECTOR} in {where}, got {found}")
        if not isinstance(argument, VectorSelector):
            raise self.refuse(argument.span, "expected label selectors only")
        if argument.name:
            raise self.refuse(argument.span, "expected label selectors only, got vector selector instead")
        return argument

    def _selector(self, selector: VectorSelector) -> None:
        if selector.name:
            for one in selector.matchers[:-1]:
                if one.name == NAME:
                    problem = f'metric name must not be set twice: "{selector.name}" or "{one.value}"'
                    raise self.refuse(selector.span, problem)
        elif all(one.matches("") for one in selector.matchers):
            raise self.refuse(selector.span, "vector selector must contain at least one non-empty matcher")
