"""Any study file ends in a result or in an error that the user can mend, and in nothing else."""

from contextlib import suppress
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dissensus.errors import DissensusError
from dissensus.model.result import Result
from dissensus.study.questions import ask
from dissensus.study.study_file import load_study, options_with
from dissensus.study.toml import toml_text

LONG = """agent,area,goal,party,weight,count,level,care
1,q1,yea,A,1,2,1,1
2,q1,nay,B,0,1,3,0.25
3,q1,,A,2.5,1,2,
1,q2,abstain,A,1,4,1,0
2,q2,yea,B,0,2,2,0.5
3,q2,maybe,A,2.5,1,x,0.5
"""
ROSTER = "agent,party,state\n1,A,x\n2,B,y\n4,B,x\n"
WORDS = "id,text,weight,value,goal,column\nq1,First,1,yea,no-goal,party\nq2,Second,3,nay,nay,goal\n"
PAIRS = "goal_a,goal_b,conflict\nyea,nay,1\nyea,maybe,0.5\n"

COLUMNS = st.sampled_from(["agent", "area", "goal", "party", "weight", "count", "level", "stte"])
GOALS = st.sampled_from(["yea", "nay", "abstain", "maybe", "1", "", "no such goal"])
FILES = st.sampled_from(["long.csv", "roster.csv", "words.csv", "pairs.csv", "none.csv"])
NUMBERS = st.one_of(st.integers(-2, 3), st.floats(allow_nan=True))
LISTS = st.lists(st.one_of(COLUMNS, GOALS), max_size=3)
ANYTHING = st.one_of(COLUMNS, GOALS, FILES, NUMBERS, LISTS, st.booleans(), st.dates())


def mapping(values: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    return st.dictionaries(st.one_of(GOALS, st.sampled_from(["q1", "q2"])), values, max_size=3)


def mostly(values: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    """What fits, and now and then anything at all."""
    return st.integers(0, 19).flatmap(lambda draw: ANYTHING if draw == 19 else values)


DATA = {
    "agent": mostly(st.one_of(COLUMNS, LISTS)),
    "area": mostly(COLUMNS),
    "goal": mostly(COLUMNS),
    "wide": LISTS,
    "count": mostly(COLUMNS),
    "share": COLUMNS,
    "weight": mostly(COLUMNS),
    "salience": mostly(st.sampled_from(["care", "weight", "goal"])),
    "holds": mostly(st.sampled_from(["one", "several"])),
    "no_goal": mostly(st.one_of(GOALS, LISTS)),
    "null_goal": mostly(st.sampled_from(["outside", "no-goal"])),
    "absent": mostly(st.sampled_from(["outside", "no-goal"])),
    "goal_map": mostly(st.one_of(FILES, mapping(GOALS))),
    "roster": mostly(FILES),
    "roster_on": LISTS,
    "areas": mostly(st.one_of(FILES, mapping(GOALS))),
    "labels": mostly(FILES),
    "check": mostly(st.sampled_from(["auto", "full", "none"])),
}
CONFLICT = {
    "conflict": mostly(st.sampled_from(["exclusive", "ordinal", "interval", "./pairs.csv"])),
    "level": mostly(COLUMNS),
    "levels": LISTS,
    "range": mostly(st.lists(NUMBERS, min_size=2, max_size=2)),
    "symmetrise": mostly(st.booleans()),
    "directed": mostly(st.booleans()),
    "no_goal_conflict": mostly(st.one_of(NUMBERS, mapping(NUMBERS))),
    "goal_set": LISTS,
}
CONDITIONS = ["party = A", "weight >= 1", "area in q1, q2", "level < 2 and", "agent ~ 1", "party"]
MEASURE = {
    "by": mostly(st.one_of(COLUMNS, LISTS)),
    "where": mostly(st.sampled_from(CONDITIONS)),
    "over": mostly(COLUMNS),
    "sampling": mostly(st.sampled_from(["with-replacement", "distinct-pairs"])),
    "area_weights": mostly(st.one_of(FILES, mapping(NUMBERS))),
    "salience_mean": mostly(st.sampled_from(["geometric", "harmonic", "max"])),
    "attention_shares": mostly(st.booleans()),
    "min_minority": mostly(st.sampled_from([0, 0.1, 0.4, 0.5])),
}


def table(keys: dict[str, st.SearchStrategy[object]]) -> st.SearchStrategy[dict[str, object]]:
    """A few keys of a table, so that many studies get as far as an answer."""
    some = st.lists(st.sampled_from(sorted(keys)), unique=True, max_size=3)
    return some.flatmap(lambda names: st.fixed_dictionaries({name: keys[name] for name in names}))


STUDIES = st.fixed_dictionaries(
    {
        "schema": st.just("dissensus/study/1"),
        "data": table(DATA).map(lambda data: {"source": "long.csv", **data}),
        "conflict": table(CONFLICT),
        "measure": table(MEASURE),
    }
)


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(STUDIES, st.sampled_from(["misalignment", "between", "describe"]))
@example({"schema": "dissensus/study/1", "data": {"source": "long.csv"}}, "misalignment")
def test_any_study(tmp_path: Path, study: dict[str, object], question: str) -> None:
    texts = {"long": LONG, "roster": ROSTER, "words": WORDS, "pairs": PAIRS}
    for name, text in texts.items():
        (tmp_path / f"{name}.csv").write_text(text)
    path = tmp_path / "study.toml"
    path.write_text(toml_text(study), encoding="utf-8")
    with suppress(DissensusError):
        result = ask(question, options_with(load_study(path), {}))
        assert isinstance(result, Result)
        assert result.text("json")
        assert result.text("csv")
