"""What the long runs measured: ``note`` keeps it, ``python -m tests.scenarios.figures`` prints the table."""

import json
import sys
from pathlib import Path

from tests.scenarios.command import LONG, ROOT

FILE = ROOT / "torture-figures.jsonl"


def note(scenario: str, **measured: object) -> None:
    """Keep the figures of a long run."""
    if LONG:
        with FILE.open("a", encoding="utf-8") as out:
            out.write(json.dumps({"scenario": scenario} | measured) + "\n")


def table(file: Path = FILE) -> str:
    """Return the figures as Markdown, the last of each scenario."""
    rows = {row["scenario"]: row for row in map(json.loads, file.read_text(encoding="utf-8").splitlines())}
    lines = ["| scenario | measured |", "| --- | --- |"]
    for name in sorted(rows, key=lambda name: int(name.partition(".")[0])):
        said = ", ".join(
            f"{what.replace('_', ' ')} {value}" for what, value in rows[name].items() if what != "scenario"
        )
        lines.append(f"| {name} | {said} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(table() + "\n")
