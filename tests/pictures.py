"""The pictures of docs/looking.md, drawn anew by a headless Chromium.

python -m tests.pictures
"""

import subprocess
import tempfile
from datetime import datetime
from pathlib import Path

from scraper.report import page
from scraper.store import Store
from tests.scraper import newsroom
from tests.scraper.test_serve import BROWSER, FLAGS, serving

DOCS = Path(__file__).parents[1] / "docs"
WIDTH = 1100  # pixels


def draw(address: str, name: str, *, height: int) -> None:
    """Write the upper ``height`` pixels of a page as a picture."""
    if BROWSER is None:
        raise SystemExit("this needs Chromium: apt-get install chromium")
    with tempfile.TemporaryDirectory() as profile:
        size = f"--window-size={WIDTH},{height}"
        shot = (f"--user-data-dir={profile}", "--hide-scrollbars", size, f"--screenshot={DOCS / name}")
        subprocess.run([BROWSER, *FLAGS, *shot, address], check=True, capture_output=True, timeout=120)


def main() -> None:
    """Publish the invented papers and draw them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "articles.db"
        with Store(path) as store:
            newsroom.publish(store)
            edited, day = store.conn.execute(
                """SELECT revisions.article_id, (SELECT max(ended_at) FROM runs) FROM revisions
                    JOIN copies USING (article_id) WHERE changed = 'headline'"""
            ).fetchone()
            report = Path(folder) / "report.html"
            report.write_text(page(store.conn, now=datetime.fromisoformat(day)), encoding="utf-8")
        with serving(path) as root:
            draw(f"{root}/", "front.png", height=800)
            draw(f"{root}/articles/search?words=harbour&publication=&since=&until=", "search.png", height=800)
            draw(f"{root}/article/{edited}", "article.png", height=1420)
        draw(report.as_uri(), "report.png", height=2800)


if __name__ == "__main__":
    main()
