"""The page on statements: its worked example, its limits and its list of kinds are those of the code."""

from __future__ import annotations

import re
from dataclasses import MISSING, fields
from hashlib import sha256
from pathlib import Path

from millpond.log import kinds, statement, strict
from millpond.log.keys import DID_CHARACTERS, Key
from millpond.log.kinds import KINDS, understand
from millpond.log.statement import MAX_ENTRY_BYTES, MAX_PAYLOAD_BYTES, PAYLOAD_TYPE, read, sid_of, sign, split

PAGE = (Path(__file__).parents[2] / "docs/reference/statements.md").read_text("utf-8")


def block(mark: str) -> str:
    found = re.search(rf"<!-- {mark} -->\n```text\n(.*?)^```$", PAGE, re.M | re.S)
    assert found, mark
    return found[1]


def test_worked_example() -> None:
    key = Key(bytes(range(32)))
    entry = block("file: entry").encode()
    payload, signature = split(entry)
    assert block("example: key").split() == [key.public.hex(), key.did]
    assert sign(payload, key) == entry
    assert block("example: hashes").split() == [
        sid_of(payload).hex(),
        signature.hex(),
        sha256(b"\0" + entry).hexdigest(),
    ]
    assert f"{len(entry)} bytes: the first line is the payload, of {len(payload)} bytes" in PAGE
    assert understand(read(entry, key.did)) == kinds.Profile(name="永泰", about="Rice and tea oil")


def test_limits_are_the_ones_that_are_kept() -> None:
    plain = " ".join(PAGE.split())
    for said in (
        f"at most {MAX_PAYLOAD_BYTES:,} bytes",
        f"at most {MAX_ENTRY_BYTES:,} bytes",
        f"Every identity has {DID_CHARACTERS} characters",
        f"at most {strict.MAX_DEPTH} deep",
        f'"DSSEv1 {len(PAYLOAD_TYPE)} {PAYLOAD_TYPE} "',
        f"a list of 1 to {statement.MAX_ATTACHMENTS} attachments",
        f"1 to {statement.MAX_NAME_CHARACTERS} characters (code points)",
        f"a line of up to {kinds.MAX_NAME} |",
        f"a text of up to {kinds.MAX_ABOUT:,}",
        f"a text of up to {kinds.MAX_NOTE}",
        f"up to {kinds.MAX_ADDRESSES} addresses",
        f"up to {kinds.MAX_ADDRESS} characters of ASCII",
        f"to a line of up to {kinds.MAX_TITLE}, 1 to {kinds.MAX_LANGUAGES} of them",
        f"up to {kinds.MAX_TEXT:,} each",
        f"a line of up to {kinds.MAX_CARD:,}",
        f"an entry of up to {kinds.MAX_SUCCESSION_BYTES:,} bytes",
    ):
        assert said in plain, said


def test_every_kind_and_field_is_there() -> None:
    told: dict[str, dict[str, bool]] = {}
    table = PAGE.partition("## Kinds")[2].partition("## A worked example")[0]
    for row in re.findall(r"^\|([^|]*)\|([^|]*)\|([^|]*)\|", table, re.M):
        kind, field, needed = (cell.strip(" `") for cell in row)
        if "/" in kind:
            told[kind] = {}
        elif told:
            told[list(told)[-1]][field] = needed == "yes"
    for body in KINDS.values():
        needed = {
            field.name: field.default is MISSING and field.default_factory is MISSING
            for field in fields(body)
        }
        assert told[body.KIND] == needed
    assert set(told) == set(KINDS)
