"""Make the list of given names that ships in ``extractors/weights/given_names.txt``.

    python -m benchmarks.given_names            # say how many there are
    python -m benchmarks.given_names --write    # and rewrite the list

Takes the first names of every locale of Faker (MIT licence, Copyright (c) 2012 Daniele Faraglia), in scripts
that part words by spaces. Needs the extra ``train``. A name that is a word of every day, too ("Will"), stays:
the author model asks for more than this.
"""

import argparse
import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from faker.providers import person

from extractors import given, weights
from extractors.phrases import SPACELESS

PLACE = Path(weights.__file__).parent / given.FILE
_SPACELESS = re.compile(
    f"{SPACELESS.pattern}|[\uac00-\ud7af]"
)  # Korean parts words, but not the words of a name


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--write", action="store_true", help=f"rewrite {given.FILE}")
    said = parser.parse_args()
    names = sorted({given.key(word) for name in _first_names() for word in name.split()} - {""})
    names = [name for name in names if len(name) > 1 and not _SPACELESS.search(name)]
    print(f"{len(names)} given names")
    if said.write:
        PLACE.write_text("\n".join(names) + "\n", "utf-8")


def _first_names() -> Iterator[str]:
    """Yield the first names of all locales, romanised ones too."""
    for locale in pkgutil.iter_modules(person.__path__):
        provider = import_module(f"{person.__name__}.{locale.name}").Provider
        for attribute in dir(provider):
            names = getattr(provider, attribute)
            if attribute.startswith("first_") and isinstance(names, tuple | list | dict):
                for one in names:
                    yield from one if isinstance(one, tuple) else (one,)


if __name__ == "__main__":
    main()
