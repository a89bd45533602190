"""Invented articles of realistic size: bodies of Zipf-distributed words, bylines, credits, tags, origins.

Lengths follow the labelled pages: a median of some 600 words in 15 paragraphs. Everything comes from a seed,
so that two runs store the same.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from extractors import Access, Article, Block, Credit, Image, Kind, Origin, Removal, RunnerUp, Teaser

VOCABULARY = 60_000  # words; a newspaper uses some 50,000 to 100,000 in a year
PUBLICATIONS = 50
AUTHORS = 20_000
TAGS = 5_000
SECTIONS = ("World", "Politics", "Business", "Region", "Culture", "Science", "Sport", "Opinion", "Travel")
AGENCIES = ("AP", "Reuters", "AFP", "Getty Images", "dpa", None, None, None)
FIELDS = ("headline", "dek", "section", "authors", "published_at", "modified_at", "language", "body",
          "lead_image", "tags", "canonical_url", "kind")  # fmt: skip
START = datetime(2020, 1, 1, tzinfo=UTC)
SYLLABLES = """
    bal be bin bo dar de dit don fa fel ga gen kar ke kil ko la lem li los ma mer mi mon na nes no rad re ris ro
    sa sel ta ten ti tor va vex
""".split()


@dataclass
class Writer:
    """Writes articles one after the other."""

    seed: int = 1
    copied: int = 50  # every so manieth article is a copy of one of the last hundred in another publication
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self.words = [self._word(number) for number in range(VOCABULARY)]
        self._weights = list(accumulate(1 / (rank + 2.7) for rank in range(VOCABULARY)))
        self._recent: list[str] = []

    def articles(self, count: int, *, begin: int = 0) -> Iterator[tuple[int, Article]]:
        """Yield the publication's number and the article."""
        for number in range(begin, begin + count):
            yield number % PUBLICATIONS, self._article(number)

    def _article(self, number: int) -> Article:
        rng = self._random
        url = f"https://p{number % PUBLICATIONS}.example/{2020 + number // 200_000}/{number}-{self._slug()}"
        paragraphs = self._paragraphs(number)
        published = START + timedelta(minutes=3 * number + rng.randint(0, 600))
        names = tuple(
            f"Author {int(rng.paretovariate(0.8)) % AUTHORS}" for _ in range(rng.choice((1, 1, 1, 2)))
        )
        agency = rng.choice(AGENCIES)
        person = f"Photographer {rng.randrange(2000)}"
        image = f"https://cdn.example/{number}.jpg"
        credit = Credit(
            "photo", f"{person}{' / ' + agency if agency else ''}", person, agency, f"Photo: {person}"
        )
        return Article(
            url=url,
            kind=Kind.ARTICLE,
            canonical_url=url,
            headline=self._sentence(9).rstrip("."),
            dek=self._sentence(18) if rng.random() < 0.7 else None,
            section=rng.choice(SECTIONS),
            authors=names,
            byline=f"By {' and '.join(names)}",
            published_at=published,
            published_zone="Z",
            modified_at=published + timedelta(hours=1),
            language="en",
            body="\n\n".join(paragraphs),
            blocks=tuple(Block("paragraph", text) for text in paragraphs),
            lead_image=Image(image),
            images=(Image(image, alt=self._sentence(6), caption=self._sentence(14), credit=credit.text),),
            credits=(credit,),
            tags=tuple(dict.fromkeys(f"tag {int(rng.paretovariate(0.7)) % TAGS}" for _ in range(3))),
            access=Access.FREE,
            teasers=tuple(Teaser(self._sentence(8), f"{url}/{n}", rng.choice(SECTIONS)) for n in range(4)),
            provenance={
                name: Origin(
                    "json-ld", f"NewsArticle.{name}", 0.97, runners_up=(RunnerUp("x", "meta", "og:x", 0.8),)
                )
                for name in FIELDS
            },
            removals=tuple(
                Removal(f"stripper {n}", "recurs on other pages", self._sentence(12), f"div {n}")
                for n in range(5)
            ),
        )

    def _paragraphs(self, number: int) -> list[str]:
        if self._recent and number % self.copied == 0:
            return self._random.choice(self._recent).split("\n\n")
        sizes = [
            self._random.randint(20, 60) for _ in range(max(4, round(self._random.lognormvariate(2.7, 0.5))))
        ]
        found = [self._sentence(size) for size in sizes]
        self._recent = [*self._recent[-99:], "\n\n".join(found)]
        return found

    def _sentence(self, length: int) -> str:
        words = self._random.choices(self.words, cum_weights=self._weights, k=length)
        return f"{' '.join(words)}.".capitalize()

    def _slug(self) -> str:
        return "-".join(self._random.choices(self.words, k=3))

    def _word(self, number: int) -> str:
        word = ""
        while number or not word:
            number, rest = divmod(number, len(SYLLABLES))
            word += SYLLABLES[rest]
        return word
