"""The protocol: editors' requests to answers. Everything else is told by the other modules of this package."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path
from pygls.workspace import TextDocument

from congress.authoring.checking import read_through
from congress.authoring.errors import InputUnusable
from congress.authoring.project import SUFFIX
from congress.datalog import DatalogError, Diagnostic, format_text, parse_around
from congress.datalog.syntax.ast import Rule, Source, Span
from congress.datalog.syntax.printer import print_atom
from congress.engine.checking import Problem
from congress.languageserver.completion import proposals
from congress.languageserver.hover import about
from congress.languageserver.knowledge import Knowledge, knowledge
from congress.languageserver.places import typed_before, word_at
from congress.languageserver.projects import Projects

SOURCE = "congress"
_SEVERITIES = {"error": lsp.DiagnosticSeverity.Error, "warning": lsp.DiagnosticSeverity.Warning}
_KINDS = {
    "column": lsp.CompletionItemKind.Field,
    "table": lsp.CompletionItemKind.Class,
    "source": lsp.CompletionItemKind.Module,
    "builtin": lsp.CompletionItemKind.Function,
    "word": lsp.CompletionItemKind.Keyword,
}


class PolicyServer(LanguageServer):
    """A language server over the projects of the files that are open."""

    def __init__(self, version: str) -> None:
        super().__init__("congress-lsp", version)
        self._projects = Projects()

    def known(self, document: TextDocument) -> Knowledge | None:
        """What is known at a document; None while its project cannot be read."""
        try:
            return knowledge(*self._projects.open(path_of(document.uri), self._texts()))
        except InputUnusable:
            return None

    def judge(self) -> None:
        """Tell all that is wrong with the open documents: a change of one may mend or break another."""
        for document in self._open().values():
            found = self._diagnostics(document)
            self.text_document_publish_diagnostics(
                lsp.PublishDiagnosticsParams(uri=document.uri, diagnostics=found, version=document.version)
            )

    def _diagnostics(self, document: TextDocument) -> list[lsp.Diagnostic]:
        file = path_of(document.uri)
        try:
            project, schemas, _own = self._projects.open(file, self._texts())
        except InputUnusable as error:
            problem = Problem("error", Diagnostic("project", str(error)))
            return [_diagnostic(document, problem)]
        findings = read_through(project, schemas).findings
        here = [
            each.problem for each in findings if Path(each.problem.diagnostic.source_name).resolve() == file.resolve()
        ]
        return [_diagnostic(document, problem) for problem in here]

    def _open(self) -> dict[str, TextDocument]:
        documents = self.workspace.text_documents
        return {uri: each for uri, each in documents.items() if path_of(uri).suffix == SUFFIX}

    def _texts(self) -> dict[Path, str]:
        return {path_of(uri).resolve(): document.source for uri, document in self._open().items()}


def path_of(uri: str) -> Path:
    """The file of a document."""
    return Path(to_fs_path(uri) or uri)


def _range(document: TextDocument, span: Span | None) -> lsp.Range:
    if span is None:
        return lsp.Range(lsp.Position(0, 0), lsp.Position(0, 0))
    start, end = document.client_position_at_offset(span.start), document.client_position_at_offset(span.end)
    return lsp.Range(start, end)


def _diagnostic(document: TextDocument, problem: Problem) -> lsp.Diagnostic:
    found = problem.diagnostic
    message = f"{found.message}\n{found.hint}" if found.hint else found.message
    place = _range(document, found.span)
    return lsp.Diagnostic(place, message, severity=_SEVERITIES[problem.severity], code=found.code, source=SOURCE)


def make_server(version: str) -> PolicyServer:
    """The server, ready to `start_io`."""
    server = PolicyServer(version)

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    @server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    def changed(ls: PolicyServer, _params: Any) -> None:
        ls.judge()

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def closed(ls: PolicyServer, params: lsp.DidCloseTextDocumentParams) -> None:
        empty = lsp.PublishDiagnosticsParams(uri=params.text_document.uri, diagnostics=[])
        ls.text_document_publish_diagnostics(empty)
        ls.judge()

    @server.feature(lsp.TEXT_DOCUMENT_COMPLETION, lsp.CompletionOptions(trigger_characters=[":", "(", ","]))
    def complete(ls: PolicyServer, params: lsp.CompletionParams) -> list[lsp.CompletionItem]:
        document = ls.workspace.get_text_document(params.text_document.uri)
        known, offset = ls.known(document), document.offset_at_position(params.position)
        typed = len(typed_before(document.source, offset))
        place = lsp.Range(document.client_position_at_offset(offset - typed), params.position)
        return [
            lsp.CompletionItem(
                each.label,
                kind=_KINDS[each.kind],
                detail=each.detail or None,
                documentation=_markdown(each.about) if each.about else None,
                filter_text=each.text,
                text_edit=lsp.TextEdit(place, each.text),
            )
            for each in (proposals(known, document.source, offset) if known else ())
        ]

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    def hover(ls: PolicyServer, params: lsp.HoverParams) -> lsp.Hover | None:
        document = ls.workspace.get_text_document(params.text_document.uri)
        known = ls.known(document)
        found = about(known, document.source, document.offset_at_position(params.position)) if known else None
        return lsp.Hover(_markdown(found)) if found else None

    @server.feature(lsp.TEXT_DOCUMENT_DEFINITION)
    def definition(ls: PolicyServer, params: lsp.DefinitionParams) -> list[lsp.Location]:
        document = ls.workspace.get_text_document(params.text_document.uri)
        known = ls.known(document)
        word = word_at(document.source, document.offset_at_position(params.position))
        found = known.definitions.get(known.table(word.text), ()) if known and word else ()
        locations = []
        for each in found:
            target = ls.workspace.get_text_document(from_fs_path(str(Path(each.origin).resolve())) or "")
            locations.append(lsp.Location(target.uri, _range(target, each.span)))
        return locations

    @server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def outline(ls: PolicyServer, params: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol]:
        document = ls.workspace.get_text_document(params.text_document.uri)
        found = []
        for statement in parse_around(Source(document.uri, document.source))[0].statements:
            if isinstance(statement, Rule):
                whole, name = _range(document, statement.span), _range(document, statement.heads[0].span)
                head = print_atom(statement.heads[0])
                found.append(lsp.DocumentSymbol(head, lsp.SymbolKind.Function, whole, name))
        return found

    @server.feature(lsp.TEXT_DOCUMENT_FORMATTING)
    def format_document(ls: PolicyServer, params: lsp.DocumentFormattingParams) -> list[lsp.TextEdit]:
        document = ls.workspace.get_text_document(params.text_document.uri)
        try:
            formatted = format_text(document.source)
        except DatalogError:  # its diagnostics are shown already
            return []
        if formatted == document.source:
            return []
        return [lsp.TextEdit(_range(document, Span(0, len(document.source), 1, 1)), formatted)]

    return server


def _markdown(text: str) -> lsp.MarkupContent:
    return lsp.MarkupContent(lsp.MarkupKind.Markdown, text)
