"""Write what can be said from the code: commands.md, config.md, fields.md, the settings of config.toml, and
in README.md the output of every command that stands in a comment ``<!-- run: … -->``.

``python docs/generate.py`` writes the files; with ``--check`` it only says which are out of date.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
import fields  # docs/fields.py, beside this file

from scraper.cli import scrape
from scraper.config import PUBLICATION, SECTIONS, SETTINGS, TYPES, AtLeast, OneOf, Setting
from scraper.demo.pages import site

ROOT = Path(__file__).parents[1]
EXAMPLE = "/library-late-fees/"  # the story of docs/example.html
WIDTH = 100
PUBLICATIONS = "# The publications"  # what follows this line in config.toml is written by hand


def pages() -> Iterator[tuple[Path, str]]:
    """Yield each file and the text that it must have. Later ones are made from those before them."""
    yield ROOT / "docs" / "example.html", site("https://courier.example")[EXAMPLE].body.decode()
    yield ROOT / "README.md", with_output(_current(ROOT / "README.md"))
    yield ROOT / "docs" / "commands.md", commands()
    yield ROOT / "docs" / "config.md", settings()
    yield ROOT / "docs" / "fields.md", fields.page()
    yield ROOT / "config.toml", config_toml(_current(ROOT / "config.toml"))


def with_output(text: str) -> str:
    """Return the text with what each ``<!-- run: command -->`` prints in the block that follows it."""
    return re.sub(r"(<!-- run: (.+?) -->\n```text\n).*?(```)", _with_output, text, flags=re.DOTALL)


def _with_output(match: re.Match[str]) -> str:
    command = match[2]
    places = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": places, "COLUMNS": "100"}
    printed = subprocess.run(
        command, shell=True, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    lines = "\n".join(line.rstrip() for line in printed.stdout.splitlines())
    return f"{match[1]}$ {command}\n{lines}\n{match[3]}"


def commands() -> str:
    """Return every command's --help."""
    parts = ["# Commands", "Written by `make docs` from the program's own `--help`."]
    parts += [f"## {name}\n\n```text\n{text}\n```" for name, text in helps()]
    return "\n\n".join(parts) + "\n"


def helps() -> Iterator[tuple[str, str]]:
    """Yield "scrape url" and its help text, the whole command first."""
    top = click.Context(scrape, info_name="scrape", terminal_width=WIDTH)
    yield "scrape", top.get_help()
    yield from _helps_below(scrape, top)


def _helps_below(group: click.Group, context: click.Context) -> Iterator[tuple[str, str]]:
    for name, command in sorted(group.commands.items()):
        inner = click.Context(command, info_name=name, parent=context, terminal_width=WIDTH)
        yield inner.command_path, inner.get_help()
        if isinstance(command, click.Group):
            yield from _helps_below(command, inner)


def settings() -> str:
    """Return every setting with its type, default, meaning and environment variable."""
    parts = ["# Settings", INTRODUCTION]
    for table, shape in SECTIONS.items():
        named = [setting for name, setting in SETTINGS.items() if name.startswith(f"{table}.")]
        parts.append(f"## [{table}]\n\n{shape.__doc__}\n\n{_table(named)}")
    parts.append(f"## [publications.NAME]\n\n{PUBLICATION_INTRODUCTION}\n\n{_table(PUBLICATION.values())}")
    return "\n\n".join(parts) + "\n"


INTRODUCTION = """Written by `make docs` from `scraper/config.py`.

A setting comes from the first of these that has it:

1. a flag: `scrape --set fetching.attempts=1 crawl`
2. the environment: `SCRAPE_FETCHING_ATTEMPTS=1` (lists: parts between commas)
3. the project's file: `config.toml` in the folder where you run, or `--config FILE`, or `SCRAPE_CONFIG`
4. the user's file: `~/.config/cleancopy/config.toml` (or below `XDG_CONFIG_HOME`)
5. the default

A file names only what it changes. A name that is not known is an error that tells the nearest one. A path
in a file starts from that file's folder. `scrape config --table` prints what is in force and where it came
from."""
PUBLICATION_INTRODUCTION = """One table for each publication; NAME is what `scrape crawl NAME` takes. Feeds,
sitemaps and sections are all optional: what is not named is looked for in robots.txt and on the home page."""


def _table(named: Iterable[Setting]) -> str:
    rows = [
        f"| `{setting.name.partition('.')[2]}` | {_kind(setting)} | {_default(setting)} | {setting.meaning} |"
        for setting in named
    ]
    return "\n".join(["| setting | type | default | meaning |", "| --- | --- | --- | --- |", *rows])


def _kind(setting: Setting) -> str:
    limits = [f"at least {limit.low:g}" for limit in setting.limits if isinstance(limit, AtLeast)]
    limits += [" or ".join(limit.names) for limit in setting.limits if isinstance(limit, OneOf)]
    return ", ".join([TYPES[setting.kind][0], *limits])


def _default(setting: Setting) -> str:
    known = setting.name in SETTINGS or setting.default in ((), None)
    return f"`{_toml(setting.default)}`" if known and setting.default is not None else ""


def config_toml(current: str) -> str:
    """Return config.toml: the settings, commented out, from the code; the publications as they are."""
    lines = [HEADER]
    for table in SECTIONS:
        lines.append(f"\n[{table}]")
        for name, setting in SETTINGS.items():
            if name.startswith(f"{table}."):
                lines.append(f"# {name.partition('.')[2]} = {_toml(setting.default)}  # {setting.meaning}")
    return "\n".join(lines) + "\n\n" + PUBLICATIONS + current.partition(PUBLICATIONS)[2]


HEADER = """# Settings of cleancopy. Each stands here with its default; take away the first # to change it.
# docs/config.md says more. The part above "The publications" is written by `make docs`."""


def _toml(value: object) -> str:
    if isinstance(value, tuple):
        return json.dumps(list(value))
    return json.dumps(str(value)) if isinstance(value, Path) else json.dumps(value)


def _current(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.exists() else ""


def main() -> int:
    """Write or check the files; return the exit code."""
    checking, stale = "--check" in sys.argv, False
    for file, text in pages():
        if _current(file) == text:
            continue
        stale = True
        if checking:
            sys.stderr.write(f"{file.relative_to(ROOT)} is out of date: run make docs\n")
        else:
            file.write_text(text, encoding="utf-8")
            sys.stderr.write(f"{file.relative_to(ROOT)} written\n")
    return 1 if stale and checking else 0


if __name__ == "__main__":
    raise SystemExit(main())
