"""Archives become the same data set whatever happens on the way: nothing lost or doubled, all counted."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import fsspec
import pyarrow.dataset
import pytest
from click.testing import CliRunner

from extractors import Article, Page, attempt
from scraper import edition, rulebook
from scraper import stored as stored_rows
from scraper.archive import Archive
from scraper.bulk import check, importing, inputs, keeper, manifest, places
from scraper.bulk.filters import Filters
from scraper.bulk.run import Asked, Away, Summary, _held, run
from scraper.cli import scrape
from scraper.config import Config, Publication, load
from scraper.errors import Locked, ScrapeError
from scraper.store import Store
from scraper.stored import checksum
from scraper.window import Window
from tests.scraper import archives
from tests.scraper.archives import page, record
from tests.scraper.test_archive import fetched

ROOT = Path(__file__).parents[2]
CONFIG = Config()
NEW_YEAR = datetime(2024, 1, 1, tzinfo=UTC)
NEWS = Publication("news", "News", "https://www.news.example/", exclude=("dam-3",))
TRAFILATURA = replace(CONFIG, extracting=replace(CONFIG.extracting, engine="trafilatura"))


@pytest.fixture(autouse=True, scope="module")
def _end_processes() -> Iterator[None]:
    yield
    keeper.close()


def make(folder: Path, *paths: Path | str, config: Config = CONFIG, **asked: Any) -> Summary:
    """Run with one worker, into JSON lines."""
    given: dict[str, Any] = {"form": "jsonl", "workers": 1} | asked
    return run(config, Asked(inputs.find(map(str, paths)), folder, **given))


def rows(folder: Path) -> list[dict[str, Any]]:
    """Return the rows of all parts of JSON lines, in one order."""
    found = [
        json.loads(line) for part in folder.glob("*.jsonl") if part.name[0] != "_" for line in part.open()
    ]
    return sorted(found, key=lambda row: (row["file"], row["offset"]))


def headlines(folder: Path) -> list[str]:
    return [row["headline"] for row in rows(folder)]


def dams(*numbers: int) -> list[str]:
    return [f"Dam {number} opens" for number in numbers]


# What comes out


def test_rows_are_what_extraction_gives_with_their_place_in_the_archive(tmp_path: Path) -> None:
    (file,) = archives.stories(tmp_path / "in", 1, 3)
    summary = make(tmp_path / "out", file)
    url, body = page(1)
    article = attempt(Page(url, body, "text/html; charset=utf-8", datetime(2024, 5, 1, 12, tzinfo=UTC)))
    row = rows(tmp_path / "out")[1]
    said = article.to_dict() | {"published_at": "2024-05-01T08:00:00Z"}
    stored = [name for name in said if name not in ("links", "pages", "refused")]
    assert {name: row[name] for name in stored} == {name: said[name] for name in stored}
    assert row["captured_at"] == "2024-05-01T12:00:00Z"
    assert row["file"] == str(file)
    assert row["record_id"].startswith("urn:uuid:")
    assert (summary.records, summary.rows, summary.counts) == (3, 3, Counter(article=3))


def every_kind(folder: Path) -> Path:
    url, body = page(1)
    return archives.write(
        folder / "mixed.warc.gz",
        [
            record(url, body),
            record(url, kind="request"),
            record(url, kind="revisit", WARC_Refers_To_Date="2024-01-01T00:00:00Z"),
            record(url, body, status="404 Not Found"),
            record(url, b"", status="301 Moved"),
            record(url, body, status="206 Partial Content"),
            record(url, b"\x89PNG", content_type="image/png"),
            record("dns:gazette.example", b"192.0.2.1", kind="resource", content_type="text/dns"),
            record(*page(2, host="other.example")),
            record(*page(3), date="2019-01-01T00:00:00Z"),
            record(*page(4))[:-9],
            record(*page(5), WARC_Truncated="length"),
            record(url, b"<html><body></body></html>"),
        ],
    )


def test_every_record_comes_to_one_outcome_and_they_add_up(tmp_path: Path) -> None:
    wanted = Filters(hosts=("gazette.example",), window=Window(since=NEW_YEAR))
    summary = make(tmp_path / "out", every_kind(tmp_path), filters=wanted)
    expected = {
        "article": 2, "request": 1, "revisit": 1, "status_404": 1, "status_301": 1, "status_206": 1,
        "not_html": 1, "other_record": 1, "filtered": 2, "damaged": 1,
    }  # fmt: skip
    assert {name: summary.counts[name] for name in expected} == expected
    assert sum(summary.counts.values()) == summary.records == 13
    assert headlines(tmp_path / "out") == dams(1, 5)
    assert [row["truncated"] for row in rows(tmp_path / "out")] == [None, "length"]
    (damage,) = summary.problems
    assert damage["outcome"] == "damaged"
    assert "middle" in damage["detail"] or "gzip" in damage["detail"]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param(Filters(hosts=("example",)), (1, 2, 3, 4), id="a domain with all below it"),
        pytest.param(Filters(hosts=("news.example",)), (2, 3), id="host and those below it"),
        pytest.param(Filters(pattern=r"dam-[14]$"), (1, 4), id="pattern"),
        pytest.param(
            Filters(window=Window(until=datetime(2020, 1, 1, tzinfo=UTC))), (4,), id="captured before"
        ),
        pytest.param(
            Filters(
                publications=(Publication("n", "News", "https://www.news.example/", exclude=("dam-3",)),)
            ),
            (2,),
            id="publication of the settings",
        ),
        pytest.param(Filters(hosts=("news.example",), pattern="dam-[13]"), (3,), id="all of them"),
    ],
)
def test_filters_choose_by_address_and_time(
    tmp_path: Path, wanted: Filters, expected: tuple[int, ...]
) -> None:
    file = archives.write(
        tmp_path / "in.warc.gz",
        [
            record(*page(1)),
            record(*page(2, host="news.example")),
            record(*page(3, host="www.news.example")),
            record(*page(4), date="2019-01-01T00:00:00Z"),
        ],
    )
    make(tmp_path / "out", file, filters=wanted)
    assert headlines(tmp_path / "out") == dams(*expected)


def test_files_of_warcio_and_of_this_project_read_alike(tmp_path: Path) -> None:
    pages = [page(number) for number in range(5)]
    archives.write(tmp_path / "warcio" / "a.warc.gz", (record(*one) for one in pages))
    with Archive(tmp_path / "ours") as archive:
        for url, body in pages:
            archive.write(fetched(url, body, fetched_at=datetime(2024, 5, 1, 12, tzinfo=UTC)))
    make(tmp_path / "out-1", tmp_path / "warcio")
    summary = make(tmp_path / "out-2", tmp_path / "ours")
    place = ("file", "offset", "record_id")
    one, two = (
        [{name: value for name, value in row.items() if name not in place} for row in rows(tmp_path / out)]
        for out in ("out-1", "out-2")
    )
    assert one == two
    assert summary.counts == Counter(article=5, warcinfo=1)


def test_saved_pages_are_taken_by_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "PAGES_TOGETHER", 2)
    for number in range(5):
        url, body = page(number)
        file = tmp_path / "saved" / ("deep" if number == 4 else "") / f"{number}.html"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body.replace(b"<head>", f"<head><link rel=canonical href='{url}'>".encode()))
    summary = make(tmp_path / "out", tmp_path / "saved")
    assert summary.parts == 3
    assert sorted(row["url"] for row in rows(tmp_path / "out")) == [page(number)[0] for number in range(5)]
    (tmp_path / "saved" / "3.html").unlink()
    (tmp_path / "saved" / "2.html").unlink()
    again = make(tmp_path / "out", tmp_path / "saved")
    assert again.earlier == 2
    assert sorted(headlines(tmp_path / "out")) == dams(0, 1, 4)


def test_parquet_has_one_schema_whatever_is_in_a_part(tmp_path: Path) -> None:
    archives.stories(tmp_path / "in", 2, 3)
    archives.write(tmp_path / "in" / "empty.warc.gz", [record("https://gazette.example/", kind="request")])
    make(tmp_path / "out", tmp_path / "in", form="parquet")
    make(tmp_path / "lines", tmp_path / "in")
    schemas = {str(pyarrow.dataset.dataset(part).schema) for part in (tmp_path / "out").glob("*.parquet")}
    assert len(schemas) == 1
    found = pyarrow.dataset.dataset(tmp_path / "out").to_table().to_pylist()
    found.sort(key=lambda row: (row["file"], row["offset"]))
    line = rows(tmp_path / "lines")[0]
    assert [row["headline"] for row in found] == dams(*range(6))
    assert (found[0]["blocks"], found[0]["credits"]) == (line["blocks"], line["credits"])
    origins = {origin["field"]: origin["confidence"] for origin in found[0]["provenance"]}
    assert origins["headline"] == line["provenance"]["headline"]["confidence"]
    assert found[0]["captured_at"] == datetime(2024, 5, 1, 12, tzinfo=UTC)


# Going on


def test_what_is_done_is_skipped_and_what_changed_or_went_is_made_again(tmp_path: Path) -> None:
    _, second, _ = archives.stories(tmp_path / "in", 3, 2)
    make(tmp_path / "out", tmp_path / "in")
    parts = {part.name: part.stat().st_mtime_ns for part in (tmp_path / "out").glob("*.jsonl")}
    assert make(tmp_path / "out", tmp_path / "in").earlier == 3
    archives.write(second, [record(*page(20)), record(*page(21)), record(*page(22))])
    next((tmp_path / "out").glob("crawl-2*")).unlink()
    again = make(tmp_path / "out", tmp_path / "in")
    assert (again.earlier, again.parts, again.rows) == (1, 3, 7)
    assert headlines(tmp_path / "out") == dams(0, 1, 20, 21, 22, 4, 5)
    kept = next((tmp_path / "out").glob("crawl-0*"))
    assert kept.stat().st_mtime_ns == parts[kept.name]


def test_more_inputs_can_be_added_later(tmp_path: Path) -> None:
    first, second = archives.stories(tmp_path / "in", 2, 2)
    make(tmp_path / "out", first)
    summary = make(tmp_path / "out", second)
    assert (summary.earlier, summary.rows) == (0, 2)
    assert headlines(tmp_path / "out") == dams(0, 1, 2, 3)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        pytest.param({"filters": Filters(pattern="dam")}, "filters", id="other filters"),
        pytest.param({"form": "parquet"}, "form", id="other form"),
        pytest.param(
            {"config": TRAFILATURA},
            "engine",
            id="other engine",
        ),
    ],
)
def test_parts_of_another_job_are_not_mixed_in(tmp_path: Path, change: dict[str, Any], named: str) -> None:
    (file,) = archives.stories(tmp_path / "in", 1, 1)
    make(tmp_path / "out", file)
    with pytest.raises(ScrapeError, match=named):
        make(tmp_path / "out", file, **change)


def test_two_runs_on_one_folder_do_not_meet(tmp_path: Path) -> None:
    (file,) = archives.stories(tmp_path / "in", 1, 1)
    with _held(tmp_path / "out"), pytest.raises(Locked, match="another run"):
        make(tmp_path / "out", file)


def test_an_input_that_cannot_be_read_costs_itself_alone(tmp_path: Path) -> None:
    (file,) = archives.stories(tmp_path / "in", 1, 1)
    found = inputs.find([str(file)])
    gone = inputs.Input(str(tmp_path / "gone.warc.gz"), (str(tmp_path / "gone.warc.gz"),), "gone.warc.gz")
    summary = run(CONFIG, Asked([gone, *found], tmp_path / "out", "jsonl", workers=1))
    assert summary.rows == 1
    assert [place for place, _ in summary.failed] == [gone.name]
    assert "no such file" in summary.failed[0][1]


# Death


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of three archives, of more pages each than are written at once."""
    folder = tmp_path_factory.mktemp("three")
    archives.stories(folder, 3, 80)
    return folder


@pytest.fixture(scope="module")
def undisturbed(three: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The rows of the three archives when nothing happens."""
    folder = tmp_path_factory.mktemp("undisturbed")
    make(folder, three, workers=2)
    return rows(folder)


def test_workers_killed_in_the_middle_change_nothing(
    tmp_path: Path, three: Path, undisturbed: list[dict[str, Any]]
) -> None:
    killed: set[str] = set()
    over = threading.Event()

    def kill() -> None:
        """Kill all workers each time that one has written something of a part."""
        while not over.wait(0.005):
            begun = {file.name for file in (tmp_path / "out" / "_run").glob("*.partial") if _size(file)}
            if begun - killed:
                killed.update(begun)
                for child in list(keeper._busy):
                    child.process.kill()

    killing = threading.Thread(target=kill)
    killing.start()
    try:
        summary = make(tmp_path / "out", three, workers=2)
    finally:
        over.set()
        killing.join()
    assert killed
    assert rows(tmp_path / "out") == undisturbed
    assert not summary.problems
    assert not list((tmp_path / "out" / "_run").glob("*.partial*"))


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


def _wait_for_a_part(folder: Path) -> None:
    deadline = time.monotonic() + 60
    while not manifest.parts(manifest.read(folder)) and time.monotonic() < deadline:
        time.sleep(0.05)


def test_a_run_that_was_killed_goes_on(
    tmp_path: Path, three: Path, undisturbed: list[dict[str, Any]]
) -> None:
    command = [
        sys.executable,
        "-m",
        "scraper",
        "warc",
        str(three),
        "-f",
        "jsonl",
        "-o",
        str(tmp_path / "out"),
    ]
    process = subprocess.Popen([*command, "--workers", "1"], cwd=ROOT, stderr=subprocess.DEVNULL)
    _wait_for_a_part(tmp_path / "out")
    process.kill()
    process.wait()
    assert rows(tmp_path / "out") != undisturbed
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "made earlier" in done.stderr
    assert rows(tmp_path / "out") == undisturbed


def test_ctrl_c_ends_it_with_a_sentence_and_the_next_run_goes_on(
    tmp_path: Path, three: Path, undisturbed: list[dict[str, Any]]
) -> None:
    command = [sys.executable, "-m", "scraper", "warc", str(three), "-f", "jsonl"]
    command += ["-o", str(tmp_path / "out"), "--workers", "1"]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    _wait_for_a_part(tmp_path / "out")
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "Nothing is lost" in said
    assert "Traceback" not in said
    assert make(tmp_path / "out", three).earlier
    assert rows(tmp_path / "out") == undisturbed


def test_progress_counts_records_of_parts_in_the_making(tmp_path: Path) -> None:
    archives.stories(tmp_path / "in", 1, 300)
    seen: list[tuple[int, int, str]] = []
    asked = Asked(inputs.find([str(tmp_path / "in")]), tmp_path / "out", "jsonl", workers=1)
    run(CONFIG, asked, report=lambda *said: seen.append(said))
    assert seen[-1] == (1, 1, "jsonl: 300 records")
    assert seen[0] == (0, 1, "jsonl: 0 records")


def poisoned(folder: Path) -> Path:
    """Write two files with three pages that kill their process, and one that hangs."""
    for one in range(2):
        records = [record(*page(one * 100 + number)) for number in range(60)]
        records[10] = record(*page(one * 100 + 10, body=f"<p>{archives.KILLER.decode()}</p>"))
        records[55] = record(
            *page(one * 100 + 55, body=f"<p>{(archives.HANGER, archives.KILLER)[one].decode()}</p>")
        )
        archives.write(folder / f"poison-{one}.warc.gz", records)
    return folder


def test_pages_that_kill_are_given_up_after_two_deaths_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(archives.deadly(tmp_path / "deadly")))
    keeper.close()
    deaths = []
    bury = keeper._bury
    monkeypatch.setattr(keeper, "_bury", lambda child: deaths.append(code := bury(child)) or code)
    config = replace(CONFIG, extracting=replace(CONFIG.extracting, page_seconds=1.5))
    summary = make(tmp_path / "out", poisoned(tmp_path / "in"), config=config)
    keeper.close()
    assert headlines(tmp_path / "out") == dams(
        *(n for n in [*range(60), *range(100, 160)] if n not in (10, 55, 110, 155))
    )
    given_up = {(Path(one["file"]).name, one["url"][-3:], one["outcome"]) for one in summary.problems}
    assert given_up == {
        ("poison-0.warc.gz", "-10", "parse_crash"),
        ("poison-0.warc.gz", "-55", "parse_timeout"),
        ("poison-1.warc.gz", "110", "parse_crash"),
        ("poison-1.warc.gz", "155", "parse_crash"),
    }
    assert Counter(deaths) == {-signal.SIGSEGV: 6, -signal.SIGALRM: 1}
    assert sum(summary.counts.values()) == summary.records == 120


# Learning


def with_furniture(folder: Path, *, files: int) -> Path:
    """Write nine stories of one publication with a line in common, in so many files; one thrice."""
    records = [record(*page(number, body=archives.FURNITURE)) for number in range(9)]
    records += [record(*page(50)), record(*page(50)), record(*page(50))]
    for one in range(files):
        archives.write(folder / f"{one}.warc.gz", records[one::files])
    return folder


def test_two_passes_cut_what_recurs_whatever_the_order_and_number_of_files(tmp_path: Path) -> None:
    make(tmp_path / "once", with_furniture(tmp_path / "in-1", files=1))
    assert all("tower at the harbour" in row["body"] for row in rows(tmp_path / "once")[:9])
    make(tmp_path / "twice-1", tmp_path / "in-1", learn=True)
    make(tmp_path / "twice-3", with_furniture(tmp_path / "in-3", files=3), learn=True, workers=2)
    one, three = (
        sorted((row["url"], row["body"], row["removals"]) for row in rows(tmp_path / out))
        for out in ("twice-1", "twice-3")
    )
    assert str(one) == str(three)
    assert not any("tower at the harbour" in body for _, body, _ in one)
    assert all("sluice" in body for _, body, _ in one)
    assert len([body for url, body, _ in one if url.endswith("-50") and body.count("waited") == 6]) == 3


# Verifying


@pytest.mark.parametrize(
    ("harm", "expected"),
    [
        pytest.param(lambda _: None, [], id="nothing"),
        pytest.param(
            lambda folder: part(folder).write_bytes(b"{}\n"), ["not what was written"], id="part changed"
        ),
        pytest.param(lambda folder: part(folder).unlink(), ["no such file"], id="part gone"),
        pytest.param(
            lambda folder: (folder / "out" / "stray.jsonl").write_text(""), ["no part"], id="stray file"
        ),
        pytest.param(
            lambda folder: archives.stories(folder / "in", 1, 3), ["not what was read"], id="input changed"
        ),
    ],
)
def test_verify_names_what_is_not_as_the_manifest_says(
    tmp_path: Path, harm: Callable[[Path], object], expected: list[str]
) -> None:
    archives.stories(tmp_path / "in", 2, 2)
    make(tmp_path / "out", tmp_path / "in")
    harm(tmp_path)
    wrong = check.verify(str(tmp_path / "out")).wrong
    assert len(wrong) == len(expected)
    assert all(words in sentence for words, sentence in zip(expected, wrong, strict=True))


def part(folder: Path) -> Path:
    return sorted((folder / "out").glob("crawl-*.jsonl"))[0]


# To an address


def test_parts_go_to_an_address_whole_and_once_and_are_verified_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """fsspec's memory is the far end: it shows what is there at each moment."""
    there = fsspec.filesystem("memory")
    moves: list[str] = []
    real = type(there).mv

    def mv(self: Any, old: str, new: str, **how: Any) -> None:
        assert not self.exists(new)
        moves.append(new.rpartition("/")[2])
        real(self, old, new, **how)

    archives.stories(tmp_path / "in", 3, 2)
    found = inputs.find([str(tmp_path / "in")])
    asked = Asked(found[:2], tmp_path / "here", "jsonl", workers=1)
    away = Away(asked.folder, "memory://bucket/articles")
    with monkeypatch.context() as watching:
        watching.setattr(type(there), "mv", mv)
        assert run(CONFIG, asked, away).rows == 4
    assert moves == [f"{one.part}.jsonl" for one in found[:2]]
    again = run(CONFIG, replace(asked, inputs=found), away)
    assert (again.earlier, again.rows) == (2, 6)
    away.close()
    names = [*(f"{one.part}.jsonl" for one in found), "_manifest.jsonl"]
    assert places.names("memory://bucket/articles") == sorted(names)
    assert [file.name for file in asked.folder.glob("*.jsonl")] == ["_manifest.jsonl"]
    make(tmp_path / "out", tmp_path / "in")
    for one in found:
        here = tmp_path / "out" / f"{one.part}.jsonl"
        assert there.cat(f"/bucket/articles/{one.part}.jsonl") == here.read_bytes()
    verdict = check.verify("memory://bucket/articles")
    assert (verdict.parts, verdict.rows, verdict.wrong) == (3, 6, [])
    there.pipe(f"/bucket/articles/{found[0].part}.jsonl", b"{}\n")
    there.rm_file(f"/bucket/articles/{found[1].part}.jsonl")
    assert [sentence.partition(": ")[2] for sentence in check.verify("memory://bucket/articles").wrong] == [
        "is not what was written", "there is no such file",
    ]  # fmt: skip
    assert run(CONFIG, replace(asked, inputs=found), away).earlier == 1, "what is not there is made again"
    assert check.verify("memory://bucket/articles").wrong == []


def test_the_command_writes_to_an_address_and_says_what_it_cannot_reach(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("")
    archives.stories(tmp_path / "in", 1, 2)
    given = ["--config", str(tmp_path / "config.toml"), "warc"]
    address = f"file://{tmp_path}/out"
    made = CliRunner().invoke(scrape, [*given, str(tmp_path / "in"), "--workers", "1", "-o", f"{address}/"])
    assert made.exit_code == 0, made.output
    assert pyarrow.dataset.dataset(tmp_path / "out").count_rows() == 2
    verified = CliRunner().invoke(scrape, [*given, "--verify", "-o", address])
    assert (verified.exit_code, "0 are not as it says" in verified.output) == (0, True)
    refused = CliRunner().invoke(scrape, [*given, str(tmp_path / "in"), "-o", "http://127.0.0.1:9/out"])
    assert refused.exit_code == 1
    assert "http://127.0.0.1:9/out" in refused.output
    into = CliRunner().invoke(scrape, [*given, str(tmp_path / "in"), "-f", "sqlite", "-o", address])
    assert into.exit_code == 2


# The command


def scraped(*said: object) -> Any:
    return CliRunner().invoke(scrape, ["warc", *map(str, said)])


def test_the_command_says_what_there_is_and_how_it_went(tmp_path: Path) -> None:
    file = every_kind(tmp_path)
    done = scraped(file, "-o", tmp_path / "out", "-f", "jsonl", "--workers", 1)
    assert done.exit_code == 3
    assert f"{file} at byte" in done.stderr
    assert "13 records: article 4" in done.stderr
    assert scraped("--verify", "-o", tmp_path / "out").exit_code == 0
    archives.stories(tmp_path / "in", 1, 1)
    assert scraped(tmp_path / "in", "-o", tmp_path / "clean", "--workers", 1).exit_code == 0


@pytest.mark.parametrize(
    ("said", "code", "words"),
    [
        pytest.param(["nowhere.warc.gz"], 1, "no WARC file", id="no such file"),
        pytest.param([], 2, "what to read", id="nothing to read"),
        pytest.param(["x", "--pattern", "("], 2, "regular expression", id="bad pattern"),
        pytest.param(["x", "--scheduler", "tcp://x:1"], 2, "dask", id="scheduler without dask"),
        pytest.param(["x", "--publication", "nobody"], 2, "nobody", id="unknown publication"),
        pytest.param(["--verify"], 1, "_manifest.jsonl", id="nothing to verify"),
    ],
)
def test_wrong_usage_is_a_sentence(tmp_path: Path, said: list[str], code: int, words: str) -> None:
    archives.stories(tmp_path / "in", 1, 1)
    said = [str(tmp_path / "in") if one == "x" else one for one in said]
    done = scraped("-o", tmp_path / "out", *said)
    assert (done.exit_code, "Traceback" in done.output) == (code, False)
    assert words in done.stderr


def test_paths_are_files_folders_wildcards_and_lists(tmp_path: Path) -> None:
    files = [str(file) for file in archives.stories(tmp_path / "in", 3, 1)]
    listing = tmp_path / "paths.txt"
    listing.write_text("# three files\nin/crawl-0.warc.gz\n\nin/crawl-2.warc.gz\n")
    names = [
        [one.name for one in inputs.find(asked, lists)]
        for asked, lists in (
            ([str(tmp_path)], []),
            ([str(tmp_path / "in" / "*.warc.gz")], []),
            ([str(tmp_path / "**" / "crawl-[01].*"), files[2], files[0]], []),
            ([], [listing]),
        )
    ]
    assert names == [files, files, files, [files[0], files[2]]]
    assert len({one.part for one in inputs.find([str(tmp_path)])}) == 3


def test_archives_are_read_from_a_web_server(tmp_path: Path) -> None:
    (file,) = archives.stories(tmp_path / "in", 1, 2)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/crawl.warc.gz" else 404)
            self.end_headers()
            self.wfile.write(file.read_bytes() if self.path == "/crawl.warc.gz" else b"")

        do_HEAD = do_GET  # noqa: N815  # the library's name

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_address[1]}"
        summary = make(tmp_path / "out", f"{base}/crawl.warc.gz", f"{base}/gone.warc.gz")
        server.shutdown()
    assert headlines(tmp_path / "out") == dams(0, 1)
    assert [place for place, _ in summary.failed] == [f"{base}/gone.warc.gz"]


def test_addresses_with_wildcards_are_listed_by_their_file_system(tmp_path: Path) -> None:
    files = archives.stories(tmp_path / "in", 2, 1)
    base = f"file://{tmp_path}"
    expected = [f"file://{file}" for file in files]
    assert [one.name for one in inputs.find([f"{base}/in/*.warc.gz"])] == expected
    assert [one.name for one in inputs.find([f"{base}/in"])] == expected
    make(tmp_path / "out", f"{base}/in")
    assert headlines(tmp_path / "out") == dams(0, 1)


def test_settings_reach_the_workers(tmp_path: Path) -> None:
    (file,) = archives.stories(tmp_path / "in", 1, 1)
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "gazette.toml").write_text(
        'hosts = ["gazette.example"]\n[select]\nsection = ["h1"]\n'
    )
    (tmp_path / "config.toml").write_text("")
    make(tmp_path / "out", file, config=load(tmp_path / "config.toml"))
    (row,) = rows(tmp_path / "out")
    assert row["section"] == "Dam 0 opens"
    header = manifest.read(tmp_path / "out")[0]
    assert any(name.endswith("gazette.toml") for name in header["rules"])
    assert os.environ.get("HOME") not in json.dumps(header["filters"])


# Into the database


def stored(folder: Path) -> Config:
    """Return settings whose database lies in the folder."""
    (folder / "config.toml").write_text('[publications.gazette]\nurl = "https://gazette.example/"\n')
    return load(folder / "config.toml")


def into_database(folder: Path, *said: object) -> Any:
    config = ["--config", str(folder / "config.toml")]
    given = ["-f", "sqlite", "--workers", "1"]
    return CliRunner().invoke(scrape, [*config, "warc", *map(str, said), *given])


def test_articles_are_stored_as_a_crawl_stores_them_and_once(tmp_path: Path) -> None:
    config = stored(tmp_path)
    archives.stories(tmp_path / "in", 2, 60)
    other = record(*page(500, host="other.example"))
    cut = record(*page(501), WARC_Truncated="length")
    archives.write(tmp_path / "in" / "other.warc.gz", [other, cut])
    done = into_database(tmp_path, tmp_path / "in")
    assert done.exit_code == 0, done.output
    assert "121 saved, 1 truncated" in done.stderr
    again = into_database(tmp_path, tmp_path / "in")
    assert "nothing new" in again.stderr
    with Store(config.paths.database, read_only=True) as store:
        assert store.conn.execute("SELECT count(*), count(DISTINCT url) FROM articles").fetchone() == (
            121,
            121,
        )
        assert store.conn.execute("SELECT count(*) FROM fetches").fetchone() == (122,)
        cut_off = store.conn.execute("SELECT state, reason FROM urls WHERE path LIKE '%dam-501'").fetchall()
        assert cut_off == [("failed", "too_large")]
        keys = store.conn.execute("SELECT key FROM publications ORDER BY key").fetchall()
        (first,) = stored_articles(store, "https://gazette.example/2024/05/dam-0")
    assert keys == [("gazette",), ("other.example",)]
    make(tmp_path / "lines", tmp_path / "in" / "crawl-0.warc.gz")
    assert checksum(first) == checksum(importing.article(rows(tmp_path / "lines")[0]))
    assert not list((tmp_path / "data" / "articles.db.parts").glob("crawl*"))


def test_an_import_names_the_rules_and_the_noise_that_read_a_page_as_a_crawl_does(tmp_path: Path) -> None:
    config = stored(tmp_path)
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "gazette.toml").write_text('hosts = ["gazette.example"]\nstrip = [".tip"]\n')
    with_furniture(tmp_path / "in", files=2)
    assert into_database(tmp_path, tmp_path / "in", "--learn").exit_code == 0
    rules = rulebook.load(config).of("https://gazette.example/")
    with Store(config.paths.database, read_only=True) as store:
        ((name,),) = store.conn.execute("SELECT DISTINCT edition FROM articles").fetchall()
    code, noise = name.rsplit(" ", 1)
    assert code == edition.of(rules, None)
    assert re.fullmatch("noise:[0-9a-f]{10}", noise)


@pytest.mark.parametrize(
    ("why", "state"),
    [("length", ("failed", "too_large")), ("time", ("due", "timeout")), ("disconnect", ("due", "cut_short"))],
)
def test_a_truncated_capture_never_replaces_what_is_stored(
    tmp_path: Path, why: str, state: tuple[str, str]
) -> None:
    config = stored(tmp_path)
    url, body = page(1)
    beginning = body[: len(body) * 2 // 3]
    later = record(url, beginning, date="2024-06-01T12:00:00Z", WARC_Truncated=why)
    archives.write(tmp_path / "1.warc.gz", [record(url, body)])
    archives.write(tmp_path / "2.warc.gz", [later])
    for name in ("1", "2"):
        assert into_database(tmp_path, tmp_path / f"{name}.warc.gz").exit_code == 0
    with Store(config.paths.database, read_only=True) as store:
        assert store.conn.execute("SELECT count(*) FROM revisions").fetchone() == (0,)
        assert store.conn.execute("SELECT state, reason FROM urls").fetchall() == [state]
        (article,) = stored_articles(store, url)
        (detail,) = store.conn.execute("SELECT detail FROM fetches ORDER BY id DESC").fetchone()
    make(tmp_path / "lines", tmp_path / "1.warc.gz")
    assert article.body == importing.article(rows(tmp_path / "lines")[0]).body
    assert f"its beginning only ({why})" in detail


def stored_articles(store: Store, url: str) -> list[Article]:
    return [
        stored_rows.article(store.conn, row)
        for row in stored_rows.rows(store.conn, "articles.url = ?", (url,))
    ]


def test_an_import_that_was_stopped_goes_on_behind_the_last_line(tmp_path: Path) -> None:
    config = stored(tmp_path)
    folder = tmp_path / "parts"
    archives.stories(tmp_path / "in", 1, 130)
    make(folder, tmp_path / "in", form="sqlite", config=config)
    (line,) = manifest.parts(manifest.read(folder)).values()
    with Store(config.paths.database) as store:
        sink = importing.Database(store, config, folder)
        saved = 0
        real = sink._save

        def save(db: Any, row: Any) -> str:
            nonlocal saved
            saved += 1
            if saved == 70:
                raise KeyboardInterrupt
            return real(db, row)

        sink._save = save  # type: ignore[method-assign]
        with pytest.raises(KeyboardInterrupt):
            sink.take(line)
        assert store.conn.execute("SELECT count(*) FROM articles").fetchone() == (50,)
        assert not sink.has(line)
    with Store(config.paths.database) as store:
        sink = importing.Database(store, config, folder)
        sink.take(line)
        assert sink.has(line)
        assert sink.close("finished") == {"saved": 80}
        assert store.conn.execute("SELECT count(*) FROM fetches").fetchone() == (130,)


def test_a_later_capture_is_a_revision_and_an_earlier_one_changes_nothing(tmp_path: Path) -> None:
    config = stored(tmp_path)
    url, body = page(1)
    changed = body.replace(b"Amber", b"Golden").replace(b"waited below", b"were kept below")
    archives.write(tmp_path / "1.warc.gz", [record(url, body)])
    archives.write(tmp_path / "2.warc.gz", [record(url, changed, date="2024-06-01T12:00:00Z")])
    archives.write(tmp_path / "3.warc.gz", [record(url, body, date="2024-01-01T12:00:00Z")])
    for name in ("1", "2", "3"):
        assert into_database(tmp_path, tmp_path / f"{name}.warc.gz").exit_code == 0
    with Store(config.paths.database, read_only=True) as store:
        (found,) = stored_articles(store, url)
        assert store.conn.execute("SELECT count(*) FROM revisions").fetchone() == (1,)
    assert "kept below" in found.body
