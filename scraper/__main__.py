"""``python -m scraper`` is the command ``scrape``."""

from scraper.cli import main

main()
