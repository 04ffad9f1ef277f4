"""Goals whose conflict somebody judges: asked once a pair, kept, and repeated without asking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dissensus.engine.population import Population
from dissensus.errors import quoted
from dissensus.model.conflict import ConflictError
from dissensus.study.conflict_models.catalogue import declared_as
from dissensus.study.conflict_models.judgements import Judgements, judge_of, judgements_in
from dissensus.study.options import ConflictOptions

__all__ = ["Judged", "judged"]


@dataclass(frozen=True, eq=False)
class Judged:
    """Judgements on the texts of goals.

    Attributes
    ----------
    judgements : Judgements
        Those that are known, and whom to ask.
    texts : mapping
        Words for goals; a goal without any stands for itself.
    """

    judgements: Judgements
    texts: Mapping[str, str]
    declared: tuple[str, ...] = ()
    by_area: bool = False

    @property
    def words(self) -> str:
        """Who judged, and what was asked."""
        model, prompt = self.judgements.model, self.judgements.prompt
        return f"by {model or 'a judge without a name'}" + (f", asked: {prompt}" if prompt else "")

    def text(self, goal: str) -> str:
        """Text that the judge sees."""
        return self.texts.get(goal, goal)

    def between(self, goals: Sequence[str], _area: str | None, /) -> npt.NDArray[np.float64]:
        """Judged conflict of every two goals; goals of the same text do not conflict."""
        texts = [self.text(goal) for goal in goals]
        self.judgements.ask(texts)
        known, key = self.judgements.known, self.judgements.key
        return np.array(
            [[known[key(a, b)] if a != b else 0.0 for b in texts] for a in texts], dtype=np.float64
        ).reshape(len(texts), len(texts))


@declared_as(
    "judged",
    "goals conflict as a judge says of their texts",
    needs=("judgements",),
    takes=("judgement_error", "judgement_flips", "directed"),
)
def judged(options: ConflictOptions, population: Population) -> Judged:
    """Read what was judged already, and find out whom to ask.

    Raises
    ------
    ConflictError
        A file that holds no judgements, or those of another judge.
    """
    if not isinstance(options.judgements, str | Path | None):
        raise ConflictError(
            f"judgements of type {type(options.judgements).__name__}",
            "the name of a file that keeps them",
            "pass judgements='judgements.jsonl'; degrees that are known already make a table",
        )
    path = None if options.judgements is None else Path(options.judgements)
    judge = judge_of(options.conflict) if callable(options.conflict) else None
    if path is not None and (judge is None or path.exists()):
        found = judgements_in(path, directed=options.directed)
    else:
        found = Judgements(path=path, directed=options.directed)
    if judge is not None:
        if found.known and (judge.model, judge.prompt) != (found.model, found.prompt):
            what = "model" if judge.model != found.model else "prompt"
            raise ConflictError(
                f"{path} holds judgements with another {what}: "
                f"{quoted([getattr(found, what)])}, not {quoted([getattr(judge, what)])}",
                "one model and one prompt, whose judgements can be compared",
                "name another file for this judge, or pass the same judge",
            )
        found.judge, found.model, found.prompt = judge, judge.model, judge.prompt
    labels = population.labels.values.get(str(population.roles.goal), {})
    return Judged(found, labels)
