"""Ballots and sampled answers as they were gathered, against plain sums over all pairs."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

import dissensus as ds

DATA = Path(__file__).parents[3] / "shared" / "data"
BUDGETS = DATA / "pabulib_dev"
APPROVAL = DATA / "preflib" / "french_approval_2002"
ANSWERS = ds.example("political-compass").folder / "answers.parquet"
LEVELS = ["strongly disagree", "disagree", "agree", "strongly agree"]

budgets = pytest.mark.skipif(not BUDGETS.is_dir(), reason="not shipped: real ballots")
approval = pytest.mark.skipif(not APPROVAL.is_dir(), reason="not shipped: real ballots")


def conflicts_of(folder):
    table = pa.csv.read_csv(folder / "conflict.csv")
    return table.rename_columns(["area", "goal_a", "goal_b", "conflict"])


def amounts_of(rows, agents, goals, amount=None):
    """Amount of each agent on each goal, dense."""
    place = {agent: i for i, agent in enumerate(agents)}
    out = np.zeros((len(agents), len(goals)))
    values = [1] * rows.num_rows if amount is None else rows[amount].to_pylist()
    columns = (rows["agent"].to_pylist(), rows["goal"].to_pylist(), values)
    for agent, goal, value in zip(*columns, strict=True):
        out[place[agent], goals.index(goal)] += value
    return out


def table_of(conflicts, area, goals):
    out = np.zeros((len(goals), len(goals)))
    for row in conflicts.to_pylist():
        if row["area"] == area and {row["goal_a"], row["goal_b"]} <= set(goals):
            i, j = goals.index(row["goal_a"]), goals.index(row["goal_b"])
            out[i, j] = out[j, i] = row["conflict"]
    return out


@budgets
@pytest.mark.parametrize("pairing", ["any", "independent", "mean", "points"])
def test_participatory_budgets(pairing):
    """Two projects conflict if both cost more than there is; members of the roster vote or not."""
    folder = BUDGETS / ("points_katowice_2021" if pairing == "points" else "approval_lodz_2020")
    rows, conflicts = pq.read_table(folder / "holdings.parquet"), conflicts_of(folder)
    roster = pq.read_table(folder / "agents.parquet")
    group = pc.if_else(pc.less(roster["age"], 40), "young", "old")
    result = ds.misalignment(
        str(folder / "holdings.parquet"),
        holds="several",
        pairing=pairing,
        points="points" if pairing == "points" else None,
        conflict=conflicts,
        roster=roster.append_column("age_group", group),
        by="age_group",
        absent="no-goal",
    )
    assert result.summary["agents"] == roster.num_rows
    assert set(result.rows["method"].to_pylist()) == {"exact"}
    groups = dict(zip(roster["agent"].to_pylist(), group.to_pylist(), strict=True))
    for row in result.rows.to_pylist():
        mine = rows.filter(pc.equal(rows["area"], row["area"]))
        areas = dict(zip(roster["agent"].to_pylist(), roster["area"].to_pylist(), strict=True))
        members = [
            agent
            for agent, area in areas.items()
            if area == row["area"] and groups[agent] == row["age_group"]
        ]
        mine = mine.filter(pc.is_in(mine["agent"], pa.array(members, mine["agent"].type)))
        goals = sorted(set(mine["goal"].to_pylist()))
        assert row["agents"] == len(members)
        held = amounts_of(mine, members, goals, "points" if pairing == "points" else None)
        table = table_of(conflicts, row["area"], goals)
        if pairing in ("any", "independent"):  # conflict is 0 or 1
            degree = (held @ table @ held.T > 0).astype(float)
        else:
            chances = held / np.maximum(held.sum(axis=1, keepdims=True), 1e-300)
            degree = chances @ table @ chances.T
        met = degree.sum() - np.trace(degree)
        assert row["misalignment"] == pytest.approx(met / len(members) ** 2, rel=1e-10)
        assert row["participation"] == pytest.approx((held.sum(axis=1) > 0).mean())


@approval
def test_approval_ballots_between_polling_places():
    """Sixteen candidates who exclude each other; an empty ballot stands on the roster only."""
    rows = pq.read_table(APPROVAL / "holdings.parquet")
    roster = pq.read_table(APPROVAL / "agents.parquet")
    result = ds.between(rows, holds="several", roster=roster, absent="no-goal", by="polling_place")
    places = dict(
        zip(roster["agent"].to_pylist(), roster["polling_place"].to_pylist(), strict=True)
    )
    goals = sorted(set(rows["goal"].to_pylist()))
    agents = list(places)
    held = amounts_of(rows, agents, goals)
    degree = (held @ (1 - np.eye(len(goals))) @ held.T > 0).astype(float)
    where = np.array([places[agent] for agent in agents])
    assert result.rows.num_rows == 15
    for row in result.rows.to_pylist():
        pair = degree[where == row["polling_place_a"]][:, where == row["polling_place_b"]]
        assert row["misalignment"] == pytest.approx(pair.mean(), rel=1e-10)
        assert row["agents_a"] == (where == row["polling_place_a"]).sum()
    empty = (held.sum(axis=1) == 0).sum()
    readings = result.tables["readings"].to_pylist()
    assert any("not in the data" in row["counted_as_no_goal"] for row in readings)
    whole = ds.misalignment(rows, holds="several", roster=roster, absent="no-goal")
    assert whole.rows["no_goal_agents"].to_pylist() == [empty]


def test_models_against_themselves_and_the_others():
    """Prompts are draws of a model; refusals count, and are left out of the second value."""
    result = ds.between(
        str(ANSWERS),
        agent="model",
        holds="draws",
        no_goal="no clear answer",
        conflict="ordinal",
        levels=LEVELS,
        by="model",
    )
    rows = pq.read_table(ANSWERS)
    models = sorted(set(rows["model"].to_pylist()))
    areas = sorted(set(rows["area"].to_pylist()))
    counts = np.zeros((len(models), len(areas), 5))
    listed = [*LEVELS, "no clear answer"]
    for row in rows.select(["model", "area", "goal"]).to_pylist():
        counts[models.index(row["model"]), areas.index(row["area"]), listed.index(row["goal"])] += 1
    places = np.arange(4) / 3
    table = np.abs(places[:, None] - places)
    total = counts.sum(axis=2)
    chances = counts[:, :, :4] / total[:, :, None]
    met = np.einsum("iag,gh,jah->ija", chances, table, chances)
    held = chances.sum(axis=2)
    for row in result.tables["overall"].to_pylist():
        i, j = models.index(row["model_a"]), models.index(row["model_b"])
        assert row["misalignment"] == pytest.approx(met[i, j].mean(), rel=1e-10)
        both = held[i] * held[j]
        known = both > 0
        if known.any():
            conditional = (met[i, j][known] / both[known]).mean()
            assert row["conditional_misalignment"] == pytest.approx(conditional, rel=1e-9)
        else:
            assert row["conditional_misalignment"] is None
    own = np.einsum("iag,gh,iah->ia", counts[:, :, :4], table, counts[:, :, :4])
    own /= total * (total - 1)
    within = {row["model"]: row for row in result.tables["within"].to_pylist()}
    silent = np.isclose(held, 0)
    for i, model in enumerate(models):
        said = own[i][~silent[i]]
        if len(said):
            assert within[model]["internal_conflict"] == pytest.approx(said.mean(), rel=1e-9)
