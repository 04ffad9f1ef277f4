"""The questions about a system: the audit, and whether it is aligned with itself or another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from dissensus.measure.misalignment import misalignment_of_shares
from dissensus.model.result import Result
from dissensus.study.audit_choices import choices_table
from dissensus.study.audit_tables import (
    action_tables,
    card_table,
    cell_rows,
    commitments_table,
    importance_table,
    parts_as_agents,
    parts_table,
    pointers_table,
    robustness_table,
    satisfaction_table,
    settling_table,
    uncounted_table,
    value_in_words,
)
from dissensus.study.subjects import Subject, subject_of
from dissensus.system import System, relations
from dissensus.system.audit import (
    AXES,
    Commitment,
    Crossed,
    Importance,
    Robustness,
    commitments,
    cross,
    importances,
    reach,
    settling,
    shake,
    spread,
    verdict_of,
)
from dissensus.system.audit.robustness import DRAWS
from dissensus.system.choice import Status
from dissensus.system.pointers import Pointers, pointers
from dissensus.system.relations.policy import Policy

__all__ = ["alignment", "audit", "reflexivity"]

CAVEAT = (
    "Readings are combinations of choices, not chances: how many lead to an outcome depends on "
    "which choices are listed."
)


def audit(
    system: Any,
    *,
    fix: Mapping[str, Any] | None = None,
    draws: int = DRAWS,
    seed: int = 0,
) -> Result:
    r"""Every reading of "aligned with this system", what would come of each, and what settles it.

    .. math:: P_\text{diff} = \sum_{o \ne o'} p_o p_{o'}, \qquad
        \text{main} = \frac{I(O; X)}{H(O)}, \quad \text{total} = \frac{H(O \mid X^c)}{H(O)}

    ============== ============ ==================================================================
    symbol         range        meaning
    ============== ============ ==================================================================
    :math:`p_o`    [0, 1]       share of the cells with outcome o, a set of winners
    :math:`X`                   an axis: rule, compute, deliberation ...; :math:`X^c` all others
    :math:`H, I`   >= 0, nats   entropy, and mutual information, over all combinations of values
    ============== ============ ==================================================================

    Parameters
    ----------
    system : System, Case, Scenario, str or Path
        What is audited: a system, what `system_from` made, a scenario file, a shipped case.
    fix : mapping, optional
        Axes set to one value: ``{"rule": "egalitarian"}``.
    draws : int
        Draws in which every utility is shaken; 0 for none.
    seed : int
        Of the draws, and of the compute models that draw at random.

    Returns
    -------
    Result
        ``rows``: one a cell, with its value on each crossed axis, ``outcome`` (the winners) and
        ``status``. ``summary``: verdict, outcomes, never_chosen, reach, normalised_entropy,
        p_diff, undefined_share. ``tables``: importance, choices, commitments, settling, robustness,
        reflexivity, pointers, satisfaction, parts, actions, gains, uncounted.
        ``p_diff`` is 0 if all readings agree and at most (m - 1) / m for m outcomes.

    Raises
    ------
    DissensusError
        Whatever the user can mend: an axis or value that there is not, too many cells.

    References
    ----------
    Kin: multiverse analysis [steegen2016]_, specification curves [simonsohn2020]_; total effects
    [saltelli2008]_.

    Examples
    --------
    >>> import dissensus as ds
    >>> result = ds.audit("condorcet-55")
    >>> result.summary["verdict"], result.summary["reach"], round(result.summary["p_diff"], 12)
    ('UNSETTLED', 1.0, 0.8)
    """
    subject = subject_of(system)
    crossed = cross(subject.case, fix, seed)
    robust = shake(crossed, draws, seed)
    decides = importances(crossed)
    found = commitments(crossed)
    pointed = pointers(subject.system, seed=seed)
    rows = cell_rows(crossed)
    actions, gains = action_tables(crossed)
    tables = {
        "importance": importance_table(crossed, decides),
        "choices": choices_table(crossed),
        "commitments": commitments_table(crossed, found, robust),
        "settling": settling_table(settling(crossed)),
        "robustness": robustness_table(crossed, robust),
        "reflexivity": card_table(relations.reflexivity(subject.system, seed=seed)),
        "pointers": pointers_table(pointed),
        "satisfaction": satisfaction_table(crossed),
        "parts": parts_table(crossed),
        "actions": actions,
        "gains": gains,
        "uncounted": uncounted_table(crossed),
    }
    summary = {
        "question": "audit",
        "head_line": "",
        "notes": [*subject.all_notes, *_left_out(crossed)],
        **subject.about,
        **_counts(crossed),
        **_today(crossed, rows),
        **_robust(crossed, robust),
        **_parts(subject, pointed),
    }
    summary["head_line"] = _head_line(summary, decides, found)
    record = subject.record([rows, *tables.values()], _conventions(crossed, robust), seed)
    return Result(rows, summary, tables, record)


def reflexivity(system: Any, *, seed: int = 0) -> Result:
    """Whether a system is aligned with itself, by each meaning that "aligned" can have.

    Parameters
    ----------
    system : System, Case, Scenario, str or Path
        As in `audit`.
    seed : int
        For samples of orders, and for the system's random steps.

    Returns
    -------
    Result
        ``rows``: one a relation, with its target, score (1: aligned with itself), verdict, the gap
        that no policy would mend and the one that is the rule's fault, and a witness in words.
        ``tables['pointers']``: what "what it wants" can point to.

    Examples
    --------
    >>> import dissensus as ds
    >>> result = ds.reflexivity("holiday")
    >>> result.rows.filter(result.rows["relation"].to_numpy() == "no-veto")["score"].to_pylist()
    [0.0]
    """
    subject = subject_of(system)
    rows = card_table(relations.reflexivity(subject.system, seed=seed))
    found = pointers(subject.system, seed=seed)
    return _card("reflexivity", subject, rows, {"pointers": pointers_table(found)}, found, seed)


def alignment(a: System | Policy, system: Any, *, seed: int = 0) -> Result:
    """Whether A is aligned with a system, by each meaning that "aligned" can have.

    Parameters
    ----------
    a : System, str, array, mapping or Choice
        A: a system with the same actions, an action, chances of the actions, or a table of choices
        from menus.
    system : System, Case, Scenario, str or Path
        H, as in `audit`.
    seed : int
        As in `reflexivity`.

    Returns
    -------
    Result
        As of `reflexivity`.

    Examples
    --------
    >>> import dissensus as ds
    >>> result = ds.alignment("ask", "holiday")
    >>> result.rows["relation"].to_pylist()[4], round(result.rows["score"].to_pylist()[4], 4)
    ('no-veto', 0.1667)
    """
    subject = subject_of(system)
    rows = card_table(relations.alignment(a, subject.system, seed=seed))
    found = pointers(subject.system, seed=seed)
    return _card("alignment", subject, rows, {}, found, seed)


def _card(
    question: str,
    subject: Subject,
    rows: pa.Table,
    tables: dict[str, pa.Table],
    found: Pointers,
    seed: int,
) -> Result:
    verdicts = rows["verdict"].to_pylist()
    holds, known = verdicts.count("HOLDS"), len(verdicts) - verdicts.count("UNDEFINED")
    who = "A is aligned with it" if question == "alignment" else "It is aligned with itself"
    summary = {
        "question": question,
        "head_line": f"{who} under {holds} of {known} relations.",
        "notes": subject.all_notes,
        **subject.about,
        "holds": holds,
        "defined": known,
        **_parts(subject, found),
    }
    conventions = {name: str(words) for name, words in relations.defaults(subject.system).items()}
    return Result(
        rows, summary, tables, subject.record([rows, *tables.values()], conventions, seed)
    )


def _counts(crossed: Crossed) -> dict[str, Any]:
    """Counts of an audit: the cells, their outcomes, and how far they differ."""
    names = crossed.case.system.actions
    cells = len(crossed.settings)
    options, reached, share = reach(crossed)
    undefined = float((crossed.outcome_of < 0).mean())
    found, policies = spread(crossed.outcome_of), crossed.policies
    _, first = np.unique(policies[policies >= 0], return_index=True)
    distinct = spread(crossed.outcome_of[policies >= 0][first])
    chosen = {a for winners in crossed.outcomes for a in winners}
    ties = sum(choice.status is Status.TIE for choice in crossed.choices)
    return {
        "verdict": str(verdict_of(found.outcomes, len(options), len(reached), undefined)),
        "cells": cells,
        "combinations": len(crossed.cell_of),
        "axes": {name: len(values) for name, values in crossed.axes.items()},
        "axis_labels": {name: AXES[name].label for name in (*crossed.axes, *crossed.fixed)},
        "fixed": dict(crossed.fixed),
        "left_out": dict(crossed.left_out),
        "excluded": dict(crossed.excluded),
        "outcomes": [
            {
                "outcome": [names[a] for a in winners],
                "cells": int((crossed.outcome_of == code).sum()),
            }
            for code, winners in enumerate(crossed.outcomes)
        ],
        "tied_cells": ties,
        "options": [names[a] for a in options],
        "reached": [names[a] for a in reached],
        "never_chosen": [name for a, name in enumerate(names) if a not in chosen],
        "reach": share,
        "entropy": found.entropy,
        "normalised_entropy": found.normalised_entropy,
        "p_diff": found.p_diff,
        "undefined_share": undefined,
        "policies": int(policies.max(initial=-1)) + 1,
        "policies_normalised_entropy": distinct.normalised_entropy,
        "policies_p_diff": distinct.p_diff,
        "caveat": CAVEAT,
    }


def _today(crossed: Crossed, rows: pa.Table) -> dict[str, Any]:
    if crossed.case.today is None:
        return {"today": None}
    chosen = rows["today_chosen"].to_pylist()
    return {
        "today": crossed.case.today,
        "today_cells": sum(one is True for one in chosen),
        "today_of": sum(one is not None for one in chosen),
    }


def _robust(crossed: Crossed, robust: Robustness | None) -> dict[str, Any]:
    if robust is None:
        return {"draws": 0}
    kept = robust.kept
    chosen = sorted({a for winners in crossed.outcomes for a in winners})
    told: dict[str, Any] = {
        "draws": robust.draws,
        "draws_cells": len(robust.cells),
        "fragile_cells": int((kept < FIRM).sum()),
    }
    if robust.is_whole:
        told["all_reached_share"] = robust.reaching(chosen, alone=False)
        told["all_reached_alone_share"] = robust.reaching(chosen, alone=True)
    return told


FIRM = 0.95  # a cell that changes in more than 1 draw of 20 is called fragile


def _parts(subject: Subject, found: Pointers) -> dict[str, Any]:
    """Misalignment of the parts as agents of a population, M(H, H): each once, and by standing.

    Of a system from data, that of the agents behind the parts too.
    """
    system = subject.system
    told: dict[str, Any] = {"pointers": found.in_words}
    if subject.people_misalignment is not None:
        told["people_misalignment"] = subject.people_misalignment
    for name, weights in (
        ("parts_misalignment", np.ones(len(system.parts))),
        ("parts_misalignment_by_standing", system.standing),
    ):
        shares, conflict = parts_as_agents(system, found.wants, weights)
        told[name] = float(misalignment_of_shares(shares, conflict)) if len(shares) else None
    return told


def _left_out(crossed: Crossed) -> list[str]:
    """Axes that the case names and that lack what they need, and cells without an answer."""
    named = crossed.case.axes
    missing = [name for name in crossed.left_out if named is not None and name in named]
    notes = []
    if missing:
        told = "; ".join(f"{name}: {crossed.left_out[name]}" for name in missing)
        notes.append(f"{len(missing)} of the axes that the case names left out ({told})")
    if crossed.excluded:
        rules = dict.fromkeys(why.split("'")[1] for why in crossed.excluded)
        level, count = crossed.case.system.comparability, sum(crossed.excluded.values())
        left = (
            "1 reading left out: its rule asks"
            if count == 1
            else (f"{count:,} readings left out: their rules ask")
        )
        give = "gives" if count == 1 else "give"
        notes.append(
            f"{left} more than the comparability {level!r} that is declared, or {give} up "
            f"({', '.join(rules)})"
        )
    return notes


def _conventions(crossed: Crossed, robust: Robustness | None) -> dict[str, str]:
    """Conventions behind the answer, in words."""
    case, first = crossed.case, crossed.settings[0]
    system = case.system
    full = system.comparability == "full"
    words = {
        "comparability": _COMPARABILITY[system.comparability],
        "ties": "kept: each set of winners is an outcome of its own",
        "scale": "each rule's own; egalitarian by "
        + ("levels as given" if full else "each part's own range"),
        "disagreement": "each part's own minimum" if system.disagreement is None else "as stated",
        "compute": "a part of compute c and hardness h has reliability c / (c + h); below "
        f"{system.conventions.abstain_below:g} it gives no order",
        "p_diff": "misalignment of a population whose agents are the cells and whose goals are "
        "their outcomes: the same function",
    }
    for name in ("scale", "tie_break"):
        if name in crossed.axes:
            words[{"tie_break": "ties"}.get(name, name)] = "crossed"
    for name, value in crossed.fixed.items():
        words[name] = value_in_words(value)
    if "rule" not in crossed.axes and first.rule:
        words["rule"] = first.rule
    if not any(part.hardness > 0 for part in system.parts):
        del words["compute"]
    if system.comparability == "ordinal":
        del words["scale"], words["disagreement"]
    if robust is not None:
        width = case.perturbation
        words["perturbation"] = (
            f"{robust.draws} seeded draws, each utility moved by up to "
            + (f"{width:g}" if width is not None else "a tenth of its part's range")
            + ("" if robust.is_whole else f"; {len(robust.cells)} cells were asked")
        )
    defaults = relations.defaults(system)
    return words | {f"reflexivity: {name}": str(text) for name, text in defaults.items()}


_COMPARABILITY = {
    "ordinal": "ordinal: only the order of options counts for each part",
    "range": "range: each part's utilities compare on its own scale only",
    "unit": "unit: differences of utility compare between parts, levels do not",
    "full": "full: levels of utility compare between parts",
}


def _head_line(
    summary: Mapping[str, Any],
    decides: Mapping[str, Importance] | None,
    found: Sequence[Commitment],
) -> str:
    cells, options, reached = summary["cells"], summary["options"], summary["reached"]
    if summary["verdict"] == "SETTLED":
        only = " or ".join(summary["outcomes"][0]["outcome"])
        return f"All {cells} readings give {only!r}." if cells > 1 else f"One reading: {only!r}."
    line = (
        f"{len(reached)} of {len(options)} options that its parts would choose are the outcome "
        f"of some reading ({cells} readings)."
    )
    if decides:
        name = max(decides, key=lambda one: decides[one].total)
        one = decides[name]
        line += (
            f" What decides most: {AXES[name].label} ({one.main:.0%}; with its interactions "
            f"{one.total:.0%})."
        )
    return line + (_settled_by(summary, found[0]) if found else "")


def _settled_by(summary: Mapping[str, Any], commitment: Commitment) -> str:
    if len(commitment.values) == len(summary["axes"]):
        return ""
    told = " and ".join(f"{name} = {value_in_words(v)}" for name, v in commitment.values.items())
    outcome = " or ".join(summary["outcomes"][commitment.outcome]["outcome"])
    return f" State {told}, and the answer is {outcome!r} in every cell."
