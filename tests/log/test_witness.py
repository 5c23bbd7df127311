"""What a witness answers: each status, in the order of the specification; a memory that never goes back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from c2sp_examples import ADD_CHECKPOINT, SOFA
from hypothesis import given
from hypothesis import strategies as st
from mangled import accepted, flips, mangled
from static_logs import entries_of, hash_at_of, head_of, key_of

from millpond.errors import InputError
from millpond.log import checkpoint, equivocation, note, witness
from millpond.log.checkpoint import Checkpoint
from millpond.log.merkle import EMPTY_ROOT
from millpond.log.proofs import consistency_proof
from millpond.log.witness import MAX_REQUEST_BYTES, AddCheckpoint, Decision, Status, decide

KEY, OTHER = key_of(1), key_of(2)
ENTRIES = entries_of(20)
FORKED = [*entries_of(3), *entries_of(20, mark="another")[3:]]
HEADS = [head_of(ENTRIES[:size], KEY) for size in range(21)]
FORKS = [head_of(FORKED[:size], KEY) for size in range(21)]


def proof_of(old: int, new: int, entries: list[bytes] = ENTRIES) -> tuple[bytes, ...]:
    return consistency_proof(old, new, hash_at_of(entries[:new]))


def asked(old: int, new: int) -> AddCheckpoint:
    """An honest request."""
    return AddCheckpoint(old, proof_of(old, new), HEADS[new].note)


def resigned(head: Checkpoint, by: note.Key) -> bytes:
    """The head's text, signed by this key under its own name."""
    text = head.body.decode()
    return note.write(text, [note.sign(text, by.did, by)])


# ---- taken


@pytest.mark.parametrize("old", range(21))
def test_a_checkpoint_that_continues_the_known_one_is_taken(old: int) -> None:
    for new in range(old, 21):
        for known in [HEADS[old], *([None] if old == 0 else [])]:
            decision = decide(asked(old, new), known, trusted=True)
            assert decision == Decision(
                status=Status.COSIGNED, reason=decision.reason, known_size=old, accepted=HEADS[new]
            )
            assert decision.status == 200
            assert decision.reason == f"Taken: the log at size {new} continues the one at {old}."


def test_lines_of_others_come_along_and_do_not_matter() -> None:
    text = HEADS[9].body.decode()
    lines = [note.sign(text, OTHER.did, OTHER), note.sign(text, KEY.did, KEY)]
    request = replace(asked(4, 9), note=note.write(text, lines))
    decision = decide(request, HEADS[4], trusted=True)
    assert decision.status == 200
    assert decision.accepted is not None
    assert decision.accepted.note == request.note


# ---- refused


def refused(decision: Decision, status: int, *, evidence: bool = False) -> str:
    assert decision.status == status
    assert decision.accepted is None
    assert decision.evidence is evidence
    assert decision.reason.endswith(".")
    return decision.reason


def test_404_a_log_that_is_not_known() -> None:
    assert "does not know the log" in refused(decide(asked(0, 5), None, trusted=False), 404)
    unsigned = AddCheckpoint(9, (), resigned(HEADS[5], OTHER))
    refused(decide(unsigned, HEADS[4], trusted=False), 404)


def test_403_a_checkpoint_that_its_log_did_not_sign() -> None:
    true, false = note.parse(HEADS[5].note).signatures[0], bytes(64)
    forged = note.write(HEADS[5].body.decode(), [replace(true, signature=false)])
    for data in (forged, resigned(HEADS[5], OTHER)):
        for old_size in (0, 4, 9):
            reason = refused(decide(AddCheckpoint(old_size, (), data), HEADS[4], trusted=True), 403)
            assert "is not signed by the key of its log" in reason


def test_403_a_known_origin_that_is_no_identity() -> None:
    refused(decide(AddCheckpoint(0, (), SOFA.encode()), None, trusted=True), 403)


def test_400_an_old_size_above_the_new_one() -> None:
    for known in (None, HEADS[4], HEADS[6]):
        decision = decide(AddCheckpoint(6, (), HEADS[5].note), known, trusted=True)
        assert refused(decision, 400) == "The old size 6 is above that of the checkpoint, 5."


def test_409_an_old_size_that_is_not_the_known_one() -> None:
    for known, old in ((None, 3), (HEADS[4], 0), (HEADS[4], 3), (HEADS[4], 5), (HEADS[7], 4)):
        for proof in (proof_of(old, 9), (), (bytes(32),)):
            decision = decide(AddCheckpoint(old, proof, HEADS[9].note), known, trusted=True)
            size = known.size if known else 0
            assert refused(decision, 409) == f"The size known here is {size}."
            assert decision.known_size == size
            assert witness.parse_size(witness.size_answer(decision.known_size)) == size


def test_409_the_size_stays_and_the_root_does_not() -> None:
    for proof in ((), (bytes(32),)):
        decision = decide(AddCheckpoint(9, proof, FORKS[9].note), HEADS[9], trusted=True)
        assert "two histories" in refused(decision, 409, evidence=True)
        assert decision.known_size == 9


def test_422_a_proof_that_does_not_lead_there() -> None:
    right = proof_of(4, 9)
    wrong = [
        (),
        right[:-1],
        right[1:],
        (*right, right[0]),
        right[::-1],
        (bytes(32), *right[1:]),
        proof_of(3, 9),
    ]
    for proof in wrong:
        decision = decide(AddCheckpoint(4, proof, HEADS[9].note), HEADS[4], trusted=True)
        assert (
            refused(decision, 422)
            == "The proof does not show that the checkpoint continues the one of size 4."
        )


@pytest.mark.parametrize("known", [None, HEADS[0]])
def test_422_a_proof_from_nothing_is_empty(known: Checkpoint | None) -> None:
    refused(decide(AddCheckpoint(0, (EMPTY_ROOT,), HEADS[5].note), known, trusted=True), 422)


def test_422_a_proof_that_nothing_changed_is_empty() -> None:
    refused(decide(AddCheckpoint(5, (HEADS[5].root,), HEADS[5].note), HEADS[5], trusted=True), 422)


@pytest.mark.parametrize("size", range(4, 20))
def test_422_a_fork_at_another_size_whatever_proof_comes_with_it(size: int) -> None:
    for proof in (proof_of(size, 20), proof_of(size, 20, FORKED), ()):
        refused(decide(AddCheckpoint(size, proof, FORKS[20].note), HEADS[size], trusted=True), 422)


# ---- evidence


@pytest.mark.parametrize("old", [0, 4, 9, 11])
def test_two_roots_of_one_size_are_evidence_whatever_is_answered(old: int) -> None:
    decision = decide(AddCheckpoint(old, (), FORKS[9].note), HEADS[9], trusted=True)
    refused(decision, 400 if old > 9 else 409, evidence=True)
    proof = equivocation.build(HEADS[9], checkpoint.read(FORKS[9].note))
    assert proof.origin == KEY.did


def test_nobody_else_can_make_evidence() -> None:
    forged = AddCheckpoint(9, (), resigned(FORKS[9], OTHER))
    refused(decide(forged, HEADS[9], trusted=True), 403)
    refused(decide(AddCheckpoint(9, (), FORKS[9].note), HEADS[9], trusted=False), 404)


def test_what_is_known_must_be_of_the_log_that_is_asked_about() -> None:
    with pytest.raises(ValueError, match="what is known is about"):
        decide(asked(0, 5), head_of(ENTRIES[:3], OTHER), trusted=True)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20), st.booleans(), st.booleans()), max_size=12))
def test_the_memory_never_goes_back_and_never_changes_histories(
    steps: list[tuple[int, int, bool, bool]],
) -> None:
    """Whatever two histories of one log are offered, in whatever order: what is taken is one growing log."""
    known: Checkpoint | None = None
    taken: list[Checkpoint] = []
    for old, new, forked, current in steps:
        entries, heads = (FORKED, FORKS) if forked else (ENTRIES, HEADS)
        old = (known.size if known else 0) if current else old
        proof = proof_of(old, new, entries) if old <= new else ()
        decision = decide(AddCheckpoint(old, proof, heads[new].note), known, trusted=True)
        assert (decision.accepted is not None) == (decision.status == 200)
        if decision.accepted:
            known = decision.accepted
            taken.append(known)
    sizes = [head.size for head in taken]
    assert sizes == sorted(sizes)
    one_history = [all(head in heads for head in taken) for heads in (HEADS, FORKS)]
    assert any(one_history)


# ---- the body


def test_the_example_of_the_specification_is_read() -> None:
    request = witness.parse_add_checkpoint(ADD_CHECKPOINT.encode())
    assert (request.old_size, len(request.proof)) == (20852014, 4)
    assert (request.claim.origin, request.claim.size) == ("example.com/behind-the-sofa", 20852163)
    assert len(note.parse(request.note).signatures) == 2
    assert (
        witness.write_add_checkpoint(request.old_size, request.proof, request.note) == ADD_CHECKPOINT.encode()
    )


@pytest.mark.parametrize(("old", "new"), [(0, 0), (0, 20), (4, 4), (4, 8), (7, 20)])
def test_a_request_is_read_as_it_is_written(old: int, new: int) -> None:
    body = witness.write_add_checkpoint(old, proof_of(old, new), HEADS[new].note)
    assert body.startswith(b"old %d\n" % old)
    assert witness.parse_add_checkpoint(body) == asked(old, new)


BODY = witness.write_add_checkpoint(4, proof_of(4, 9), HEADS[9].note)
HASH_LINE = BODY.split(b"\n")[1] + b"\n"
BAD = {
    "nothing": b"",
    "only a checkpoint": HEADS[9].note,
    "no checkpoint": BODY.partition(b"\n\n")[0] + b"\n\n",
    "no empty line": BODY.replace(b"\n\n", b"\n"),
    "no old size": BODY.replace(b"old 4\n", b""),
    "another word": BODY.replace(b"old 4\n", b"new 4\n"),
    "a leading zero": BODY.replace(b"old 4\n", b"old 04\n"),
    "two spaces": BODY.replace(b"old 4\n", b"old  4\n"),
    "a size past 2^63 - 1": BODY.replace(b"old 4\n", b"old %d\n" % 2**63),
    "a carriage return": BODY.replace(b"old 4\n", b"old 4\r\n"),
    "a hash of 31 bytes": BODY.replace(HASH_LINE, b"A" * 41 + b"==\n"),
    "a hash in hex": BODY.replace(HASH_LINE, b"0" * 64 + b"\n"),
    "64 hashes": BODY.replace(HASH_LINE, HASH_LINE * 63),
    "an extension line": ADD_CHECKPOINT.replace("jxq2I=\n\n", "jxq2I=\nmore\n\n").encode(),
    "a note without signatures": BODY.partition("\n—".encode())[0],
    "no UTF-8": BODY.replace(b"old", b"\xffld"),
    "too long": BODY + b" " * MAX_REQUEST_BYTES,
    "a root for nothing that is something": b"old 0\n\n"
    + note.write(text := f"{KEY.did}\n0\n{'A' * 43}=\n", [note.sign(text, KEY.did, KEY)]),
}


@pytest.mark.parametrize("name", BAD)
def test_a_malformed_request_is_refused(name: str) -> None:
    with pytest.raises(InputError):
        witness.parse_add_checkpoint(BAD[name])


def test_the_longest_proof_is_read() -> None:
    body = BODY.replace(HASH_LINE, HASH_LINE * 62)
    assert len(witness.parse_add_checkpoint(body).proof) == 63


def test_what_could_not_be_read_is_not_written() -> None:
    for old, proof, data in ((-1, (), HEADS[9].note), (4, (bytes(32),) * 64, HEADS[9].note), (4, (), b"")):
        with pytest.raises(InputError):
            witness.write_add_checkpoint(old, proof, data)


def test_every_turned_bit_of_a_request_is_refused() -> None:
    for turned in flips(BODY, every=3):
        request = accepted(witness.parse_add_checkpoint, turned)
        if request is not None:
            known = HEADS[4] if request.claim.origin == KEY.did else None
            assert decide(request, known, trusted=True).status != 200


@given(mangled(BODY, ADD_CHECKPOINT.encode()))
def test_whatever_is_read_is_written_as_it_was_and_answered(data: bytes) -> None:
    request = accepted(witness.parse_add_checkpoint, data)
    if request is not None:
        assert witness.write_add_checkpoint(request.old_size, request.proof, request.note) == data
        known = HEADS[4] if request.claim.origin == KEY.did else None
        decision = decide(request, known, trusted=True)
        assert decision.status != 200 or (request.old_size, request.claim.size) == (4, 9)


@pytest.mark.parametrize(
    "data", [b"", b"7", b"7\n\n", b"07\n", b"-7\n", b"7\r\n", b"seven\n", b"9" * 100 + b"\n", b"\xff\n"]
)
def test_an_answer_that_is_no_size_is_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        witness.parse_size(data)
