"""An article as schema.org NewsArticle in JSON-LD (https://schema.org/NewsArticle)."""

from typing import Any

from extractors import Access, Article, Credit, Image

FREE = {Access.FREE: True, Access.METERED: False, Access.PAYWALLED: False, Access.TRUNCATED: False}


def news_article(article: Article) -> dict[str, Any]:
    """Return the article's facts under schema.org's names; what the page does not say is left out."""
    said: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "LiveBlogPosting" if article.kind == "live" else "NewsArticle",
        "url": article.url,
        "mainEntityOfPage": article.canonical_url,
        "headline": article.headline,
        "alternativeHeadline": article.dek,
        "articleSection": article.section,
        "articleBody": article.body,
        "wordCount": len(article.body.split()),
        "author": [{"@type": "Person", "name": name} for name in article.authors],
        "publisher": article.publication and {"@type": "NewsMediaOrganization", "name": article.publication},
        "datePublished": article.published_at and article.published_at.isoformat(),
        "dateModified": article.modified_at and article.modified_at.isoformat(),
        "inLanguage": article.language,
        "keywords": list(article.tags),
        "image": [_image(image) for image in _images(article)],
        "isAccessibleForFree": FREE.get(article.access),
        "creditText": "; ".join(_credit(credit) for credit in article.credits),
    }
    return {name: value for name, value in said.items() if value not in (None, "", [])}


def _images(article: Article) -> tuple[Image, ...]:
    """Return the story's pictures, the leading one first."""
    lead = article.lead_image
    others = tuple(image for image in article.images if lead is None or image.url != lead.url)
    if lead is None:
        return others
    return (next((image for image in article.images if image.url == lead.url), lead), *others)


def _image(image: Image) -> dict[str, Any]:
    facts = {"url": image.url, "caption": image.caption or image.alt, "creditText": image.credit}
    return {"@type": "ImageObject"} | {name: value for name, value in facts.items() if value}


def _credit(credit: Credit) -> str:
    return f"{credit.role}: {credit.text}"
