"""docs/database.md says what the schema is."""

import re
from pathlib import Path

from scraper.dictionary import ELSEWHERE, current
from scraper.store import Store

PAGE = Path(__file__).parents[2] / "docs" / "database.md"


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == current(), (
        "run python -m scraper.dictionary > docs/database.md"
    )


def test_every_column_has_a_meaning() -> None:
    assert re.findall(r"^\| `\w+` \| \w+ \| *\|$", current(), re.MULTILINE) == []


def test_every_field_with_a_name_elsewhere_is_a_column_here(tmp_path: Path) -> None:
    with Store(tmp_path / "articles.db") as store:
        columns = {row[1] for row in store.conn.execute("PRAGMA table_info(articles_flat)")}
    assert set(ELSEWHERE) <= columns
