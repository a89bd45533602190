"""One file per kind of boilerplate: what it is called in markup, and what it says in each language.

Each ``.toml`` here has

    about    one sentence on what the kind is
    names    words that stand in class names and ids around it (regular expressions, matched at word edges)
    starts   phrases that begin such a line, by language, lower case
    lines    phrases that are such a line, whole
    cuts     true: a line that matches ``starts`` or ``lines`` is cut even from inside the story

``extractors.strip`` reads the folder; it is the registry.
"""
