"""The policy language: text to a checked program in core form, and back to text. No I/O, no knowledge of services."""

from __future__ import annotations

from congress.datalog.catalog import Catalog, EmptyCatalog
from congress.datalog.diagnostics import CODES, DatalogError, Diagnostic, IncompleteSchema, MultipleRules
from congress.datalog.graph import strongly_connected
from congress.datalog.limits import Limits
from congress.datalog.passes import check_program
from congress.datalog.passes.stratify import stratify
from congress.datalog.policy_names import is_policy_name
from congress.datalog.queries import check_query, instantiate, instantiate_delta
from congress.datalog.sequences import check_sequence, not_a_step
from congress.datalog.statements import check_rule, parse, parse_statement
from congress.datalog.syntax.formatter import format_text
from congress.datalog.syntax.printer import print_statement, print_value
from congress.datalog.syntax.recovery import parse_around

__all__ = [
    "CODES",
    "Catalog",
    "DatalogError",
    "Diagnostic",
    "EmptyCatalog",
    "IncompleteSchema",
    "Limits",
    "MultipleRules",
    "check_program",
    "check_query",
    "check_rule",
    "check_sequence",
    "format_text",
    "instantiate",
    "instantiate_delta",
    "is_policy_name",
    "not_a_step",
    "parse",
    "parse_around",
    "parse_statement",
    "print_statement",
    "print_value",
    "stratify",
    "strongly_connected",
]
