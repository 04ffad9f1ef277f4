"""The page: results in, one HTML file out that asks nothing of any network."""

from __future__ import annotations

import json
import os
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from itertools import count
from pathlib import Path
from typing import Any

from dissensus._version import __version__
from dissensus.display.page.audits import audit_sections
from dissensus.display.page.parts import Section
from dissensus.display.page.populations import population_sections
from dissensus.display.page.provenance import provenance_section
from dissensus.display.page.tables import as_data
from dissensus.display.plotting import check_installed
from dissensus.errors import DissensusError
from dissensus.model.result import Result
from dissensus.model.spelling import visible

__all__ = ["Page", "ReportError", "report"]

_SYSTEMS = ("audit", "reflexivity", "alignment", "simulate")


class ReportError(DissensusError, ValueError):
    """Results that do not make a page, or a page that cannot be written."""


@dataclass(frozen=True)
class Page:
    """A page.

    Attributes
    ----------
    title : str
    html : str
        All of it: words, data, charts, scripts.
    """

    title: str
    html: str

    def __repr__(self) -> str:
        return f"Page({self.title!r}, {len(self.html):,} characters; .save('report.html'))"

    def save(self, path: str | Path) -> Path:
        """Write the page, beside and renamed, so that there is never half a file.

        Raises
        ------
        ReportError
            The place cannot be written to.
        """
        target = Path(path)
        beside = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            beside.write_text(self.html, encoding="utf-8")
            beside.replace(target)
        except OSError as error:
            raise ReportError(
                f"cannot write {target}: {error.strerror}",
                "a folder that may be written to",
                "name another place",
            ) from error
        finally:
            if beside.exists():
                beside.unlink()
        return target


def report(*results: Result, title: str | None = None) -> Page:
    """Show results as one page: self-contained, offline, interactive.

    Parameters
    ----------
    *results : Result
        Answers about one population, each question once; or those about one system.
    title : str, optional
        Heading; by default the study's or case's own, or the file's name.

    Returns
    -------
    Page
        ``.save('report.html')`` writes it.

    Raises
    ------
    ReportError
        No result; results of several studies; a question twice; a result that is empty; the extra
        ``report`` is not installed.

    Examples
    --------
    >>> import dissensus as ds
    >>> votes = {"agent": [1, 2, 3], "party": ["A", "A", "B"], "goal": ["yes", "no", "yes"]}
    >>> page = ds.report(ds.between(votes, by="party"), title="Votes")
    >>> page.title
    'Votes'
    """
    check_installed()
    _check(results)
    heading = title or _title(results)
    first = results[0]
    is_system = first.summary.get("question") in _SYSTEMS
    sections = audit_sections(results) if is_system else population_sections(results)
    notes = list(dict.fromkeys(str(n) for r in results for n in r.summary.get("notes") or ()))
    return Page(heading, _html(heading, notes, [*sections, provenance_section(results)]))


def _check(results: Sequence[Result]) -> None:
    if not results:
        raise ReportError("a page of nothing", "at least one result", "ask a question first")
    for result in results:
        if not isinstance(result, Result):
            raise ReportError(
                f"a {type(result).__name__} on a page", "results", "pass what a question returned"
            )
        if result.summary.get("question") == "describe":
            raise ReportError(
                "a description of data on a page",
                "answers to questions about misalignment, or audits",
                "leave it out; dissensus describe shows it on a terminal",
            )
    questions = [
        str(result.summary.get("mechanism") or result.summary.get("question")) for result in results
    ]
    twice = {one for one in questions if questions.count(one) > 1}
    if twice:
        raise ReportError(
            f"two answers to {', '.join(sorted(twice))}",
            "each question once",
            "make a page of each",
        )
    subjects = {_subject(result) for result in results}
    if len(subjects) > 1:
        raise ReportError(
            f"results of different studies: {'; '.join(sorted(map(str, subjects)))}",
            "results of one population, or of one system",
            "make a page of each",
        )


def _subject(result: Result) -> str:
    """What a result is about: two results of one study have the same."""
    provenance = result.provenance
    source = dict(provenance.get("source") or {})
    where = source.get("path") or source.get("kind") or ""
    return f"{where} {source.get('sha256') or provenance.get('tally') or ''}".strip()


def _title(results: Sequence[Result]) -> str:
    for result in results:
        if result.summary.get("title"):
            return visible(str(result.summary["title"]))
    source = results[0].provenance.get("source") or {}
    name = Path(str(source.get("path", ""))).name
    return visible(f"Misalignment in {name}") if name else "Misalignment"


def _html(title: str, notes: Sequence[str], sections: Sequence[Section]) -> str:
    from jinja2 import Environment
    from markupsafe import Markup

    keeping = _Keeping()
    library, script = _library(), _asset("assets/page.js")
    template = Environment(autoescape=True, trim_blocks=True).from_string(
        _asset("templates/page.html")
    )
    text: str = template.render(
        title=title,
        notes=[visible(note) for note in notes],
        sections=sections,
        version=__version__,
        policy=_policy(library, script),
        style=Markup(_asset("assets/page.css")),
        library=Markup(library),
        script=Markup(script),
        keep=keeping.keep,
        kept=lambda: [(key, Markup(text)) for text, key in keeping.keys.items()],
        unique=keeping.unique,
        number=count(1).__next__,
        data=as_data,
    )
    return text


class _Keeping:
    """Data blocks of a page, each once, under a name of its own."""

    def __init__(self) -> None:
        self.keys: dict[str, str] = {}
        self.names = 0

    def keep(self, value: Any) -> str:
        text = _json(value)
        return self.keys.setdefault(text, f"data-{len(self.keys) + 1}")

    def unique(self) -> str:
        self.names += 1
        return f"choice-{self.names}"


def _json(value: Any) -> str:
    """JSON that may stand in a page: nothing in it can end the block it stands in."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


@cache
def _asset(name: str) -> str:
    return files("dissensus.display.page").joinpath(name).read_text(encoding="utf-8")


@cache
def _library() -> str:
    """Vega, Vega-Lite and vega-embed, as one script."""
    import vl_convert

    bundle: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    # in a function of its own, so that its names stay its own
    closed = bundle.replace("</script", "<\\/script").replace("<!--", "<\\!--")
    return f"(() => {{{closed}}})();"


def _policy(*scripts: str) -> str:
    """Content security policy: these scripts, and nothing from anywhere."""
    hashes = " ".join(
        f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" for script in scripts
    )
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
