"""``plot``: a result as a chart that can be changed further, or as a picture in a file."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from dissensus.errors import DissensusError, nearest

if TYPE_CHECKING:
    import altair

    from dissensus.display.charts.kinds import Kind
    from dissensus.display.charts.look import Look
    from dissensus.model.result import Result

__all__ = [
    "FORMATS",
    "PlotError",
    "default_kind",
    "is_drawn",
    "kinds",
    "known_kind",
    "picture_file",
    "plot",
]

FORMATS: tuple[Literal["svg", "png", "pdf"], ...] = ("svg", "png", "pdf")


class PlotError(DissensusError, ValueError):
    """A picture that there is not, or that cannot be written."""


def kinds() -> dict[str, Kind]:
    """All kinds of pictures, by name.

    Raises
    ------
    PlotError
        The packages that draw are not installed.
    """
    check_installed()
    from dissensus.display.charts import answers, audits, populations, simulations
    from dissensus.display.charts.kinds import KINDS

    del answers, audits, populations, simulations  # they declare their kinds when they are read
    return KINDS


def known_kind(name: str) -> Kind:
    """Return a kind of picture by its name.

    Raises
    ------
    PlotError
        There is none of that name.
    """
    known = kinds()
    if name not in known:
        raise PlotError(f"no kind of picture {name!r}", "a kind", nearest(name, known))
    return known[name]


def check_installed() -> None:
    """Look whether what draws is there.

    Raises
    ------
    PlotError
        It is not.
    """
    missing = [name for name in ("altair", "vl_convert", "jinja2") if find_spec(name) is None]
    if missing:
        raise PlotError(
            f"charts and pages need {', '.join(missing)}, which is not installed",
            "the extra 'report'",
            "pip install 'dissensus[report]'",
        )


def default_kind(result: Result, look: Look) -> str:
    """Kind of picture that a result is shown by if none is named: the first with something."""
    question = str(result.summary.get("question"))
    fitting = [one.name for one in kinds().values() if question in one.questions]
    if not fitting:
        raise PlotError(
            f"no picture of {question!r}",
            f"a result of {', '.join(sorted({q for k in kinds().values() for q in k.questions}))}",
            "ask another question, or look at its table",
        )
    return next((name for name in fitting if kinds()[name].draw(result, look)), fitting[0])


def is_drawn(result: Result, kind: str | None = None) -> bool:
    """Whether a result has something to draw, of a kind or of any."""
    from dissensus.display.charts.look import PAPER

    fitting = [known_kind(kind)] if kind else kinds().values()
    question = str(result.summary.get("question"))
    return any(question in one.questions and one.draw(result, PAPER) for one in fitting)


def plot(result: Result, kind: str | None = None) -> altair.TopLevelMixin:
    """Draw a result.

    Parameters
    ----------
    result : Result
        The answer to any question but ``describe``.
    kind : str, optional
        ``between``, ``segments``, ``trend``, ``areas``, ``explain``, ``goals``, ``mix``,
        ``target``, ``compare``, ``outcomes``, ``deciding``, ``gains``; of a mechanism ``frontier``,
        ``opinions``, ``levels``, ``basins``, ``phases``, ``course``, ``squares``, ``say``,
        ``standing``; if left out, the first that fits the question and has something to draw.

    Returns
    -------
    altair.Chart
        To be shown in a notebook, changed further, or saved.

    Raises
    ------
    PlotError
        No such kind, one for another question, nothing to draw, or Altair is not installed.

    Examples
    --------
    >>> import dissensus as ds
    >>> votes = {"agent": [1, 2, 3], "party": ["A", "A", "B"], "goal": ["yes", "no", "yes"]}
    >>> chart = ds.plot(ds.between(votes, by="party"))
    >>> [[bar["text"] for bar in data] for data in chart.to_dict()["datasets"].values()]
    [['0.500']]
    """
    from dissensus.display.charts.look import PAPER

    return _chart(result, kind, PAPER)


def _chart(result: Result, name: str | None, look: Look) -> altair.TopLevelMixin:
    from dissensus.display.charts.look import configuration

    chosen = default_kind(result, look) if name is None else name
    kind = known_kind(chosen)
    question = str(result.summary.get("question"))
    if question not in kind.questions:
        fitting = [one.name for one in kinds().values() if question in one.questions]
        raise PlotError(
            f"kind {chosen!r} of a result of {question!r}",
            f"a result of {' or '.join(kind.questions)}",
            f"choose one of {', '.join(fitting) or 'none'}, or ask the other question",
        )
    picture = kind.draw(result, look)
    if picture is None:
        raise PlotError(
            f"nothing to draw: the result has no values for {chosen!r}",
            "at least one value that is not null (and for 'trend', two values of over)",
            "look at the column reasons of the result, or choose another kind",
        )
    chart: altair.TopLevelMixin = picture.chart.configure(**configuration(look))
    return chart


def picture_file(result: Result, path: str | Path, kind: str | None = None) -> Path:
    """Write a picture: ``.svg``, ``.png`` or ``.pdf``, beside and renamed.

    Raises
    ------
    PlotError
        As :func:`plot`; another ending, or a place that cannot be written to.
    """
    target = Path(path)
    form = next((one for one in FORMATS if target.suffix.lower() == f".{one}"), None)
    if form is None:
        raise PlotError(
            f"a picture in {target.name!r}", "a name in .svg, .png or .pdf", "name it so"
        )
    chart = plot(result, kind)
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        chart.save(str(beside), format=form, scale_factor=2 if form == "png" else 1)
        beside.replace(target)
    except OSError as error:
        raise PlotError(
            f"cannot write {target}: {error.strerror}", "a place to write to", "name another"
        ) from error
    finally:
        beside.unlink(missing_ok=True)
    return target
