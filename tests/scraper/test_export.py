"""Exports: every form says the same, nothing runs in a spreadsheet, a manifest can be checked anywhere."""

import csv
import io
import json
import shutil
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet
import pytest

from extractors import Article, Kind
from scraper import export, stored
from scraper.archive import Archive
from scraper.archived import PAGE_OF, PARTS_OF
from scraper.config import Config, Paths, Publication
from scraper.errors import ScrapeError
from scraper.reextract import reextract
from scraper.reproduce import verify
from scraper.search import Wanted
from scraper.store import Store
from tests.scraper import newsroom
from tests.scraper.replay import Version, another, archived
from tests.scraper.test_store import DAM

ALL = Wanted()
STORIES = (Version(), another(1), another(2, section="Sport"))


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    folder = tmp_path_factory.mktemp("export")
    return Config(paths=Paths(folder / "articles.db", folder / "archive"))


@pytest.fixture(scope="module")
def store(config: Config) -> Iterator[Store]:
    with Store(config.paths.database) as store, Archive(config.paths.archive) as archive:
        for story in STORIES:
            archived(store, archive, story)
        yield store


def text(store: Store, form: str, wanted: Wanted = ALL) -> str:
    out = io.StringIO()
    export.write_lines(form, export.items(store.conn, wanted), out)
    return out.getvalue()


def test_csv_and_tsv_have_the_columns_of_articles_flat(store: Store) -> None:
    found = list(csv.DictReader(io.StringIO(text(store, "csv"))))
    assert [row["headline"] for row in found] == [story.headline for story in STORIES]
    assert found[0]["authors"] == "Marta Quill"
    assert found[0]["body"].count("\n\n") == 5
    assert list(csv.DictReader(io.StringIO(text(store, "tsv")), delimiter="\t")) == found


def test_json_lines_have_all_that_is_known(store: Store) -> None:
    first = json.loads(text(store, "nl").splitlines()[0])
    assert first["authors"] == ["Marta Quill"]
    assert first["credits"][0]["person"] == "Tove Lindahl"
    assert first["blocks"][0]["text"] == STORIES[0].story[0]
    assert first["provenance"]["headline"]["method"]
    assert first["removals"]
    assert first["saved_at"] == "2026-03-02T12:00:00Z"


def test_linked_data_is_a_news_article_of_schema_org(store: Store) -> None:
    first = json.loads(text(store, "jsonld").splitlines()[0])
    assert (first["@context"], first["@type"]) == ("https://schema.org", "NewsArticle")
    assert first["author"] == [{"@type": "Person", "name": "Marta Quill"}]
    assert first["datePublished"] == "2026-03-02T09:00:00+00:00"
    assert first["image"][0]["url"].endswith("/ferry.jpg")
    assert first["creditText"].endswith("Tove Lindahl")
    assert not [name for name, value in first.items() if value in (None, "", [])]


def test_only_what_is_wanted_is_written(store: Store) -> None:
    assert len(text(store, "nl", Wanted(section="Sport")).splitlines()) == 1
    assert len(text(store, "nl", Wanted('"report number 1"')).splitlines()) == 1


def test_markdown_is_a_file_an_article_with_the_facts_in_front(
    store: Store, config: Config, tmp_path: Path
) -> None:
    export.export(store.conn, Wanted(), config, "markdown", tmp_path / "md")
    names = sorted(file.name for file in (tmp_path / "md").iterdir())
    assert names[0] == "2026-03-02-night-ferry-to-run-from-june-1.md"
    front, _, body = (tmp_path / "md" / names[0]).read_text(encoding="utf-8")[4:].partition("---\n")
    facts = dict(line.split(": ", 1) for line in front.splitlines())
    assert json.loads(facts["headline"]) == STORIES[0].headline
    assert json.loads(facts["authors"]) == ["Marta Quill"]
    assert STORIES[0].story[2].split(",")[0] in body


def test_the_sum_of_a_folder_tells_a_changed_a_renamed_and_a_missing_file(tmp_path: Path) -> None:
    for name, text in (("a.md", "one"), ("b.md", "two")):
        (tmp_path / name).write_text(text)
    whole = export.files_hash(tmp_path)
    (tmp_path / "b.md").rename(tmp_path / "c.md")
    renamed = export.files_hash(tmp_path)
    (tmp_path / "c.md").write_text("else")
    changed = export.files_hash(tmp_path)
    (tmp_path / "c.md").unlink()
    assert len({whole, renamed, changed, export.files_hash(tmp_path)}) == 4
    (tmp_path / "b.md").write_text("two")
    assert export.files_hash(tmp_path) == whole


def test_parquet_has_types(store: Store, config: Config, tmp_path: Path) -> None:
    export.export(store.conn, Wanted(), config, "parquet", tmp_path / "a.parquet")
    table = pyarrow.parquet.read_table(tmp_path / "a.parquet")
    assert table.column("headline").to_pylist() == [story.headline for story in STORIES]
    assert str(table.schema.field("published_at").type) == "timestamp[ms, tz=UTC]"
    assert str(table.schema.field("words").type) == "int64"


def test_nothing_stored_is_a_formula_in_csv(tmp_path: Path) -> None:
    with Store(tmp_path / "a.db") as store:
        store.save(DAM.url, replace(DAM, headline="=HYPERLINK(1)", dek="\t=1", authors=("@SUM(1)",)))
        raw, safe = io.StringIO(), io.StringIO()
        export.write_lines("csv", export.items(store.conn, Wanted()), raw, raw=True)
        export.write_lines("csv", export.items(store.conn, Wanted()), safe)
    (found,) = csv.DictReader(io.StringIO(safe.getvalue()))
    assert (found["headline"], found["dek"], found["authors"]) == ("'=HYPERLINK(1)", "'\t=1", "'@SUM(1)")
    (found,) = csv.DictReader(io.StringIO(raw.getvalue()))
    assert found["headline"] == "=HYPERLINK(1)"


def test_a_stored_article_is_the_article_that_was_extracted(tmp_path: Path) -> None:
    with Store(tmp_path / "a.db") as store:
        store.save(DAM.url, DAM)
        back = stored.one(store.conn, 1)
        assert replace(back, images=DAM.images, lead_image=DAM.lead_image, teasers=DAM.teasers) == DAM
        assert stored.checksum(back) == stored.checksum(DAM)
        assert stored.checksum(replace(DAM, dek="Else")) != stored.checksum(DAM)


def test_a_manifest_holds_on_another_machine(store: Store, config: Config, tmp_path: Path) -> None:
    done = export.export(store.conn, Wanted(), config, "csv", tmp_path / "a.csv")
    assert done.manifest is not None
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(config.paths.archive, elsewhere / "archive")
    for file in (done.path, done.manifest):
        shutil.copy(file, elsewhere)
    other = replace(config, paths=Paths(elsewhere / "articles.db", elsewhere / "archive"))
    verdict = verify(elsewhere / done.manifest.name, other)
    assert (verdict.articles, verdict.same, verdict.wrong, verdict.notes) == (3, 3, [], [])
    again = export.export(store.conn, Wanted(), config, "csv", tmp_path / "b.csv")
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    assert again.articles == 3


def test_what_was_learned_goes_with_the_manifest(tmp_path: Path) -> None:
    """A line that all stories share is cut when they are extracted anew, here and where it is checked."""
    config = Config(paths=Paths(tmp_path / "a.db", tmp_path / "archive"))
    with Store(config.paths.database) as store, Archive(config.paths.archive) as archive:
        gazette = store.publication_id(Publication("gazette", "The Gazette", "https://gazette.example/"))
        for number in range(6):
            version = newsroom.story(0, number, 0)
            shared = replace(version, story=(*version.story, "Tell the night desk what you saw on the quay."))
            archived(store, archive, shared, publication_id=gazette)
        reextract(store, config)
        done = export.export(store.conn, Wanted(), config, "nl", tmp_path / "a.jsonl")
    assert done.manifest is not None
    assert "Tell the night desk" not in json.loads((tmp_path / "a.jsonl").read_text().splitlines()[0])["body"]
    verdict = verify(done.manifest, config)
    assert (verdict.same, verdict.wrong) == (6, [])


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        pytest.param("file", "is not what was exported", id="the file was edited"),
        pytest.param("page", "not the page that was archived", id="a page was exchanged"),
        pytest.param("text", "its page gives another text", id="a text was never on its page"),
    ],
)
def test_what_does_not_follow_from_its_page_is_named(
    store: Store, config: Config, tmp_path: Path, spoil: str, complaint: str
) -> None:
    done = export.export(store.conn, Wanted(), config, "nl", tmp_path / "a.jsonl")
    assert done.manifest is not None
    lines = done.manifest.read_text(encoding="utf-8").splitlines()
    if spoil == "file":
        (tmp_path / "a.jsonl").write_text("{}\n")
    else:
        line = json.loads(lines[1])
        (line["page"] if spoil == "page" else line)["sha256"] = "0" * 64
        lines[1] = json.dumps(line)
        done.manifest.write_text("\n".join(lines) + "\n", encoding="utf-8")
    verdict = verify(done.manifest, config)
    assert len(verdict.wrong) == 1
    assert complaint in verdict.wrong[0]
    assert verdict.same == (3 if spoil == "file" else 2)


def test_a_torn_manifest_is_refused(config: Config, tmp_path: Path) -> None:
    (tmp_path / "x.manifest.jsonl").write_text('{"manifest": 1}\n{"url": "a"}\n')
    with pytest.raises(ScrapeError, match="no whole manifest"):
        verify(tmp_path / "x.manifest.jsonl", config)


def test_memory_does_not_grow_with_the_number_of_articles(config: Config, tmp_path: Path) -> None:
    with Store(tmp_path / "a.db") as store:
        body = "Words that take room. " * 300
        for number in range(300):
            url = f"https://gazette.example/{number}"
            store.save(url, Article(url, Kind.ARTICLE, url, headline=url, body=f"{number} {body}"))
        tracemalloc.start()
        export.export(store.conn, Wanted(), config, "nl", tmp_path / "a.jsonl")
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert (tmp_path / "a.jsonl").stat().st_size > 1_900_000
        assert peak < 700_000


@pytest.mark.parametrize("statement", [PAGE_OF, PARTS_OF])
def test_the_page_of_an_article_is_found_without_reading_a_whole_table(store: Store, statement: str) -> None:
    plan = [row[3] for row in store.conn.execute(f"EXPLAIN QUERY PLAN {statement}", (1,))]
    assert plan
    assert not [step for step in plan if step.startswith("SCAN")]
