"""Sentences in the reader's language: gettext with English as the message ids, read from `.po` files.

One catalogue is many files, one for each part of the pages (`locale/zh/*.po`), so that translators see what
belongs together. They are read once, when the first page is asked for; there is no compiled form to forget.

>>> Words("zh").gettext("Save")
'保存'
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from babel.messages.pofile import read_po

LANGUAGES = {"zh": "中文", "en": "English"}


def marked(message: str) -> str:
    """The message id as it is: for one that is looked up later, so that translators find it."""
    return message


@cache
def catalogue(language: str) -> dict[str, str]:
    """Message ids and their translations; an English page needs none."""
    found: dict[str, str] = {}
    folder = files("millpond.web") / "locale" / language
    if not folder.is_dir():
        return found
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if not file.name.endswith(".po"):
            continue
        with file.open("rb") as stream:
            for message in read_po(stream, ignore_obsolete=True):
                if message.id and message.string and not message.fuzzy:
                    found[_first(message.id)] = _first(message.string)
    return found


def _first(text: str | list[str] | tuple[str, ...]) -> str:
    """Of a message with plural forms, the first."""
    return text if isinstance(text, str) else text[0]


class Words:
    """One language. Chinese has one plural form; English takes the message ids as they are."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else "en"
        self._texts = catalogue(self.language)

    def gettext(self, message: str) -> str:
        """The sentence in this language; itself where it is not translated."""
        return self._texts.get(message, message)

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """The sentence for so many; Chinese has one form, kept under the singular."""
        if self.language == "en":
            return singular if number == 1 else plural
        return self._texts.get(singular, plural)

    def __call__(self, message: str, /, **values: object) -> str:
        """The sentence with `{placeholders}` filled in."""
        return self.gettext(message).format(**values) if values else self.gettext(message)
