"""docs/queries.md with the demo's answers.

python -m tests.queries    # crawl the demo and write the answers anew
"""

import re
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from scraper.demo import tour

PAGE = Path(__file__).parents[1] / "docs" / "queries.md"
QUERY = re.compile(r"(<!-- varies -->\n)?```sql\n(.*?)```\n(?:\n(?:\|[^\n]*\n)+)?", re.DOTALL)


def answered(text: str, db: sqlite3.Connection) -> str:
    """Return the page with each answer under its query, but for those that vary."""
    return QUERY.sub(
        lambda match: match[0] if match[1] else f"```sql\n{match[2]}```\n\n{_answer(match[2], db)}", text
    )


def queries(text: str) -> list[str]:
    """Return the queries of the page."""
    return [match[2] for match in QUERY.finditer(text)]


def _answer(query: str, db: sqlite3.Connection) -> str:
    cursor = db.execute(query)
    names = [column[0] for column in cursor.description]
    rows = [[_cell(value) for value in row] for row in cursor]
    return "".join(f"| {' | '.join(row)} |\n" for row in (names, ["---"] * len(names), *rows))


def _cell(value: object) -> str:
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return " ".join(text.split()).replace("|", "\\|")


def main() -> None:
    """Crawl the demo and write the page."""
    with tempfile.TemporaryDirectory() as folder:
        toured = tour.tour(Path(folder) / "demo", lambda _: None)
        with closing(sqlite3.connect(toured.config.paths.database)) as db:
            PAGE.write_text(answered(PAGE.read_text(encoding="utf-8"), db), encoding="utf-8")


if __name__ == "__main__":
    main()
