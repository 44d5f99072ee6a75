"""The log: JSON lines for its owner alone, without what people ask."""

import json
import logging
import logging.config
import sys
from pathlib import Path

from django.test import RequestFactory

from ibcm.logs import logging_settings


def _lines(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def _handler(file: Path) -> logging.Handler:
    """The handler as the settings build it, without touching the process's own logging."""
    settings = logging_settings(file, "INFO")
    alone = {**settings, "loggers": {}, "root": {}}
    configured = logging.config.DictConfigurator(alone)
    formatter = configured.configure_formatter(alone["formatters"]["json"])
    configured.config["formatters"] = {"json": formatter}
    configured.config["filters"] = {"no_waiting": configured.configure_filter(alone["filters"]["no_waiting"])}
    return configured.configure_handler(alone["handlers"]["file"])


def _logged(tmp_path: Path, name: str, status: int) -> list[dict[str, object]]:
    file = tmp_path / "ibcm.log"
    handler = _handler(file)
    record = logging.LogRecord(name, logging.WARNING, __file__, 1, "Bad Request: %s", ("/api/v1/ask",), None)
    record.request = RequestFactory().get("/api/v1/ask?question=where+do+I+sleep")
    record.status_code = status
    handler.handle(record)
    handler.close()
    assert not file.exists() or file.stat().st_mode & 0o077 == 0
    return _lines(file) if file.exists() else []


def test_a_line_says_what_happened_and_not_what_was_asked(tmp_path: Path) -> None:
    (line,) = _logged(tmp_path, "django.request", 400)
    assert (line["event"], line["status_code"], line["level"]) == ("Bad Request: /api/v1/ask", 400, "warning")
    assert "sleep" not in json.dumps(line)


def test_an_error_that_may_quote_a_source_is_logged_without_its_words(tmp_path: Path) -> None:
    file, said = tmp_path / "ibcm.log", "Quetzalcoatlus"
    handler = _handler(file)
    try:
        try:
            float(said)
        except ValueError as error:
            raise KeyError("rating") from error
    except KeyError:
        handler.handle(logging.LogRecord("ibcm", logging.ERROR, __file__, 1, "failed", (), sys.exc_info()))
    handler.close()
    (line,) = _lines(file)
    told = str(line["exception"])
    assert "ValueError: (withheld" in told
    assert "KeyError: 'rating'" in told
    assert "test_logs.py" in told
    assert "could not convert" not in told


def test_whoever_waits_for_the_start_leaves_no_lines(tmp_path: Path) -> None:
    assert _logged(tmp_path, "django.request", 503) == []
