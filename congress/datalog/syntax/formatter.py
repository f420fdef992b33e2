"""The formatter: one layout for every policy, with its comments.

A statement starts on a line of its own; a long rule, or one with comments in it, has a line for each literal. At most
one blank line is kept between statements. Comments keep their text, and stay beside or between what they stood
beside or between.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from congress.datalog.limits import DEFAULT_LIMITS, Limits
from congress.datalog.syntax.ast import Comment, Program, Rule, Source, Span, Statement
from congress.datalog.syntax.parser import parse_program
from congress.datalog.syntax.printer import print_atom, print_literal, print_statement

WIDTH = 80
"""Rules that are longer have a line for each literal."""
INDENT = "  "


def format_text(text: str, *, source: str = "<text>", limits: Limits = DEFAULT_LIMITS) -> str:
    """The text in the one layout; formatting it again changes nothing. Raises DatalogError."""
    program = parse_program(Source(source, text), limits)
    return _Layout(text, program).format()


@dataclass(slots=True)
class _Piece:
    """A part of a statement that has a line of its own, with the comments beside it and below it."""

    text: str
    span: Span
    beside: list[Comment] = field(default_factory=list)
    below: list[Comment] = field(default_factory=list)


class _Layout:
    def __init__(self, text: str, program: Program) -> None:
        self.text = text
        self.statements = list(program.statements)
        self.comments = list(program.comments)
        self.lines: list[str] = []
        self.is_line_closed = False
        self.last_end: int | None = None
        """Offset behind the last thing laid out at top level."""

    def format(self) -> str:
        comments = iter([*self.comments, None])
        comment = next(comments)
        for statement in self.statements:
            while comment is not None and comment.span.start < statement.span.start:
                self.place_comment(comment)
                comment = next(comments)
            inside = []
            while comment is not None and comment.span.start < statement.span.end:
                inside.append(comment)
                comment = next(comments)
            self.place_statement(statement, inside)
        while comment is not None:
            self.place_comment(comment)
            comment = next(comments)
        return "\n".join(self.lines) + "\n" if self.lines else ""

    def place_comment(self, comment: Comment) -> None:
        """Beside the last line when it stood there and that line can go on, else on a line of its own."""
        gap = self.gap(comment.span)
        if gap == 0 and not self.is_line_closed:
            self.lines[-1] += f"  {comment.text}"
        else:
            self.lines += ([""] if gap > 1 else []) + [comment.text]
        self.is_line_closed = _closes_line(comment)
        self.last_end = comment.span.end

    def place_statement(self, statement: Statement, inside: list[Comment]) -> None:
        """The statement; comments inside its last literal follow it, each on a line of its own."""
        if self.gap(statement.span) > 1:
            self.lines.append("")
        pieces = _pieces(statement)
        between = [comment for comment in inside if comment.span.start < pieces[-1].span.start]
        short = print_statement(statement)
        if len(pieces) == 1 or (not between and len(short) <= WIDTH):
            self.lines.append(short)
        else:
            self.lines += _lines_of(pieces, between, self.text)
        behind = inside[len(between) :]
        self.lines += [comment.text for comment in behind]
        self.is_line_closed = bool(behind) and _closes_line(behind[-1])
        self.last_end = statement.span.end

    def gap(self, span: Span) -> int:
        """Line ends between the last thing laid out and this one; 1 at the beginning of the text."""
        if self.last_end is None:
            return 1
        return self.text.count("\n", self.last_end, span.start)


def _pieces(statement: Statement) -> list[_Piece]:
    """The lines of a statement; each has at its end what comes before comments beside it."""
    if not isinstance(statement, Rule):
        return [_Piece(print_atom(statement.atom), statement.span)]
    heads = [_Piece(print_atom(head) + ",", head.span) for head in statement.heads]
    heads[-1].text = heads[-1].text[:-1] + " :-"
    body = [_Piece(INDENT + print_literal(literal) + ",", literal.span) for literal in statement.body]
    body[-1].text = body[-1].text[:-1]
    return heads + body


def _lines_of(pieces: list[_Piece], comments: list[Comment], text: str) -> list[str]:
    """The pieces one to a line, each comment beside or below the last piece that begins before it."""
    for comment in comments:
        piece = next((piece for piece in reversed(pieces) if piece.span.start <= comment.span.start), pieces[0])
        is_beside = (
            comment.span.start >= piece.span.end
            and not piece.below
            and "\n" not in text[piece.span.end : comment.span.start]
        )
        (piece.beside if is_beside else piece.below).append(comment)
    lines = []
    for piece in pieces:
        lines.append("  ".join([piece.text, *[comment.text for comment in piece.beside]]))
        lines += [INDENT + comment.text for comment in piece.below]
    return lines


def _closes_line(comment: Comment) -> bool:
    """Whether the comment ends with its line."""
    return not comment.text.startswith("/*")
