"""Real surveys, where their files are at hand: tables of R packages, not ours to ship."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import dissensus as ds
from dissensus.measure.uncertainty.design import Design, misalignment_by_design

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "rdatasets_surveys"
ITEMS = ["abdefect", "abnomore", "abhlth", "abpoor", "abrape", "absingle"]

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="not shipped: real surveys")


def test_a_survey_with_strata_and_clusters():
    """European Social Survey, round 10, Norway: would you vote to join the European Union?"""
    survey = pd.read_parquet(FOLDER / "ESS10NO.parquet")
    found = ds.misalignment(
        survey,
        agent="idno",
        goal="eu_vote",
        weight="anweight",
        design="sample",
        strata="stratum",
        cluster="psu",
    ).rows.to_pylist()[0]
    codes = {name: pd.factorize(survey[name])[0] for name in ("eu_vote", "stratum", "psu")}
    goals = codes["eu_vote"].max() + 1
    plan = Design(strata=codes["stratum"], clusters=codes["psu"])
    exact = misalignment_by_design(
        codes["eu_vote"], 1 - np.eye(goals), goals, plan, weights=survey.anweight
    )
    assert found["agents"] == 1411
    assert found["misalignment"] == pytest.approx(exact.misalignment, rel=1e-9)
    assert found["standard_error"] == pytest.approx(exact.standard_error, rel=1e-9)
    assert found["kish_agents"] == pytest.approx(exact.kish, rel=1e-9)
    assert found["interval_low"] < found["misalignment"] < found["interval_high"]


def test_six_questions_over_the_years():
    """General Social Survey: six questions on abortion to the same people."""
    survey = pd.read_parquet(FOLDER / "gss_abortion.parquet")
    survey = survey[survey.year >= 2012]
    result = ds.misalignment(
        survey,
        agent=["year", "id"],
        wide=ITEMS,
        over="year",
        design="sample",
        differences="over",
    )
    for row in result.tables["overall"].to_pylist():
        asked = survey[survey.year == row["year"]][ITEMS]
        values, pull = [], np.zeros(len(asked))
        for item in ITEMS:
            held = asked[item].dropna()
            n, yes = len(held), held.sum()
            values.append(2 * yes * (n - yes) / (n * (n - 1)))
            met = np.where(asked[item] == 1, n - yes, yes)
            own = 2 * (met / (n - 1) - values[-1]) / n
            pull += np.where(asked[item].isna(), 0, own) / len(ITEMS)
        assert row["misalignment"] == pytest.approx(np.mean(values))
        assert row["standard_error"] == pytest.approx(np.sum(pull**2) ** 0.5, rel=0.05)
        assert row["interval_low"] < row["misalignment"] < row["interval_high"]
    years = survey.year.nunique()
    assert result.tables["differences"].num_rows == years * (years - 1) // 2
