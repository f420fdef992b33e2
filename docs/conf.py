"""How Sphinx makes the documentation site: `make docs`. Options: https://www.sphinx-doc.org/en/master/usage/configuration.html."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "extensions"))

project = "Congress"
html_title = "Congress"
author = "the authors of Congress"
extensions = ["myst_parser", "sphinx.ext.autodoc", "other_pages", "policy_lexer"]
exclude_patterns = ["_build", "extensions"]

myst_heading_anchors = 4

html_theme = "furo"
html_show_sourcelink = False
html_show_copyright = False

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
# Types in signatures: of Python, of libraries, and inner ones that the site does not describe.
nitpick_ignore_regex = [("py:class", ".*")]
# A type in a signature that is called like a field of several records, such as `type`; and blocks of code that a lexer
# cannot read: the tests read them all, and know that `…` stands for what is left out.
suppress_warnings = ["ref.python", "misc.highlighting_failure"]
