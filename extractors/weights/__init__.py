"""What was learned from labelled pages: generated, never edited by hand. See docs/benchmarks.md."""
