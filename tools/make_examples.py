"""Make the data files of the shipped examples, and of the test fixtures, from their sources.

    python tools/make_examples.py SOURCES

SOURCES is a folder with the gathered files of each source in a folder of its own: us_senate,
polis/american-assembly.bowling-green, brexit_2016, llm_pct_rottger, realomat_llm,
riet_case_study. Where they come
from and what is changed here stands in each example's SOURCE.md. Files that are ours (study.toml,
SOURCE.md, our own labels) are not touched.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "src" / "dissensus" / "study" / "examples"
FIXTURES = ROOT / "tests" / "data"


def us_senate(sources: Path) -> None:
    """Roll calls: one row per senator and roll call; every senator that sat is a row."""
    folder, example = sources / "us_senate", EXAMPLES / "us-senate"
    save(
        example / "votes.parquet",
        """
        SELECT congress, agent,
               format('{:03d}-{}', congress, split_part(area, '-', 2)) AS area,
               coalesce(goal, 'abstain') AS goal
        FROM read_parquet($file) ORDER BY congress, area, agent
        """,
        file=folder / "holdings.parquet",
    )
    save(
        example / "members.parquet",
        """
        SELECT congress, agent, name, state, party, born
        FROM read_parquet($file) ORDER BY congress, agent
        """,
        file=folder / "agents.parquet",
    )


def bowling_green(sources: Path) -> None:
    """Reactions to statements; the words of statements that the moderators let in."""
    folder = sources / "polis" / "american-assembly.bowling-green"
    example = EXAMPLES / "bowling-green"
    save(
        example / "votes.parquet",
        """
        SELECT agent, area::BIGINT AS area, coalesce(goal, 'pass') AS goal
        FROM read_parquet($file) ORDER BY area, agent
        """,
        file=folder / "holdings.parquet",
    )
    save(
        example / "participants.parquet",
        """
        SELECT agent, CASE "group" WHEN 0 THEN 'A' WHEN 1 THEN 'B' END AS "group"
        FROM read_parquet($file) ORDER BY agent
        """,
        file=folder / "agents.parquet",
    )
    save(
        example / "areas.csv",
        """
        SELECT area AS id, trim(text) AS text
        FROM read_parquet($file) WHERE moderated = 1 ORDER BY id
        """,
        file=folder / "areas.parquet",
    )


def brexit(sources: Path) -> None:
    """Counts per counting area; whoever cast no valid vote is a count of its own."""
    folder = sources / "brexit_2016"
    save(
        EXAMPLES / "brexit" / "counts.csv",
        """
        SELECT region, area AS counting_area, area_code AS counting_area_code,
               coalesce(goal, 'no valid vote') AS goal, count
        FROM read_csv($file)
        ORDER BY region, counting_area, list_position(['remain', 'leave', 'no valid vote'], goal)
        """,
        file=folder / "counts.csv",
    )
    for name in ("reference.csv", "reference_cross_regions.csv"):
        save(
            FIXTURES / "brexit" / name,
            "SELECT * FROM read_csv($file, all_varchar = true)",
            file=folder / name,
        )


def political_compass(sources: Path) -> None:
    """Answers of models in the coding of the source; what it leaves open is no clear answer."""
    example = EXAMPLES / "political-compass"
    save(
        example / "answers.parquet",
        """
        SELECT agent, model, templ_id AS template, jail_id AS jailbreak, ans_id AS answer_order,
               format('pc-{:02d}', split_part(area, '-', 2)::INT) AS area,
               coalesce(goal, 'no clear answer') AS goal, level
        FROM read_parquet($file) ORDER BY area, agent
        """,
        file=sources / "llm_pct_rottger" / "holdings.parquet",
    )


def realomat(sources: Path) -> None:
    """Positions of parties and models; theses by number and category only."""
    folder, fixture = sources / "realomat_llm", FIXTURES / "realomat"
    read = "FROM read_csv($file, all_varchar = true)"
    save(fixture / "holdings.csv", f"SELECT * {read}", file=folder / "holdings.csv")
    save(
        fixture / "areas.csv",
        f"SELECT area AS id, category AS text {read}",
        file=folder / "areas.csv",
    )
    save(fixture / "reference_areas.csv", f"SELECT * {read}", file=folder / "reference_areas.csv")


def cars(sources: Path) -> None:
    """Half of the thousand agents are vehicles, half are pedestrians; one row an agent and area."""
    save(
        EXAMPLES / "cars" / "cars.csv",
        """
        SELECT agent, problem_area AS area,
               CASE WHEN agent <= 500 THEN 'vehicle' ELSE 'pedestrian' END AS kind,
               kind || ' first' AS goal,
               CASE WHEN agent <= 500 THEN weight_car ELSE weight_pedestrian END AS care
        FROM read_csv($file), range(1, 1001) agents(agent) ORDER BY area, agent
        """,
        file=sources / "riet_case_study" / "car_pedestrian_weights.csv",
    )


def shopping(sources: Path) -> None:
    """Three agents in two areas; of the table of conflict the upper triangle."""
    folder, example = sources / "riet_case_study", EXAMPLES / "shopping"
    save(
        example / "holdings.csv",
        "SELECT agent, area, goal, weight AS care FROM read_csv($file)",
        file=folder / "shopping_holdings.csv",
    )
    save(
        example / "conflict.csv",
        """
        SELECT area, goal_i AS goal_a, goal_j AS goal_b, conflict
        FROM (SELECT *, list_position(['g_c', 'g_R', 'g_RS'], goal_i) AS i,
                     list_position(['g_c', 'g_R', 'g_RS'], goal_j) AS j FROM read_csv($file))
        WHERE i < j ORDER BY area, i, j
        """,
        file=folder / "shopping_conflict.csv",
    )


def save(path: Path, query: str, *, file: Path) -> None:
    """Write what ``query`` makes of ``file``."""
    write(duckdb.sql(query, params={"file": str(file)}).to_arrow_table(), path)


def write(table: pa.Table, path: Path) -> None:
    """Write a table in the format that the name of ``path`` says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".csv":
        with path.open("w", newline="", encoding="utf-8") as file:
            lines = csv.writer(file, lineterminator="\n")
            lines.writerow(table.column_names)
            lines.writerows(zip(*table.to_pydict().values(), strict=True))
    else:
        pyarrow.parquet.write_table(
            table.replace_schema_metadata(), path, compression="zstd", compression_level=19
        )
    print(f"{path.relative_to(ROOT)}: {table.num_rows:,} rows, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    for make in (us_senate, bowling_green, brexit, political_compass, realomat, cars, shopping):
        make(Path(sys.argv[1]))
