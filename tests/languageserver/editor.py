"""An editor of a few lines: speaks the Language Server Protocol with a real `congress-lsp` over standard streams."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any


class Editor:
    """Opens files in `root`. Positions are (line, character), both counted from 0, in units of UTF-16."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._process = subprocess.Popen(
            [sys.executable, "-m", "congress.cli.lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._answers: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._notified: queue.Queue[dict[str, Any]] = queue.Queue()
        self._number = 0
        self._versions: dict[str, int] = {}
        threading.Thread(target=self._read, daemon=True).start()
        folder = [{"uri": root.as_uri(), "name": "policies"}]
        told = {"processId": None, "rootUri": root.as_uri(), "capabilities": {}, "workspaceFolders": folder}
        self.capabilities = self.ask("initialize", told)["capabilities"]
        self._notify("initialized", {})

    def close(self) -> int:
        """Leave as editors do; the server's exit status."""
        self.ask("shutdown", None)
        self._notify("exit", None)
        return self._process.wait(60)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def ask(self, method: str, params: Any) -> Any:
        """The result of a request."""
        self._number += 1
        self._send({"id": self._number, "method": method, "params": params})
        answer = self._answers.get(timeout=120)
        assert answer is not None and answer["id"] == self._number, answer
        assert "error" not in answer, answer["error"]
        return answer["result"]

    def uri(self, name: str) -> str:
        return (self.root / name).as_uri()

    def open(self, name: str, text: str | None = None) -> list[dict[str, Any]]:
        """Open a file, with its saved text or another; the diagnostics that are told of it."""
        shown = (self.root / name).read_text() if text is None else text
        self._versions[name] = 1
        document = {"uri": self.uri(name), "languageId": "congress", "version": 1, "text": shown}
        self._notify("textDocument/didOpen", {"textDocument": document})
        return self.diagnostics(name)

    def change(self, name: str, text: str) -> list[dict[str, Any]]:
        """Give an open file another text; the diagnostics that are told of it."""
        self._versions[name] += 1
        document = {"uri": self.uri(name), "version": self._versions[name]}
        self._notify("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]})
        return self.diagnostics(name)

    def diagnostics(self, name: str) -> list[dict[str, Any]]:
        """The next diagnostics of the file's present version."""
        while True:
            told = self._notified.get(timeout=120)
            if told["uri"] == self.uri(name) and told.get("version") == self._versions[name]:
                found: list[dict[str, Any]] = told["diagnostics"]
                return found

    def at(self, method: str, name: str, line: int, character: int, **more: Any) -> Any:
        """The result of a request about a position."""
        place = {"textDocument": {"uri": self.uri(name)}, "position": {"line": line, "character": character}}
        return self.ask(f"textDocument/{method}", {**place, **more})

    # -- the wire

    def _notify(self, method: str, params: Any) -> None:
        self._send({"method": method, "params": params})

    def _send(self, message: dict[str, Any]) -> None:
        raw = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(raw), raw))
        self._process.stdin.flush()

    def _read(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        while line := stream.readline():
            length = 0
            while line.strip():
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
                line = stream.readline()
            message = json.loads(stream.read(length))
            if "id" in message and "method" not in message:
                self._answers.put(message)
            elif message.get("method") == "textDocument/publishDiagnostics":
                self._notified.put(message["params"])
        self._answers.put(None)
