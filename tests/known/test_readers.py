"""Known answers, reached from files as their makers write them."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import duckdb
import pytest

import dissensus as ds

GLASGOW = Path(__file__).parents[3] / "shared" / "data" / "preflib" / "glasgow_2007"


def test_the_senate_from_files_of_voteview(tmp_path: Path) -> None:
    """Mean over roll calls of M between the parties: .688 in the 117th Congress."""
    folder = ds.example("us-senate").folder
    casts = "CASE goal WHEN 'yea' THEN 1 WHEN 'nay' THEN 6 ELSE 9 END"
    duckdb.sql(
        f"""COPY (
            SELECT congress, 'Senate' AS chamber, split_part(area, '-', 2) AS rollnumber,
                   agent || '.0' AS icpsr, {casts} AS cast_code, 50.0 AS prob
            FROM '{folder / "votes.parquet"}' WHERE congress = 117
            UNION ALL SELECT 117, 'Senate', '1', '99912.0', 1, 50.0
        ) TO '{tmp_path / "S117_votes.csv"}' (HEADER)"""
    )
    codes = "CASE party WHEN 'Democrat' THEN 100 WHEN 'Republican' THEN 200 ELSE 328 END"
    duckdb.sql(
        f"""COPY (
            SELECT congress, 'Senate' AS chamber, agent AS icpsr, {codes} AS party_code
            FROM '{folder / "members.parquet"}'
            UNION ALL SELECT 117, 'President', 99912, 200
        ) TO '{tmp_path / "members.csv"}' (HEADER)"""
    )
    result = ds.between(
        str(tmp_path / "S*_votes.csv"),
        layout="voteview",
        roster=tmp_path / "members.csv",
        by="party_code",
        over="congress",
        where="party_code in (100, 200)",
    )
    rows = {row["congress"]: row for row in result.tables["overall"].to_pylist()}
    found = {congress: round(row["misalignment"], 3) for congress, row in rows.items()}
    assert found == {"117": 0.688}
    assert rows["117"]["party_code_a_label"] == "Democrat"


def test_a_town_from_votes_of_polis(tmp_path: Path) -> None:
    """Mean over statements of V: .246 with passes outside, .0964 with passes as no goal."""
    votes = ds.example("bowling-green").folder / "votes.parquet"
    value = "CASE goal WHEN 'agree' THEN 1 WHEN 'disagree' THEN -1 ELSE 0 END"
    duckdb.sql(
        f"""COPY (
            SELECT 2 AS timestamp, 'Sun' AS datetime, area AS "comment-id", agent AS "voter-id",
                   {value} AS vote FROM '{votes}'
            UNION ALL SELECT 1, 'Sat', area, agent, -({value}) FROM '{votes}' WHERE area % 9 = 0
        ) TO '{tmp_path / "votes.csv"}' (HEADER)"""
    )
    result = ds.misalignment(tmp_path / "votes.csv", layout="polis", check="none")
    means = result.tables["readings"].column("misalignment").to_pylist()
    assert [round(mean, 4) for mean in means[:2]] == [0.246, 0.0964]


@pytest.mark.skipif(not GLASGOW.exists(), reason="not shipped: real ballots")
def test_wards_from_files_of_preflib(tmp_path: Path) -> None:
    """Each ballot of a ward of Glasgow, written as PrefLib does and read back."""
    ballots = duckdb.sql(
        f"""SELECT ward, ranking, sum(count) AS count FROM '{GLASGOW / "ballots.parquet"}'
        WHERE ward IN (SELECT DISTINCT ward FROM '{GLASGOW / "ballots.parquet"}'
                       ORDER BY ward LIMIT 2)
        GROUP BY ALL"""
    ).to_arrow_table()
    for number, ward in zip(
        count(1), sorted(set(ballots.column("ward").to_pylist())), strict=False
    ):
        rows = [row for row in ballots.to_pylist() if row["ward"] == ward]
        orders = [row["ranking"].split(">") for row in rows]
        names = sorted({name for order in orders for name in order})
        lines = [f"# TITLE: {ward}", f"# NUMBER VOTERS: {sum(row['count'] for row in rows)}"]
        lines += [f"# ALTERNATIVE NAME {i + 1}: {name}" for i, name in enumerate(names)]
        for row, order in zip(rows, orders, strict=True):
            lines.append(f"{row['count']}: {','.join(str(names.index(n) + 1) for n in order)}")
        (tmp_path / f"{number}.soi").write_text("\n".join(lines) + "\n", encoding="utf-8")
    result = ds.misalignment(str(tmp_path / "*.soi"), conflict="ranking")
    expected = ds.misalignment(
        ballots, area="ward", goal="ranking", count="count", conflict="ranking"
    )
    assert result.rows.column("misalignment").to_pylist() == pytest.approx(
        expected.rows.column("misalignment").to_pylist(), abs=1e-12
    )
    assert result.rows.column("agents").to_pylist() == expected.rows.column("agents").to_pylist()
