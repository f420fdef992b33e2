"""Colours of the policy language on the site, by Pygments. Editors have a finer grammar, see `editors/`."""

from __future__ import annotations

from pygments import token
from pygments.lexer import RegexLexer, words
from sphinx.application import Sphinx


class PolicyLexer(RegexLexer):
    """Comments, strings, numbers, words, tables, and columns before `=`."""

    name = "Congress policy"
    aliases = ["datalog"]
    tokens = {
        "root": [
            (r"//.*$|#.*$", token.Comment.Single),
            (r"/\*[\s\S]*?\*/", token.Comment.Multiline),
            (r'"""[\s\S]*?"""|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'', token.String),
            (words(("not", "execute", "insert", "delete"), suffix=r"\b"), token.Keyword),
            (r"-?\d[\d.eE+-]*", token.Number),
            (r"[A-Za-z_][\w.:]*(?=[+-]?\()", token.Name.Function),
            (r"[A-Za-z_]\w*(?=\s*=)", token.Name.Attribute),
            (r"[A-Za-z_][\w.:]*", token.Name.Variable),
            (r":-|<-|[()\[\],;=+|-]", token.Punctuation),
            (r"\s+", token.Whitespace),
            (r".", token.Text),
        ]
    }


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_lexer("datalog", PolicyLexer)
    return {"parallel_read_safe": True}
