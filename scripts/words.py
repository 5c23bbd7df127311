"""What pages say and what is translated: prints what the catalogues lack and what they have in vain.

    python scripts/words.py

Message ids are found by Babel in templates (`{{ _("…") }}`, `{% trans %}`) and in modules: the arguments of
`words(…)`, `blame(field, …)`, `problem(status, …)` and `marked(…)`. Exit code 1 if anything is missing, in
vain, translated twice or with other placeholders.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "millpond"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "words": (1,),
    "blame": (2,),
    "problem": (2,),
    "marked": (1,),
}
METHODS = [("web/**.py", "python"), ("desk/**.py", "python"), ("web/templates/**.html", "jinja2")]
OPTIONS = {"web/templates/**.html": {"trimmed": "true", "trim_blocks": "true", "lstrip_blocks": "true"}}
PLACEHOLDER = re.compile(r"\{\w*\}|%\(\w+\)s")


def asked() -> dict[str, str]:
    """Every message id, and the file that it was found in first."""
    found: dict[str, str] = {}
    for file, _, message, _, _ in extract_from_dir(
        PACKAGE, method_map=METHODS, options_map=OPTIONS, keywords=KEYWORDS, strip_comment_tags=True
    ):
        for part in message if isinstance(message, tuple) else (message,):
            if part and (not isinstance(message, tuple) or part == message[0]):
                found.setdefault(part, file)
    from millpond.desk.refusals import WORDS

    for message in WORDS.values():
        found.setdefault(message, "desk/refusals.py")
    return found


def translated(language: str = "zh") -> list[tuple[str, str, str]]:
    """Message id, text and file of every entry of every catalogue."""
    found = []
    for path in sorted((PACKAGE / "web" / "locale" / language).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, abort_invalid=True):
                if message.id:
                    singular = message.id[0] if isinstance(message.id, tuple) else message.id
                    text = message.string[0] if isinstance(message.string, tuple) else message.string
                    found.append((singular, "" if message.fuzzy else text, path.name))
    return found


def faults() -> list[str]:
    """What is wrong, a line each."""
    ids, texts, lines = asked(), translated(), []
    seen: dict[str, tuple[str, str]] = {}
    for id, text, file in texts:
        if id not in ids:
            lines.append(f"{file}: in vain: {id!r}")
        if id in seen:
            lines.append(f"{file}: also in {seen[id][1]}: {id!r}")
        if sorted(set(PLACEHOLDER.findall(id))) != sorted(set(PLACEHOLDER.findall(text))) and text:
            lines.append(f"{file}: other placeholders: {id!r} and {text!r}")
        seen[id] = (text, file)
    lines += [f"{file}: missing: {id!r}" for id, file in ids.items() if not seen.get(id, ("", ""))[0]]
    return sorted(lines)


if __name__ == "__main__":
    found = faults()
    print("\n".join(found) or "Every sentence is translated.")
    sys.exit(bool(found))
