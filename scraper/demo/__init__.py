"""A small publication of our own, served on loopback, with every kind of noise that real ones have.

``stories`` are its articles as it meant them (the truth that a crawl is compared with), ``pages`` and
``feeds`` are its website, ``server`` hands that out over HTTP, ``tour`` crawls it and shows what came out.
"""
