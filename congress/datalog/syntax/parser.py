"""The parser: tokens to the syntax tree, looking one token ahead, without recursion."""

from __future__ import annotations

from dataclasses import replace

from congress.datalog.diagnostics import DatalogError, diagnose
from congress.datalog.limits import DEFAULT_LIMITS, Limits
from congress.datalog.syntax.ast import (
    AggregateCall,
    Argument,
    Atom,
    Column,
    Conjunction,
    Constant,
    Fact,
    Literal,
    Program,
    Question,
    Rule,
    Source,
    Span,
    Term,
    Variable,
)
from congress.datalog.syntax.scanner import Scan, Token, scan
from congress.datalog.values import Real

_HINTS = {
    "=": "= refers to a column inside an atom; to compare values use equal(x, y)",
    "(": "arguments are variables, numbers and strings; nothing can be nested in them",
    "+": "a positive number has no sign",
}
_NAMES_OF_KINDS = {"end": "the end of the text", ";": "the end of the statement"}


def parse_program(source: Source, limits: Limits = DEFAULT_LIMITS) -> Program:
    """The statements and comments of a policy's text. Raises DatalogError with the first thing that is wrong."""
    parser = _Parser(source, limits)
    statements = []
    for question in parser.questions():
        if isinstance(question, Conjunction):
            raise parser.headless(question)
        statements.append(question)
    return Program(tuple(statements), parser.scan.comments, source)


def parse_questions(source: Source, limits: Limits = DEFAULT_LIMITS) -> list[Question]:
    """As `parse_program`, for queries: a conjunction may stand without a head. Comments are dropped."""
    return _Parser(source, limits).questions()


class _Parser:
    def __init__(self, source: Source, limits: Limits) -> None:
        self.source, self.limits = source, limits
        if len(source.text) > limits.text:
            message = f"Text has {len(source.text)} characters, at most {limits.text} are permitted"
            raise DatalogError([diagnose("limit-exceeded", message, None, source, hint="split it")])
        self.scan: Scan = scan(source, limits)
        self.tokens = self.scan.tokens
        self.position = 0

    # statement : formula (";" | ".")?
    def questions(self) -> list[Question]:
        found = []
        while self.tokens[self.position].kind != "end":
            found.append(self.question())
            if self.tokens[self.position].kind == ";":
                self.position += 1
        return found

    # formula : literals (":-" literals)?
    def question(self) -> Question:
        start = self.tokens[self.position].start
        first = self.literals()
        if self.tokens[self.position].kind != ":-":
            if len(first) == 1 and not first[0].negated:
                return Fact(first[0].atom, first[0].span, self.source)
            return Conjunction(first, self.span_since(start), self.source)
        self.position += 1
        for literal in first:
            if literal.negated:
                hint = "negation stands in bodies only"
                raise self.error("negated-head", "A head cannot be negated", literal.span, hint)
        body = self.literals()
        return Rule(tuple(literal.atom for literal in first), body, self.span_since(start), self.source)

    # literals : literal ("," literal)*
    def literals(self) -> tuple[Literal, ...]:
        found = [self.literal()]
        while self.tokens[self.position].kind == ",":
            self.position += 1
            found.append(self.literal())
            if len(found) > self.limits.literals:
                message = f"More than {self.limits.literals} literals in one rule"
                raise self.error("limit-exceeded", message, found[-1].span, "split the rule")
        return tuple(found)

    # literal : ("not" | "NOT" | "!")? (atom | modal "[" atom "]")
    def literal(self) -> Literal:
        token = self.tokens[self.position]
        negated = token.kind == "not"
        if negated:
            self.position += 1
            if self.tokens[self.position].kind == "not":
                raise self.error("unexpected-token", "Double negation", self.here(), "leave both out")
        atom = self.modal_atom() if self.tokens[self.position].kind == "modal" else self.atom(None, token.start)
        return Literal(atom, negated, self.span_since(token.start) if negated else atom.span)

    def modal_atom(self) -> Atom:
        token = self.tokens[self.position]
        self.position += 1
        if self.tokens[self.position].kind != "[":
            hint = f"{token.text} is not a name; a modal is written {token.text}[service:action(x)]"
            raise self.error("reserved-word", f"{token.text} is a reserved word", self.token_span(token), hint)
        self.position += 1
        atom = self.atom(token.text, token.start)
        if self.tokens[self.position].kind in (":-", ";", ",") and token.text != "execute":
            hint = "insert and delete rules through the API or the command line"
            raise self.error("event-syntax", f"{token.text}[...] around a rule", self.token_span(token), hint)
        self.expect("]", "to close the modal")
        return replace(atom, span=self.span_since(token.start))

    # atom : NAME (":" NAME)* ("+" | "-")? ("(" arguments? ")")?
    def atom(self, modal: str | None, start: int) -> Atom:
        tokens = self.tokens
        names = [self.name("a table")]
        while tokens[self.position].kind == ":":
            self.position += 1
            names.append(self.name("a table"))
        sign = ""
        if tokens[self.position].kind in ("+", "-"):
            sign = tokens[self.position].kind
            self.refuse_hyphen()
            self.position += 1
        args: tuple[Argument, ...] = ()
        if tokens[self.position].kind == "(":
            self.position += 1
            args = self.arguments()
        policy, table = (None, names[0]) if len(names) == 1 else (names[0], ":".join(names[1:]))
        return Atom(table, args, policy, sign, modal, self.span_since(start))

    def refuse_hyphen(self) -> None:
        """`a-b(1)` would be the update `a-` and the atom `b(1)`, which nobody means who writes it without a space."""
        before, sign, after = self.tokens[self.position - 1 : self.position + 2]
        if after.kind == "name" and before.end == sign.start and sign.end == after.start:
            name = before.text + sign.text + after.text
            span = self.scan.span(before.start, after.end)
            hint = f"write _ instead, or a space behind {before.text}{sign.text} if the update is meant"
            raise self.error("hyphenated-name", f"{name} is not a name", span, hint)

    # arguments : (argument ("," argument)*)?
    def arguments(self) -> tuple[Argument, ...]:
        tokens = self.tokens
        found: list[Argument] = []
        if tokens[self.position].kind != ")":
            found.append(self.argument())
            while tokens[self.position].kind == ",":
                self.position += 1
                found.append(self.argument())
            if len(found) > self.limits.arguments:
                message = f"{len(found)} arguments in one atom, at most {self.limits.arguments} are permitted"
                raise self.error("limit-exceeded", message, self.here())
        self.expect(")", "to close the arguments")
        return tuple(found)

    # argument : term | (NAME | INT) "=" term
    def argument(self) -> Argument:
        token = self.tokens[self.position]
        if self.tokens[self.position + 1].kind != "=" or token.kind == "end":
            return self.term()
        if token.kind == "name":
            reference: str | int = token.text
        elif isinstance(token.value, int):
            reference = token.value
        else:
            raise self.error("unexpected-token", "Only a name or a number can refer to a column", self.here())
        self.position += 2
        return Column(reference, self.term(), self.span_since(token.start))

    # term : NAME | "-"? NUMBER | STRING | NAME "(" term ")"
    def term(self) -> Term:
        token = self.tokens[self.position]
        if token.kind == "name":
            self.position += 1
            return self.aggregate(token) if self.tokens[self.position].kind == "(" else self.variable(token)
        if token.kind == "value":
            self.position += 1
            return Constant(token.value, self.token_span(token))
        if token.kind == "-":
            number = self.tokens[self.position + 1].value
            if isinstance(number, (int, Real)):
                self.position += 2
                value = Real(-float(number)) if isinstance(number, Real) else -number
                return Constant(value, self.span_since(token.start))
        raise self.unexpected("a variable, a number or a string")

    def variable(self, token: Token) -> Variable:
        following = self.tokens[self.position]
        if following.kind in ("+", "-"):
            after = self.tokens[self.position + 1]
            if following.start == token.end and after.kind == "name" and after.start == following.end:
                message = f"{token.text}{following.text}{after.text} is not a name"
                hint = "names have no hyphens, and there are no operators: use plus(x, y, z) or minus(x, y, z)"
                raise self.error("hyphenated-name", message, self.scan.span(token.start, after.end), hint)
        return Variable(token.text, self.token_span(token))

    def aggregate(self, token: Token) -> AggregateCall:
        self.position += 1
        inner = self.tokens[self.position]
        if inner.kind not in ("name", "value"):
            raise self.unexpected("a variable")
        self.position += 1
        argument: Variable | Constant
        if inner.kind == "name":
            argument = Variable(inner.text, self.token_span(inner))
        else:
            argument = Constant(inner.value, self.token_span(inner))
        self.expect(")", "to close the aggregate")
        return AggregateCall(token.text, argument, self.span_since(token.start))

    def name(self, what: str) -> str:
        token = self.tokens[self.position]
        if token.kind != "name":
            if token.kind in ("modal", "not"):
                message = f"{token.text} is a reserved word"
                raise self.error("reserved-word", message, self.here(), "choose another name")
            raise self.unexpected(f"the name of {what}")
        self.position += 1
        return token.text

    def expect(self, kind: str, purpose: str) -> None:
        if self.tokens[self.position].kind != kind:
            raise self.unexpected(f"'{kind}' {purpose}")
        self.position += 1

    def here(self) -> Span:
        return self.token_span(self.tokens[self.position])

    def token_span(self, token: Token) -> Span:
        return self.scan.span(token.start, token.end)

    def span_since(self, start: int) -> Span:
        return self.scan.span(start, self.tokens[self.position - 1].end)

    def unexpected(self, expected: str) -> DatalogError:
        token = self.tokens[self.position]
        found = _NAMES_OF_KINDS.get(token.kind) or f"'{token.text[:40]}'"
        hint = _HINTS.get(token.kind, "")
        if not hint and self.position and self.tokens[self.position - 1].kind == ",":
            hint = "or leave out the comma before"
        return self.error("unexpected-token", f"Expected {expected}, found {found}", self.here(), hint)

    def headless(self, question: Conjunction) -> DatalogError:
        if len(question.literals) == 1:
            return self.error("negated-head", "A fact cannot be negated", question.span, "leave it out instead")
        hint = "a rule is written head :- literal, literal"
        return self.error("headless-conjunction", "Several literals without ':-'", question.span, hint)

    def error(self, code: str, message: str, span: Span, hint: str = "") -> DatalogError:
        return DatalogError([diagnose(code, message, span, self.source, hint=hint)])
