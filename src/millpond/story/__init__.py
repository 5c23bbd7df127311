"""The story of five towns: one small round, told in a minute, with every figure worked out while it is told.

`round.json` holds real towns and invented amounts. `facts` reads off what a reader wants to know, `telling`
says it in English or Chinese, `cheat` changes one bill by one cent and lets the verifier find it.

- No figure stands in the words: edit `round.json`, and the story tells of the edited round.
- The certificate's promise is told as the certificate gives it, rounded up.

>>> read_story().id
'jackets-2026-12'
"""

from importlib import resources

from millpond.model import Round, read_round


def story_bytes() -> bytes:
    """The story's round file as it is in the package."""
    return resources.files(__package__).joinpath("round.json").read_bytes()


def read_story() -> Round:
    """The story's round."""
    return read_round(story_bytes(), "story/round.json")
