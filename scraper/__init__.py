"""Touches the world: fetches, archives, stores. What an article is, extractors decides."""
