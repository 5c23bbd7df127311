"""Showing whom a room knows, and whom it could meet: the list, `show`, `book`, `lan`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from millpond.cli.nodes import chosen_room, data_option, node_of, room_option
from millpond.log.keys import DID_CHARACTERS
from millpond.network import people, phrases
from millpond.network.cards import write
from millpond.network.people import Person
from millpond.node import peers
from millpond.node.peers import Seen

MAX_SECONDS = 60


def show_all(data: Path, room: str | None) -> None:
    """The room's list, a line each."""
    with node_of(data) as node:
        where = chosen_room(node, room)
        listed, now_ms = peers.seen(node, where), node.clock()
        for one in listed:
            heard = ago(one.fetched.heard_ms, now_ms) if one.peer.is_followed else "not followed"
            words = [
                one.peer.name,
                one.person.standing.value,
                f"{one.fetched.size:,} entries",
                heard,
                problem(one),
            ]
            click.echo("\t".join(word for word in words if word))
        if not listed:
            click.echo("Nobody is in the list. millpond peers add CARD takes somebody in.")


@click.command(name="show")
@click.argument("who", metavar="WHO")
@room_option
@data_option
def show(who: str, room: str | None, data: Path) -> None:
    """Show what is known of somebody.

    WHO is their name here, their did, or the beginning of it; of a stranger the whole did.
    """
    with node_of(data) as node:
        where = chosen_room(node, room)
        names = peers.known(where.db.read)
        if who.startswith("did:key:") and len(who) >= DID_CHARACTERS and who not in names:
            _show_person(people.person(node.network.read, where.slug, who, names), names)
            return
        peer = peers.find(where.db.read, who)
        (one,) = (one for one in peers.seen(node, where) if one.peer.did == peer.did)
        _show_person(one.person, names)
        _line("compared", ago(peer.compared_ms, node.clock()) if peer.compared_ms else "not yet")
        for address in peer.addresses:
            _line("address", address)
        _line("entries", f"{one.fetched.size:,} here, {one.fetched.read:,} of them read")
        _line("last heard", ago(one.fetched.heard_ms, node.clock()) if peer.is_followed else "not followed")
        if problem(one):
            _line("problem", problem(one))


@click.command(name="book")
@room_option
@data_option
def book(room: str | None, data: Path) -> None:
    """List cards in the address books of those whom the room follows.

    Nobody is added by it: millpond peers add takes the line that you choose.
    """
    with node_of(data) as node:
        where = chosen_room(node, room)
        names = peers.known(where.db.read)
        found = people.book(node.network.read, where.slug)
        for entry in found:
            who = names.get(entry.card.did) or called(entry.card.name)
            click.echo(f"{who}\tin the book of {names.get(entry.by, entry.by)}\t{write(entry.card)}")
        if not found:
            click.echo("There is no card in the book of anybody whom this room follows.")


@click.command(name="lan")
@click.option(
    "--seconds",
    type=click.FloatRange(1, MAX_SECONDS),
    default=3,
    show_default=True,
    metavar="N",
    help="How long.",
)
def lan(seconds: float) -> None:
    """Look for nodes on this network that announce their cards.

    Nobody is added by it: millpond peers add takes the line that you choose. A node announces its cards if it
    was started with millpond serve --lan.
    """
    from millpond.network import lan as network

    found = network.found(seconds)
    for card in found:
        kind = "keeper " if card.is_keeper else ""
        click.echo(f"{kind}{called(card.name)}\n  {' · '.join(phrases.both(card.did))}\n  {write(card)}")
    if not found:
        click.echo("No node on this network announces a card.")


def _show_person(person: Person, names: dict[str, str]) -> None:
    english, chinese = phrases.both(person.did)
    _line("name", person.name or "–")
    _line("identity", person.did)
    _line("phrase", f"{english} · {chinese}")
    _line("standing", person.standing.value)
    if person.calls_itself:
        _line("calls itself", person.calls_itself + (f", {person.place}" if person.place else ""))
    for vouch in person.vouched_by:
        _line("vouched", f"by {names.get(vouch.by, vouch.by)}, who calls them {vouch.name}")
    for did in person.predecessors:
        _line("continues", names.get(did, did))
    for did in person.successors:
        _line("went on as", did)
    if person.is_in_two_hands:
        _line("warning", "their key named two successors: it is in two hands. Ask them, by phone")


def problem(one: Seen) -> str:
    """What is wrong with their log here, the gravest first; "" if nothing is."""
    fetched, person = one.fetched, one.person
    if fetched.is_contradicted:
        return "their key signed two histories"
    if person.is_in_two_hands:
        return "their key named two successors"
    if fetched.broken_at is not None:
        return f"their log is broken from entry {fetched.broken_at} on"
    if person.successors:
        return f"goes on as {person.successors[0]}"
    if one.peer.is_followed and not one.peer.addresses:
        return "no address is known"
    return fetched.problem if one.peer.is_followed else ""


def called(name: str) -> str:
    """A name that somebody gave themselves, shown as that."""
    return f"calls itself “{name}”" if name else "has no name"


def ago(at_ms: int | None, now_ms: int) -> str:
    """When something was, for a list: the day, or how long ago on this day; "never heard" for None."""
    if at_ms is None:
        return "never heard"
    minutes = max(0, now_ms - at_ms) // 60_000
    if minutes < 60:
        return f"{minutes} min ago"
    if minutes < 24 * 60:
        return f"{minutes // 60} h ago"
    return datetime.fromtimestamp(at_ms / 1_000, UTC).strftime("%Y-%m-%d")


def _line(name: str, value: str) -> None:
    click.echo(f"{name:<13} {value}")
