"""Whose move it is: the roots of errors, and what their messages say."""

from __future__ import annotations

import pytest

from millpond.errors import InputError, MillpondError, PeerError, Unreachable


@pytest.mark.parametrize("kind", [InputError, PeerError, Unreachable])
def test_a_message_says_where_and_what(kind: type[InputError]) -> None:
    error = kind("3.5 is not an integer", at="limit")
    assert str(error.inside("accepts[0]").named("round.json")) == (
        "round.json: accepts[0].limit: 3.5 is not an integer"
    )
    assert str(kind("too long", at="[3]").inside("rows")) == "rows[3]: too long"
    assert isinstance(error, MillpondError)


def test_whose_move_it_is_cannot_be_mixed_up() -> None:
    roots = (InputError, PeerError, Unreachable)
    for kind in roots:
        assert [other for other in roots if issubclass(kind, other)] == [kind]


def test_what_a_peer_gave_wrong_is_told_as_theirs() -> None:
    refused = InputError("it does not end with }", at="body", name="entry 7")
    assert str(PeerError.from_input(refused)) == "entry 7: body: it does not end with }"
    told = PeerError.from_input(refused, name="https://a.example")
    assert str(told) == "https://a.example: body: it does not end with }"


@pytest.mark.parametrize("kind", [InputError, PeerError, Unreachable])
def test_no_message_has_what_a_terminal_obeys(kind: type[InputError]) -> None:
    """A message may quote what a stranger sent: a header, a line of a refusal."""
    error = kind("sends on to \x1b]0;mine\x07 \x9b2J \u202e永泰\u3000好, which is\nnot followed")
    assert (
        error.problem == "sends on to \ufffd]0;mine\ufffd \ufffd2J \ufffd永泰\u3000好, which is\nnot followed"
    )
