"""The world's places, found by name without a network: cities, China's counties, and many towns.

`search` finds what a person types, `by_code` finds a place again by its code. The data is in `places.tsv.gz`,
which `scripts/places` builds; whose it is, and on which licences, is in the file `NOTICE` beside it.

Invariants:

- Nothing is read until the first question; nothing is asked of a network, ever.
- It imports nothing of Millpond but itself, and nothing beyond Python's standard library.

It does not know streets, nor every village: a leader types those as free text beside the place.
"""

from millpond.places.search import FoundPlace, by_code, search

__all__ = ["FoundPlace", "by_code", "search"]
