"""The body's blocks as they are stored: where each stands in the body instead of its text.

``[{"kind":"heading","level":2,"at":1,"length":12}, …]``: ``at`` counts characters from 1, so that in SQL
``substr(body, at, length)`` is the text. A second copy of the text would be half of the row.
"""

import json
from typing import Any

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode  # one for all calls

BLANK_LINE = "\n\n"  # what stands between the blocks of a body


def placed(blocks: list[dict[str, Any]], body: str) -> str:
    """Return blocks as JSON; a text that does not stand in the body where it should is kept as it is."""
    found: list[dict[str, Any]] = []
    at = 0
    for block in blocks:
        text = block["text"]
        kept = {name: value for name, value in block.items() if name != "text" and value}
        if body.startswith(text, at):
            found.append(kept | {"at": at + 1, "length": len(text)})
            at += len(text) + len(BLANK_LINE)
        else:
            found.append(kept | {"text": text})
    return _encode(found)


def with_texts(stored: str, body: str) -> list[dict[str, Any]]:
    """Return the blocks with their texts, as they were given to ``placed``."""
    found = []
    for block in json.loads(stored):
        at, length = block.pop("at", 1) - 1, block.pop("length", 0)
        found.append({"text": body[at : at + length]} | block)
    return found
