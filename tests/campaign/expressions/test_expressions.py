"""Expressions: what they give, what they refuse, and that nothing of Python is reachable."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pressroom.campaign.expressions import Reference, compile_expression, has_expression, references_in, texts
from pressroom.campaign.expressions.evaluate import FILTERS, Missing
from pressroom.campaign.expressions.lookups import parse_simple
from pressroom.campaign.expressions.parse import parse
from pressroom.campaign.written import WrittenFloat, WrittenInt
from pressroom.domain.errors import Invalid

SCOPE: dict[str, Any] = {
    "inputs": {
        "items": [3, 4], "n": 3, "half": 0.5, "name": "Ann", "empty": "", "nothing": None, "yes": True, "price": "9",
        "keys": {"a": 1}, "get": "got", "none_yet": [],
    },
    "brand": {"name": "Acme", "colors": {"primary": "#ff0000"}},
    "each": {"scene": "beach", "row": {"title": "Tea & Co", "price": "12"}},
    "steps": {"cut": "the cut-out"},
}  # fmt: skip


def value(text: str) -> Any:
    return compile_expression(text).evaluate(SCOPE)


def refusal(text: str) -> str:
    with pytest.raises(Invalid) as caught:
        value(text)
    assert len(caught.value.problems) == 1
    return str(caught.value.problems[0])


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("{{ inputs.items }}", [3, 4]),
        ("{{ inputs.n }}", 3),
        ("  {{ inputs.n }}\n", 3),
        ("{{ inputs.yes }}", True),
        ("{{ inputs.nothing }}", None),
        ("{{ inputs.keys }}", {"a": 1}),
        ("{{ inputs.keys.a }}", 1),
        ("{{ inputs['name'] }}", "Ann"),
        ("{{ inputs.items[0] }}", 3),
        ("{{ inputs.items[-1] }}", 4),
        ("{{ inputs.get }}", "got"),
        ("{{ steps.cut }}", "the cut-out"),
        ("Hi {{ inputs.name }}!", "Hi Ann!"),
        ("{{ inputs.n }} of {{ inputs.half }}", "3 of 0.5"),
        ("[{{ inputs.nothing }}{{ inputs.yes }}]", "[true]"),
        ("{{ each.row.title }}", "Tea & Co"),
        ("{{ inputs.n * 2 + 1 }}", 7),
        ("{{ 7 // 2 }}", 3),
        ("{{ 7 % 4 }}", 3),
        ("{{ 7 / 2 }}", 3.5),
        ("{{ -inputs.n }}", -3),
        ("{{ 'a' + 'b' }}", "ab"),
        ("{{ inputs.items + [5] }}", [3, 4, 5]),
        ("{{ inputs.name ~ inputs.n }}", "Ann3"),
        ("{{ inputs.n > 2 and inputs.n < 4 }}", True),
        ("{{ 1 < inputs.n < 3 }}", False),
        ("{{ not inputs.yes }}", False),
        ("{{ inputs.empty or 'none' }}", "none"),
        ("{{ 'big' if inputs.n > 2 else 'small' }}", "big"),
        ("{{ 3 in inputs.items }}", True),
        ("{{ inputs.n not in [1, 2] }}", True),
        ("{{ inputs.nothing is none }}", True),
        ("{{ inputs.nothing is not none }}", False),
        ("{{ inputs.absent is defined }}", False),
        ("{{ inputs.name is defined }}", True),
        ("{{ inputs.absent | default('x') }}", "x"),
        ("{{ inputs.empty | default('x') }}", ""),
        ("{{ inputs.empty | default('x', true) }}", "x"),
        ("{{ inputs.empty | default('x', boolean=true) }}", "x"),
        ("{{ {'a': inputs.n}.a }}", 3),
        ("{{ inputs.name | upper }}", "ANN"),
        ("{{ inputs.name | lower }}", "ann"),
        ('{{ "the dog\'s day" | title }}', "The Dog's Day"),
        ("{{ 'ann LEE' | capitalize }}", "Ann lee"),
        ("{{ ' a ' | trim }}", "a"),
        ("{{ 'a-b' | replace('-', '+') }}", "a+b"),
        ("{{ each.row.title | slug }}", "tea-co"),
        ("{{ inputs.items | length }}", 2),
        ("{{ inputs.items | join(', ') }}", "3, 4"),
        ("{{ inputs.items | first }}", 3),
        ("{{ inputs.items | last }}", 4),
        ("{{ inputs.none_yet | first | default('x') }}", "x"),
        ("{{ 3.6 | round }}", 4.0),
        ("{{ 3.14159 | round(2) }}", 3.14),
        ("{{ each.row.price | int + 1 }}", 13),
        ("{{ each.row.price | float }}", 12.0),
        ("{{ 'x' | int(default=0) }}", 0),
        ("{{ ' 7.9 ' | int }}", 7),
    ],
)
def test_expressions_give(text: str, meant: object) -> None:
    found = value(text)

    assert found == meant
    assert isinstance(found, type(meant))
    assert isinstance(found, bool) is isinstance(meant, bool)


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("{{ 24.90 }} €", "24.90 €"),
        ("{{ 24.90 ~ ' €' }}", "24.90 €"),
        ("{{ [24.90, 1.10] | join(' or ') }}", "24.90 or 1.10"),
        ("{{ -24.90 }} off", "-24.90 off"),
        ("{{ 1e3 }} of {{ 0x1F }}", "1e3 of 0x1F"),
        ("{{ '24.90' | float }} €", "24.90 €"),
        ("{{ 2 * 9.95 }} €", "19.9 €"),
        ("{{ (2 * 9.95) | round(2) }} €", "19.90 €"),
        ("{{ 7.5 | round }} %", "8 %"),
    ],
)
def test_numbers_of_an_expression_read_as_they_are_written(text: str, reads: str) -> None:
    assert value(text) == reads


def test_a_decimal_comma_is_told_apart_from_what_is_no_number() -> None:
    assert "| replace(',', '.')" in refusal("{{ '24,90' | float }}")


def test_every_filter_is_tried_above() -> None:
    tried = {mark for mark in FILTERS if f"| {mark}" in str(test_expressions_give.pytestmark)}

    assert tried == set(FILTERS)


@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__ }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ inputs.__class__ }}",
        "{{ inputs['__class__'] }}",
        "{{ (inputs.name).__class__ }}",
        "{{ inputs._secret }}",
        "{{ inputs.name.upper }}",
        "{{ inputs.name.upper() }}",
        "{{ inputs.items.append(1) }}",
        "{{ inputs.name | attr('upper') }}",
        "{{ inputs.name | map('upper') }}",
        "{{ inputs.name | format(1) }}",
        "{{ '%999999999d' % 1 }}",
        "{{ '{0.__class__}'.format(1) }}",
        "{{ cycler }}",
        "{{ cycler.__init__ }}",
        "{{ lipsum() }}",
        "{{ joiner() }}",
        "{{ namespace(a=1) }}",
        "{{ dict(a=1) }}",
        "{{ self }}",
        "{{ self._TemplateReference__context }}",
        "{{ loop.index }}",
        "{{ caller() }}",
        "{{ range(10**9) }}",
        "{{ 9**9**9 }}",
        "{{ 'a'*10**9 }}",
        "{{ 'a' * 1000 }}",
        "{{ [1] * 1000000 }}",
        "{{ inputs }}",
        "{{ inputs | length }}",
        "{{ inputs[inputs.name] }}",
        "{{ inputs.items[0:1] }}",
        "{{ inputs.name is odd }}",
        "{{ inputs.name is callable }}",
        "{{ {inputs.name: 1} }}",
        "{{ 1j }}",
        "{{ inputs.items | join(*inputs.items) }}",
        "{{ inputs.items | join(d=1) }}",
        "{% for x in inputs.items %}{{ x }}{% endfor %}",
        "{% set x = 1 %}{{ x }}",
        "{% import 'os' as os %}{{ os }}",
        "{% macro m() %}{% endmacro %}{{ m() }}",
        "{% raw %}{{ x }}{% endraw %}",
        "{% include '/etc/passwd' %}{{ 1 }}",
        "{# comment #}{{ 1 }}",
    ],
)
def test_nothing_but_the_subset_is_allowed(text: str) -> None:
    assert refusal(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{{ inputs.nam }}", "did you mean 'name'?"),
        ("{{ brand.colors.primry }}", "did you mean 'primary'?"),
        ("{{ each.row.titel }}", "did you mean 'title'?"),
        ("{{ input.name }}", "did you mean 'inputs'?"),
        ("{{ row.photo }}", "each.row for a dimension or a feed's row"),
        ("{{ row }}", "each.row for a dimension or a feed's row"),
        ("{{ inputs.name | uper }}", "did you mean 'upper'?"),
        ("{{ inputs.items[5] }}", "has 2 items"),
        ("{{ inputs.name.first }}", "is text"),
        ("{{ inputs.price > 10 }}", "convert with | int"),
        ("{{ inputs.price * 2 }}", "needs two numbers"),
        ("{{ inputs.price + 2 }}", "cannot add"),
        ("{{ inputs.yes + 2 }}", "needs two numbers"),
        ("{{ 1 / 0 }}", "division by zero"),
        ("{{ 'x' | int }}", "no number"),
        ("{{ 'nan' | float }}", "no number"),
        ("a {{ inputs.items }}", "a list cannot stand inside a text"),
        ("a {{ inputs.keys }}", "a mapping cannot stand inside a text"),
        ("{{ inputs.nothing | upper }}", "needs text"),
        ("{{ inputs.none_yet | first }}", "empty list"),
        ("{{ steps.cut }} and more", "may only be used whole"),
        ("{{ steps.cut | default('x') }}", "may only be used whole"),
        ("{{ [steps.cut] }}", "may only be used whole"),
        ("{{ steps.cut.width }}", "may only be used whole"),
        ("{{ steps }}", "needs a name"),
        ("{{ inputs.name", "bad expression"),
        ("{{ }}", "bad expression"),
        ("{{ inputs. }}", "bad expression"),
        ("{{ 1 if }}", "bad expression"),
        ("{% if %}", "statements"),
        ("{# #}", "comments"),
    ],
)
def test_mistakes_are_told_in_plain_words(text: str, says: str) -> None:
    assert says in refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "{{ " + "(" * 9_000 + " }}",
        "{{ " + "[" * 3_000 + "]" * 3_000 + " }}",
        "{{ " + "-" * 5_000 + "1 }}",
        "{{ " + "1+" * 3_000 + "1 }}",
        "{{ " + "9" * 5_000 + " }}",
        "{{ inputs" + ".a" * 2_000 + " }}",
        "{{ inputs.name }}" + "x" * 10_000,
        "{{ 1 }}" * 2_000,
        "{{ 999999999999 * 999999999999 }}",
        "{{ 1e300 * 1e300 }}",
    ],
)
def test_absurd_sizes_are_refused(text: str) -> None:
    assert refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "{{ inputs.big + inputs.big }}",
        "{{ inputs.big ~ inputs.big }}",
        "{{ inputs.big }}{{ inputs.big }}",
        "{{ inputs.big | replace('x', inputs.big) }}",
        "{{ inputs.many | join(inputs.big) }}",
        "{{ inputs.many + inputs.many }}",
        "{{ inputs.huge }}",
    ],
)
def test_results_above_ten_thousand_are_refused(text: str) -> None:
    scope = {"inputs": {"big": "x" * 9_000, "many": ["y"] * 9_000, "huge": "x" * 10_001}}

    with pytest.raises(Invalid, match="at most 10,000"):
        compile_expression(text).evaluate(scope)


def test_references_name_what_is_looked_up() -> None:
    expression = compile_expression("{{ inputs.a }} {{ each.b.c | default(brand.colors.primary) }}")

    assert expression.references == {
        Reference("inputs", "a"),
        Reference("each", "b"),
        Reference("brand", "colors"),
    }
    assert expression.required == {Reference("inputs", "a"), Reference("brand", "colors")}
    assert expression.step_reference is None


def test_a_whole_reference_to_a_step_is_known_as_such() -> None:
    assert compile_expression("{{ steps.cut }}").step_reference == "cut"
    assert compile_expression(" {{ steps['cut'] }}\n").step_reference == "cut"
    assert compile_expression("{{ inputs.cut }}").step_reference is None


def test_an_expression_is_compiled_once() -> None:
    assert compile_expression("{{ inputs.n }}") is compile_expression("{{ inputs.n }}")


def test_texts_without_braces_are_no_expressions() -> None:
    assert not has_expression("a {single} brace, 100 %")
    assert has_expression("{{ a }}")
    assert has_expression("{% a %}")
    assert has_expression("{# a #}")


def test_nested_values_are_searched_in_the_order_written() -> None:
    values = {"image": "{{ steps.b }}", "images": ["{{ steps.a }}", "plain", {"x": "{{ steps.b }} "}], "n": 3}

    assert references_in(values, "steps") == ("b", "a")
    assert [path for path, _ in texts(values)] == [("image",), ("images", 0), ("images", 2, "x")]


SIMPLE_PIECES = st.sampled_from(
    ["{{ inputs.name }}", "{{each.row.title}}", "{{ steps.cut }}", "{{ inputs.items }}", "{{ inputs.absent }}", " ", "a", "\n",
     "}}", "{", "\r\n", "{{ brand.colors.primary}}", "{{ steps.cut.x }}", "{{ inputs.name.upper }}", "é", "{{ inputs }}"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(SIMPLE_PIECES, max_size=5).map("".join))
def test_look_ups_read_without_jinja_mean_the_same(text: str) -> None:
    simple = parse_simple(text)
    if simple is None:
        return

    full = parse(text)

    assert (simple.whole, simple.step, simple.lookups) == (full.whole, full.step, full.lookups)
    assert outcome(simple.parts) == outcome(full.parts)


def outcome(parts: tuple[Any, ...]) -> list[Any]:
    """What each part gives, or why not; neighbouring texts are one."""
    found: list[Any] = [""]
    for part in parts:
        try:
            value = part if isinstance(part, str) else part(SCOPE)
        except Missing as exc:
            value = ["missing", exc.message]
        if isinstance(value, str) and isinstance(found[-1], str):
            found[-1] += value
        else:
            found += [value, ""]
    return found


PLAIN = (str, int, float, bool, list, dict)
PIECES = st.sampled_from(
    ["{{", "}}", "{{ ", " }}", "inputs", ".", "name", "items", "[0]", "[", "]", "(", ")", " | ", "upper", "join", "default",
     "'a'", "1", "2.5", "+", "-", "*", "/", "//", "%", "**", "~", " if ", " else ", " is ", "none", "defined", " in ", "not ",
     " and ", ",", ":", "{", "__class__", "steps.cut", "each.row", "{%", "#", "\n", "é", "=", "<", "true"]
)  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(st.one_of(st.text(max_size=80).map(lambda text: "{{" + text + "}}"), st.lists(PIECES, max_size=25).map("".join)))
def test_any_text_gives_a_plain_value_or_invalid(text: str) -> None:
    try:
        found = value(text)
    except Invalid:
        return
    assert found is None or type(found) in (*PLAIN, WrittenInt, WrittenFloat)
