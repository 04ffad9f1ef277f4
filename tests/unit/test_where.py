"""The language of ``where``: what is read, and that nothing else is."""

import narwhals as nw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dissensus.engine.where import Comparison, WhereError, expression, parse_where
from dissensus.errors import DissensusError


def parts(text: str) -> list[tuple[str, str, tuple[object, ...], tuple[str, ...]]]:
    return [(c.column, c.operator, c.literals, c.spelt) for c in parse_where(text)]


@pytest.mark.parametrize(
    ("text", "column", "sign", "literals", "spelt"),
    [
        ("age >= 18", "age", ">=", (18,), ("18",)),
        ("age>=18", "age", ">=", (18,), ("18",)),
        ("age == 18", "age", "=", (18,), ("18",)),
        ("age != -1.50", "age", "!=", (-1.5,), ("-1.50",)),
        ("age < +3e2", "age", "<", (300.0,), ("+3e2",)),
        ("age > .5", "age", ">", (0.5,), (".5",)),
        ("id = 007", "id", "=", (7,), ("007",)),
        ("id = '007'", "id", "=", ("007",), ("007",)),
        ("x = True", "x", "=", (True,), ("True",)),
        ("x = 'true'", "x", "=", ("true",), ("true",)),
        ("x = a.b-c/d", "x", "=", ("a.b-c/d",), ("a.b-c/d",)),
        ("x = 1.2.3", "x", "=", ("1.2.3",), ("1.2.3",)),
        ("x = ''", "x", "=", ("",), ("",)),
        (r"x = 'it\'s \\ so'", "x", "=", (r"it's \ so",), (r"it's \ so",)),
        ("`a b` = 1", "a b", "=", (1,), ("1",)),
        ('"a = b" = 1', "a = b", "=", (1,), ("1",)),
        ("x in (1)", "x", "in", (1,), ("1",)),
        ("x IN ( 1,a , 'b c' )", "x", "in", (1, "a", "b c"), ("1", "a", "b c")),
        ("in in (in)", "in", "in", ("in",), ("in",)),
        ("and = and", "and", "=", ("and",), ("and",)),
        ("größe = Öl", "größe", "=", ("Öl",), ("Öl",)),
    ],
)
def test_one_comparison(
    text: str, column: str, sign: str, literals: tuple[object, ...], spelt: tuple[str, ...]
) -> None:
    assert parts(text) == [(column, sign, literals, spelt)]
    assert list(map(type, parse_where(text)[0].literals)) == list(map(type, literals))


def test_several_comparisons() -> None:
    found = parse_where("a = 1 and b in (2, 3) AND c != x")
    assert [(c.column, c.operator) for c in found] == [("a", "="), ("b", "in"), ("c", "!=")]
    assert [c.is_numeric for c in found] == [True, True, False]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("  ", "nothing"),
        ("x", "not complete"),
        ("x =", "nothing after x ="),
        ("= 3", "not complete"),
        ("'x' = 3", "not complete"),
        ("x = 3 or x = 4", "'or' after a comparison"),
        ("x = 3 x = 4", "'x' after a comparison"),
        ("x = 3,", "',' after a comparison"),
        ("x between 1 and 2", "'between' instead of an operator"),
        ("x like 'a%'", "'like' instead of an operator"),
        ("x in 1, 2", "without a list"),
        ("x in (1 2)", "without a list"),
        ("x in (1, 2", "without a list"),
        ("x in ()", "without a list"),
        ("x in (1,)", "without a list"),
        ("x in", "without a list"),
        ("x = (1)", "instead of a value"),
        ("x = `y`", "instead of a value"),
        ("x = 1 and", "nothing"),
        ("x>=1and<2", "'<' after a comparison"),
        ("x = 'open", "'open"),
        ("x = 3; drop table rows", "after a comparison"),
        ("x = 1 -- comment", "'--' after a comparison"),
        ("not x = 1", "instead of an operator"),
        ("(x = 1)", "not complete"),
    ],
)
def test_nonsense_is_refused_with_the_place(text: str, words: str) -> None:
    with pytest.raises(WhereError) as error:
        parse_where(text)
    assert words in error.value.found
    assert text in error.value.found
    assert "for example" in error.value.mend


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = parse_where(text)
    except WhereError:
        return
    assert found
    assert all(isinstance(one, Comparison) and one.literals for one in found)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b c", 'say "x"', "ü"]),
            st.sampled_from(["=", "!=", "<", "<=", ">", ">="]),
            st.one_of(st.integers(), st.text(max_size=5)),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_what_is_written_is_read_back(comparisons: list[tuple[str, str, int | str]]) -> None:
    def quote(value: int | str) -> str:
        if isinstance(value, int):
            return str(value)
        escaped = value.replace("\\", "\\\\").replace("'", "\\'")
        return f"'{escaped}'"

    text = " and ".join(f"`{name}` {sign} {quote(value)}" for name, sign, value in comparisons)
    assert [(c.column, c.operator, c.literals[0]) for c in parse_where(text)] == comparisons


def test_an_unknown_column_names_the_nearest() -> None:
    with pytest.raises(WhereError, match="did you mean 'region'"):
        expression(parse_where("regin = 1"), {"region": nw.Int64(), "age": nw.Int64()})


@pytest.mark.parametrize("dtype", [nw.Categorical(), nw.Enum(["b", "a"])])
def test_categories_have_no_order_here(dtype: nw.dtypes.DType) -> None:
    for sign in ("<", "<=", ">", ">="):
        with pytest.raises(WhereError, match="holds categories"):
            expression(parse_where(f"x {sign} a"), {"x": dtype})
    assert expression(parse_where("x = a and x in (b, z)"), {"x": dtype}) is not None


@pytest.mark.parametrize("dtype", [nw.Time(), nw.Duration(), nw.List(nw.Int64()), nw.Binary()])
def test_types_that_no_literal_has(dtype: nw.dtypes.DType) -> None:
    with pytest.raises(DissensusError, match="a column of numbers, text, dates"):
        expression(parse_where("x = '1'"), {"x": dtype})
