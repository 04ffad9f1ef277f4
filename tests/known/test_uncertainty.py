"""Variances, intervals and tests whose answers are known exactly or from cited work."""

import numpy as np
import pytest
from scipy import stats

from dissensus.measure.misalignment import misalignment_of_shares
from dissensus.measure.uncertainty.areas import influence_in_areas, mean_of_areas
from dissensus.measure.uncertainty.comparing import (
    differences,
    excess_test,
    false_discoveries,
    indistinguishable,
)
from dissensus.measure.uncertainty.design import (
    Design,
    design_covariance,
    effective_agents,
    influence_of_shares,
    misalignment_by_design,
)
from dissensus.measure.uncertainty.inversion import exceedance_probability, interval, shares_with
from dissensus.measure.uncertainty.reasons import reason_without_interval
from dissensus.measure.uncertainty.replicates import replicate_covariance, replicate_shares
from dissensus.measure.uncertainty.variance import (
    UncertaintyError,
    unbiased_misalignment,
    variance_of_misalignment,
)
from dissensus.model.conflict import Exclusive, Line

TABLE = np.array([[0, 0.2, 0.5], [0.2, 0, 0.9], [0.5, 0.9, 0]])
SHARES = np.array([0.2, 0.5, 0.3])


@pytest.mark.parametrize(("n", "variance"), [(20, 0.00348684210526), (100, 0.000599292929293)])
def test_variance_of_u(n, variance):
    assert misalignment_of_shares(SHARES, TABLE) == pytest.approx(0.37)
    assert variance_of_misalignment(SHARES, TABLE, n) == pytest.approx(variance, rel=1e-11)


def test_variance_of_u_by_drawing():
    rng = np.random.default_rng(0)
    drawn = unbiased_misalignment(rng.multinomial(20, SHARES, 200_000), TABLE)
    assert drawn.mean() == pytest.approx(0.37, abs=4 * 0.06 / 200_000**0.5)
    assert drawn.var() == pytest.approx(0.00348684210526, rel=0.02)


def test_finite_population():
    assert variance_of_misalignment(SHARES, TABLE, 20, 20) == 0
    half = variance_of_misalignment(SHARES, TABLE, 500, 1000)
    assert half == pytest.approx(variance_of_misalignment(SHARES, TABLE, 500) / 2, rel=0.01)
    rng = np.random.default_rng(1)
    whole = (1000 * SHARES).astype(int)
    drawn = unbiased_misalignment(
        rng.multivariate_hypergeometric(whole, 500, size=50_000).astype(float), TABLE
    )
    assert drawn.var() == pytest.approx(float(half), rel=0.03)
    with pytest.raises(UncertaintyError, match="smaller than the sample"):
        variance_of_misalignment(SHARES, TABLE, 20, 10)


def test_forms_of_conflict_have_the_same_variance():
    line = np.array([0, 0.25, 1.0])
    table = abs(line[:, None] - line)
    assert variance_of_misalignment(SHARES, Line(line), 50) == pytest.approx(
        float(variance_of_misalignment(SHARES, table, 50))
    )
    assert variance_of_misalignment(SHARES, Exclusive(), 50) == pytest.approx(
        float(variance_of_misalignment(SHARES, 1 - np.eye(3), 50))
    )


def test_exclusive_at_full_symmetry_is_pearsons():
    counts = np.array([30.0, 40, 50])
    n, k = counts.sum(), 3
    v = misalignment_of_shares(counts / n, Exclusive())
    assert (k - 1) / k - v == pytest.approx(stats.chisquare(counts).statistic / (n * k))


def test_interval_of_two_goals_is_that_of_a_binomial():
    # for two exclusive goals the value is 2 p (1 - p): far from a half, Clopper and Pearson's
    for holders, n in ((20, 100), (5, 60), (300, 2000)):
        found = interval([[n - holders, holders]], Exclusive(), seed=3, draws=4000)
        exact = stats.binomtest(holders, n).proportion_ci(method="exact")
        for ours, p in ((found.low[0], exact.low), (found.high[0], exact.high)):
            assert ours == pytest.approx(2 * p * (1 - p), abs=0.012 if n < 1000 else 0.005)


def test_interval_at_the_edges():
    found = interval([[100, 0], [50, 50]], Exclusive())
    assert found.low[0] == 0
    assert found.high[0] == pytest.approx(2 * 0.0362 * 0.9638, abs=0.01)
    assert found.high[1] == 0.5
    nothing = interval([[1, 0], [0, 0]], Exclusive())
    assert np.isnan(nothing.low).all()
    assert np.isnan(interval([[5, 5]], np.zeros((2, 2))).low[0])
    # the attainable maximum, not 1: one pair of three goals conflicts
    top = interval([[50, 50, 0]], [[0, 1, 0], [1, 0, 0], [0, 0, 0]])
    assert top.high[0] == 0.5
    with pytest.raises(UncertaintyError, match=r"level 95"):
        interval([[1, 2]], Exclusive(), 95)


def test_interval_shrinks_with_level_and_agents():
    counts = np.array([[20, 30, 50], [200, 300, 500]])
    wide, tight = interval(counts, TABLE), interval(counts, TABLE, 0.8)
    assert (wide.high - wide.low > tight.high - tight.low).all()
    assert wide.high[0] - wide.low[0] > 2.5 * (wide.high[1] - wide.low[1])


@pytest.mark.parametrize("table", [1 - np.eye(3), TABLE])
def test_coverage(table):
    rng = np.random.default_rng(4)
    theta = SHARES @ table @ SHARES
    found = interval(rng.multinomial(60, SHARES, 400), table)
    held = np.mean((found.low <= theta) & (found.high >= theta))
    assert held >= 0.93 - 2 * 0.011


def test_shares_on_the_path_have_the_value():
    wanted = [0.1, 0.3, 0.44]
    found = shares_with([[20, 50, 30]] * 3, TABLE, wanted)
    np.testing.assert_allclose(misalignment_of_shares(found, TABLE), wanted, atol=1e-6)


def test_exceedance_agrees_with_one_sided_intervals():
    counts = [[70, 30]]
    found = interval(counts, Exclusive(), 0.9, draws=4000)
    at_low = exceedance_probability(counts, Exclusive(), float(found.low[0]))
    at_high = exceedance_probability(counts, Exclusive(), float(found.high[0]))
    assert at_low[0] == pytest.approx(0.95, abs=0.03)
    assert at_high[0] == pytest.approx(0.05, abs=0.03)
    assert exceedance_probability(counts, Exclusive(), 0.6)[0] == 0
    assert np.isnan(exceedance_probability([[1, 0]], Exclusive(), 0.1)[0])


def test_trace_is_the_correction_of_a_simple_sample():
    goal = np.repeat([0, 1, 2], [20, 50, 30])
    covariance = design_covariance(influence_of_shares(goal, 3), Design())
    simple = (np.diag(SHARES) - np.outer(SHARES, SHARES)) / 99
    np.testing.assert_allclose(covariance, simple, atol=1e-15)
    found = misalignment_by_design(goal, TABLE, 3)
    assert found.misalignment == pytest.approx(0.37 * 100 / 99)
    assert found.effective_agents == pytest.approx(100, rel=0.02)
    iid = float(variance_of_misalignment(SHARES, TABLE, 100)) ** 0.5
    assert found.standard_error == pytest.approx(iid, rel=0.02)
    plain = interval([[20, 50, 30]], TABLE)
    assert found.interval_low == pytest.approx(plain.low[0], abs=0.01)


def test_clusters_bias_and_widen():
    # every cluster of one mind: as many observations as clusters
    goal = np.repeat(np.tile([0, 1], 20), 10)
    clusters = np.repeat(np.arange(40), 10)
    found = misalignment_by_design(goal, Exclusive(), 2, Design(clusters=clusters))
    assert found.misalignment == pytest.approx(0.5 * 40 / 39)
    assert found.effective_agents == pytest.approx(39, abs=1.5)
    assert (found.clusters, found.degrees_of_freedom, found.kish) == (40, 39, 400)
    few = misalignment_by_design(goal, Exclusive(), 2, Design(clusters=clusters // 4))
    assert np.isnan(few.interval_low)
    assert "10 clusters" in few.reasons[0]


def test_strata_take_their_spread_out():
    goal = np.repeat([0, 1], 50)
    strata = np.repeat([0, 1], 50)
    pull = influence_of_shares(goal, 2)
    inside = design_covariance(pull, Design(strata=strata))[0, 0]
    assert inside == pytest.approx(0, abs=1e-20)
    half = Design(fractions=np.array([0.5]))
    whole = design_covariance(pull, Design())[0, 0]
    assert design_covariance(pull, half)[0, 0] == pytest.approx(whole / 2)


def test_lonely_clusters_by_their_names():
    z = np.array([1.0, -1.0, 0.5, -0.5, 2.0, -2.0])
    strata = np.array([0, 0, 1, 1, 2, 3])
    # variances 4 and 1 of two strata; two lonely ones at 2 and -2 from the mean 0
    assert design_covariance(z, Design(strata, lonely="remove"))[0, 0] == 5
    assert design_covariance(z, Design(strata, lonely="adjust"))[0, 0] == 5 + 8
    assert design_covariance(z, Design(strata, lonely="average"))[0, 0] == 10
    with pytest.raises(UncertaintyError, match="one cluster in stratum 2"):
        design_covariance(z, Design(strata))
    with pytest.raises(UncertaintyError, match="lonely='certain'"):
        design_covariance(z, Design(strata, lonely="certain"))
    with pytest.raises(UncertaintyError, match="lies in the strata 0 and 1"):
        design_covariance(z, Design(strata, np.array([0, 1, 1, 2, 3, 4])))
    with pytest.raises(UncertaintyError, match="one cluster in every stratum"):
        design_covariance(z[:2], Design(np.array([0, 1]), lonely="average"))


def test_kish():
    assert effective_agents(np.ones(7)) == 7
    with pytest.raises(UncertaintyError, match="no weights"):
        effective_agents([0, 0])


def test_jackknife_is_the_linear_variance_of_shares():
    rng = np.random.default_rng(2)
    goal = rng.integers(0, 3, 40)
    weights = (1 - np.eye(40)) * 40 / 39
    replicates = replicate_shares(goal, 3, weights)
    full = np.bincount(goal, minlength=3) / 40
    jackknife = replicate_covariance(replicates, full, "JK1")
    np.testing.assert_allclose(
        jackknife, design_covariance(influence_of_shares(goal, 3), Design()), rtol=1e-10, atol=1e-16
    )
    scales = np.full(40, 39 / 40)
    np.testing.assert_allclose(
        replicate_covariance(replicates, full, "JKn", scales=scales), jackknife
    )


def test_replicates_by_kind():
    table = [[0.4], [0.6], [0.5], [0.7]]
    square = 0.01 + 0.01 + 0 + 0.04
    assert replicate_covariance(table, [0.5], "BRR")[0, 0] == pytest.approx(square / 4)
    assert replicate_covariance(table, [0.5], "Fay", fay=0.5)[0, 0] == pytest.approx(square)
    assert replicate_covariance(table, [0.5], "bootstrap")[0, 0] == pytest.approx(square / 3)
    for arguments, found in (
        ((table, [0.5], "BRB"), "kind 'BRB'"),
        ((table[:1], [0.5], "BRR"), "1 replicate"),
        ((table, [0.5], "Fay"), "rho = None"),
        ((table, [0.5], "JKn"), "without the strata"),
    ):
        with pytest.raises(UncertaintyError, match=found):
            replicate_covariance(*arguments)
    with pytest.raises(UncertaintyError, match="2 scales of 4"):
        replicate_covariance(table, [0.5], "JKn", scales=[1, 1])
    with pytest.raises(UncertaintyError, match="no weights"):
        replicate_shares(np.array([0, 1]), 2, [[0.0], [0.0]])


def test_paired_difference_of_shared_agents():
    rng = np.random.default_rng(3)
    first = rng.integers(0, 2, (400, 1)) * (rng.random((400, 1)) < 0.5)
    goal = np.hstack([first, first])
    values, pull = influence_in_areas(goal, [1 - np.eye(2)] * 2)
    same = differences(values, design_covariance(pull, Design()))
    assert same.difference[0] == 0
    assert same.standard_error[0] == 0
    assert np.isnan(same.p_value[0])
    flipped = goal.copy()
    flipped[:40, 1] ^= 1
    values, pull = influence_in_areas(flipped, [1 - np.eye(2)] * 2)
    np.testing.assert_allclose(pull.sum(axis=0), 0, atol=1e-12)
    paired = differences(values, design_covariance(pull, Design())).standard_error[0]
    apart = np.sqrt(np.diag(design_covariance(pull, Design())).sum())
    assert paired < 0.8 * apart


def test_agents_outside_an_area_do_not_pull_on_it():
    values, pull = influence_in_areas([[0, -1], [1, 0], [0, 1], [-1, -1]], [1 - np.eye(2)] * 2)
    assert values.tolist() == [pytest.approx(2 / 3), 1.0]
    assert pull[3].tolist() == [0, 0]
    assert np.isnan(influence_in_areas([[0], [-1]], [1 - np.eye(2)])[0][0])


def test_sampled_areas_add_their_spread():
    rng = np.random.default_rng(6)
    shares = rng.dirichlet(np.ones(2), 30)
    goal = (rng.random((200, 30)) > shares[:, 0]).astype(int)
    values, pull = influence_in_areas(goal, [1 - np.eye(2)] * 30)
    fixed, sampled = mean_of_areas(values, pull), mean_of_areas(values, pull, "sampled")
    assert fixed.mean == pytest.approx(values.mean())
    assert sampled.of_areas == pytest.approx(values.var(ddof=1) / 30)
    assert sampled.standard_error > 3 * fixed.standard_error
    few = mean_of_areas(values[:10], pull[:, :10], "sampled")
    assert np.isnan(few.standard_error)
    assert "10 sampled areas" in few.reasons[0]
    assert "no area" in mean_of_areas([np.nan], np.zeros((3, 1))).reasons[0]
    with pytest.raises(UncertaintyError, match="areas='some'"):
        mean_of_areas(values, pull, "some")


def test_winners():
    values = np.array([0.2, 0.21, 0.5, 0.6])
    assert indistinguishable(values, 1e-4 * np.eye(4)).tolist() == [True, True, False, False]
    assert indistinguishable(values, np.eye(4)).all()
    assert indistinguishable(values, np.zeros((4, 4))).tolist() == [True, False, False, False]
    high = indistinguishable(values, 1e-6 * np.eye(4), lowest=False)
    assert high.tolist() == [False, False, False, True]
    # errors that go together cancel in differences
    together = 0.01 * np.ones((4, 4)) + 1e-6 * np.eye(4)
    assert indistinguishable(values, together).tolist() == [True, False, False, False]


def test_winners_keep_the_best_as_often_as_promised():
    rng = np.random.default_rng(0)
    truth = np.full(6, 0.3)
    kept = [
        indistinguishable(rng.normal(truth, 0.02), 4e-4 * np.eye(6), draws=4000)[0]
        for _ in range(300)
    ]
    assert np.mean(kept) >= 0.95 - 2.5 * (0.05 * 0.95 / 300) ** 0.5


def test_false_discoveries_as_scipy():
    p = np.array([0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, np.nan])
    found, adjusted = false_discoveries(p)
    np.testing.assert_allclose(adjusted[:-1], stats.false_discovery_control(p[:-1], method="by"))
    assert found.tolist() == [True, *[False] * 8]
    assert np.isnan(adjusted[-1])


def test_excess_test_is_level():
    rng = np.random.default_rng(0)
    found = []
    for seed in range(200):
        a, b = rng.multinomial(40, SHARES), rng.multinomial(60, SHARES)
        found.append(excess_test(a, b, TABLE, permutations=199, seed=seed)[1])
    assert np.mean(np.array(found) <= 0.05) <= 0.05 + 2.5 * (0.05 * 0.95 / 200) ** 0.5
    assert np.isnan(excess_test([1, 0, 0], [3, 2, 1], TABLE)[1])
    with pytest.raises(UncertaintyError, match="not whole"):
        excess_test([1.5, 0, 2], [3, 2, 1], TABLE)


def test_reasons():
    assert reason_without_interval("sample", 30) is None
    assert "census" in reason_without_interval("census", 500)
    assert "shares" in reason_without_interval("sample", None)
    assert "29 agents" in reason_without_interval("self-selected", 29)
    with pytest.raises(UncertaintyError, match="design='samples'"):
        reason_without_interval("samples", 30)
