"""What a template may cost. Users write templates, and what they are filled with comes from anywhere."""

TEXT_CHARACTERS_MAX = 1 << 20
NESTING_MAX = 60
"""Of blocks and parentheses in a text."""
CALLS_MAX = 40
"""Of templates within templates while one is rendered; what nests all of this still fits Python's stack."""
STEPS_MAX = 500_000
"""Nodes evaluated in one rendering, rounds of loops included."""
OUTPUT_CHARACTERS_MAX = 2 << 20
MADE_CHARACTERS_MAX = 16 << 20
"""Of texts that functions make on the way."""
WIDTH_MAX = 10_000
"""Of `printf`'s width and precision."""
PARSED_MAX = 2_000
"""Parsed texts that are remembered."""
