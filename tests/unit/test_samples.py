"""What is refused of a sample, and with which words; how a sample is told and shown."""

from io import StringIO

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

import dissensus as ds
from dissensus.display.terminal import view
from dissensus.errors import DissensusError


def people(n=200):
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "agent": np.arange(n),
            "region": np.where(np.arange(n) % 2, "north", "south"),
            "psu": np.arange(n) // 4,
            "weight": rng.lognormal(0, 0.5, n),
            "party": rng.choice(["A", "B"], n),
            "goal": rng.choice(["x", "y", "z"], n, p=[0.5, 0.3, 0.2]),
            "rep1": rng.poisson(1, n),
            "rep2": rng.poisson(1, n),
        }
    )


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"interval": 0.95}, "interval of a census"),
        ({"threshold": 0.3}, "threshold of a census"),
        ({"strata": "region"}, "strata of a census"),
        ({"design": "sample", "threshold": 1.2}, "threshold"),
        ({"design": "sample", "interval": 95}, "interval"),
        ({"design": "sampled"}, "design"),
        ({"design": "sample", "strata": "psu", "cluster": "region"}, "lies in the strata"),
        ({"design": "sample", "cluster": "regoin"}, "no column 'regoin' for cluster"),
        ({"design": "sample", "replicates": "rep*"}, "without their type"),
        (
            {"design": "sample", "replicates": "rep*", "replicate_type": "JK1"},
            "without the weight itself",
        ),
        ({"design": "sample", "replicate_type": "JK1"}, "replicate_type without replicates"),
        (
            {
                "design": "sample",
                "weight": "weight",
                "replicates": "rep*",
                "replicate_type": "JKn",
                "replicate_scales": [0.5],
            },
            "1 scales of 2 replicates",
        ),
        (
            {
                "design": "sample",
                "weight": "weight",
                "replicates": "rep*",
                "replicate_type": "Fay",
            },
            "rho = None",
        ),
        ({"design": "sample", "population_size": 100}, "smaller than its sample"),
        ({"design": "sample", "population_size": "many"}, "population_size='many'"),
        (
            {"design": "sample", "strata": "region", "population_size": 1000},
            "one population_size of several strata",
        ),
        (
            {"design": "sample", "strata": "region", "population_size": {"north": 1000}},
            "has no stratum 'south'",
        ),
        ({"design": "sample", "nested_clusters": True}, "nested_clusters without strata"),
        ({"design": "sample", "differences": "over"}, "differences over nothing"),
        ({"design": "sample", "differences": "segments"}, "without by"),
        ({"design": "sample", "differences": "areas"}, "one problem area"),
    ],
)
def test_what_cannot_be_is_refused(given, words):
    with pytest.raises(DissensusError, match=words):
        ds.misalignment(people(), **given)


def test_shares_have_no_intervals():
    table = {"goal": ["x", "y"], "share": [0.4, 0.6]}
    with pytest.raises(DissensusError, match="number of agents is unknown"):
        ds.misalignment(table, share="share", design="sample")


def test_shares_are_refused_for_being_shares_whatever_the_sampling():
    shares = {"goal": ["a", "b"], "part": [0.5, 0.5]}
    with pytest.raises(DissensusError, match="design='sample' of shares"):
        ds.misalignment(shares, share="part", design="sample")


def test_one_agent_alone_is_no_sample():
    with pytest.raises(DissensusError, match="one agent in the whole sample"):
        ds.misalignment({"agent": [1], "goal": ["a"]}, design="sample")


def test_one_goal_tells_nothing_of_goals_that_nobody_here_holds():
    alike = {"agent": list(range(50)), "goal": ["a"] * 50}
    row = ds.misalignment(alike, design="sample", threshold=0.2).rows.to_pylist()[0]
    names = ["standard_error", "interval_low", "interval_high", "exceedance_probability"]
    assert [row[name] for name in names] == [None] * 4
    assert all(why.startswith("one goal only") for _, why in row["reasons"])
    assert row["misalignment"] == 0
    told = ds.misalignment(alike, design="sample", goal_set=["a", "b"]).rows.to_pylist()[0]
    # (1 - p)^50 = .025 at p = .071, where two agents conflict with 2 p (1 - p) = .132
    assert told["interval_low"] == 0
    assert told["interval_high"] == pytest.approx(0.132, abs=0.01)


def test_weights_that_are_all_zero():
    frame = people().assign(weight=0.0)
    with pytest.raises(DissensusError, match="all are 0"):
        ds.misalignment(frame, weight="weight", design="sample")
    frame = people().assign(rep1=0.0)
    with pytest.raises(DissensusError, match="replicate weight column 'rep1': all are 0"):
        ds.misalignment(
            frame, weight="weight", replicates="rep*", replicate_type="BRR", design="sample"
        )


def test_replicates_of_another_length():
    frame = people()
    frame.loc[3, "rep2"] = None
    with pytest.raises(DissensusError, match="'rep2': 1 rows are empty"):
        ds.misalignment(
            frame, weight="weight", replicates="rep*", replicate_type="BRR", design="sample"
        )


def test_one_cluster_in_a_stratum():
    frame = people().assign(psu=lambda f: np.where(f.region == "north", 1, 2 + f.agent))
    with pytest.raises(DissensusError, match="one cluster in stratum 'north'"):
        ds.misalignment(frame, strata="region", cluster="psu", design="sample")


def test_nested_clusters():
    frame = people().assign(psu=lambda f: f.agent // 8)
    given = {"strata": "region", "cluster": "psu", "design": "sample"}
    with pytest.raises(DissensusError, match="lies in the strata"):
        ds.misalignment(frame, **given)
    nested = ds.misalignment(frame, nested_clusters=True, **given)
    named = ds.misalignment(frame.assign(psu=frame.region + frame.psu.astype(str)), **given)
    assert nested.rows["standard_error"].to_pylist() == named.rows["standard_error"].to_pylist()


@pytest.mark.parametrize("question", ["explain", "mix", "compare"])
def test_questions_whose_errors_are_unknown_say_so(question):
    from dissensus.study.questions import ask
    from dissensus.study.study_file import options_of

    options = options_of({"source": people(), "design": "sample"})
    with pytest.raises(DissensusError, match=f"'sample' for {question}"):
        ask(question, options)


def test_a_sample_is_told():
    result = ds.misalignment(people(), design="self-selected", threshold=0.5, by="party", seed=4)
    assert result.summary["design"] == "self-selected"
    assert result.summary["interval"] == 0.95
    assert result.provenance["seed"] == 4
    assert "chose themselves" in result.provenance["conventions"]["design"]
    assert "U = V n / (n - 1)" in result.provenance["conventions"]["sampling"]
    assert "stayed away" in result.summary["notes"][0]


def test_v_if_it_is_asked_for():
    frame = people()
    v = ds.misalignment(frame).rows["misalignment"][0].as_py()
    u = ds.misalignment(frame, design="sample").rows["misalignment"][0].as_py()
    same = ds.misalignment(frame, design="sample", sampling="with-replacement")
    assert u == pytest.approx(v * 200 / 199)
    assert same.rows["misalignment"][0].as_py() == v


def test_intervals_stand_on_the_terminal():
    result = ds.misalignment(people(), design="sample", threshold=0.6, by="party")
    console = Console(width=120, file=StringIO())
    console.print(view(result))
    text = console.file.getvalue()
    first = result.tables["overall"].to_pylist()[0]
    assert f"[{first['interval_low']:.3f}, {first['interval_high']:.3f}]" in text
    assert "95 %" in text
    assert "> 0.6" in text


def test_differences_stand_on_the_terminal():
    frame = people().assign(q=lambda f: np.where(f.agent % 3, f.goal, "x"))
    given = {"agent": "agent", "wide": ["goal", "q"], "by": "party", "design": "sample"}
    for kind, words in (("segments", "A"), ("areas", "goal")):
        result = ds.misalignment(frame, differences=kind, **given)
        console = Console(width=140, file=StringIO())
        console.print(view(result))
        text = console.file.getvalue()
        row = result.tables["differences"].to_pylist()[0]
        assert "Differences" in text
        assert words in text.split("Differences")[1]
        assert f"{row['difference']:+.3f}" in text
        assert "differences are findings" in text


def test_a_census_has_no_columns_of_errors():
    result = ds.misalignment(people(), by="party")
    assert "standard_error" not in result.rows.column_names
    assert "design" not in result.summary


def test_absent_members_are_refused():
    frame = people()
    roster = pd.DataFrame({"agent": np.arange(220)})
    with pytest.raises(DissensusError, match="a row for each agent"):
        ds.misalignment(frame, roster=roster, absent="no-goal", design="sample", cluster="psu")
