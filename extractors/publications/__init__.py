"""Rules of publications that ship with the program: one .toml each, read by extractors/rules.py."""
