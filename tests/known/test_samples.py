"""Samples with a design, through the public questions: values that stand in the literature, or
follow by the textbook's formula from agents one by one."""

import numpy as np
import pandas as pd
import pytest

import dissensus as ds
from dissensus.measure.uncertainty.design import (
    Design,
    design_covariance,
    from_covariance,
    influence_of_shares,
    misalignment_by_design,
)
from dissensus.measure.uncertainty.inversion import interval
from dissensus.measure.uncertainty.replicates import replicate_covariance, replicate_shares

CONFLICT = pd.DataFrame(
    {"goal_a": ["x", "x", "y"], "goal_b": ["y", "z", "z"], "conflict": [0.2, 0.5, 0.9]}
)
TABLE = np.array([[0, 0.2, 0.5], [0.2, 0, 0.9], [0.5, 0.9, 0]])


def people(n=400, seed=0):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "agent": np.arange(n),
            "region": rng.choice(["n", "s", "w"], n, p=[0.5, 0.3, 0.2]),
            "party": rng.choice(["A", "B"], n),
            "weight": rng.lognormal(0, 0.5, n),
            "goal": rng.choice(["x", "y", "z"], n, p=[0.2, 0.5, 0.3]),
        }
    )
    frame["psu"] = frame.region + rng.integers(0, 15, n).astype(str)
    return frame


def goals(frame):
    return frame.goal.map({"x": 0, "y": 1, "z": 2}).to_numpy()


def row(result, table="rows"):
    found = result.rows if table == "rows" else result.tables[table]
    return found.to_pylist()[0]


@pytest.mark.parametrize(("n", "variance"), [(20, 0.00348684210526), (100, 0.000599292929293)])
def test_variance_of_u(n, variance):
    counts = {"goal": ["x", "y", "z"], "count": [n // 5, n // 2, 3 * n // 10]}
    found = row(ds.misalignment(counts, count="count", conflict=CONFLICT, design="sample"))
    assert found["misalignment"] == pytest.approx(0.37 * n / (n - 1))
    if n < 30:
        assert found["standard_error"] is None
        assert dict(found["reasons"])["standard_error"] == "fewer than 30 agents"
        return
    assert found["standard_error"] ** 2 == pytest.approx(variance, rel=1e-10)
    exact = interval([[n / 5, n / 2, 3 * n / 10]], TABLE)
    assert (found["interval_low"], found["interval_high"]) == (exact.low[0], exact.high[0])


def test_strata_and_clusters_are_the_textbooks():
    frame = people()
    found = row(
        ds.misalignment(
            frame,
            conflict=CONFLICT,
            design="sample",
            weight="weight",
            strata="region",
            cluster="psu",
        )
    )
    strata, clusters = (pd.factorize(frame[name])[0] for name in ("region", "psu"))
    plan = Design(strata=strata, clusters=clusters)
    exact = misalignment_by_design(goals(frame), TABLE, 3, plan, weights=frame.weight)
    assert found["misalignment"] == pytest.approx(exact.misalignment, rel=1e-9)
    assert found["standard_error"] == pytest.approx(exact.standard_error, rel=1e-9)
    assert found["effective_agents"] == pytest.approx(exact.effective_agents, rel=1e-6)
    assert found["kish_agents"] == pytest.approx(exact.kish, rel=1e-9)
    assert found["interval_low"] < found["misalignment"] < found["interval_high"]


@pytest.mark.parametrize("lonely", ["remove", "adjust", "average"])
def test_lonely_clusters_by_name(lonely):
    frame = people()
    frame.loc[frame.region == "w", "psu"] = "w0"
    given = {"strata": "region", "cluster": "psu", "design": "sample", "conflict": CONFLICT}
    with pytest.raises(ds.DissensusError, match="one cluster in stratum 'w'"):
        ds.misalignment(frame, **given)
    found = row(ds.misalignment(frame, lonely=lonely, **given))
    strata, clusters = (pd.factorize(frame[name])[0] for name in ("region", "psu"))
    plan = Design(strata=strata, clusters=clusters, lonely=lonely)
    exact = misalignment_by_design(goals(frame), TABLE, 3, plan)
    assert found["standard_error"] == pytest.approx(exact.standard_error, rel=1e-9)


def test_agents_in_strata_and_a_finite_population():
    frame = people()
    size = {"n": 900, "s": 500, "w": 300}
    found = row(
        ds.misalignment(
            frame, conflict=CONFLICT, design="sample", strata="region", population_size=size
        )
    )
    strata, names = pd.factorize(frame.region)
    fractions = np.array([np.mean(frame.region == n) * len(frame) / size[n] for n in names])
    covariance = design_covariance(
        influence_of_shares(goals(frame), 3), Design(strata=strata, fractions=fractions)
    )
    p = np.bincount(goals(frame)) / len(frame)
    exact = from_covariance(p, covariance, TABLE, kish=400, clusters=400, freedom=397)
    assert found["misalignment"] == pytest.approx(exact.misalignment, rel=1e-9)
    assert found["standard_error"] == pytest.approx(exact.standard_error, rel=1e-9)


@pytest.mark.parametrize(
    ("kind", "more"),
    [("JK1", {}), ("BRR", {}), ("Fay", {"fay": 0.3}), ("bootstrap", {})],
)
def test_replicate_weights_by_type(kind, more):
    frame = people()
    rng = np.random.default_rng(1)
    for r in range(24):
        frame[f"rep{r}"] = frame.weight * rng.poisson(1, len(frame))
    found = row(
        ds.misalignment(
            frame,
            conflict=CONFLICT,
            design="sample",
            weight="weight",
            replicates="rep*",
            replicate_type=kind,
            **more,
        )
    )
    weights = frame[[f"rep{r}" for r in range(24)]].to_numpy()
    p = np.bincount(goals(frame), frame.weight) / frame.weight.sum()
    covariance = replicate_covariance(replicate_shares(goals(frame), 3, weights), p, kind, **more)
    exact = from_covariance(p, covariance, TABLE, kish=1, clusters=24, freedom=23)
    assert found["misalignment"] == pytest.approx(exact.misalignment, rel=1e-9)
    assert found["standard_error"] == pytest.approx(exact.standard_error, rel=1e-9)


def test_one_cluster_an_agent_is_a_simple_sample():
    frame = people()
    plain = row(ds.misalignment(frame, conflict=CONFLICT, design="sample"))
    alone = row(ds.misalignment(frame, conflict=CONFLICT, design="sample", cluster="agent"))
    assert alone["misalignment"] == pytest.approx(plain["misalignment"], rel=1e-12)
    assert alone["standard_error"] == pytest.approx(plain["standard_error"], rel=0.01)


def test_three_parts_of_a_design_sum_to_one():
    frame = people()
    frame.loc[::5, "goal"] = None
    result = ds.misalignment(
        frame, null_goal="no-goal", design="sample", strata="region", cluster="psu", by="party"
    )
    for found in result.rows.to_pylist():
        parts = ("misalignment", "compatible_share", "no_goal_share")
        assert sum(found[name] for name in parts) == pytest.approx(1)
        assert found["conditional_misalignment"] > found["misalignment"]


def test_relabelled_goals_and_multiplied_weights_say_the_same():
    frame = people()
    given = {"design": "sample", "strata": "region", "cluster": "psu", "weight": "weight"}
    one = row(ds.misalignment(frame, **given))
    changed = frame.assign(
        goal=frame.goal.map({"x": "q", "y": "a", "z": "m"}), weight=7 * frame.weight
    )
    two = row(ds.misalignment(changed, **given))
    for name in ("misalignment", "standard_error", "effective_agents", "kish_agents"):
        assert one[name] == pytest.approx(two[name], rel=1e-9)


def test_mean_over_areas_follows_agents():
    """Twenty copies of a question say no more than one."""
    frame = people()
    one = row(ds.misalignment(frame, conflict=CONFLICT, design="sample"))
    copies = frame.drop(columns="goal").assign(**{f"q{i}": frame.goal for i in range(20)})
    result = ds.misalignment(
        copies, agent="agent", wide="q*", conflict=CONFLICT, design="sample", check="none"
    )
    mean = row(result, "overall")
    assert mean["standard_error"] == pytest.approx(one["standard_error"], rel=0.01)
    assert mean["interval_low"] == pytest.approx(one["interval_low"], abs=1e-3)
    assert mean["interval_high"] == pytest.approx(one["interval_high"], abs=1e-3)


def test_independent_areas_average_out():
    rng = np.random.default_rng(3)
    n, areas = 300, 16
    frame = pd.DataFrame({"agent": np.arange(n)})
    for i in range(areas):
        frame[f"q{i}"] = rng.choice(["x", "y"], n, p=[0.7, 0.3])
    result = ds.misalignment(frame, wide="q*", design="sample")
    rows = result.rows.to_pylist()
    alone = np.mean([found["standard_error"] ** 2 for found in rows]) ** 0.5
    mean = row(result, "overall")
    assert mean["standard_error"] == pytest.approx(alone / areas**0.5, rel=0.15)


def test_between_is_the_two_sample_formula():
    frame = people()
    found = row(ds.between(frame, by="party", conflict=CONFLICT, design="sample", threshold=0.3))
    p, variance = {}, 0.0
    for party in "AB":
        held = goals(frame[frame.party == party])
        p[party] = np.bincount(held, minlength=3) / len(held)
    for party, other in ("AB", "BA"):
        held = goals(frame[frame.party == party])
        met = (TABLE @ p[other])[held]
        variance += met.var(ddof=1) / len(held)
    assert found["misalignment"] == pytest.approx(p["A"] @ TABLE @ p["B"])
    assert found["standard_error"] ** 2 == pytest.approx(variance, rel=0.02)
    assert found["interval_low"] < found["misalignment"] < found["interval_high"]
    assert found["exceedance_probability"] > 0.99


def test_sampled_areas_say_how_few_they_are():
    frame = people().assign(q1=lambda f: f.goal, q2=lambda f: f.goal).drop(columns="goal")
    result = ds.misalignment(frame, wide="q*", design="sample", sampled_areas=True)
    mean = row(result, "overall")
    assert mean["standard_error"] is None
    assert dict(mean["reasons"])["interval_low"] == "fewer than 20 sampled problem areas"


def test_few_clusters_have_a_reason():
    frame = people()
    frame["psu"] = frame.agent % 12
    found = row(ds.misalignment(frame, design="sample", cluster="psu"))
    assert found["standard_error"] is None
    assert dict(found["reasons"])["standard_error"] == "fewer than 20 clusters"
