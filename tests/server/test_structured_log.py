"""The log as programs read it."""

from __future__ import annotations

import io
import json
import logging

from oslo_context.context import RequestContext
from oslo_log.formatters import JSONFormatter

from congress.server.logmasking import MaskingFormatter
from tests.canaries import MARK


def test_a_line_is_an_object_with_the_ids_of_the_request_and_without_secrets() -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(MaskingFormatter(JSONFormatter(), lambda text: text.replace(f"{MARK}word", "<hidden>")))
    RequestContext(request_id="req-1", global_request_id="req-2")
    record = logging.LogRecord("congress.api", logging.INFO, __file__, 1, 'said "%s"\nand went', (f"{MARK}word",), None)
    handler.emit(record)
    [line] = written.getvalue().splitlines()
    told = json.loads(line)
    assert told["message"] == 'said "<hidden>"\nand went'
    assert (told["context"]["request_id"], told["context"]["global_request_id"]) == ("req-1", "req-2")
    assert told["levelname"] == "INFO"
