"""Where the numbers come from: what was taken as the population, every convention, how to cite."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dissensus.display.page.parts import Definitions, Section
from dissensus.display.sentences import LIMITS
from dissensus.model.result import Result
from dissensus.model.spelling import visible

__all__ = ["provenance_section"]

_CITE = (
    "Cite the software, and for the measure: Kierans, A., Hazan, H. and Dori-Hacohen, S., "
    "Quantifying Misalignment Between Agents (2022)."
)
_SYSTEM_LIMITS = (
    "What this does not say: which reading is right. Readings are combinations of choices, not "
    "chances; satisfaction and regret say what the case's own numbers say."
)


def provenance_section(results: Sequence[Result]) -> Section:
    """Say how the page was made, from the results' own records."""
    is_system = "actions" in results[0].summary
    items: dict[str, str] = {}
    for result in results:
        for term, text in _items(result):
            items.setdefault(term, text)
    questions = ", ".join(
        str(result.summary.get("mechanism") or result.summary.get("question")) for result in results
    )
    return Section(
        "How this was made",
        (_SYSTEM_LIMITS if is_system else LIMITS,),
        (Definitions((("questions", questions), *items.items())),),
        (_CITE,),
    )


def _items(result: Result) -> Iterator[tuple[str, str]]:
    known = result.provenance
    for name in ("source", "roster"):
        if known.get(name):
            yield name, _spelled(known[name])
    if known.get("rows"):
        yield "rows", f"{known['rows']:,}"
    if known.get("roles"):
        yield "roles", _spelled(known["roles"])
    for name, text in (known.get("conventions") or {}).items():
        yield str(name), visible(str(text))
    for name, label in (("check", "check"), ("tally", "digest of the counts"), ("seed", "seed")):
        if known.get(name) is not None:
            yield label, visible(str(known[name]))
    if known.get("command"):
        yield "command", visible(shlex.join(known["command"]))
    if known.get("created"):
        yield "made", str(known["created"])
    yield (
        "versions",
        _spelled({"dissensus": known.get("dissensus"), **(known.get("versions") or {})}),
    )


def _spelled(value: Any) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {_spelled(part)}" for key, part in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_spelled, value))
    return visible(str(value))
