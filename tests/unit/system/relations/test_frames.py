"""What is asked, in which frames, and how frames are counted."""

from dataclasses import replace
from math import factorial

import numpy as np
import pytest

from dissensus.system import Choice, Frame, Part, Status, System, World
from dissensus.system.relations.conduct import Conduct, default_menus
from dissensus.system.relations.occasions import Question, occasions
from dissensus.system.rules import rule
from dissensus.system.rules.catalogue import _CATALOGUE


def system(utilities, rule, **options):
    parts = [Part(f"part {i + 1}", u) for i, u in enumerate(utilities)]
    names = [f"a{j}" for j in range(len(utilities[0]))]
    return System(parts, World.of(names), rule, **options)


CYCLE = [[1, 0.5, 0], [0, 1, 0.5], [0.5, 0, 1]]


def asked(h, menu=None, **options):
    conduct = Conduct(h)
    question = Question(conduct, menu or conduct.everything, **options)
    return question, occasions([question])


def test_an_answer_is_that_of_the_system():
    h = system(CYCLE, "agenda")
    conduct = Conduct(h)
    frame = Frame(agenda=("a1", "a2", "a0"))
    answer = conduct.answer((0, 1, 2), agenda=frame.agenda)
    assert answer.dist.tolist() == h.choice(frame=frame).dist.tolist()


def test_only_rules_that_look_at_the_agenda_are_asked_again():
    assert Conduct(system(CYCLE, "agenda")).reads((0, 1, 2)) == {"agenda"}
    assert Conduct(system(CYCLE, "plurality")).reads((0, 1, 2)) == set()
    assert Conduct(system(CYCLE, "turn-taking")).reads((0, 1, 2)) == {"turn"}


def test_agendas_are_all_orders():
    question, found = asked(system(CYCLE, "agenda"))
    assert found.frames == "all 6 orders of the agenda"
    shares = {int(o.dist(question).argmax()): o.weight for o in found.each}
    assert shares == pytest.approx({0: 1 / 3, 1: 1 / 3, 2: 1 / 3})


def test_each_frame_leads_to_what_was_said_in_it():
    h = system([[1, 0, 0.2], [0, 1, 0.2]], "plurality")
    question, found = asked(h)
    for occasion in found.each:
        assert h.choice(frame=occasion.frame).dist == pytest.approx(occasion.dist(question))


def test_ties_that_share_actions_are_broken_by_one_order():
    """a0 first, a1 second, a2 third: from {a1, a2} then never a2 while a1 beats a2 elsewhere."""
    h = system([[1, 1, 1]], "plurality")
    conduct = Conduct(h)
    questions = [Question(conduct, menu) for menu in default_menus(3)]
    found = occasions(questions)
    assert len(found.each) == 6
    for occasion in found.each:
        order = occasion.frame.tie_break
        for question in questions:
            names = [h.actions[a] for a in question.menu]
            first = min(names, key=order.index)
            assert occasion.dist(question)[h.actions.index(first)] == 1


def test_turns_are_frames_only_where_it_is_asked():
    h = System(
        [Part("one", [1, 0], standing=3), Part("two", [0, 1])], World.of(["a", "b"]), "turn-taking"
    )
    question, found = asked(h, turns=True)
    assert [(o.weight, o.frame.turn) for o in found.each] == [(0.75, "one"), (0.25, "two")]
    question, found = asked(h)
    assert [o.dist(question).tolist() for o in found.each] == [[0.75, 0.25]]


def test_a_silent_part_has_no_turn():
    h = System(
        [Part("one", order="a > b"), Part("two", [0, 1], hardness=99)],
        World.of(["a", "b"]),
        "turn-taking",
    )
    mute = replace(h, parts=(h.parts[0], replace(h.parts[1], utilities=None, order="b > a")))
    _, found = asked(mute, turns=True)
    assert [o.frame.turn for o in found.each] == ["one"]


def test_many_orders_are_sampled_with_a_seed():
    h = system(np.random.default_rng(0).random((3, 8)).tolist(), "agenda")
    _, found = asked(h)
    assert found.frames == f"240 of {factorial(8):,}, drawn with seed 0, orders of the agenda"
    assert found.weights.sum() == pytest.approx(1)


def test_one_tie_is_broken_exactly_however_large():
    _, found = asked(system([[1] * 9], "plurality"))
    assert [o.weight for o in found.each] == pytest.approx([1 / 9] * 9)
    assert found.frames == "all 9 ways to break the ties"


def test_no_choice_keeps_its_status():
    question, found = asked(system(CYCLE, "condorcet"))
    assert found.each[0].dist(question) is None
    assert found.each[0].said[question].status in (Status.CYCLE, Status.EMPTY)


def test_a_rule_of_the_user_may_look_at_the_agenda_through_a_smaller_menu():
    @rule(name="first-listed", label="First", needs="ordinal", reference="ours")
    def first_listed(ballots):
        few = ballots.on([0, 1])
        name = (few.frame.agenda or few.actions)[0]
        return Choice.among(ballots.actions, [ballots.actions.index(name)])

    try:
        _, found = asked(system(CYCLE, "first-listed"))
        assert len(found.each) == 2
    finally:
        del _CATALOGUE["first-listed"]
