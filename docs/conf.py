"""The documentation: Sphinx with MyST; nothing is fetched from the network, nor by its readers."""

import sys
from pathlib import Path
from typing import Any

import dissensus

sys.path.insert(0, str(Path(__file__).parent / "_extensions"))

project = "dissensus"
author = "The dissensus developers"
project_copyright = author
version = release = dissensus.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "mathml",
    "pictures",
]
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

napoleon_google_docstring = False
napoleon_use_rtype = False
autodoc_typehints = "none"
autodoc_member_order = "bysource"
maximum_signature_line_length = 88

html_theme = "furo"
html_title = f"dissensus {version}"
html_math_renderer = "mathml"
html_show_sphinx = False
html_copy_source = False
html_static_path = ["_static"]
html_css_files = ["tables.css"]


def trimmed(_app: Any, _page: str, text: list[str]) -> None:
    """Leave out the empty line that ends an example for doctest."""
    text[0] = text[0].replace("\n\n```\n", "\n```\n")


def setup(app: Any) -> None:
    """Tidy pages before MyST reads them."""
    app.connect("source-read", trimmed)
