"""Which questions the page of a study asks, and what a name on the command line stands for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from dissensus.errors import DissensusError
from dissensus.model.record import read
from dissensus.model.result import Result
from dissensus.scenario import scenario_of
from dissensus.study.audits import audit
from dissensus.study.options import Options
from dissensus.study.questions import ask
from dissensus.study.shipped import study_of
from dissensus.study.simulating import simulate
from dissensus.study.study_file import Study, options_with
from dissensus.study.systems import is_study_file

__all__ = ["answers_for", "answers_to", "questions_of"]


def answers_to(source: str) -> list[Result]:
    """Answer everything that a page is made of.

    Parameters
    ----------
    source : str
        A result saved as JSON; a study file, an example or data with the usual column names; a
        scenario file or a case.

    Raises
    ------
    DissensusError
        Whatever the user can mend.
    """
    if _is_result(source):
        return [read(source)]
    if _is_system(source):
        return [audit(source), *(simulate(source, name) for name in _able(source))]
    study = _study(source)
    options = options_with(study, {})
    found, failed = [], {}
    for question in questions_of(options):
        try:
            found.append(_titled(ask(question, options), study))
        except DissensusError as error:  # what one question lacks, another may not need
            failed[question] = error
    if not found:
        raise next(iter(failed.values()))
    return [_without(found[0], failed), *found[1:]]


def answers_for(source: str, questions: Collection[str]) -> Iterator[Result]:
    """Answer some questions one after another, as long as somebody wants more.

    A saved result answers what it was asked; of a system, ``simulate`` is each mechanism that it
    has the inputs of; of a study, the first question that it has what it takes for.

    Raises
    ------
    DissensusError
        Whatever the user can mend.
    """
    if _is_result(source):
        yield read(source)
    elif _is_system(source):
        if "audit" in questions:
            yield audit(source)
        if "simulate" in questions:
            yield from (simulate(source, name) for name in _able(source))
    else:
        study = _study(source)
        options = options_with(study, {})
        fitting = [one for one in questions_of(options) if one in questions]
        yield _titled(ask((fitting or sorted(questions))[0], options), study)


def _able(source: str) -> list[str]:
    """Mechanisms whose inputs a system has."""
    listed = simulate(source).rows.to_pylist()
    return [row["mechanism"] for row in listed if row["verdict"] is not None]


def questions_of(options: Options) -> list[str]:
    """Questions that a study has what it takes to ask, the first of a page first.

    Examples
    --------
    >>> questions_of(Options())
    ['misalignment', 'explain']
    """
    questions = ["misalignment", "explain"]
    if options.measure.by:
        questions = ["between", "misalignment", "explain", "target"]
    if options.compare.models is not None:
        questions.append("compare")
    if options.mix.add is not None or options.mix.split is not None:
        questions.append("mix")
    return questions


def _without(result: Result, failed: Mapping[str, DissensusError]) -> Result:
    """Say which questions are left out, and why."""
    notes = [f"left out: {question} ({error.found})" for question, error in failed.items()]
    told = [*(result.summary.get("notes") or ()), *notes]
    return replace(result, summary={**result.summary, "notes": told})


def _titled(result: Result, study: Study) -> Result:
    """Carry the words of the study file along."""
    words = {"title": study.title, "asks": study.question}
    told = {name: text for name, text in words.items() if text}
    return replace(result, summary={**result.summary, **told})


def _study(source: str) -> Study:
    return study_of(source) or Study({"data": {"source": source}})


def _is_result(source: str) -> bool:
    return Path(source).suffix.lower() == ".json"


def _is_system(source: str) -> bool:
    if Path(source).suffix.lower() == ".toml":
        return not is_study_file(source)
    return scenario_of(source) is not None
