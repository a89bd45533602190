"""Where rules come from, whose win, and what is said when two claim one host."""

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from extractors import read_rules
from scraper import politeness, rulebook
from scraper.cli import scrape
from scraper.config import Config, Paths, Politeness
from scraper.fetch import Fetcher
from tests.scraper.gazette import served
from tests.scraper.wire import answer, wire

STORY = (
    "<p>The gate was inspected by the harbour office on Tuesday and found to be sound, said the keeper.</p>"
    * 4
)


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "user"))
    return Config(paths=Paths(rules=tmp_path / "rules"))


def write(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    return folder / name


def test_the_projects_rules_win_over_the_users_and_those_over_what_ships(
    config: Config, tmp_path: Path
) -> None:
    assert (
        rulebook.load(config)
        .of("https://www.gazette.example/a")
        .file.endswith("publications/gazette.example.toml")
    )  # type: ignore[union-attr]
    user = write(tmp_path / "user" / "cleancopy" / "rules", "g.toml", 'hosts = ["gazette.example"]')
    assert rulebook.load(config).of("https://gazette.example/a").file == str(user)  # type: ignore[union-attr]
    project = write(tmp_path / "rules", "g.toml", 'hosts = ["gazette.example"]')
    book = rulebook.load(config)
    assert book.of("https://news.gazette.example/a").file == str(project)  # type: ignore[union-attr]
    assert book.of("https://other.example/a") is None
    assert book.problems == ()


def test_two_files_that_claim_one_host_are_told(config: Config, tmp_path: Path) -> None:
    first = write(tmp_path / "rules", "a.toml", 'hosts = ["mill.example"]\nstrip = [".a"]')
    second = write(tmp_path / "rules", "b.toml", '# second\nhosts = ["mill.example"]')
    book = rulebook.load(config)
    assert book.of("https://mill.example/").file == str(first)  # type: ignore[union-attr]
    assert [str(one) for one in book.problems] == [
        f"{second}, line 2: mill.example has rules in {first}, too. "
        "Take the host out of one of the two files."
    ]


@pytest.mark.usefixtures("config")
def test_a_bad_file_does_not_stop_extraction(tmp_path: Path) -> None:
    write(tmp_path / "rules", "a.toml", "hosts = [")
    story = write(tmp_path, "story.html", f"<title>Sound</title><article><h1>Sound</h1>{STORY}</article>")
    done = CliRunner().invoke(
        scrape, ["--set", f"paths.rules={tmp_path / 'rules'}", "extract", str(story), "--url", "https://mill.example/a"]
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "keeper" in done.output


@pytest.mark.usefixtures("config")
def test_rules_reach_the_extraction_processes(tmp_path: Path) -> None:
    write(tmp_path / "rules", "a.toml", 'hosts = ["mill.example"]\n[select]\nsection = [".part"]')
    story = write(
        tmp_path,
        "story.html",
        f"<title>Sound</title><article><i class=part>Weirs</i><h1>Sound</h1>{STORY}</article>",
    )
    places = ["--set", f"paths.rules={tmp_path / 'rules'}"]
    done = CliRunner().invoke(scrape, [*places, "extract", str(story), "--url", "https://mill.example/a"])
    assert json.loads(done.stdout)["section"] == "Weirs"


@pytest.mark.usefixtures("config")
def test_the_pages_of_a_file_are_its_tests(tmp_path: Path) -> None:
    write(
        tmp_path / "rules" / "tests",
        "a.html",
        f"<title>Sound</title><article><h1>Sound</h1>{STORY}</article>",
    )
    text = """hosts = ["mill.example"]
strip = [".gone"]
[[tests]]
page = "tests/a.html"
url = "https://mill.example/a"
headline = "{headline}"
"""
    arguments = ["--set", f"paths.rules={tmp_path / 'rules'}", "rules", "test", "--json"]
    write(tmp_path / "rules", "a.toml", text.format(headline="Unsound").replace('strip = [".gone"]\n', ""))
    done = CliRunner().invoke(scrape, arguments)
    assert done.exit_code == 3
    assert [(row["field"], row["got"]) for row in json.loads(done.stdout)] == [("headline", "Sound")]
    write(tmp_path / "rules", "a.toml", text.format(headline="Sound"))
    done = CliRunner().invoke(scrape, arguments)
    assert [row["got"] for row in json.loads(done.stdout)] == ["finds nothing on 1 test pages (line 2)"]
    listed = CliRunner().invoke(scrape, [*arguments[:3], "list", "--csv"])
    assert "mill.example" in listed.output


@pytest.mark.usefixtures("config")
def test_site_configs_become_rules_and_nothing_of_ours_is_written_over(tmp_path: Path) -> None:
    write(tmp_path / "ftr", "mill.example.txt", "strip: //aside\nbody: //div")
    write(tmp_path / "ftr", "weir.example.txt", "strip: //aside")
    kept = write(tmp_path / "rules", "weir.example.toml", 'hosts = ["weir.example"]')
    arguments = [
        "--set",
        f"paths.rules={tmp_path / 'rules'}",
        "rules",
        "import",
        "ftr",
        str(tmp_path / "ftr"),
    ]
    done = CliRunner().invoke(scrape, [*arguments, "--json"])
    assert done.exit_code == 0, done.output
    assert [(row["file"], row["line"]) for row in json.loads(done.stdout)] == [
        ("mill.example.txt", 2),
        ("weir.example.txt", 0),
    ]
    assert kept.read_text() == 'hosts = ["weir.example"]'
    assert "aside" in (tmp_path / "rules" / "mill.example.toml").read_text()


def test_the_headers_of_rules_go_to_their_hosts_alone() -> None:
    found, problems = read_rules(
        'hosts = ["127.0.0.1"]\n[headers]\nAccept-Language = "de"\nX-Own = "rule"', "g.toml"
    )
    assert problems == ()
    assert found is not None

    async def run() -> list[dict[str, str]]:
        async with wire("0.0.0.0") as server:
            server.answers |= {"/robots.txt": answer(b""), "/a": answer(b"a")}
            config = Config(
                fetching=server.fetching(allow_private=("127.0.0.0/8",)), politeness=Politeness(delay=0)
            )
            async with Fetcher(config.fetching) as fetcher:
                polite = politeness.Politeness(config, fetcher, rules=rulebook.Rulebook({"127.0.0.1": found}))
                await polite.get(server.url("/a"), headers=(("x-own", "settings"),))
                await polite.get(server.url("/a", host="127.0.0.2"))
            return [one.headers for one in server.requests if one.path == "/a"]

    own, other = asyncio.run(run())
    assert (own["accept-language"], own["x-own"]) == ("de", "settings")
    assert not {"accept-language", "x-own"} & set(other)


@pytest.mark.usefixtures("config")
def test_test_pages_are_saved_and_then_tested_offline(tmp_path: Path) -> None:
    with served() as gazette:
        gazette.publish(1)
        text = f"""hosts = ["127.0.0.1"]
[[tests]]
page = "tests/a.html"
url = "{gazette.origin}/story/0"
contains = ["the council decided", "a whale was seen"]
"""
        write(tmp_path / "rules", "a.toml", text)
        places = ["--set", f"paths.rules={tmp_path / 'rules'}", "--set", "fetching.allow_private=127.0.0.0/8"]
        arguments = [*places, "rules", "test", "--json"]
        missing = CliRunner().invoke(scrape, arguments)
        assert [row["got"] for row in json.loads(missing.stdout)] == [
            "there is no such file; --fetch saves it"
        ]
        fetched = CliRunner().invoke(scrape, [*arguments, "--fetch"])
        wanted = [("body", "a whale was seen")]
        assert [(row["field"], row["wanted"]) for row in json.loads(fetched.stdout)] == wanted
    offline = CliRunner().invoke(scrape, arguments)
    assert [(row["field"], row["wanted"]) for row in json.loads(offline.stdout)] == wanted
