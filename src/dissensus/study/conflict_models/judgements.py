"""Judgements of pairs of goals: asked once, kept in a file with who judged and how."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dissensus.errors import quoted
from dissensus.model.beside import beside
from dissensus.model.conflict import ConflictError

__all__ = ["Judge", "Judgements", "judge_of", "judgements_in"]

Pair = tuple[str, str]

# judgements between two writings of the file
_BATCH = 20


@dataclass(frozen=True)
class Judge:
    """Whoever tells how far two goals conflict: a language model, a panel, a formula.

    Parameters
    ----------
    ask : callable
        From the texts of two goals to their degree of conflict, a number in [0, 1].
    model : str
        Who judges: the name and version of a language model.
    prompt : str
        What it was asked.

    Examples
    --------
    >>> judge = Judge(lambda a, b: len(a) != len(b), model="by length")
    >>> float(judge("ban", "allow"))
    1.0
    """

    ask: Callable[[str, str], Any]
    model: str = ""
    prompt: str = ""

    def __call__(self, first: str, second: str) -> Any:
        """Degree of conflict of two goals."""
        return self.ask(first, second)


def judge_of(value: Callable[[str, str], Any]) -> Judge:
    """Judge that any callable is; what it calls its model and its prompt is kept."""
    if isinstance(value, Judge):
        return value
    named = getattr(value, "__qualname__", type(value).__qualname__)
    model = getattr(value, "model", None) or f"{value.__module__}.{named}"
    return Judge(value, str(model), str(getattr(value, "prompt", None) or ""))


@dataclass(eq=False)
class Judgements:
    """Judgements that are known, and who can be asked for more.

    The one thing here that changes: it grows while judging, and with it the file.

    Attributes
    ----------
    known : dict
        From two texts to the degree; unless ``directed``, in alphabetical order.
    model, prompt : str
        Who judged, and what was asked.
    judge : Judge, optional
        Whom to ask for what is not known.
    path : Path, optional
        Where judgements are kept.
    directed : bool
        Whether the order of two goals matters.
    """

    known: dict[Pair, float] = field(default_factory=dict)
    model: str = ""
    prompt: str = ""
    judge: Judge | None = None
    path: Path | None = None
    directed: bool = False

    def key(self, first: str, second: str) -> Pair:
        """Under which two texts are known."""
        return (first, second) if self.directed or first <= second else (second, first)

    def ask(self, texts: Sequence[str]) -> None:
        """Judge all pairs of some goals that are not judged yet.

        Raises
        ------
        ConflictError
            Nobody to ask; or the judge fails, or says what is no degree. What was judged is kept.
        """
        distinct = sorted(set(texts))
        pairs = [
            (a, b) for a in distinct for b in distinct if (a < b or (self.directed and a != b))
        ]
        missing = [pair for pair in pairs if pair not in self.known]
        if not missing:
            return
        if self.judge is None:
            raise ConflictError(
                f"{len(missing):,} of {len(pairs):,} pairs of goals without a judgement, such as "
                f"{missing[0][0]!r} and {missing[0][1]!r}",
                "a judgement of every pair of goals of a problem area"
                + (", both ways" if self.directed else ""),
                f"let a judge fill the gaps, in Python: conflict=judge, judgements='{self.path}'",
            )
        unsaved = 0
        try:
            for done, (a, b) in enumerate(missing):
                _progress(done, len(missing))
                self.known[a, b] = self._judged(self.judge, a, b)
                unsaved += 1
                if unsaved == _BATCH:
                    self.save()
                    unsaved = 0
        finally:  # what was paid for is kept, whatever happens
            _progress(None, len(missing))
            if unsaved:
                self.save()

    def _judged(self, judge: Judge, first: str, second: str) -> float:
        try:
            said = judge(first, second)
        except Exception as error:
            raise ConflictError(
                f"the judge failed on {first!r} and {second!r}: {type(error).__name__}: {error}",
                "a degree in [0, 1] for every pair",
                "mend the judge and ask again"
                + (f"; what was judged is kept in {self.path}" if self.path else ""),
            ) from error
        return _degree(said, first, second)

    def save(self) -> None:
        """Write all judgements, whole or not at all; nothing without a path."""
        if self.path is None:
            return
        try:
            with beside(self.path) as file:
                for (a, b), degree in sorted(self.known.items()):
                    line = {
                        "goal_a": a,
                        "goal_b": b,
                        "conflict": degree,
                        "model": self.model,
                        "prompt": self.prompt,
                    }
                    file.write(f"{json.dumps(line, ensure_ascii=False)}\n".encode())
        except OSError as error:
            raise ConflictError(
                f"cannot write {self.path}: {error.strerror}",
                "a folder that exists and may be written to",
                "choose another place for judgements=",
            ) from error


def judgements_in(path: Path, *, directed: bool) -> Judgements:
    """Read a file of judgements: lines of JSON, each a pair, its degree, and who judged how.

    Raises
    ------
    ConflictError
        No such file, a line that is no judgement, judgements of two judges, or a pair with two
        degrees.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise ConflictError(
            f"cannot read judgements {path}: {why}",
            "a file that an earlier run wrote, or a judge in Python that writes one",
            "check the name, or pass conflict=judge",
        ) from error
    rows = [_line(path, place, text) for place, text in enumerate(lines, 1) if text.strip()]
    judges = list(dict.fromkeys((row["model"], row["prompt"]) for row in rows))
    if len(judges) > 1:
        raise ConflictError(
            f"{path} holds judgements of {len(judges)} judges: {_called(judges)}",
            "one model and one prompt, whose judgements can be compared",
            "keep each judge's judgements in a file of its own",
        )
    model, prompt = judges[0] if judges else ("", "")
    found = Judgements(model=model, prompt=prompt, path=path, directed=directed)
    for row in rows:
        a, b, degree = row["goal_a"], row["goal_b"], row["conflict"]
        known = found.known.setdefault(found.key(a, b), degree)
        if known != degree:
            raise ConflictError(
                f"{path}: {a!r} and {b!r} are judged {known:g} and {degree:g}",
                "one judgement a pair",
                "remove one of the two lines, or pass directed=True to keep both ways",
            )
    return found


def _called(judges: Iterable[Pair]) -> str:
    return quoted([model or "a judge without a name" for model, _ in judges])


def _line(path: Path, place: int, text: str) -> Mapping[str, Any]:
    try:
        row = json.loads(text)
        pair = str(row["goal_a"]), str(row["goal_b"])
        said = row["conflict"]
    except (ValueError, TypeError, KeyError) as error:
        raise ConflictError(
            f"{path}, line {place} is no judgement: {text[:60]!r}",
            'a line such as {"goal_a": "ban", "goal_b": "allow", "conflict": 1}, perhaps with '
            "model and prompt",
            "mend or remove the line",
        ) from error
    return {
        "goal_a": pair[0],
        "goal_b": pair[1],
        "conflict": _degree(said, *pair),
        "model": str(row.get("model") or ""),
        "prompt": str(row.get("prompt") or ""),
    }


def _degree(said: Any, first: str, second: str) -> float:
    try:
        degree = float(said)
    except (TypeError, ValueError):
        degree = float("nan")
    if not 0 <= degree <= 1:
        raise ConflictError(
            f"the judge says {said!r} of {first!r} and {second!r}",
            "a degree in [0, 1]: 0 compatible, 1 mutually exclusive",
            "let the judge turn its answer into such a number",
        )
    return degree


def _progress(done: int | None, among: int) -> None:
    """Say how far judging is, if somebody is looking."""
    if not sys.stderr.isatty():
        return
    words = "\r\033[K" if done is None else f"\rJudging pairs of goals: {done:,} of {among:,} "
    sys.stderr.write(words)
    sys.stderr.flush()
