"""Formulas as MathML, which browsers draw by themselves: no script and no font to fetch."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.errors import ExtensionError

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

# what TeX knows under a second name
_SAME = {"dots": "ldots"}


def _markup(node: nodes.Element, *, as_block: bool) -> str:
    try:
        formula = re.sub(r"\\([a-z]+)\b", lambda m: f"\\{_SAME.get(m[1], m[1])}", node.astext())
        return str(tex2mathml(formula, as_block=as_block))
    except MathError as error:
        raise ExtensionError(f"cannot draw {node.astext()!r}: {error}") from error


def _inline(translator: HTML5Translator, node: nodes.math) -> None:
    translator.body.append(_markup(node, as_block=False))
    raise nodes.SkipNode


def _block(translator: HTML5Translator, node: nodes.math_block) -> None:
    translator.body.append(f'<div class="math-block">{_markup(node, as_block=True)}</div>\n')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the renderer under the name ``mathml``."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
