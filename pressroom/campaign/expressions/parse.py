"""From the text of an expression to functions of the scope, over the allowed part of Jinja2's syntax tree."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, Final

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.lexer import Lexer, Token

from pressroom.campaign.expressions import evaluate
from pressroom.campaign.expressions.evaluate import FILTERS, Missing, invalid
from pressroom.campaign.expressions.lookups import ROOTS, Function, Parsed, Scope, lookup
from pressroom.campaign.written import WrittenFloat, WrittenInt
from pressroom.domain.suggest import did_you_mean

MAX_TREE_NODES: Final = 500
MAX_TREE_DEPTH: Final = 40
ALLOWED: Final = "allowed: names, numbers, texts, lists, + - * / // % ~, comparisons, and/or/not, if/else and filters"
_SIGNS: Final = {nodes.Sub: "-", nodes.Mul: "*", nodes.Div: "/", nodes.FloorDiv: "//", nodes.Mod: "%"}
_WORDS: Final[dict[type[nodes.Node], str]] = {
    nodes.Call: "calls are not allowed: use a filter such as | upper",
    nodes.Pow: "** is not allowed",
    nodes.Slice: "slices are not allowed",
}
_WRITTEN: Final[dict[str, Any]] = {"integer": WrittenInt, "float": WrittenFloat}


class _WrittenNumbers(Lexer):
    """Jinja2's own, but numbers remember how they were written: `{{ 24.90 ~ ' €' }}`."""

    def wrap(
        self, stream: Iterable[tuple[int, str, str]], name: str | None = None, filename: str | None = None
    ) -> Iterator[Token]:
        for place, kind, text in stream:
            for token in super().wrap([(place, kind, text)], name, filename):
                number = _WRITTEN.get(kind)
                value: Any = token.value if number is None else number(text, token.value)
                yield Token(token.lineno, token.type, value)


class _Environment(Environment):
    @property
    def lexer(self) -> Lexer:
        return _LEXER


_ENVIRONMENT: Final = _Environment(autoescape=False, keep_trailing_newline=True)
_LEXER: Final = _WrittenNumbers(_ENVIRONMENT)


def parse(source: str) -> Parsed:
    """Raises Invalid for bad syntax and for everything that is not on the list."""
    for mark, what in (("{%", "statements {% %}"), ("{#", "comments {# #}")):
        if mark in source:
            raise invalid(
                f"{what} are not allowed in a campaign", "only {{ … }} is; use for_each and when for the rest"
            )
    try:
        tree = _ENVIRONMENT.parse(source)
    except TemplateSyntaxError as exc:
        raise invalid(f"bad expression: {_plain_words(exc)}", "an expression reads {{ inputs.name }}") from exc
    except (ValueError, RecursionError, OverflowError) as exc:
        raise invalid("bad expression: too deep, or a number too long") from exc
    pieces = [piece for output in tree.body for piece in _pieces(output)]
    for piece in pieces:
        _check_size(piece)
    return _Compiler().parts(pieces)


def _pieces(output: nodes.Node) -> list[nodes.Expr]:
    if not isinstance(output, nodes.Output):
        raise invalid(f"{type(output).__name__.lower()} is not allowed in a campaign", ALLOWED)
    return output.nodes


def _check_size(piece: nodes.Node) -> None:
    level, count, depth = [piece], 0, 0
    while level:
        depth, count = depth + 1, count + len(level)
        if depth > MAX_TREE_DEPTH or count > MAX_TREE_NODES:
            raise invalid("the expression is too long", "split it, or move it into an input")
        level = [child for node in level for child in node.iter_child_nodes()]


class _Compiler:
    """One method per allowed node type; everything else is refused."""

    def __init__(self) -> None:
        self.parsed = Parsed()
        self.optional = 0  # above 0 while inside what `| default` or `is defined` guards

    def parts(self, pieces: list[nodes.Expr]) -> Parsed:
        values = [piece for piece in pieces if not isinstance(piece, nodes.TemplateData)]
        blank = all(not piece.data.strip() for piece in pieces if isinstance(piece, nodes.TemplateData))
        if len(values) == 1 and blank:
            self.parsed.whole = True
            self.parsed.step = self._step(values[0])
            step = self.parsed.step
            if step is None:
                self.parsed.parts = (self.function(values[0]),)
            else:
                self.parsed.lookups.append((("steps", step), False))
                self.parsed.parts = (lookup("steps", (step,)),)
        else:
            self.parsed.parts = tuple(
                piece.data if isinstance(piece, nodes.TemplateData) else self.function(piece) for piece in pieces
            )
        return self.parsed

    def _step(self, node: nodes.Expr) -> str | None:
        path = _path(node)
        return str(path[1]) if path and len(path) == 2 and path[0] == "steps" else None

    def function(self, node: nodes.Node) -> Function:
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        if method is None:
            word = _WORDS.get(type(node), f"{type(node).__name__.lower()} is not allowed")
            raise invalid(word, ALLOWED)
        found: Function = method(node)
        return found

    # values

    def _const(self, node: nodes.Const) -> Function:
        value = node.value
        if not isinstance(value, str | int | float | bool | None):
            raise invalid(f"{value!r:.40} is not allowed", ALLOWED)
        if isinstance(value, int | float) and not abs(value) <= evaluate.MAX_NUMBER:
            raise invalid(f"a number beyond {evaluate.MAX_NUMBER:.0e} is not allowed")
        return lambda scope: value

    def _templatedata(self, node: nodes.TemplateData) -> Function:
        data = node.data
        return lambda scope: data

    def _list(self, node: nodes.List) -> Function:
        items = [self.function(item) for item in node.items]
        return lambda scope: [item(scope) for item in items]

    def _tuple(self, node: nodes.Tuple) -> Function:
        items = [self.function(item) for item in node.items]
        return lambda scope: [item(scope) for item in items]

    def _dict(self, node: nodes.Dict) -> Function:
        pairs = []
        for pair in node.items:
            if not isinstance(pair.key, nodes.Const) or not isinstance(pair.key.value, str):
                raise invalid("keys of a mapping must be texts in quotes")
            pairs.append((pair.key.value, self.function(pair.value)))
        return lambda scope: {key: value(scope) for key, value in pairs}

    # names

    def _name(self, node: nodes.Name) -> Function:
        if node.name in ROOTS:
            raise invalid(f"{node.name} needs a name after a dot", f"e.g. {{{{ {node.name}.NAME }}}}")
        raise invalid(f"unknown name {node.name!r}", _root_hint(node.name))

    def _getattr(self, node: nodes.Getattr | nodes.Getitem) -> Function:
        path = _path(node)
        if path is None:
            return self._of_value(node)
        for key in path:
            if isinstance(key, str) and key.startswith("_"):
                raise invalid(f"names that start with _ are not allowed: {key}")
        root = str(path[0])
        if root not in ROOTS:
            raise invalid(f"unknown name {root!r}", _root_hint(root))
        if root == "steps":
            name = path[1]
            hint = f"write exactly {{{{ steps.{name} }}}}, with nothing before or after it"
            raise invalid(f"steps.{name} may only be used whole", hint)
        self.parsed.lookups.append((tuple(map(str, path)), self.optional > 0))
        return lookup(root, path[1:])

    _getitem = _getattr

    def _of_value(self, node: nodes.Getattr | nodes.Getitem) -> Function:
        """A key of something that is itself calculated, as in `(each.a or each.b).name`."""
        inner = self.function(node.node)
        key = _key(node)
        if isinstance(key, str) and key.startswith("_"):
            raise invalid(f"names that start with _ are not allowed: {key}")
        return lambda scope: evaluate.look_up(inner(scope), key, "the value")

    # operators

    def _add(self, node: nodes.Add) -> Function:
        left, right = self.function(node.left), self.function(node.right)
        return lambda scope: evaluate.add(left(scope), right(scope))

    def _arithmetic(self, node: nodes.BinExpr) -> Function:
        left, right = self.function(node.left), self.function(node.right)
        calculate = evaluate.arithmetic(_SIGNS[type(node)])
        return lambda scope: calculate(left(scope), right(scope))

    _sub = _mul = _div = _floordiv = _mod = _arithmetic

    def _neg(self, node: nodes.Neg) -> Function:
        inner = self.function(node.node)
        return lambda scope: evaluate.negative(inner(scope))

    def _pos(self, node: nodes.Pos) -> Function:
        return self.function(node.node)

    def _concat(self, node: nodes.Concat) -> Function:
        items = [self.function(item) for item in node.nodes]
        return lambda scope: evaluate.concatenate(item(scope) for item in items)

    def _and(self, node: nodes.And) -> Function:
        left, right = self.function(node.left), self.function(node.right)
        return lambda scope: left(scope) and right(scope)

    def _or(self, node: nodes.Or) -> Function:
        left, right = self.function(node.left), self.function(node.right)
        return lambda scope: left(scope) or right(scope)

    def _not(self, node: nodes.Not) -> Function:
        inner = self.function(node.node)
        return lambda scope: not inner(scope)

    def _condexpr(self, node: nodes.CondExpr) -> Function:
        test, then = self.function(node.test), self.function(node.expr1)
        otherwise = self.function(node.expr2) if node.expr2 is not None else _nothing
        return lambda scope: then(scope) if test(scope) else otherwise(scope)

    def _compare(self, node: nodes.Compare) -> Function:
        first = self.function(node.expr)
        steps = [(operand.op, self.function(operand.expr)) for operand in node.ops]

        def run(scope: Scope) -> bool:
            left = first(scope)
            for name, function in steps:
                right = function(scope)
                if not evaluate.compare(name, left, right):
                    return False
                left = right
            return True

        return run

    # filters and tests

    def _filter(self, node: nodes.Filter) -> Function:
        if node.node is None or node.dyn_args is not None or node.dyn_kwargs is not None:
            raise invalid(f"| {node.name} must be written after a value", ALLOWED)
        if node.name == "default":
            return self._default(node)
        function = FILTERS.get(node.name)
        if function is None:
            raise invalid(f"unknown filter | {node.name}", did_you_mean(node.name, (*FILTERS, "default")))
        value, arguments, named = self.function(node.node), *self._arguments(node)
        try:
            inspect.signature(function).bind(None, *arguments, **named)
        except TypeError as exc:
            raise invalid(f"| {node.name}: {exc}") from exc
        if not arguments and not named:
            return lambda scope: function(value(scope))
        return lambda scope: function(
            value(scope),
            *[argument(scope) for argument in arguments],
            **{name: argument(scope) for name, argument in named.items()},
        )

    def _arguments(self, node: nodes.Filter) -> tuple[list[Function], dict[str, Function]]:
        return [self.function(item) for item in node.args], {
            str(item.key): self.function(item.value) for item in node.kwargs
        }

    def _default(self, node: nodes.Filter) -> Function:
        """`| default(other)`, or `| default(other, true)` to replace empty values as well."""
        value = self._guarded(node.node)
        arguments, named = self._arguments(node)
        if not 1 <= len(arguments) <= 2 or named.keys() - {"boolean"} or (named and len(arguments) == 2):
            raise invalid("| default takes the other value, and true to replace empty values too")
        other = arguments[0]
        empty_too = arguments[1] if len(arguments) == 2 else named.get("boolean", _nothing)

        def run(scope: Scope) -> Any:
            try:
                found = value(scope)
            except Missing:
                return other(scope)
            return other(scope) if not found and empty_too(scope) else found

        return run

    def _test(self, node: nodes.Test) -> Function:
        if node.name == "none":
            inner = self.function(node.node)
            return lambda scope: inner(scope) is None
        if node.name == "defined":
            return partial(_is_defined, self._guarded(node.node))
        raise invalid(f"unknown test 'is {node.name}'", "known: is none, is defined, ==, in")

    def _guarded(self, node: nodes.Expr | None) -> Function:
        assert node is not None
        self.optional += 1
        try:
            return self.function(node)
        finally:
            self.optional -= 1


def _nothing(scope: Scope) -> None:
    return None


def _is_defined(value: Function, scope: Scope) -> bool:
    try:
        value(scope)
    except Missing:
        return False
    return True


def _path(node: nodes.Node) -> tuple[str | int, ...] | None:
    """`inputs.photos[0]` -> ("inputs", "photos", 0); None when it does not start at a name."""
    return tuple(_walk_path(node)) if _starts_at_name(node) else None


def _starts_at_name(node: nodes.Node) -> bool:
    inner = node
    while isinstance(inner, nodes.Getattr | nodes.Getitem):
        inner = inner.node
    return isinstance(inner, nodes.Name) and inner is not node


def _walk_path(node: nodes.Node) -> Iterator[str | int]:
    if isinstance(node, nodes.Name):
        yield node.name
        return
    assert isinstance(node, nodes.Getattr | nodes.Getitem)
    yield from _walk_path(node.node)
    yield _key(node)


def _key(node: nodes.Getattr | nodes.Getitem) -> str | int:
    if isinstance(node, nodes.Getattr):
        return node.attr
    key, sign = node.arg, 1
    if isinstance(key, nodes.Neg):
        key, sign = key.node, -1
    if isinstance(key, nodes.Const) and isinstance(key.value, int) and not isinstance(key.value, bool):
        return sign * key.value
    if isinstance(key, nodes.Const) and isinstance(key.value, str) and sign == 1:
        return key.value
    raise invalid("only a text in quotes or a whole number may stand in [ ]", "e.g. inputs.photos[0]")


def _plain_words(exc: TemplateSyntaxError) -> str:
    said = (
        (exc.message or "").rstrip(".").replace("end of template", "end of the text").replace("begin of print", "{{ of")
    )
    return said.replace("'end of print statement'", "'}}'").replace("end of print statement", "}}")


def _root_hint(name: str) -> str:
    hint = did_you_mean(name, ROOTS)
    meant = f"write inputs.{name} for an input, each.{name} for a dimension or a feed's row, steps.{name} for a step"
    return hint if hint.startswith("did") else f"{meant}; put texts in quotes"
