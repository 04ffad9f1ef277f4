"""svy (Taylor linearisation and replication of complex surveys) judges our standard errors.

The misalignment of a sample is smooth in its shares: to first order it errs as the mean of
z = 2 (C p)_g does, which svy knows how to judge. Our own standard error adds the second order.
"""

import numpy as np
import polars as pl
import pytest
import svy

from dissensus.engine.population import Population
from dissensus.study.asking import Asked
from dissensus.study.sampling import measured
from dissensus.study.study_file import options_of

TABLE = np.array([[0, 0.2, 0.5], [0.2, 0, 0.9], [0.5, 0.9, 0]])
CONFLICT = {
    "goal_a": ["x", "x", "y"],
    "goal_b": ["y", "z", "z"],
    "conflict": [0.2, 0.5, 0.9],
}


def people(n=500, lonely=False):
    rng = np.random.default_rng(11)
    region = rng.choice(["n", "s", "w"], n, p=[0.5, 0.3, 0.2])
    village = [f"{r}{v}" for r, v in zip(region, rng.integers(0, 14, n), strict=True)]
    lean = dict(zip(sorted(set(village)), rng.normal(0, 1, len(set(village))), strict=True))
    score = np.array([lean[v] for v in village]) + rng.normal(0, 1, n)
    return pl.DataFrame(
        {
            "agent": np.arange(n),
            "region": region,
            "village": ["w0" if lonely and v[0] == "w" else v for v in village],
            "weight": rng.lognormal(0, 0.5, n),
            "party": rng.choice(["A", "B"], n),
            "goal": np.array(["x", "y", "z"])[np.digitize(score, [-0.5, 0.8])],
            "size": [{"n": 1200, "s": 700, "w": 500}[r] for r in region],
        }
    )


def ours(frame, **given):
    options = options_of({"design": "sample", "conflict": CONFLICT, **given})
    population = Population(frame, agent="agent", goal="goal", weight="weight")
    asked = Asked(population, options.conflict, measured(options), options.design)
    return asked.sample.errors(asked.counted.tally)


def pulls(frame):
    """z of each agent, by its own goal."""
    held = frame.select(
        pl.col("goal").replace_strict({"x": 0, "y": 1, "z": 2}, return_dtype=pl.Int64)
    ).to_series()
    p = np.bincount(held, frame["weight"], minlength=3) / frame["weight"].sum()
    return frame.with_columns(z=pl.Series(2 * (TABLE @ p)[held.to_numpy()]))


def theirs(frame, design, **given):
    found = svy.Sample(pulls(frame), design).estimation.mean("z", **given)
    return [one.se for one in found.estimates]


def assert_same(errors, standard_errors):
    np.testing.assert_allclose(np.sqrt(errors.first), standard_errors, rtol=1e-6)
    # the second order is small in samples of this size, and never negative
    ratio = errors.standard_error / standard_errors
    assert (ratio >= 1).all()
    assert (ratio < 1.1).all()


def test_weights_alone():
    frame = people()
    assert_same(ours(frame), theirs(frame, svy.Design(wgt="weight")))


def test_strata_of_agents():
    frame = people()
    found = ours(frame, strata="region")
    assert_same(found, theirs(frame, svy.Design(wgt="weight", stratum="region")))


def test_strata_and_clusters():
    frame = people()
    found = ours(frame, strata="region", cluster="village")
    design = svy.Design(wgt="weight", stratum="region", psu="village")
    assert_same(found, theirs(frame, design))


@pytest.mark.parametrize("cluster", [(), "village"])
def test_segments_are_domains(cluster):
    frame = people()
    found = ours(frame, strata="region", cluster=cluster, by="party")
    design = svy.Design(wgt="weight", stratum="region", psu=cluster or None)
    judged = []
    for party in "AB":
        part = pulls(frame.filter(pl.col("party") == party)).select("agent", "z")
        whole = frame.join(part, on="agent", how="left").with_columns(pl.col("z").fill_null(0.0))
        found_there = svy.Sample(whole, design).estimation.mean("z", by="party")
        judged += [one.se for one in found_there.estimates if one.by_level == (party,)]
    assert_same(found, judged)


def test_a_finite_population():
    frame = people()
    found = ours(frame, strata="region", population_size={"n": 1200, "s": 700, "w": 500})
    design = svy.Design(wgt="weight", stratum="region", pop_size="size")
    assert_same(found, theirs(frame, design))


@pytest.mark.parametrize(("lonely", "method"), [("remove", "skip"), ("average", "scale")])
def test_lonely_clusters(lonely, method):
    frame = people(lonely=True)
    found = ours(frame, strata="region", cluster="village", lonely=lonely)
    design = svy.Design(wgt="weight", stratum="region", psu="village", singleton=method)
    assert_same(found, theirs(frame, design))


def test_jackknife_replicates():
    frame = people()
    villages = frame["village"].unique(maintain_order=True).to_list()
    count = len(villages)
    frame = frame.with_columns(
        pl.when(pl.col("village") == village)
        .then(0.0)
        .otherwise(pl.col("weight") * count / (count - 1))
        .alias(f"rep{r + 1}")
        for r, village in enumerate(villages)
    )
    found = ours(frame, replicates="rep*", replicate_type="JK1")
    weights = svy.JackknifeWgts(prefix="rep", n_reps=count, wgt="weight", kind="jk1")
    design = svy.Design(wgt="weight", rep_wgts=weights)
    judged = theirs(frame, design, method="replication", variance_center="estimate")
    assert_same(found, judged)


def test_the_page_that_repeats_a_value_in_r():
    """Shares and their errors that docs/how-to/r-survey.md prints."""
    i = np.arange(240)
    frame = pl.DataFrame(
        {
            "region": np.where(i < 120, "north", "south"),
            "village": i // 8,
            "weight": (1 + i % 3).astype(float),
            "vote": np.array(["no", "unsure", "yes"])[(i // 8 * 7 % 5 + i % 4) % 3],
        }
    )
    sample = svy.Sample(frame, svy.Design(wgt="weight", stratum="region", psu="village"))
    shares = sample.estimation.prop("vote").estimates
    assert [round(one.est, 2) for one in shares] == [0.35, 0.35, 0.3]
    assert [round(one.se, 4) for one in shares] == [0.0268, 0.0268, 0.0227]
