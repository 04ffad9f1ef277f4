"""``picture``: a chart, drawn by the code that stands under it."""

from __future__ import annotations

import ast
import re
from typing import Any

import vl_convert
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

# what a chart is drawn with on a page: its own colours by day and by night
_WIDTH = re.compile(r"^<svg ")


class Picture(SphinxDirective):
    """Code whose last line is a chart; the argument says what the chart shows."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self) -> list[nodes.Node]:
        code = "\n".join(self.content)
        svg = vl_convert.vegalite_to_svg(_last_value(code).to_dict())
        words = nodes.make_id(self.arguments[0])
        accessible = f'<svg role="img" aria-labelledby="{words}" '
        svg = _WIDTH.sub(accessible, svg).replace(
            ">", f'><title id="{words}">{nodes.unescape(self.arguments[0])}</title>', 1
        )
        picture = nodes.raw("", f'<div class="picture">{svg}</div>', format="html")
        block = nodes.literal_block(code, code, language="python")
        return [picture, block]


def _last_value(code: str) -> Any:
    """Run code, and return the value of its last expression."""
    tree = ast.parse(code)
    last = tree.body.pop()
    if not isinstance(last, ast.Expr):
        raise TypeError("the last line of a picture's code is the chart")
    names: dict[str, Any] = {}
    exec(compile(tree, "<picture>", "exec"), names)
    return eval(compile(ast.Expression(last.value), "<picture>", "eval"), names)


def setup(app: Any) -> dict[str, Any]:
    """Declare the directive."""
    app.add_directive("picture", Picture)
    return {"parallel_read_safe": True}
