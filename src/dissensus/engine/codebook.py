"""What a survey file says of its codes: their words, which of them are missing, the questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dissensus.errors import DissensusError, quoted

__all__ = ["Codebook", "CodebookError"]

Words = Mapping[str, Mapping[str, str]]


class CodebookError(DissensusError, ValueError):
    """A code, or a word, that stands for different things in different questions."""


@dataclass(frozen=True)
class Codebook:
    """Words of the columns of a survey file.

    A column that has a codebook entry holds words: the label of each code, the code itself where
    it has no label. Its numbers stand in a hidden column beside it.

    Attributes
    ----------
    values, missing : mapping
        Column to word to code: what was answered, and what the file declares as missing.
    numbers : mapping
        Column to the hidden column of its codes as numbers, where those declared missing are null.
    questions : mapping
        Column to its wording.
    """

    values: Words = field(default_factory=dict)
    missing: Words = field(default_factory=dict)
    numbers: Mapping[str, str] = field(default_factory=dict)
    questions: Mapping[str, str] = field(default_factory=dict)

    def named(self, columns: Sequence[str], given: Sequence[str]) -> tuple[str, ...]:
        """Words that are meant by words or by codes, in columns of goals.

        Raises
        ------
        CodebookError
            A code that stands for several answers.

        Examples
        --------
        >>> book = Codebook({"q1": {"yes": "1"}}, {"q1": {"refused": "9"}})
        >>> book.named(["q1"], ["9", "refused", "other"])
        ('refused', 'other')
        """
        out: list[str] = []
        for value in given:
            declared = _with_code(self.missing, columns, value)
            answers = _with_code(self.values, columns, value)
            if len(answers) > 1:
                raise CodebookError(
                    f"code {value!r} stands for {quoted(answers)}",
                    "a value that means the same in all problem areas",
                    f"name the word instead of the code, for example {answers[0]!r}",
                )
            out += [*declared, *answers] or [value]
        return tuple(dict.fromkeys(out))

    def left_out(self, columns: Sequence[str], settled: Sequence[str]) -> tuple[str, ...]:
        """Words declared as missing in columns of goals, but for those that are ``settled``.

        Raises
        ------
        CodebookError
            A word that is missing in one column and an answer in another.
        """
        lost = _words(self.missing, columns)
        answered = _words(self.values, columns)
        for word, column in lost.items():
            if word in answered and word not in settled:
                raise CodebookError(
                    f"{word!r} is declared missing in {column!r} and is an answer in "
                    f"{answered[word]!r}",
                    "a word that means the same in all problem areas",
                    f"say what it is: no_goal={word!r} or outside={word!r}, or leave out one of "
                    "the columns",
                )
        return tuple(word for word in lost if word not in settled)

    def codes(self, columns: Sequence[str]) -> Mapping[str, float] | None:
        """Code of each word as a number; None if the columns have no words, or disagree."""
        codes: dict[str, float] = {}
        for column in columns:
            for word, code in self.values.get(column, {}).items():
                try:
                    number = float(code)
                except ValueError:
                    return None
                if codes.setdefault(word, number) != number:
                    return None
        return codes or None


def _with_code(words: Words, columns: Sequence[str], code: str) -> list[str]:
    """Words of a code, unless it is a word itself: then that one."""
    pairs = [pair for column in columns for pair in words.get(column, {}).items()]
    found = [word for word, own in pairs if code == word] or [w for w, own in pairs if own == code]
    return list(dict.fromkeys(found))


def _words(words: Words, columns: Sequence[str]) -> dict[str, str]:
    """Words of the columns, each with the first column that has it."""
    return {word: column for column in reversed(columns) for word in words.get(column, {})}
