"""What the documentation says is what the program does."""

import dataclasses
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from extractors import Article
from scraper.cli import scrape
from scraper.config import PUBLICATION, SETTINGS, load

ROOT = Path(__file__).parents[1]


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_generated_pages_are_current() -> None:
    command = [sys.executable, str(ROOT / "docs" / "generate.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", sorted(scrape.commands))
def test_each_command_is_documented(name: str) -> None:
    assert f"## scrape {name}\n" in text_of("docs/commands.md")
    assert f"scrape {name}" in text_of("README.md")


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_each_setting_is_documented(name: str) -> None:
    table, _, key = name.partition(".")
    section = text_of("docs/config.md").partition(f"## [{table}]")[2].partition("\n## ")[0]
    assert f"| `{key}` |" in section
    assert f"# {key} = " in text_of("config.toml")


@pytest.mark.parametrize("name", [field.name for field in dataclasses.fields(Article)])
def test_each_field_of_an_article_is_documented(name: str) -> None:
    section = text_of("docs/fields.md").partition(f"\n## {name}\n\n")[2].partition("\n## ")[0]
    assert section.strip()
    assert f"| [`{name}`](#{name}) |" in text_of("docs/fields.md")


@pytest.mark.parametrize("key", sorted(PUBLICATION))
def test_each_setting_of_a_publication_is_documented(key: str) -> None:
    assert f"| `{key}` |" in text_of("docs/config.md").partition("## [publications.NAME]")[2]


def test_config_toml_holds_every_setting_with_its_default(tmp_path: Path) -> None:
    """Taking away every # changes nothing: what is shown as default is the default."""
    shown = re.sub(r"(?m)^# (\w+ = )", r"\1", text_of("config.toml"))
    file = tmp_path / "config.toml"
    file.write_text(shown, encoding="utf-8")
    assert len([name for table in tomllib.loads(shown).values() for name in table]) >= len(SETTINGS)
    changed = load(file)
    for name, setting in SETTINGS.items():
        table, _, key = name.partition(".")
        value = getattr(getattr(changed, table), key)
        expected = tmp_path / setting.default if setting.kind is Path else setting.default
        assert value == expected, name


@pytest.mark.parametrize(
    "file", ["README.md", *(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]
)
def test_commands_in_the_docs_exist(file: str) -> None:
    known = set(scrape.commands)
    for line in re.findall(r"(?m)^(?:\$ )?scrape ((?:-\S+ \S+ )*)(\w+)", text_of(file)):
        assert line[1] in known, f"{file} shows `scrape {line[1]}`, which does not exist"


@pytest.mark.parametrize(
    "file", ["README.md", "CHANGELOG.md", *(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md"))]
)
def test_links_between_documents_lead_somewhere(file: str) -> None:
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text_of(file)):
        assert ((ROOT / file).parent / target).exists(), f"{file} links to {target}"
