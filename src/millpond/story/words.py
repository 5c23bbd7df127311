"""The story's sentences, in English and Chinese, from `words.toml`.

Every key has both languages and the same fields in braces in both; a test keeps it so.
"""

import tomllib
from functools import cache
from importlib import resources

LANGUAGES = ("en", "zh")


@cache
def words() -> dict[str, dict[str, str]]:
    """All sentences: key, then language."""
    return tomllib.loads(resources.files(__package__).joinpath("words.toml").read_text("utf-8"))


def say(key: str, language: str, **figures: object) -> str:
    """The sentence of this key with its figures filled in."""
    return words()[key][language].format(**figures)


def language_of(locale: str) -> str:
    """The story's language for a locale as the environment names it: Chinese for Chinese ones, else English.

    >>> language_of("zh_CN.UTF-8"), language_of("C.UTF-8"), language_of("")
    ('zh', 'en', 'en')
    """
    return "zh" if locale.lower().startswith("zh") else "en"
