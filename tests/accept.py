"""Rewrite the accepted articles of the fixture pages: ``python -m tests.accept``.

Read the diff before you commit. Prints the names of the files that changed.
"""

from pathlib import Path

from tests.extractors.labelled import FOLDER, NAMES, accepted, as_json


def main() -> None:
    """Write one JSON file a page, and delete those whose page is gone."""
    (FOLDER / "accepted").mkdir(exist_ok=True)
    for name in NAMES:
        _write(accepted(name), as_json(name))
    for file in (FOLDER / "accepted").glob("*.json"):
        if file.stem not in NAMES:
            file.unlink()
            print(f"deleted {file.name}")  # noqa: T201 — the command's output


def _write(file: Path, text: str) -> None:
    if file.exists() and file.read_text(encoding="utf-8") == text:
        return
    file.write_text(text, encoding="utf-8")
    print(f"wrote {file.name}")  # noqa: T201 — the command's output


if __name__ == "__main__":
    main()
