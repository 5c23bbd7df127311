"""Passkeys, answered by an authenticator written here: what it signs lets in, and nothing else does."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from millpond.desk import passkeys, people, room
from millpond.desk.challenges import LASTS_MS, MOST, Challenges
from millpond.desk.people import Person
from millpond.desk.refusals import Refused
from millpond.desk.room import Profile
from millpond.store import Database, Rows, open_room

NOW = 1_795_000_000_000
BASE = "https://pond.example"


class Keeper:
    """What a node is to passkeys."""

    def __init__(self) -> None:
        self.challenges = Challenges()
        self.now_ms = NOW

    def clock(self) -> int:
        """Unix milliseconds."""
        return self.now_ms


def b64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Phone:
    """An authenticator: P-256, counts its uses; `origin` is where its browser is."""

    def __init__(self, origin: str = BASE) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = hashlib.sha256(str(self.key.private_numbers().private_value).encode()).digest()
        self.origin = origin
        self.uses = 0
        self.handle = b""

    def create(self, options: str) -> dict[str, Any]:
        """As `navigator.credentials.create` answers."""
        asked = json.loads(options)
        self.handle = unb64(asked["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        data = self._data(asked["rp"]["id"], 0x45) + bytes(16) + len(self.id).to_bytes(2, "big") + self.id
        made = {"fmt": "none", "attStmt": {}, "authData": data + cbor2.dumps(cose)}
        return self._answer(
            {
                "attestationObject": b64(cbor2.dumps(made)),
                "clientDataJSON": b64(self._client("webauthn.create", asked["challenge"])),
            }
        )

    def get(self, options: str) -> dict[str, Any]:
        """As `navigator.credentials.get` answers."""
        asked = json.loads(options)
        self.uses += 1
        data = self._data(asked["rpId"], 0x05)
        client = self._client("webauthn.get", asked["challenge"])
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            {
                "authenticatorData": b64(data),
                "clientDataJSON": b64(client),
                "signature": b64(signature),
                "userHandle": b64(self.handle),
            }
        )

    def _data(self, host: str, flags: int) -> bytes:
        return hashlib.sha256(host.encode()).digest() + bytes([flags]) + self.uses.to_bytes(4, "big")

    def _client(self, type: str, challenge: str) -> bytes:
        return json.dumps({"type": type, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, response: dict[str, str]) -> dict[str, Any]:
        return {
            "id": b64(self.id), "rawId": b64(self.id), "type": "public-key",
            "clientExtensionResults": {}, "response": response,
        }  # fmt: skip


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    """A room with its owner and a helper."""
    profile = Profile(
        name="Pond", is_community=True, is_maker=False, currency="CNY", language="zh", time_zone="UTC"
    )

    def begin(rows: Rows) -> None:
        room.create(rows, profile, id="00ff", now_ms=NOW)
        people.create_owner(rows, "Li", passphrase_hash="hash", now_ms=NOW)
        _, token = people.invite(rows, "Wang", [], by=1, now_ms=NOW)
        people.take_up(rows, token, passphrase_hash="hash", now_ms=NOW)

    with open_room(tmp_path / "room.db") as db:
        db.write(begin)
        yield db


@pytest.fixture
def keeper() -> Keeper:
    """A node, as far as passkeys see it."""
    return Keeper()


def person(db: Database, id: int = 1) -> Person:
    found = people.by_id(db.read, id)
    assert found is not None
    return found


def add(db: Database, keeper: Keeper, phone: Phone, id: int = 1, base: str = BASE) -> passkeys.Passkey:
    options = passkeys.adding_options(db.read, keeper, "pond", base, person(db, id))
    answer = phone.create(options)
    return db.write(
        lambda rows: passkeys.add(
            rows, keeper, "pond", base, person(db, id), answer, name=" my  phone ", now_ms=NOW
        )
    )


def sign_in(db: Database, keeper: Keeper, answer: Any, slug: str = "pond", base: str = BASE) -> Person:
    return db.write(lambda rows: passkeys.sign_in(rows, keeper, slug, base, answer, now_ms=NOW))


def asked(db: Database, keeper: Keeper, slug: str = "pond") -> str:
    return passkeys.sign_in_options(db.read, keeper, slug, BASE)


def test_the_phone_that_was_added_signs_in(db: Database, keeper: Keeper) -> None:
    assert not passkeys.any_here(db.read)
    phones = [Phone(), Phone()]
    kept = [add(db, keeper, phone, id) for id, phone in enumerate(phones, 1)]
    assert kept[0].name == "my phone"
    assert passkeys.any_here(db.read)
    assert passkeys.of_person(db.read, 1) == (kept[0],)
    for id, phone in enumerate(phones, 1):
        for _ in range(2):
            assert sign_in(db, keeper, phone.get(asked(db, keeper))).id == id


def test_options_tell_strangers_of_nobody(db: Database, keeper: Keeper) -> None:
    phone = Phone()
    add(db, keeper, phone)
    options = asked(db, keeper)
    assert b64(phone.id) not in options
    assert "Li" not in options
    assert json.loads(options)["userVerification"] == "preferred"
    creating = passkeys.adding_options(db.read, keeper, "pond", BASE, person(db))
    assert b64(phone.id) in creating  # the same phone is not added twice
    assert json.loads(creating)["authenticatorSelection"]["residentKey"] == "required"


def test_an_answer_counts_once_and_soon(db: Database, keeper: Keeper) -> None:
    phone = Phone()
    add(db, keeper, phone)
    answer = phone.get(asked(db, keeper))
    sign_in(db, keeper, answer)
    with pytest.raises(Refused, match="too long, or was sent twice"):
        sign_in(db, keeper, answer)
    late = phone.get(asked(db, keeper))
    keeper.now_ms += LASTS_MS
    with pytest.raises(Refused, match="too long"):
        sign_in(db, keeper, late)


def test_an_answer_is_for_its_room_and_purpose(db: Database, keeper: Keeper) -> None:
    phone = Phone()
    add(db, keeper, phone)
    with pytest.raises(Refused, match="too long"):
        sign_in(db, keeper, phone.get(asked(db, keeper, "weir")))
    with pytest.raises(Refused, match="too long"):
        sign_in(db, keeper, phone.get(asked(db, keeper)), slug="weir")
    options = passkeys.adding_options(db.read, keeper, "pond", BASE, person(db, 2))
    with pytest.raises(Refused, match="too long"):  # asked for Wang, sent by Li
        db.write(
            lambda rows: passkeys.add(
                rows, keeper, "pond", BASE, person(db, 1), Phone().create(options), name="", now_ms=NOW
            )
        )


def test_another_site_another_key_and_another_person_are_refused(db: Database, keeper: Keeper) -> None:
    phone = Phone()
    add(db, keeper, phone)
    with pytest.raises(Refused, match="not accepted"):
        add(db, keeper, Phone("https://pond.example.evil"))
    phone.origin = "https://evil.example"
    with pytest.raises(Refused, match="not accepted"):
        sign_in(db, keeper, phone.get(asked(db, keeper)))
    phone.origin = BASE
    thief = Phone()
    thief.id, thief.handle = phone.id, phone.handle
    with pytest.raises(Refused, match="not accepted"):
        sign_in(db, keeper, thief.get(asked(db, keeper)))
    with pytest.raises(Refused, match="not accepted"):  # a passkey that nobody added
        sign_in(db, keeper, Phone().get(asked(db, keeper)))
    handle, phone.handle = phone.handle, bytes(32)
    with pytest.raises(Refused, match="not accepted"):
        sign_in(db, keeper, phone.get(asked(db, keeper)))
    phone.handle = handle
    assert sign_in(db, keeper, phone.get(asked(db, keeper))).id == 1


def test_a_copied_phone_is_found_by_its_count(db: Database, keeper: Keeper) -> None:
    phone = Phone()
    add(db, keeper, phone)
    sign_in(db, keeper, phone.get(asked(db, keeper)))
    sign_in(db, keeper, phone.get(asked(db, keeper)))
    phone.uses = 0
    with pytest.raises(Refused, match="not accepted"):
        sign_in(db, keeper, phone.get(asked(db, keeper)))


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        7,
        "x",
        {},
        {"response": None},
        *({"response": {"clientDataJSON": one}} for one in ("?", "AAAA")),
    ],
)
def test_rubbish_is_refused(db: Database, keeper: Keeper, answer: Any) -> None:
    with pytest.raises(Refused, match="not accepted"):
        sign_in(db, keeper, answer)


def test_rubbish_around_a_true_challenge_is_refused(db: Database, keeper: Keeper) -> None:
    phone = Phone()
    add(db, keeper, phone)
    for spoil in ("id", "rawId", "type", "response"):
        answer = phone.get(asked(db, keeper))
        if spoil == "response":
            answer["response"] = {"clientDataJSON": answer["response"]["clientDataJSON"]}
        else:
            answer[spoil] = ["?"]
        with pytest.raises(Refused, match="not accepted"):
            sign_in(db, keeper, answer)


def test_who_left_or_removed_it_is_not_let_in(db: Database, keeper: Keeper) -> None:
    mine, helpers = Phone(), Phone()
    kept = add(db, keeper, mine)
    add(db, keeper, helpers, 2)
    db.write(lambda rows: passkeys.remove(rows, 2, kept.id, now_ms=NOW))  # not Wang's to remove
    assert sign_in(db, keeper, mine.get(asked(db, keeper))).id == 1
    db.write(lambda rows: passkeys.remove(rows, 1, kept.id, now_ms=NOW))
    db.write(lambda rows: people.end_access(rows, 2, by=1, now_ms=NOW))
    for phone in (mine, helpers):
        with pytest.raises(Refused, match="not accepted"):
            sign_in(db, keeper, phone.get(asked(db, keeper)))


def test_few_each(db: Database, keeper: Keeper) -> None:
    for _ in range(passkeys.MOST_EACH):
        add(db, keeper, Phone())
    with pytest.raises(Refused, match="At most 10"):
        add(db, keeper, Phone())
    twice = Phone()
    add(db, keeper, twice, 2)
    with pytest.raises(Refused, match="not accepted"):
        add(db, keeper, twice, 2)


def test_challenges_that_wait_are_bounded() -> None:
    challenges = Challenges()
    first = challenges.new("x", now_ms=0)
    others = [challenges.new("x", now_ms=0) for _ in range(MOST)]
    assert len(set(others)) == MOST
    assert not challenges.use(first, "x", now_ms=1)
    assert challenges.use(others[0], "x", now_ms=1)
    assert not challenges.use(others[0], "x", now_ms=1)
