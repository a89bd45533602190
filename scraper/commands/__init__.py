"""The commands of ``scrape``: one file each; cli.py gathers them."""
