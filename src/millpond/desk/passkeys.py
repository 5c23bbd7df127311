"""Passkeys: signing in with the lock of one's phone instead of a passphrase (W3C WebAuthn, level 3).

- A passkey belongs to one person of one room, and to the host of the address at which it was made.
- Every answer belongs to a challenge of ours that is used once, for one room and purpose.
- The count of uses must rise where the device keeps one: a copy of the device is found out by it.
- No list of passkeys is told to who is not signed in: the phone knows for itself which it has.

What stands between browser and us is JSON of the browser's own (`PublicKeyCredential.toJSON`).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from millpond.desk import people
from millpond.desk.challenges import KeepsChallenges
from millpond.desk.people import Person
from millpond.desk.refusals import Refused
from millpond.desk.room import journal
from millpond.store import Rows

MAX_NAME = 60
MOST_EACH = 10
"""Of one person."""
MAX_ID = 1_400
"""Characters of a credential's id: 1,023 bytes in base64url."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """One of a person's passkeys, as they called it."""

    id: str
    name: str
    created_ms: int


def of_person(rows: Rows, person: int) -> tuple[Passkey, ...]:
    """Their passkeys, the oldest first."""
    return tuple(
        Passkey(id=row["id"], name=row["name"], created_ms=row["created_ms"])
        for row in rows.all("people.passkeys_of", person=person)
    )


def any_here(rows: Rows) -> bool:
    """Whether it makes sense to ask for a passkey at all."""
    return rows.one("people.passkeys") is not None


def adding_options(rows: Rows, node: KeepsChallenges, slug: str, base: str, person: Person) -> str:
    """JSON for `navigator.credentials.create`: a passkey for who is signed in. `base` is our address."""
    room = rows.one("room.get")
    assert room is not None
    options = generate_registration_options(
        rp_id=_host(base),
        rp_name="Millpond",
        user_name=f"{person.name} · {room['name']}",
        user_id=_handle(room["id"], person.id),
        challenge=node.challenges.new(_adding(slug, person.id), now_ms=node.clock()),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
        exclude_credentials=[
            PublicKeyCredentialDescriptor(id=base64url_to_bytes(known.id))
            for known in of_person(rows, person.id)
        ],
    )
    return str(options_to_json(options))


def add(
    rows: Rows,
    node: KeepsChallenges,
    slug: str,
    base: str,
    person: Person,
    answer: Any,
    *,
    name: str,
    now_ms: int,
) -> Passkey:
    """Keeps the passkey that the browser made; raises `Refused` if the answer is not to be trusted."""
    challenge = _challenge_of(answer)
    if not node.challenges.use(challenge, _adding(slug, person.id), now_ms=node.clock()):
        raise _too_late()
    try:
        made = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=_host(base),
            expected_origin=_origin(base),
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise _refused() from error
    id = bytes_to_base64url(made.credential_id)
    if len(id) > MAX_ID or rows.one("people.passkey", id=id) is not None:
        raise _refused()
    if len(of_person(rows, person.id)) >= MOST_EACH:
        raise Refused("passkey.too_many", most=MOST_EACH)
    name = " ".join(name.split())[:MAX_NAME] or "Passkey"
    rows.run(
        "people.add_passkey",
        id=id,
        person=person.id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        name=name,
        now_ms=now_ms,
    )
    journal(rows, "passkey.added", person=person.id, now_ms=now_ms)
    return Passkey(id=id, name=name, created_ms=now_ms)


def sign_in_options(rows: Rows, node: KeepsChallenges, slug: str, base: str) -> str:
    """JSON for `navigator.credentials.get`: whoever has a passkey of this address."""
    options = generate_authentication_options(
        rp_id=_host(base),
        challenge=node.challenges.new(_signing(slug), now_ms=node.clock()),
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return str(options_to_json(options))


def sign_in(rows: Rows, node: KeepsChallenges, slug: str, base: str, answer: Any, *, now_ms: int) -> Person:
    """Who answered with a passkey of this room; raises `Refused` if the answer is not to be trusted."""
    challenge = _challenge_of(answer)
    if not node.challenges.use(challenge, _signing(slug), now_ms=node.clock()):
        raise _too_late()
    row = rows.one("people.passkey", id=str(answer.get("id"))[:MAX_ID])
    room = rows.one("room.get")
    person = people.by_id(rows, row["person"]) if row else None
    if row is None or room is None or person is None:
        raise _refused()
    try:
        used = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=_host(base),
            expected_origin=_origin(base),
            credential_public_key=row["public_key"],
            credential_current_sign_count=row["sign_count"],
        )
        handle = answer["response"].get("userHandle")
        if handle and base64url_to_bytes(handle) != _handle(room["id"], person.id):
            raise _refused()
    except (WebAuthnException, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _refused() from error
    rows.run("people.passkey_used", id=row["id"], sign_count=used.new_sign_count)
    journal(rows, "passkey.used", person=person.id, now_ms=now_ms)
    return person


def remove(rows: Rows, person: int, id: str, *, now_ms: int) -> None:
    """One of the person's own passkeys lets nobody in any more."""
    if rows.run("people.remove_passkey", id=id, person=person):
        journal(rows, "passkey.removed", person=person, now_ms=now_ms)


def _challenge_of(answer: Any) -> bytes:
    """The challenge that the answer says it is for."""
    try:
        data = json.loads(base64url_to_bytes(answer["response"]["clientDataJSON"]))
        return base64url_to_bytes(data["challenge"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _refused() from None


def _handle(room_id: str, person: int) -> bytes:
    """Names the person to their phone: no name is in it, and no two rooms have the same one."""
    return hashlib.sha256(f"millpond person {room_id} {person}".encode()).digest()


def _host(base: str) -> str:
    return urlsplit(base).hostname or ""


def _origin(base: str) -> str:
    parts = urlsplit(base)
    return f"{parts.scheme}://{parts.netloc}"


def _adding(slug: str, person: int) -> str:
    return f"add {slug} {person}"


def _signing(slug: str) -> str:
    return f"sign in {slug}"


def _too_late() -> Refused:
    return Refused("passkey.late")


def _refused() -> Refused:
    return Refused("passkey.refused")
