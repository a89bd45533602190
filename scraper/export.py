"""Stored articles as files for other programs, and the manifest that lets anyone check them.

Everything is written as it comes from the database, one article at a time: a million need no more memory
than one.

    csv, tsv      the columns of ``articles_flat``; formulas are made harmless unless raw
    nl            one JSON object a line with all that is known, lists as lists
    parquet       the columns of ``articles_flat``, typed; needs ``pip install cleancopy[parquet]``
    markdown      one file an article in a folder, with the facts as YAML front matter
    jsonld        one schema.org NewsArticle a line
"""

import hashlib
import json
import os
import re
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from sqlite3 import Connection, Row
from types import MappingProxyType
from typing import IO, Any

from extractors import Article, Noise
from scraper import (
    archived,
    edition,
    learned,
    linked_data,
    refusals,
    render,
    rows,
    rulebook,
    search,
    stored,
    stories,
)
from scraper.config import Config
from scraper.errors import ScrapeError
from scraper.frontier import utc
from scraper.search import Wanted

PARQUET_ROWS = 1000  # in one row group: some 6 MB of text in memory
SLUG = 60  # characters of a headline in a file's name
MANIFEST = ".manifest.jsonl"
FRONT_MATTER = (
    "headline", "dek", "url", "canonical_url", "publication", "section", "authors", "published_at",
    "modified_at", "language", "tags", "access",
)  # fmt: skip

NUMBERS = ("id", "words", "revisions")  # columns of articles_flat that are no text


@dataclass(frozen=True, slots=True)
class Exported:
    """How many articles were written, where, and where their manifest is."""

    articles: int
    path: Path | None
    manifest: Path | None


@dataclass(frozen=True, slots=True)
class Item:
    """One article on its way out: its row, itself, and its row of ``articles_flat``."""

    row: Row
    article: Article
    flat: dict[str, Any]


def export(
    db: Connection, wanted: Wanted, config: Config, form: str, target: Path, *, raw: bool = False
) -> Exported:
    """Write the wanted articles in one of FORMS to ``target``, a file or for Markdown a folder.

    A manifest is written beside it. ``db`` should see one moment, as that of ``Store.reading`` does.
    Raises ScrapeError for a target that cannot be written.
    """
    manifest = target.with_name(target.name + MANIFEST)
    with _writable(target), manifest.open("w", encoding="utf-8") as out:
        out.write(json.dumps(_header(wanted, config, form, raw=raw), ensure_ascii=False) + "\n")
        counted = _Counted(out)
        with closing(items(db, wanted)) as found:
            FORMS[form](counted.noted(db, found), target, raw)
        footer = {"articles": counted.articles, "newest_article": counted.newest, "files": files_hash(target)}
        footer["learned"] = counted.learned(db)
        out.write(json.dumps(footer, ensure_ascii=False) + "\n")
    return Exported(counted.articles, target, manifest)


def items(db: Connection, wanted: Wanted) -> Generator[Item, None, None]:
    """Yield the wanted articles in the order in which they were stored."""
    condition, values = search.matching(wanted)
    cursor = db.cursor()
    cursor.row_factory = Row
    for row in stored.rows(db, condition, values):
        flat = cursor.execute("SELECT * FROM articles_flat WHERE id = ?", (row["id"],)).fetchone()
        yield Item(row, stored.article(db, row), dict(flat))


def write_lines(form: str, found: Iterable[Item], out: IO[str], *, raw: bool = False) -> int:
    """Write articles to a stream in one of LINES, without a manifest, and return how many there were."""
    count = 0

    def counted() -> Iterator[Item]:
        nonlocal count
        for item in found:
            count += 1
            yield item

    LINES[form](counted(), out, raw)
    return count


def files_hash(target: Path) -> str:
    """Return the SHA-256 of a file, or the sum of those of a folder's files, each with its name.

    A sum needs no order, so a million names need not be held to be sorted.
    """
    if target.is_dir():
        with os.scandir(target) as files:
            total = sum(int(_named_hash(Path(file.path)), 16) for file in files if file.is_file())
        return f"{total % 2**256:064x}"
    with target.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _named_hash(file: Path) -> str:
    return hashlib.sha256(f"{file.name}\0".encode() + file.read_bytes()).hexdigest()


# The manifest.


class _Counted:
    """Passes articles through and writes down each of them."""

    def __init__(self, out: IO[str]) -> None:
        self._out = out
        self._publications: set[int] = set()
        self.articles = 0
        self.newest = ""  # when the latest of their texts was stored

    def noted(self, db: Connection, found: Iterable[Item]) -> Iterator[Item]:
        for item in found:
            line = {"url": item.row["url"], "sha256": stored.checksum(item.article)}
            line |= {"edition": item.row["edition"], "page": archived.page_of(db, item.row["page_id"])}
            line["publication"] = item.row["publication_id"] or 0
            self._publications.add(line["publication"])
            self._out.write(json.dumps(line, ensure_ascii=False) + "\n")
            self.articles += 1
            self.newest = max(self.newest, item.row["updated_at"])
            yield item

    def learned(self, db: Connection) -> dict[int, dict[str, Any]]:
        """Return what was learned of the publications of these articles, which their texts rest on."""
        return {
            number: _plain(learned.load(db, number)) | {"demoted": sorted(refusals.demoted(db, number))}
            for number in sorted(self._publications)
        }


def _plain(noise: Noise) -> dict[str, Any]:
    """Return learned noise as JSON values, in one order."""
    return {
        "version": noise.version,
        "pages": noise.pages,
        "counts": dict(noise.counts),
        "kept": sorted(noise.kept),
        "dropped": sorted(noise.dropped),
    }


def noise_of(plain: dict[str, Any]) -> Noise:
    """Return the learned noise of a manifest, for pages that are among those counted."""
    return Noise(
        plain["version"],
        plain["pages"],
        plain["counts"],
        frozenset(plain["kept"]),
        frozenset(plain["dropped"]),
        counted=True,
    )


def _header(wanted: Wanted, config: Config, form: str, *, raw: bool) -> dict[str, Any]:
    return {
        "manifest": 1,
        "made_at": utc(datetime.now(UTC)),
        "cleancopy": version("cleancopy"),
        "edition": edition.current(),
        "extractors": edition.files_hash(edition.FOLDER),
        "rules": rulebook.hashes(config),
        "form": form,
        "raw": raw,
        "wanted": {field.name: value for field in fields(wanted) if (value := getattr(wanted, field.name))},
        "engine": config.extracting.engine,
    }


# The forms.


def _to_file(write: Callable[[Iterable[Item], IO[str], bool], None]) -> "Form":
    def to_file(found: Iterable[Item], target: Path, raw: bool) -> None:
        with target.open("w", encoding="utf-8", newline="") as out:
            write(found, out, raw)

    return to_file


def _csv(found: Iterable[Item], out: IO[str], raw: bool) -> None:
    (rows.write_raw_csv if raw else rows.write_csv)((item.flat for item in found), out)


def _tsv(found: Iterable[Item], out: IO[str], raw: bool) -> None:
    (rows.write_raw_tsv if raw else rows.write_tsv)((item.flat for item in found), out)


def _json_lines(found: Iterable[Item], out: IO[str], raw: bool) -> None:  # noqa: ARG001  # JSON is always raw
    rows.write_json_lines((_whole(item) for item in found), out)


def _linked_data(found: Iterable[Item], out: IO[str], raw: bool) -> None:  # noqa: ARG001
    rows.write_json_lines((linked_data.news_article(item.article) for item in found), out)


def _whole(item: Item) -> dict[str, Any]:
    """Return all that is known of an article; ``links`` are not stored."""
    article = {name: value for name, value in item.article.to_dict().items() if name not in stories.UNSAID}
    kept = ("id", "words", "saved_at", "updated_at", "checked_at", "gone_since", "edition")
    return {**{name: item.row[name] for name in kept[:1]}, **article, **{n: item.row[n] for n in kept[1:]}}


def _markdown(found: Iterable[Item], target: Path, raw: bool) -> None:  # noqa: ARG001
    target.mkdir(exist_ok=True)
    for item in found:
        text = f"---\n{_front_matter(item)}---\n\n{render.to_markdown(item.article)}\n"
        (target / f"{file_name(item)}.md").write_text(text, encoding="utf-8")


def file_name(item: Item) -> str:
    """Return a name that is safe everywhere: day, the headline's letters, and the article's id."""
    day = (item.row["published_at"] or item.row["saved_at"])[:10]
    slug = re.sub(r"[^a-z0-9]+", "-", (item.article.headline or "").casefold())[:SLUG].strip("-")
    return "-".join(part for part in (day, slug, str(item.row["id"])) if part)


def _front_matter(item: Item) -> str:
    """Return YAML. A JSON string is a YAML string, whatever is in it (YAML 1.2, section 1.3)."""
    article = item.article.to_dict()
    facts = {name: article[name] for name in FRONT_MATTER}
    facts["credits"] = [credit["raw"] or credit["text"] for credit in article["credits"]]
    return "".join(
        f"{name}: {json.dumps(value, ensure_ascii=False)}\n" for name, value in facts.items() if value
    )


def _parquet(found: Iterable[Item], target: Path, raw: bool) -> None:  # noqa: ARG001
    from scraper import parquet

    parquet.write((item.flat for item in found), target, numbers=NUMBERS, rows_at_once=PARQUET_ROWS)


Form = Callable[[Iterable[Item], Path, bool], None]
LINES: Mapping[str, Callable[[Iterable[Item], IO[str], bool], None]] = MappingProxyType(
    {"csv": _csv, "tsv": _tsv, "nl": _json_lines, "jsonld": _linked_data}
)
FORMS: Mapping[str, Form] = MappingProxyType(
    {name: _to_file(write) for name, write in LINES.items()} | {"parquet": _parquet, "markdown": _markdown}
)


@contextmanager
def _writable(target: Path) -> Iterator[None]:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise ScrapeError(f"{target}: cannot be written: {error.strerror}") from error
