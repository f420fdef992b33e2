"""Random pieces of the language for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from congress.datalog.syntax.ast import AggregateCall, Atom, Column, Constant, Fact, Literal, Rule, Variable
from congress.datalog.values import Real

KEYWORDS = {"not", "NOT", "execute", "insert", "delete"}

names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,6}(\.[a-z0-9_]{1,3}){0,2}", fullmatch=True).filter(
    lambda name: name not in KEYWORDS
)
reals = st.floats(allow_nan=False, allow_infinity=False).map(Real)
constants = st.one_of(st.integers(), reals, st.text(st.characters(exclude_categories=())), st.text("\"'\\ne\n{}")).map(
    Constant
)
variables = names.map(Variable)
aggregates = st.builds(AggregateCall, names, st.one_of(variables, constants.filter(lambda c: _is_plain(c.value))))
terms = st.one_of(variables, constants)
columns = st.builds(Column, st.one_of(names, st.integers(0, 99)), terms)


def _is_plain(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, (int, float)) and value >= 0)


def atoms(arguments: st.SearchStrategy[object], modals: bool) -> st.SearchStrategy[Atom]:
    return st.builds(
        Atom,
        names,
        st.lists(arguments, max_size=4).map(tuple),
        st.none() | names,
        st.sampled_from(["", "", "+", "-"]),
        st.sampled_from([None, None, "execute", "insert", "delete"]) if modals else st.none(),
    )


literals = st.builds(Literal, atoms(terms | columns, modals=True), st.booleans())
heads = atoms(st.one_of(terms, columns, aggregates), modals=True)
rules = st.builds(
    Rule,
    st.lists(heads, min_size=1, max_size=2).map(tuple),
    st.lists(literals, min_size=1, max_size=4).map(tuple),
)
facts = st.builds(Fact, heads)
statements = st.one_of(rules, facts)

comments = st.one_of(
    st.text(st.characters(exclude_characters="\n\r", exclude_categories=("Cs",)), max_size=8).map("# {}".format),
    st.text(st.characters(exclude_characters="\n\r", exclude_categories=("Cs",)), max_size=8).map("//{}".format),
    st.text("ab \n/#\"'", max_size=8).filter(lambda text: "*/" not in text).map("/*{}*/".format),
)

WORDS = [
    *["p", "q(x)", "nova:servers(id=x, 2=y)", "not", "!", "NOT", "execute[", "]", "insert", "delete[", "p+(1)", "q-"],
    *[":-", ":", "(", ")", ",", ";", ".", "=", "+", "-", "..", "count(x)", "builtin:plus(x,y,z)", "true", "false"],
    *['"a"', "'b'", '"""', "'''", '"', "'", 'e"\\n"', 'e"\\', 'r"\\"', "\\", "/*", "*/", "//", "#", "\n", " ", "\t"],
    *["0", "017", "0x1F", "1.5", ".5", "5.", "1e309", "1e", "-1", "é", "\u201c", "\0", "\ud800", "a.b", ".q", "x."],
]
hostile = st.one_of(
    st.text(max_size=200),
    st.lists(st.sampled_from(WORDS), max_size=60).map("".join),
    st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join),
)
