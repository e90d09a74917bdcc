"""What the bundled clips say: keywords, other words, and sentences without a keyword in them.

A one-second cut of running speech is only a fair negative when no keyword can be heard in it, and
English hides them everywhere ("into", "want", "another" hold "n ow", "aa n"...). So sentences are
drawn from a small grammar and kept only when the synthesizer's own phone string shows none of the
keywords' phone sequences.

Homophones ("know", "write") are left out on purpose: they *sound* like "no" and "right", so calling
them unknown would ask a network to tell apart two equal sounds.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(" ".join(phrase.split()) for phrase in text.split(","))


#: Sounds close to a keyword, the negatives that cost most when they are missing.
NEAR_WORDS = _words("""
    snow so though own low toe mow note nose yet yell guess mess chess yard cup pup hub us uh upper gown
    town brown noun drown dawn lift let laughed loft lend leaf light ride rye bright rice wide an in
    aunt of cough soft loss law stock top step shop stomp stuff goat gold girl gas ghost dough glow grow
""")

#: Words of everyday speech, most of them those a home device hears all day.
OTHER_WORDS = _words("""
    zero one two three four five six seven eight nine ten eleven twelve twenty hundred bed bird cat dog
    house tree happy wow visual learn follow forward backward music lamp marvin sheila peter mary alice
    oliver emma hello please thanks morning evening coffee water kitchen window table chair garden river
    mountain yellow purple green silver orange red blue Monday Tuesday Friday March August winter summer
    doctor teacher paper letter number machine market family picture question answer season travel under
    over after never always maybe louder quiet play pause next timer weather camera battery sensor signal
    model feature layer
""")

#: Phone sequences (CMU phones without stress) that are a keyword, or all of it that is heard.
KEYWORD_PHONES: tuple[tuple[str, ...], ...] = (
    ("y", "eh", "s"),
    ("n", "ow"),
    ("ah", "p"),
    ("d", "aw", "n"),
    ("l", "eh", "f"),
    ("r", "ay", "t"),
    ("aa", "n"),
    ("ao", "n"),
    ("aa", "f"),
    ("ao", "f"),
    ("s", "t", "aa", "p"),
    ("g", "ow"),
)

_SUBJECTS = _phrases("""
    the teacher, my brother, a small bird, her family, the old machine, every student, our neighbor, the
    green parrot, their captain, this engine, a young farmer, the careful driver, his sister, the tired
    baker, each visitor, the busy doctor
""")
_VERBS = _phrases("""
    will carry, is painting, keeps, has finished, can remember, is watching, will measure, has hidden,
    likes, is reading, must repair, will deliver, is cleaning, has drawn, may describe, is bringing
""")
_OBJECTS = _phrases("""
    seven yellow letters, the heavy table, a picture of the river, fresh bread and cheese, three silver
    keys, the winter garden, a very quiet camera, many cheap tickets, the blue bicycle, eight little
    sensors, the kitchen window, some warm water, a simple melody, the market square, twelve paper lanterns,
    the other signal
""")
_ENDINGS = _phrases("""
    before dinner, in the evening, near the harbor, after the meeting, with great care, every Tuesday, under
    the bridge, at the museum, behind the curtain, for the children, in early summer, because it is cheaper,
    while the rain falls, with her father, this morning, as always
""")


def holds_keyword(phones: Sequence[str]) -> bool:
    """Say whether a keyword's phone sequence occurs anywhere in a phone string, pauses left out."""
    spoken = tuple(phone for phone in phones if phone != "pau")
    return any(
        spoken[first : first + len(pattern)] == pattern
        for pattern in KEYWORD_PHONES
        for first in range(len(spoken) - len(pattern) + 1)
    )


def sentences(rng: np.random.Generator, part: int, parts: int) -> Iterator[str]:
    """Yield endless sentences; two different parts never share one.

    Parameters
    ----------
    rng : numpy.random.Generator
        Decides the order.
    part, parts : int
        Which of how many disjoint shares of the grammar to draw from.
    """
    grammar = list(itertools.product(_SUBJECTS, _VERBS, _OBJECTS, _ENDINGS))
    for pick in itertools.cycle(rng.permutation(len(grammar))):
        if pick % parts == part:
            yield " ".join(grammar[pick])


def unknown_words(rng: np.random.Generator, count: int) -> list[str]:
    """Choose ``count`` words that are no keyword, half of them near ones; repeats only when all are used."""
    chosen: list[str] = []
    pools = (NEAR_WORDS, OTHER_WORDS)
    orders = [itertools.cycle(rng.permutation(pool).tolist()) for pool in pools]
    for position in range(count):
        chosen.append(next(orders[position % 2]))
    return chosen
