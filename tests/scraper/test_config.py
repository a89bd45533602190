"""Settings: what wins, what is refused, and in what words."""

from dataclasses import replace
from pathlib import Path

import pytest

from scraper import config
from scraper.config import load
from scraper.errors import ConfigError


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the settings of the machine it runs on."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SCRAPE_CONFIG", raising=False)


def project(text: str, name: str = "config.toml") -> Path:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(text, encoding="utf-8")
    return Path(name)


def test_without_any_file_all_is_default() -> None:
    found = load()
    assert replace(found, origins={}) == config.Config()
    assert set(found.origins.values()) == {"default"}


def test_flag_beats_environment_beats_project_beats_user_beats_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    project(
        "[fetching]\nattempts = 2\ncontact = 'user'\nmax_redirects = 2\nconcurrency = 2",
        "home/cleancopy/config.toml",
    )
    project("[fetching]\nattempts = 3\ncontact = 'project'\nmax_redirects = 3")
    monkeypatch.setenv("SCRAPE_FETCHING_ATTEMPTS", "4")
    monkeypatch.setenv("SCRAPE_FETCHING_CONTACT", "environment")
    found = load(overrides={"fetching.attempts": "5"})
    fetching = found.fetching
    assert (fetching.attempts, fetching.contact, fetching.max_redirects, fetching.concurrency) == (
        5,
        "environment",
        3,
        2,
    )
    assert fetching.connect_timeout == config.Fetching().connect_timeout
    origins = [
        found.origins[f"fetching.{key}"]
        for key in ("attempts", "contact", "max_redirects", "connect_timeout")
    ]
    assert origins == ["--set fetching.attempts", "SCRAPE_FETCHING_CONTACT", "config.toml, line 4", "default"]


def test_paths_start_from_the_file_that_names_them() -> None:
    project("[paths]\ndatabase = 'news.db'", "there/my.toml")
    found = load(Path("there/my.toml"))
    assert found.paths.database == Path("there/news.db")
    assert found.paths.archive == Path("there/data/archive"), "a default path lies beside the project's file"


def test_paths_of_flags_start_from_here(tmp_path: Path) -> None:
    project("", "there/my.toml")
    assert load(Path("there/my.toml"), {"paths.database": "x.db"}).paths.database == Path("x.db")
    assert load(overrides={"paths.database": str(tmp_path / "y.db")}).paths.database == tmp_path / "y.db"


@pytest.mark.parametrize(
    ("variable", "text", "table", "key", "expected"),
    [
        pytest.param(
            "SCRAPE_POLITENESS_OBEY_ROBOTS", "false", "politeness", "obey_robots", False, id="truth"
        ),
        pytest.param(
            "SCRAPE_POLITENESS_DELAY", "2", "politeness", "delay", 2.0, id="whole number for a number"
        ),
        pytest.param(
            "SCRAPE_FETCHING_ALLOW_PRIVATE",
            "a:1, b:2",
            "fetching",
            "allow_private",
            ("a:1", "b:2"),
            id="list",
        ),
        pytest.param("SCRAPE_PATHS_DATABASE", "x.db", "paths", "database", Path("x.db"), id="path"),
    ],
)
def test_environment_values_take_the_settings_type(
    variable: str, text: str, table: str, key: str, expected: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, text)
    assert getattr(getattr(load(), table), key) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "[fetching]\n\nattemps = 2",
            "config.toml, line 3: there is no setting fetching.attemps. Did you mean fetching.attempts?",
            id="misspelt key",
        ),
        pytest.param(
            "[fetching]\ndelay = 2",
            "config.toml, line 2: there is no setting fetching.delay. Did you mean politeness.delay?",
            id="right key in the wrong table",
        ),
        pytest.param(
            "[fetchin]\nattempts = 2",
            "config.toml, line 1: there is no setting fetchin. Did you mean fetching?",
            id="misspelt table",
        ),
        pytest.param(
            "[fetching]\nattempts = 'many'",
            "config.toml, line 2: fetching.attempts must be a whole number, not 'many'",
            id="text for a number",
        ),
        pytest.param(
            "[fetching]\nattempts = true",
            "config.toml, line 2: fetching.attempts must be a whole number, not True",
            id="truth for a number",
        ),
        pytest.param(
            "[fetching]\nallow_private = '127.0.0.1:80'",
            "config.toml, line 2: fetching.allow_private must be a list of texts, not '127.0.0.1:80'",
            id="text for a list",
        ),
        pytest.param(
            "[politeness]\ndelay = -1",
            "config.toml, line 2: politeness.delay must be at least 0, not -1",
            id="too small",
        ),
        pytest.param(
            "[politeness]\ndelay = nan",
            "config.toml, line 2: politeness.delay must be at least 0, not nan",
            id="not a number",
        ),
        pytest.param(
            "[extracting]\nengine = 'best'",
            "config.toml, line 2: extracting.engine must be one of own, trafilatura, not 'best'",
            id="no such engine",
        ),
        pytest.param(
            "fetching = 3", "config.toml, line 1: fetching must be a table: [fetching]", id="no table"
        ),
        pytest.param(
            "[publications.a]\nurl = 'https://a.example'\nfeed = []",
            "config.toml, line 3: there is no setting publications.a.feed. "
            "Did you mean publications.a.feeds?",
            id="misspelt key of a publication",
        ),
        pytest.param(
            "[publications.a]\nname = 'A'",
            "config.toml, line 1: [publications.a] needs a url that starts with https:// or http://",
            id="publication without address",
        ),
        pytest.param(
            "[publications.a]\nurl = 'https://a.example'\ninclude = ['(']",
            "config.toml, line 3: '(' is no regular expression: "
            "missing ), unterminated subpattern at position 0",
            id="bad pattern",
        ),
        pytest.param(
            "[publications.a]\nurl = 'https://a.example'\nheaders = {Cookie = '${NO_SUCH_NAME}'}",
            "config.toml, line 3: the environment has no NO_SUCH_NAME, which ${NO_SUCH_NAME} asks for",
            id="secret that is not there",
        ),
    ],
)
def test_what_is_wrong_is_said_with_file_line_and_a_way_out(text: str, message: str) -> None:
    project(text)
    with pytest.raises(ConfigError) as caught:
        load()
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "start"),
    [
        pytest.param("[fetching\n", "config.toml: is not valid TOML: ", id="syntax"),
        pytest.param(
            "publications = 3", "config.toml, line 1: write [publications.NAME]", id="publications no table"
        ),
    ],
)
def test_a_broken_file_is_named(text: str, start: str) -> None:
    project(text)
    with pytest.raises(ConfigError) as caught:
        load()
    assert str(caught.value).startswith(start)


def test_a_file_that_was_asked_for_must_be_there() -> None:
    with pytest.raises(ConfigError, match=r"nowhere.toml: cannot be read: No such file"):
        load(Path("nowhere.toml"))


def test_an_unknown_variable_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRAPE_FETCHING_ATTEMPT", "1")
    with pytest.raises(ConfigError, match=r"SCRAPE_FETCHING_ATTEMPT. Did you mean SCRAPE_FETCHING_ATTEMPTS?"):
        load()


def test_publications_of_both_files_are_known_and_the_project_wins() -> None:
    project(
        "[publications.a]\nurl = 'https://user.example'\n[publications.b]\nurl = 'https://b.example'",
        "home/cleancopy/config.toml",
    )
    project("[publications.a]\nname = 'Ours'\nurl = 'https://a.example'\nfeeds = ['https://a.example/f']")
    ours, theirs = load().publications
    assert (ours.key, ours.name, ours.url, ours.feeds) == (
        "a",
        "Ours",
        "https://a.example",
        ("https://a.example/f",),
    )
    assert (theirs.key, theirs.name) == ("b", "b"), "the key is the name when there is none"


def test_secrets_come_from_the_environment_and_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURIER_COOKIE", "canary")
    project("[publications.a]\nurl = 'https://a.example'\nheaders = {Cookie = 'session=${COURIER_COOKIE}'}")
    found = load()
    assert found.publications[0].headers == (("Cookie", "session=canary"),)
    assert "canary" not in str(list(config.publication_rows(found)))


def test_an_unknown_publication_names_the_nearest() -> None:
    project("[publications.gazette]\nurl = 'https://a.example'")
    with pytest.raises(ConfigError, match=r"no publication 'gazete' in the settings. Did you mean gazette?"):
        config.chosen(load(), ("gazete",))


def test_no_publication_at_all_says_how_to_add_one() -> None:
    with pytest.raises(ConfigError, match=r"add \[publications.NAME\]"):
        config.chosen(load(), ())
