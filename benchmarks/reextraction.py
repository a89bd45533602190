"""Ten thousand archived pages extracted anew, twice, with no network: time, and whether it is the same twice.

    python -m benchmarks.reextraction                 # ten thousand pages, half an hour on two idle cores
    python -m benchmarks.reextraction --pages 500     # a look

An earlier edition is played: a line of noise is put back into every hundredth stored body, and every
thousandth is doubled, as if a rule ate half of it. The re-extraction must call the first "noise removed" and
nothing else, and refuse the second. ``unshare --net`` cuts the network off where the system allows it.
"""

import argparse
import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from html import escape
from pathlib import Path

from benchmarks.synthetic import Writer
from extractors import attempt
from scraper.archive import Archive
from scraper.fetch import Fetched
from scraper.store import Store

CTA = "Follow us on social"
HEADERS = (("Content-Type", "text/html; charset=utf-8"),)
TABLES = ("articles", "article_authors", "images", "credits", "teasers", "provenance", "removals")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pages", type=int, default=10_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        began = time.monotonic()
        fill(folder, given.pages)
        print(f"{given.pages:,} pages archived and stored in {time.monotonic() - began:,.0f} s")
        dry = reextract(folder, "--dry-run")
        print(f"dry run:\n{dry}")
        first = reextract(folder)
        one = content(folder)
        second = reextract(folder)
        print(f"second time:\n{second}")
        print("written:", "as the dry run said" if first == dry else f"NOT as the dry run said:\n{first}")
        print("twice:", "byte for byte the same" if content(folder) == one else "NOT the same")


def fill(folder: Path, count: int) -> None:
    """Archive and store pages, and play an earlier edition."""
    writer = Writer()
    with Store(folder / "articles.db") as store, Archive(folder / "archive") as archive:
        for number, (_, article) in enumerate(writer.articles(count)):
            page = html(article.headline or "", article.body.split("\n\n"), article.authors[0], number)
            fetched = Fetched(article.url, article.url, 200, HEADERS, page, datetime.now(UTC), 0.1)
            pointer = archive.write(fetched)
            store.save(article.url, attempt(fetched.page()), fetched=fetched, pointer=pointer)
        with store.transaction() as db:
            noise = f"body = body || char(10, 10) || '{CTA}', edition = 'earlier'"
            db.execute(f"UPDATE articles SET {noise} WHERE id % 100 = 1")
            db.execute("UPDATE articles SET body = body || char(10, 10) || body WHERE id % 1000 = 2")


def html(headline: str, paragraphs: list[str], author: str, number: int) -> bytes:
    """Return a page of an invented site."""
    story = "".join(f"<p>{escape(text)}</p>" for text in paragraphs)
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(headline)}</title>
<meta property="og:type" content="article">
<meta property="article:published_time" content="2026-03-02T08:00:00Z">
</head><body><nav><a href="/">Home</a></nav><main><article><h1>{escape(headline)}</h1>
<p class="byline">By {escape(author)}</p>{story}</article><div class="social-share"><p>{CTA}</p></div>
<aside class="related"><ul><li><a href="/{number + 1}">The next report</a></li></ul></aside></main>
</body></html>
""".encode()


def reextract(folder: Path, *options: str) -> str:
    """Run the command without a network and return what it prints, but for the time."""
    paths = ("-s", f"paths.database={folder / 'articles.db'}", "-s", f"paths.archive={folder / 'archive'}")
    cut = ("unshare", "--net") if _can_cut() else ()
    began = time.monotonic()
    done = subprocess.run(
        [*cut, sys.executable, "-m", "scraper", *paths, "reextract", *options],
        capture_output=True,
        text=True,
        check=False,
    )
    said = "network cut off" if cut else "network could not be cut off"
    seconds = time.monotonic() - began
    print(f"  reextract {' '.join(options)}: {seconds:,.0f} s, {said}, exit code {done.returncode}")
    return re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)


def _can_cut() -> bool:
    return (
        shutil.which("unshare") is not None
        and not subprocess.run(["unshare", "--net", "true"], capture_output=True, check=False).returncode
    )


def content(folder: Path) -> str:
    """Return a hash of all that is stored of the articles."""
    total = hashlib.sha256()
    with Store(folder / "articles.db", read_only=True) as store:
        for table in TABLES:
            for row in store.conn.execute(f"SELECT * FROM {table} ORDER BY 1, 2"):
                total.update(repr(row).encode())
    return total.hexdigest()


if __name__ == "__main__":
    main()
