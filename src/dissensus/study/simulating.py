"""What becomes of a system: one mechanism, or all that a case has the inputs of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from dissensus.errors import DissensusError
from dissensus.model.result import Result
from dissensus.study.subjects import Subject, subject_of
from dissensus.study.tables import reasons_column
from dissensus.system.dynamics import (
    Mechanism,
    MechanismError,
    Simulation,
    Table,
    find,
    mechanisms,
)

__all__ = ["simulate"]

_ILLUSTRATIVE = (
    "illustrative: parameters that the case does not state stand at our defaults, which are listed"
)


def simulate(
    system: Any, mechanism: str | None = None, *, seed: int = 0, **parameters: Any
) -> Result:
    """What becomes of a system under a mechanism: a verdict, and the numbers behind it.

    Parameters
    ----------
    system : System, Case, Scenario, str or Path
        As in `audit`; a scenario file states parameters in a table of the mechanism's name.
    mechanism : str, optional
        ``"drift"``, ``"boundary"`` ...; without one, every mechanism that the case has the inputs
        of, and what the others would need.
    seed : int
        Of everything random.
    **parameters
        Parameters of the mechanism; they go before those of the scenario.

    Returns
    -------
    Result
        Of one mechanism: ``rows`` and ``tables`` are its own; ``summary`` has ``verdict``,
        ``finding`` (in a sentence), ``trace`` (the steps) and its named numbers. Of all: one row a
        mechanism, with ``verdict`` and ``finding``, or with what it would need as the reason.

    Raises
    ------
    DissensusError
        An unknown mechanism, a system without its inputs, all parameters that are missing.

    Examples
    --------
    >>> import dissensus as ds
    >>> found = ds.simulate("productivity", "boundary")
    >>> found.summary["verdict"], found.rows["is_neglected"].to_pylist()
    ('NEGLECTS', [True, False])
    """
    subject = subject_of(system)
    if mechanism is None:
        if parameters:
            raise MechanismError(
                f"parameters without a mechanism: {', '.join(parameters)}",
                "the name of the mechanism that they are of",
                f"name one of {', '.join(one.name for one in mechanisms())}",
            )
        return _all(subject, seed)
    one = find(mechanism)
    found = one.simulate(subject.case, parameters, seed)
    return _result(subject, one, found, parameters, seed)


def _all(subject: Subject, seed: int) -> Result:
    """One line a mechanism: its verdict, or what it would need."""
    verdicts: list[str | None] = []
    told: list[str | None] = []
    lacks: list[str] = []
    defaults: dict[str, str] = {}
    for one in mechanisms():
        needed = one.missing(subject.case)
        found: Simulation | None = None
        if not needed:
            try:
                found = one.simulate(subject.case, None, seed)
            except DissensusError as error:
                needed = (f"{error.found} ({error.mend})",)
        if found is not None and (ours := _defaults(one, subject, {})):
            defaults[one.name] = f"by default {ours}"
        verdicts.append(None if found is None else found.verdict)
        told.append(None if found is None else found.words)
        lacks.append("; ".join(needed))
    size = len(lacks)
    causes = []
    for place, needed_words in enumerate(lacks):
        only = np.zeros(size, dtype=bool)
        only[place] = bool(needed_words)
        causes += [(name, only, f"needs {needed_words}") for name in ("verdict", "finding")]
    rows = pa.table(
        {
            "mechanism": pa.array([one.name for one in mechanisms()], pa.string()),
            "mechanism_label": pa.array([one.label for one in mechanisms()], pa.string()),
            "verdict": pa.array(verdicts, pa.string()),
            "finding": pa.array(told, pa.string()),
            "reasons": reasons_column(size, causes),
        }
    )
    ran = sum(verdict is not None for verdict in verdicts)
    summary = {
        "question": "simulate",
        "mechanism": None,
        "head_line": f"{ran} of {size} mechanisms have what they need.",
        "notes": [*subject.all_notes, *([_ILLUSTRATIVE] if defaults else [])],
        **subject.about,
    }
    return Result(rows, summary, {}, subject.record([rows], defaults, seed))


def _result(
    subject: Subject, one: Mechanism, found: Simulation, given: Mapping[str, Any], seed: int
) -> Result:
    rows = _arrow(found.rows)
    tables = {name: _arrow(table) for name, table in found.tables.items()}
    ours = _defaults(one, subject, given)
    note = f"illustrative: not stated in the case, so by default {ours}" if ours else ""
    summary = {
        "question": "simulate",
        "head_line": f"{found.verdict}: {found.words}",
        "notes": [*subject.all_notes, *([note] if note else [])],
        **subject.about,
        "mechanism": one.name,
        "mechanism_label": one.label,
        "asks_of_it": one.question,
        "verdict": found.verdict,
        "finding": found.words,
        "sections": {
            "rows": found.rows.title,
            **{name: table.title for name, table in found.tables.items()},
        },
        "numbers": list(found.numbers),
        **_scalars(found.numbers),
        "reasons": dict(found.reasons),
        "trace": list(found.trace),
    }
    stated = {**subject.case.dynamics.get(one.table, {}), **given}
    conventions = {
        **{f"parameter {name}": _words(value) for name, value in stated.items()},
        **dict(found.conventions),
        "reference": one.reference,
    }
    return Result(
        rows, summary, tables, subject.record([rows, *tables.values()], conventions, seed)
    )


def _defaults(one: Mechanism, subject: Subject, given: Mapping[str, Any]) -> str:
    """Say which parameters are ours, not the case's."""
    ours = one.defaults(subject.case, given)
    return ", ".join(f"{name} = {_words(value)}" for name, value in ours.items())


def _words(value: Any) -> str:
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _scalars(numbers: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.item() if isinstance(value, np.generic) else value
        for name, value in numbers.items()
    }


def _arrow(table: Table) -> pa.Table:
    """Table of a mechanism as Arrow: NaN and None become null, with their reason."""
    columns = {
        name: pa.array(np.asarray(values), from_pandas=True)
        if isinstance(values, np.ndarray)
        else pa.array([_plain(value) for value in values])
        for name, values in table.columns.items()
    }
    made = pa.table(columns)
    causes = [
        (name, made[name].is_null().to_numpy(zero_copy_only=False), why)
        for name, why in table.reasons.items()
        if made[name].null_count
    ]
    if causes:
        made = made.append_column("reasons", reasons_column(made.num_rows, causes))
    return made


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and np.isnan(value) else value
