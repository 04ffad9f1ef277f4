"""Scores, verdicts, and their mean over frames."""

import pytest

from dissensus.system import Choice
from dissensus.system.relations.score import Row, Score, Verdict, averaged


def test_a_score_next_to_one_holds():
    assert Score.of(1 - 1e-7).verdict is Verdict.HOLDS
    assert Score.of(1 - 1e-5).verdict is Verdict.FAILS


def test_rounding_does_not_lift_a_score_above_one():
    score = Score.of(1 + 1e-15, ceiling=1 - 1e-15)
    assert (score.value, score.intrinsic_gap, score.procedural_gap) == (1, 0, 0)


def test_the_ceiling_is_at_least_the_value():
    score = Score.of(0.5, ceiling=0.4)
    assert (score.intrinsic_gap, score.procedural_gap) == (0.5, 0)


def test_a_mean_is_undefined_if_one_frame_is():
    frames = [Score.of(1.0), Score.undefined("CYCLE", "no choice")]
    assert averaged(frames, [1, 1]).verdict is Verdict.UNDEFINED


def test_a_mean_is_ambiguous_if_one_frame_is():
    found = averaged([Score.of(1.0), Score.unclear(0.0, 0.5)], [1, 1])
    assert found.verdict is Verdict.AMBIGUOUS
    assert found.value is None
    assert found.interval == (0.5, 0.75)


def test_a_mean_of_values_stays_known_under_ambiguity():
    found = averaged([Score.unclear(0.0, 1.0, 0.5), Score.of(1.0)], [1, 1])
    assert (found.verdict, found.value) == (Verdict.AMBIGUOUS, 0.75)


def test_a_mean_weighs_frames_and_keeps_the_worst_witness():
    frames = [
        Score.of(1.0, sentence="fine", details={"gap": 0.0}),
        Score.of(0.2, sentence="bad", details={"gap": 0.8}),
    ]
    found = averaged(frames, [3, 1])
    assert found.value == pytest.approx(0.8)
    assert found.sentence == "bad"
    assert found.details == pytest.approx({"gap": 0.2, "least": 0.2, "most": 1.0})
    assert found.distance == pytest.approx(0.2)


def test_the_best_of_frames_that_differ_is_a_tie():
    frames = [Score.of(1.0, best=Choice.among(["a", "b"], [i])) for i in (0, 1)]
    assert averaged(frames, [1, 1]).best.winner_names == ("a", "b")
    assert averaged(frames[:1] * 2, [1, 1]).best.winner_names == ("a",)


def test_a_row_shows_its_result():
    row = Row("no-veto", "R5", "Satisfaction", "all", Score.undefined("missing: utilities", "no"))
    assert (row.score, row.verdict, row.status) == (None, "UNDEFINED", "missing: utilities")
    assert (row.intrinsic_gap, row.procedural_gap, row.misfit) == (None, None, None)
    assert repr(row) == "R5 no-veto: UNDEFINED no score; no"


def test_an_ambiguous_score_has_gaps_if_it_has_a_value():
    known, open_ = Score.unclear(0.2, 0.8, 0.4), Score.unclear(0.2, 0.8)
    assert (known.intrinsic_gap, known.procedural_gap) == (0, 0.6)
    assert (open_.intrinsic_gap, open_.procedural_gap) == (None, None)
