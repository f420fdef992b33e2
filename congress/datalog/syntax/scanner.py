"""The scanner: text to tokens, with one compiled expression and in linear time.

A dot belongs to a name only when something of the name follows it, so that `p(x) :- q.` ends with the statement's dot.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple

from congress.datalog.diagnostics import DatalogError, diagnose
from congress.datalog.limits import Limits
from congress.datalog.syntax.ast import Comment, Source, Span
from congress.datalog.syntax.strings import EscapeError, unescape
from congress.datalog.values import Real, Value

# Possessive quantifiers keep a text that matches almost from being tried in many ways.
_TOKEN = re.compile(
    r"""
    (?P<space>[ \t\r\n\f\v]++)
  | (?P<comment>(?://|\#)[^\n]*+)
  | (?P<block>/\*)
  | (?P<triple>[uU]?[rR]?(?:"{3}(?:[^"\\]|\\.|"(?!""))*+"{3}|'{3}(?:[^'\\]|\\.|'(?!''))*+'{3}))
  | (?P<open_triple>[uU]?[rR]?(?:"{3}|'{3}))
  | (?P<string>[uU]?[rR]?(?:"(?:[^"\\\n\r]|\\[^\n\r])*+"|'(?:[^'\\\n\r]|\\[^\n\r])*+'))
  | (?P<escaped>[eE](?:"(?:[^"\\\n\r]|\\[^\n\r])*+"|'(?:[^'\\\n\r]|\\[^\n\r])*+'))
  | (?P<open_string>[uUeE]?[rR]?["'])
  | (?P<float>(?:[0-9]++\.[0-9]*+|\.[0-9]++)(?:[eE][+-]?[0-9]++)?|[0-9]++[eE][+-]?[0-9]++)
  | (?P<based>0[xX][0-9a-fA-F]++|0[oO][0-7]++|0[bB][01]++)
  | (?P<int>[0-9]++)
  | (?P<name>\.*[A-Za-z_](?:[A-Za-z0-9_]|\.+(?=[A-Za-z0-9_(]))*+)
  | (?P<dots>\.++)
  | (?P<mark>:-|[()\[\],;=:+!-])
    """,
    re.VERBOSE | re.DOTALL,
)

BITS_PER_DIGIT = 3.321
"""A little less than the logarithm of 10 to the base 2."""
_KEYWORDS = {"not": "not", "NOT": "not", "execute": "modal", "insert": "modal", "delete": "modal"}
_HINTS = {
    "*": "there are no operators; use a builtin such as mul(x, y, z)",
    "/": "there are no operators; use a builtin such as div(x, y, z)",
    "<": "there are no operators; use a builtin such as lt(x, y)",
    ">": "there are no operators; use a builtin such as gt(x, y)",
    "|": "there is no 'or'; write one rule for each alternative",
    "&": "a comma joins literals",
    "%": "comments begin with // or #",
    "\u201c": 'strings stand in plain quotes, "like this"',
    "\u201d": 'strings stand in plain quotes, "like this"',
    "\u2018": "strings stand in plain quotes, 'like this'",
    "\u2019": "strings stand in plain quotes, 'like this'",
}
_UNTERMINATED = {
    "block": ("unterminated-comment", "Comment is not closed", "add */"),
    "open_triple": ("unterminated-string", "String is not closed", "add the same three quotes at its end"),
    "open_string": (
        "unterminated-string",
        "String is not closed on its line",
        'close the quote; a backslash before a quote keeps the string open; e"\\n" holds a new line',
    ),
}


class Token(NamedTuple):
    """`kind` is `name`, `value`, `modal`, `not`, `end`, or the mark itself; `value` is that of a number or string."""

    kind: str
    text: str
    start: int
    end: int
    value: Value = ""


class Scan(NamedTuple):
    tokens: list[Token]
    comments: tuple[Comment, ...]
    lines: list[int]
    """Offsets at which lines begin."""

    def span(self, start: int, end: int) -> Span:
        line = bisect_right(self.lines, start)
        return Span(start, end, line, start - self.lines[line - 1] + 1)


def scan(source: Source, limits: Limits) -> Scan:
    """The tokens (closed by two of kind `end`) and comments of a text. Raises DatalogError at the first bad word."""
    return _Scanner(source, limits).run()


class _Scanner:
    def __init__(self, source: Source, limits: Limits) -> None:
        self.source, self.limits, self.text = source, limits, source.text
        self.result = Scan([], (), [0, *(match.end() for match in re.finditer("\n", source.text))])
        self.comments: list[Comment] = []

    def run(self) -> Scan:
        text, match_token = self.text, _TOKEN.match
        append, position, length = self.result.tokens.append, 0, len(self.text)
        while position < length:
            match = match_token(text, position)
            if match is None:
                raise self.unexpected(position)
            kind, start, end = match.lastgroup, position, match.end()
            if kind == "name":
                word = match[0]
                append(Token(_KEYWORDS.get(word, "name"), word, start, end))
            elif kind == "mark":
                word = match[0]
                append(Token("not" if word == "!" else word, word, start, end))
            elif kind != "space":
                end = self.other(kind or "", match[0], start, end)
            position = end
        self.result.tokens.extend([Token("end", "", length, length)] * 2)  # the parser looks one further
        return self.result._replace(comments=tuple(self.comments))

    def other(self, kind: str, word: str, start: int, end: int) -> int:
        """Take a token that is neither name, mark nor space; answers where the next one begins."""
        if kind == "comment":
            self.comments.append(Comment(word.rstrip(), self.result.span(start, start + len(word.rstrip()))))
        elif kind == "block":
            end = self.text.find("*/", end) + 2
            if end == 1:
                raise self.unterminated(kind, start, start + 2)
            self.comments.append(Comment(self.text[start:end], self.result.span(start, end)))
        elif kind == "dots":
            if len(word) > 1:
                hint = "one dot ends a statement"
                raise self.error("unexpected-character", "Several dots in a row", start, end, hint)
            self.result.tokens.append(Token(";", word, start, end))
        elif kind in _UNTERMINATED:
            raise self.unterminated(kind, start, end)
        else:
            self.result.tokens.append(Token("value", word, start, end, self.value(kind, word, start, end)))
        return end

    def value(self, kind: str, word: str, start: int, end: int) -> Value:
        if kind in ("string", "triple"):
            quotes = 3 if kind == "triple" else 1
            return word[word.index(word[-1]) + quotes : -quotes]
        if kind == "escaped":
            try:
                return unescape(word[2:-1])
            except EscapeError as error:
                hint = r"known are \\ \" \' \n \r \t \uXXXX \UXXXXXXXX"
                where = start + 2 + error.offset
                raise self.error("bad-escape", str(error), where, where + 2, hint) from None
        return self.number(kind, word, start, end)

    def number(self, kind: str, word: str, start: int, end: int) -> Value:
        if self.text[end : end + 1].isalnum() or self.text[end : end + 1] == "_":
            message = f"Number {word[:40]} runs into a name"
            hint = "write a string in quotes, and a number without letters"
            raise self.error("bad-number", message, start, end + 1, hint)
        if kind == "float":
            real = float(word)
            if real in (float("inf"), float("-inf")):
                raise self.error("number-too-large", f"Number {word[:40]} is too large", start, end)
            return Real(real)
        if len(word) > self.limits.digits:
            raise self.too_long(len(word), start, end)
        if kind == "int" and word[0] == "0" and word.strip("0"):
            hint = f"write {word.lstrip('0')[:40]}, or 0o{word.lstrip('0')[:40]} for an octal number"
            raise self.error("bad-number", f"Integer {word[:40]} begins with a zero", start, end, hint)
        if kind == "int":
            return int(word)
        number = int(word, 0)
        if number.bit_length() > self.limits.digits * BITS_PER_DIGIT:
            raise self.too_long(len(word), start, end)
        return number

    def too_long(self, digits: int, start: int, end: int) -> DatalogError:
        message = f"Integer has {digits} digits, at most {self.limits.digits} decimal ones are permitted"
        return self.error("number-too-large", message, start, end)

    def unexpected(self, position: int) -> DatalogError:
        char = self.text[position]
        message = f"Unexpected character {char!r}"
        if char.isalpha():
            hint = "names are made of the letters A-Z and a-z, digits, _ and dots; anything may stand in a string"
        else:
            hint = _HINTS.get(char, "")
        return self.error("unexpected-character", message, position, position + 1, hint)

    def unterminated(self, kind: str, start: int, end: int) -> DatalogError:
        code, message, hint = _UNTERMINATED[kind]
        return self.error(code, message, start, end, hint)

    def error(self, code: str, message: str, start: int, end: int, hint: str = "") -> DatalogError:
        return DatalogError([diagnose(code, message, self.result.span(start, end), self.source, hint=hint)])
