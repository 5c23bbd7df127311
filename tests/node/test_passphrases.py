"""Which passphrases are taken, and what is kept of them."""

from __future__ import annotations

import pytest

from millpond.errors import InputError
from millpond.node import passphrases
from millpond.node.passphrases import check_passphrase, hash_passphrase, verify_passphrase


@pytest.mark.parametrize(
    "good",
    [
        "seven ponds, one mill",
        "平塘边上的老磨坊",
        "tq-88-mill",
        "1380000000012345",
        "\U0001f33e fields",
        "  pond-water",
    ],
)
def test_taken(good: str) -> None:
    check_passphrase(good, "Pond", "pond", "Li")


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("", "At least 8"),
        ("short", "At least 8"),
        ("   short   ", "At least 8"),
        ("x" * 129, "At most 128"),
        ("19871203", "Digits"),
        ("13800000000", "Digits"),
        ("１３８０００００００１", "Digits"),
        ("password1", "first that others"),
        ("Pass Word1", "first that others"),
        ("iloveyou", "first that others"),
        ("qwertyuiop", "first that others"),
        ("woaini1314", "first that others"),
        ("abababab", "first that others"),
        ("乐乐乐乐乐乐乐乐", "first that others"),
        ("aaaaaaaaaaaaaaaaaaaa", "first that others"),
        ("millpond", "first that others"),
        ("San Tang Village", "name of the room"),
        ("santangvillage", "name of the room"),
    ],
)
def test_refused(bad: str, why: str) -> None:
    with pytest.raises(InputError, match=why) as refused:
        check_passphrase(bad, "San Tang village", "san-tang", "Li")
    assert refused.value.at == "passphrase"


def test_the_list_has_the_three_thousand_that_are_asked_for() -> None:
    assert len(passphrases._common()) >= 3_000


def test_a_hash_knows_its_passphrase_alone() -> None:
    kept = hash_passphrase("seven ponds, one mill")
    assert kept.startswith("$argon2id$v=19$m=65536,t=2,p=1$")
    assert "ponds" not in kept
    assert kept != hash_passphrase("seven ponds, one mill")
    assert verify_passphrase(kept, "seven ponds, one mill")
    assert verify_passphrase(kept, " ｓeven ponds, one mill ")  # as another keyboard writes it
    assert not verify_passphrase(kept, "seven ponds, one mil")
    assert not verify_passphrase(kept, "")
    assert not verify_passphrase("no hash at all", "seven ponds, one mill")


def test_nobody_takes_the_same_work(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    real = passphrases.argon2id.verify

    def heard(hash: bytes, passphrase: bytes) -> bool:
        asked.append(hash.decode().split("$")[3])
        return bool(real(hash, passphrase))

    monkeypatch.setattr(passphrases.argon2id, "verify", heard)
    kept = hash_passphrase("seven ponds, one mill")
    assert not verify_passphrase(None, "seven ponds, one mill")
    assert not verify_passphrase(None, "\0")
    assert verify_passphrase(kept, "seven ponds, one mill")
    assert len(asked) == 3
    assert len(set(asked)) == 1
