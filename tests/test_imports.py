"""Who may import whom. The design's shape is held here, so that it cannot erode one import at a time."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EXTRACTORS = sorted((ROOT / "extractors").rglob("*.py"))
SCRAPER = sorted((ROOT / "scraper").rglob("*.py"))

IMPURE = {
    "asyncio",
    "socket",
    "sqlite3",
    "time",
    "os",
    "random",
    "subprocess",
    "threading",
    "urllib.request",
    "httpx",
}
HOMES = {  # library → the one file, or folder, that imports it
    "ada_url": "scraper/addresses.py",
    "httpcore": "scraper/gate.py",
    "sqlite_utils": "scraper/store.py scraper/migrations.py",
    "warcio": "scraper/archive.py",
    "feedparser": "scraper/discover.py",
    "click": "scraper/cli.py scraper/commands",
    "rich": "scraper/terminal.py",
    "httpx": "scraper/fetch.py scraper/connections.py scraper/aiohttp_core.py",
    "aiohttp": "scraper/aiohttp_core.py",
    "playwright": "scraper/browser.py",
    "tenacity": "scraper/fetch.py",
    "selectolax": "extractors/document.py",
    "chardetng_py": "extractors/decode.py",
    "trafilatura": "extractors/trafilatura_engine.py",
    "pyarrow": "scraper/parquet.py",
    "datasette": "scraper/serve",
    "distributed": "scraper/bulk/dask_engine.py",
    "fsspec": "scraper/bulk/places.py",
}
# Each may import those after it, never those before it.
LAYERS = (
    ("cli",),
    ("commands",),
    ("demo", "progress", "hosts", "schedule"),
    ("relearning",),
    ("reproduce", "reextract", "trying", "merge"),
    ("bulk", "crawl", "visit", "batch", "why", "adding", "verify", "packing", "export"),
    ("reading", "rendering"),
    ("browser",),
    ("documents", "events"),
    (
        *("discover", "politeness", "store", "workers", "archive", "frontier", "stories", "pages", "search"),
        *("stored", "rewrites", "archived", "health", "learned", "refusals"),
    ),
    ("copies", "observations", "revisions", "rulebook"),
    ("child",),
    ("robots", "fetch", "outcome", "migrations", "scope", "credentials"),
    ("connections",),
    ("aiohttp_core",),
    ("directory",),
    ("payload",),
    ("warc",),
    ("gate", "codings", "httpdate", "clock", "window", "blocks", "edition", "wording"),
    ("config",),
    ("share",),
    ("addresses", "errors", "quiet", "signals"),
)


def imports(file: Path) -> Iterator[str]:
    """Yield the dotted names that a file imports: "package.name" for "from package import name"."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno}: relative imports hide where a name lives"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def short(file: Path) -> str:
    return str(file.relative_to(ROOT))


def starts(name: str, packages: set[str]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


@pytest.mark.parametrize("file", EXTRACTORS, ids=short)
def test_extractors_do_not_touch_the_world(file: Path) -> None:
    forbidden = [name for name in imports(file) if starts(name, IMPURE | {"scraper"})]
    assert not forbidden, f"{short(file)} imports {forbidden}"


@pytest.mark.parametrize("file", EXTRACTORS, ids=short)
def test_extractors_do_not_open_files_or_read_the_clock(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called not in {
                "open",
                "datetime.now",
                "datetime.utcnow",
                "datetime.today",
                "date.today",
            }, f"{short(file)}:{node.lineno} calls {called}"


@pytest.mark.parametrize("folder", ["fields", "strippers"])
def test_fields_and_strippers_do_not_know_each_other(folder: str) -> None:
    """A folder's ``__init__`` is its registry and may name them all."""
    for file in (ROOT / "extractors" / folder).glob("*.py"):
        if file.name != "__init__.py":
            known = [
                name for name in imports(file) if starts(name, {"extractors.fields", "extractors.strippers"})
            ]
            assert not known, f"{short(file)} imports {known}"


@pytest.mark.parametrize("file", SCRAPER, ids=short)
def test_scraper_uses_extractors_by_their_public_names(file: Path) -> None:
    import extractors

    for name in imports(file):
        if name.startswith("extractors."):
            assert name.removeprefix("extractors.") in extractors.__all__, f"{short(file)} imports {name}"


@pytest.mark.parametrize(("library", "homes"), HOMES.items(), ids=HOMES)
def test_each_library_has_one_home(library: str, homes: str) -> None:
    users = [
        short(file) for file in EXTRACTORS + SCRAPER if any(starts(name, {library}) for name in imports(file))
    ]
    assert all(user.startswith(tuple(homes.split())) for user in users), f"{library} is imported by {users}"


@pytest.mark.parametrize("depth", range(len(LAYERS)), ids=lambda depth: " ".join(LAYERS[depth]))
def test_imports_go_down(depth: int) -> None:
    above = {f"scraper.{name}" for layer in LAYERS[:depth] for name in layer}
    for name in LAYERS[depth]:
        files = [
            file for file in SCRAPER if short(file).startswith((f"scraper/{name}.py", f"scraper/{name}/"))
        ]
        for file in files:
            upward = [imported for imported in imports(file) if starts(imported, above)]
            assert not upward, f"{short(file)} imports {upward}"
