"""Winners against the package pref_voting, on random profiles with ties and gaps."""

import numpy as np
import pytest

from dissensus.system import Ballots, Conventions, choose
from dissensus.system.conventions import dense_ranks
from dissensus.system.rules import RuleError

# pref_voting's own names; it answers "every option" where no option is unbeaten
EVERY_BALLOT = {
    "borda": "Borda",
    "copeland": "Copeland",
    "schulze": "Beat Path",
    "maximin": "Minimax",
    "ranked-pairs": "Ranked Pairs",
    "kemeny": "Kemeny-Young",
    "condorcet": "Weak Condorcet",
}
STRICT_BALLOTS = {
    **EVERY_BALLOT,
    "plurality": "Plurality",
    "runoff": "Plurality with Runoff PUT",
    "instant-runoff": "Instant Runoff PUT",
}
PROFILES = 250


def profile(seed, ties, gaps, unranked="last"):
    random = np.random.default_rng(seed)
    options, ballots = random.integers(2, 6), random.integers(1, 9)
    ranks = random.random((ballots, options)).argsort(axis=1).argsort(axis=1) + 1.0
    if ties:
        ranks = random.integers(1, options + 1, (ballots, options)).astype(float)
    if gaps:
        ranks[random.random(ranks.shape) < 0.3] = np.nan
        ranks[np.isnan(ranks).all(axis=1), 0] = 1
    return Ballots.from_ranks(
        [f"option {i}" for i in range(options)],
        dense_ranks(-ranks),
        random.integers(1, 4, ballots),
        Conventions(unranked=unranked),
    )


def agree(rule, judge, profiles):
    judged = 0
    for ballots in profiles:
        ours = choose(rule, ballots)
        try:
            theirs = choose(f"pref_voting:{judge}", ballots)
        except RuleError:  # ranked pairs with too many ties: the judge passes
            continue
        judged += 1
        winners = ours.winners or frozenset(range(len(ballots.actions)))
        assert winners == theirs.winners, (ballots.ranks, ballots.standing)
    assert judged > PROFILES / 2


@pytest.mark.parametrize(("rule", "judge"), STRICT_BALLOTS.items())
def test_strict_orders(rule, judge):
    agree(rule, judge, (profile(seed, ties=False, gaps=False) for seed in range(PROFILES)))


@pytest.mark.parametrize(("rule", "judge"), EVERY_BALLOT.items())
def test_orders_with_ties(rule, judge):
    agree(rule, judge, (profile(seed, ties=True, gaps=False) for seed in range(PROFILES)))


@pytest.mark.parametrize("unranked", ["last", "silent"])
@pytest.mark.parametrize(("rule", "judge"), EVERY_BALLOT.items())
def test_orders_with_ties_and_gaps(rule, judge, unranked):
    profiles = (profile(seed, ties=True, gaps=True, unranked=unranked) for seed in range(PROFILES))
    agree(rule, judge, profiles)


def test_truncated_orders_by_instant_runoff():
    from pref_voting.profiles_with_ties import ProfileWithTies
    from pref_voting.voting_methods import instant_runoff_for_truncated_linear_orders as judge

    judged = 0
    for seed in range(PROFILES):
        ballots = profile(seed, ties=False, gaps=False)
        random = np.random.default_rng(seed)
        listed = random.integers(1, len(ballots.actions) + 1, (len(ballots.ranks), 1))
        ranks = np.where(ballots.ranks <= listed, ballots.ranks, np.nan)
        ballots = Ballots.from_ranks(ballots.actions, ranks, ballots.standing)
        rows = [{a: int(r) for a, r in enumerate(row) if r == r} for row in ranks]
        counts = ballots.standing.astype(int).tolist()
        given = ProfileWithTies(rows, counts, candidates=list(range(len(ballots.actions))))
        ours = choose("instant-runoff", ballots)
        # the judge drops all that have the fewest at once; where none tie it is the same rule
        if len([step for step in ours.trace.steps if " or " in step or " and " in step]) == 0:
            judged += 1
            assert ours.winners == frozenset(judge(given)), rows
    assert judged > PROFILES / 5


def test_names_of_methods_are_suggested():
    with pytest.raises(RuleError, match="did you mean 'Beat Path'"):
        choose("pref_voting:Beat Paths", profile(0, ties=False, gaps=False))


def test_fractions_of_standing_go_over_as_counts():
    ballots = Ballots.from_ranks(["a", "b"], [[1, 2], [2, 1]], [0.25, 0.75])
    assert choose("pref_voting:Plurality", ballots).winner_names == ("b",)


def test_standing_without_a_common_denominator_goes_over_in_margins():
    ballots = Ballots.from_ranks(["a", "b"], [[1, 2], [2, 1]], [2**0.5, 3**0.5])
    assert choose("pref_voting:Split Cycle", ballots).winner_names == ("b",)
    with pytest.raises(RuleError, match="whole standing"):
        choose("pref_voting:Plurality", ballots)
