"""A node: one data directory, its rooms, and the files of those that are in use.

    DATA/node.db                which rooms there are, who is signed in, the secret that keys forms
    DATA/rooms/SLUG/room.db     everything of one room
    DATA/network.db             logs of others, that this node follows or carries
    DATA/node.key               seals the keys in the databases (`vault`)
    DATA/lock                   held by the process that owns the directory
    DATA/backups/               what the clockwork keeps

Invariants:
- One process owns the directory. Another one may open it `beside` the owner if it is the same Millpond: it
  adds rows, and migrates, moves and removes nothing.
- A room is in `node.db` before its directory is made, and leaves it before its directory goes: what stands in
  the list can be opened, what lies in a directory without standing in the list is never shown.
- A room's file stays open while anybody holds the `OpenRoom`, however many others are asked for meanwhile.

Codes that open a set-up are kept as hashes only, and open nothing once the set-up is done.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import shutil
import threading
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import click

from millpond.desk import people
from millpond.desk import room as desk_room
from millpond.desk.challenges import Challenges
from millpond.desk.refusals import Refused
from millpond.desk.room import Profile
from millpond.errors import InputError
from millpond.node import lock
from millpond.node.slugs import check_slug
from millpond.node.update import MARK, bring_up_to_date
from millpond.node.vault import open_vault
from millpond.store import (
    NETWORK_VERSION,
    NODE_VERSION,
    ROOM_VERSION,
    Database,
    Rows,
    open_network,
    open_node,
    open_room,
)
from millpond.store.files import version_of
from millpond.store.logs import origin_hash

MOST_OPEN = 24
"""Rooms kept open though nobody asks: each holds some 4 MB, and a node may have 512 MB in all."""
MOST_ROOMS = 500
"""Of a node: every room is looked at once a minute by the clockwork."""


def now_ms() -> int:
    """The time, in unix milliseconds."""
    return time.time_ns() // 1_000_000


def default_data() -> Path:
    """Where a node keeps its data if nobody says: MILLPOND_DATA, else the system's place for it."""
    return Path(os.environ.get("MILLPOND_DATA") or click.get_app_dir("millpond"))


@dataclass(frozen=True, slots=True)
class RoomEntry:
    """A room in the node's list."""

    slug: str
    is_set_up: bool
    created_ms: int


@dataclass(frozen=True, slots=True, weakref_slot=True)
class OpenRoom:
    """A room whose file is open; hold it as long as its database is used."""

    slug: str
    db: Database
    path: Path


class Node:
    """Use it as a context manager, or `close` it. Any thread may use it.

    `beside` opens it though another process owns it, for a command that reads or adds a row. `public_url` is
    the address others see, "" if every request says it. `clock` tells unix milliseconds.
    """

    def __init__(
        self, data: Path, *, public_url: str = "", clock: Callable[[], int] = now_ms, beside: bool = False
    ) -> None:
        self.data = data
        self.public_url = public_url.rstrip("/")
        self.clock = clock
        self.challenges = Challenges()
        try:
            (data / "rooms").mkdir(parents=True, exist_ok=True)
            self._lock = lock.try_to_take(data) if beside else lock.take(data)
        except OSError as error:
            raise InputError(f"cannot be used: {error.strerror}", name=str(data)) from None
        try:
            if self._lock is not None:
                bring_up_to_date(data, now_ms=clock())
                for left in data.glob(
                    "moving-*"
                ):  # files that a page was sending or taking when it was ended
                    shutil.rmtree(left, ignore_errors=True)
            elif (data / MARK).exists():
                raise InputError("is being updated: wait a minute", name=str(data))
            else:
                _check_same_version(data / "node.db", "node", NODE_VERSION)
                _check_same_version(data / "network.db", "network", NETWORK_VERSION)
            self.vault = open_vault(data)
            self.db = open_node(data / "node.db")
            self.secret = self._begin()
            self.network = open_network(data / "network.db")
        except BaseException:
            self._release()
            raise
        self._rooms_lock = threading.Lock()
        self._open: weakref.WeakValueDictionary[str, OpenRoom] = weakref.WeakValueDictionary()
        self._recent: OrderedDict[str, OpenRoom] = OrderedDict()
        self._used_ms: dict[str, int] = {}

    # ---- rooms

    def rooms(self) -> tuple[RoomEntry, ...]:
        """Every room, in the order they came."""
        return tuple(
            RoomEntry(row["slug"], row["setup_hash"] is None, row["created_ms"])
            for row in self.db.read.all("node.rooms")
        )

    def room(self, slug: str) -> OpenRoom | None:
        """The room of this slug, opened; None if there is none, or it is not set up."""
        room = self.look_into(slug)
        if room is not None:
            self._used_ms[slug] = self.clock()
        return room

    def look_into(self, slug: str) -> OpenRoom | None:
        """The room, for the node's own work: it does not count as used."""
        row = self.db.read.one("node.room", slug=slug)
        return None if row is None or row["setup_hash"] is not None else self._opened(slug)

    def used_since(self, since_ms: int) -> set[str]:
        """Rooms that somebody asked for at that time or later."""
        return {slug for slug, used_ms in list(self._used_ms.items()) if used_ms >= since_ms}

    def add_room(self, slug: str) -> str:
        """A new room that waits for its set-up; returns the code that opens it. Raises `InputError`."""
        check_slug(slug)
        code = secrets.token_urlsafe(16)

        def job(rows: Rows) -> None:
            self._check_free(rows, slug)
            rows.run("node.add_room", slug=slug, setup_hash=_hash(code), created_ms=self.clock())

        self.db.write(job)
        return code

    def remove_room(self, slug: str) -> None:
        """The room with everything in it is gone; backups that hold it stay. Raises `InputError`."""
        self._must_own()
        if self.db.read.one("node.room", slug=slug) is None:
            raise InputError(f"there is no room {slug!r}", at="slug")
        self.db.write(lambda rows: rows.run("node.remove_room", slug=slug))  # from here on nobody is let in
        with self._rooms_lock:
            kept, alive = self._recent.pop(slug, None), self._open.pop(slug, None)
        for room in (kept, alive):
            if room is not None:
                room.db.close()
        shutil.rmtree(self.folder(slug), ignore_errors=True)

    def folder(self, slug: str) -> Path:
        """The room's directory."""
        return self.data / "rooms" / check_slug(slug)

    def adopt_room(self, slug: str, file: Path, *, dids: Iterable[str] = (), move: str = "") -> None:
        """A room whose file is checked and closed moves in under this slug. Raises `InputError`.

        `dids` are of its logs, `move` the number of the move by which its log goes on here, if it does.
        """
        check_slug(slug)
        self._check_free(self.db.read, slug)
        folder = self.folder(slug)
        shutil.rmtree(folder, ignore_errors=True)  # left by a crash: it is in no list
        folder.mkdir(parents=True)
        try:
            os.replace(file, folder / "room.db")  # noqa: PTH105 (across the two, the same file system)
            self.db.write(lambda rows: self._list_adopted(rows, slug, tuple(dids), move))
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    # ---- set-up

    def is_new(self) -> bool:
        """Whether no room is set up yet."""
        return not any(room.is_set_up for room in self.rooms())

    def make_setup_code(self) -> str:
        """A new code for the first set-up of this node; the one before opens nothing any more."""
        code = secrets.token_urlsafe(16)
        self.db.write(lambda rows: rows.run("node.set_setup", setup_hash=_hash(code)))
        return code

    def check_setup_code(self, slug: str | None, code: str) -> bool:
        """Whether the code opens the set-up of this room, or (None) the first one of the node."""
        return self._code_opens(self.db.read, slug, code)

    def set_up_room(
        self, slug: str, profile: Profile, *, code: str, owner: str, passphrase_hash: str
    ) -> people.Person:
        """Makes the room of a checked code and its owner; the code opens nothing after it.

        The room was added before, or it is the node's first. Raises `InputError`, and nothing is changed.
        """
        check_slug(slug)
        listed = self.db.read.one("node.room", slug=slug) is not None
        opens = self._code_opens(self.db.read, None, code)
        if not opens and not (listed and self._code_opens(self.db.read, slug, code)):
            raise Refused("setup.code").inside("code")
        if not listed:
            self.db.write(
                lambda rows: rows.run(
                    "node.add_room", slug=slug, setup_hash=_hash(code), created_ms=self.clock()
                )
            )
        room = self._opened(slug)

        def job(rows: Rows) -> people.Person:
            now = self.clock()
            if desk_room.profile(rows) is not None:  # a crash fell between this transaction and the next one
                found = people.owner(rows)
                assert found is not None
                people.set_passphrase(rows, found.id, passphrase_hash, now_ms=now)
                desk_room.change(rows, profile, person=found.id, now_ms=now)
                return found
            desk_room.create(rows, profile, id=secrets.token_hex(16), now_ms=now)
            return people.create_owner(rows, owner, passphrase_hash=passphrase_hash, now_ms=now)

        person = room.db.write(job)
        # Durable now: the room with its owner. Until the next line is, its code still opens the set-up.
        self.db.write(lambda rows: self._end_setup(rows, slug))
        return person

    # ---- the end

    def close(self) -> None:
        """Closes every file and gives the directory free."""
        with self._rooms_lock:
            rooms = list(self._open.values())
            self._recent.clear()
        for room in rooms:
            room.db.close()
        self.network.close()
        self.db.close()
        self._release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    # ---- inside

    def _begin(self) -> bytes:
        def job(rows: Rows) -> bytes:
            row = rows.one("node.get")
            if row is None:
                rows.run(
                    "node.create", secret=secrets.token_bytes(32), setup_hash=None, created_ms=self.clock()
                )
                row = rows.one("node.get")
            assert row is not None
            return bytes(row["secret"])

        return self.db.write(job)

    def _opened(self, slug: str) -> OpenRoom:
        with self._rooms_lock:
            room = self._open.get(slug)
            if room is None:
                path = self.folder(slug) / "room.db"
                if self._lock is None:
                    _check_same_version(path, "room", ROOM_VERSION)
                room = OpenRoom(slug, open_room(path), path)
                # When the last who holds it lets go; in a thread, for it may be the writer's own that does.
                weakref.finalize(room, _close_later, room.db).atexit = False
                self._open[slug] = room
            self._recent[slug] = room
            self._recent.move_to_end(slug)
            if len(self._recent) > MOST_OPEN:
                self._recent.popitem(last=False)
            return room

    def _check_free(self, rows: Rows, slug: str) -> None:
        listed = rows.all("node.rooms")
        if any(row["slug"] == slug for row in listed):
            raise Refused("slug.taken", slug=slug).inside("slug")
        if len(listed) >= MOST_ROOMS:
            raise Refused("node.full", most=MOST_ROOMS)

    def _list_adopted(self, rows: Rows, slug: str, dids: tuple[str, ...], move: str) -> None:
        self._check_free(rows, slug)
        rows.run("node.add_room", slug=slug, setup_hash=None, created_ms=self.clock())
        for did in dids:
            rows.run("node.note_log", hash=origin_hash(did), slug=slug)
        if move:
            if rows.one("node.arrival", move=move) is not None:
                raise InputError("was taken in by another command just now")
            rows.run("node.note_arrival", move=move, did=dids[0], arrived_ms=self.clock())
        rows.run("node.set_setup", setup_hash=None)

    def _code_opens(self, rows: Rows, slug: str | None, code: str) -> bool:
        row = rows.one("node.get") if slug is None else rows.one("node.room", slug=slug)
        if row is None or row["setup_hash"] is None or (slug is None and not self.is_new()):
            return False
        return hmac.compare_digest(row["setup_hash"], _hash(code))

    @staticmethod
    def _end_setup(rows: Rows, slug: str) -> None:
        rows.run("node.room_is_set_up", slug=slug)
        rows.run("node.set_setup", setup_hash=None)

    def _must_own(self) -> None:
        if self._lock is None:
            raise InputError("is in use by another Millpond: stop that one first", name=str(self.data))

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.release()


def _check_same_version(path: Path, kind: str, expected: int) -> None:
    if path.exists() and version_of(path, kind) != expected:
        raise InputError(
            "the Millpond that runs here is of another version: stop it, then start this one",
            name=str(path.parent),
        )


def _close_later(db: Database) -> None:
    threading.Thread(target=db.close, name=f"closing {db.path.name}", daemon=True).start()


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
