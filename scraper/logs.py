"""What goes to stderr: lines for people, or one JSON object a line for programs.

``SAID`` is the logger of what a person is told; it speaks at any verbosity.
"""

import json
import logging
import sys
from datetime import UTC, datetime

from scraper import terminal

SAID = logging.getLogger("scraper.said")
LEVELS = (logging.WARNING, logging.INFO, logging.DEBUG)  # by the number of -v


def configure(verbosity: int, form: str) -> None:
    """Send log records to stderr as "text" or "json"; with json every visit is told, without any -v."""
    json_lines = form == "json"
    handler = _JsonLines() if json_lines else _Lines()
    level = LEVELS[min(max(verbosity, json_lines), 2)]
    logging.basicConfig(level=level, handlers=[handler], force=True)
    SAID.setLevel(min(level, logging.INFO))


class _Lines(logging.Handler):
    """What is said as it is; what is logged with time and place before it."""

    def emit(self, record: logging.LogRecord) -> None:
        style = "red" if record.levelno >= logging.ERROR else ""
        text = record.getMessage()
        if record.name != SAID.name:
            moment = datetime.fromtimestamp(record.created).astimezone()
            text = f"{moment:%Y-%m-%d %H:%M:%S} {record.name}: {text}"
        terminal.line(text, style=style, out=sys.stderr)


class _JsonLines(logging.Handler):
    """time, level, logger, message, and the facts of an event: ``extra={"facts": {...}}``."""

    def emit(self, record: logging.LogRecord) -> None:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            line["trace"] = logging.Formatter().formatException(record.exc_info)
        sys.stderr.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")
        sys.stderr.flush()
