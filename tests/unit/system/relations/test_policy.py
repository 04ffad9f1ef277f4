"""The forms in which an A can be given."""

import numpy as np
import pytest

from dissensus.system import Choice, Part, System, World
from dissensus.system.relations import RelationError, alignment
from dissensus.system.relations.policy import read_table

NAMES = ("sea", "hills", "town")
WHOLE = (0, 1, 2)


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("hills", [0, 1, 0]),
        ([0.5, 0.25, 0.25], [0.5, 0.25, 0.25]),
        (np.array([0, 0, 1]), [0, 0, 1]),
        ({"sea": 0.5, "town": 0.5}, [0.5, 0, 0.5]),
        (Choice.among(NAMES, [2]), [0, 0, 1]),
    ],
)
def test_a_policy(form, expected):
    table = read_table(form, NAMES)
    assert list(table) == [WHOLE]
    assert table[WHOLE].tolist() == expected


def test_a_table_of_menus():
    table = read_table(
        {("town", "sea"): "town", ("sea", "hills"): [0.5, 0.5], NAMES: {"sea": 1}}, NAMES
    )
    assert table[0, 2].tolist() == [0, 0, 1]
    assert table[0, 1].tolist() == [0.5, 0.5, 0]
    assert table[WHOLE].tolist() == [1, 0, 0]


@pytest.mark.parametrize(
    ("form", "found"),
    [
        ("see", "action 'see'"),
        ([0.5, 0.4, 0.0], "sum to 0.9"),
        ([1.5, -0.5, 0], "negative chance"),
        ([1, 0], r"shape \(2,\)"),
        ([np.nan, 0, 1], "sum to nan"),
        ({("sea", "hills"): "town"}, "takes 'town' from a menu"),
        ({("sea", "lake"): "sea"}, "action 'lake'"),
        ({(): "sea"}, "empty menu"),
        (Choice.none(NAMES, "CYCLE"), "choice of A"),
        (Choice.among(["other"], [0]), "among 'other'"),
    ],
)
def test_mistakes_say_what_was_found(form, found):
    with pytest.raises(RelationError, match=found) as caught:
        read_table(form, NAMES)
    assert caught.value.mend


def test_a_system_needs_the_same_actions():
    h = System([Part("me", [1, 0])], World.of(["a", "b"]), "plurality")
    other = System([Part("me", [1, 0])], World.of(["b", "a"]), "plurality")
    with pytest.raises(RelationError, match="A chooses among 'b', 'a'"):
        alignment(other, h)


@pytest.mark.parametrize("menu", [["a"], ["a", "x"], ["a", "a"]])
def test_a_menu_has_two_actions_of_h(menu):
    h = System([Part("me", [1, 0])], World.of(["a", "b"]), "plurality")
    with pytest.raises(RelationError, match="menu"):
        alignment("a", h, "irl", menus=[menu])


def test_an_unknown_relation_names_the_nearest():
    h = System([Part("me", [1, 0])], World.of(["a", "b"]), "plurality")
    with pytest.raises(RelationError, match="'assistence'") as caught:
        alignment("a", h, "assistence")
    assert "assistance" in caught.value.mend
