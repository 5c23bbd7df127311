"""How entries are pushed to a mirror: the body of `add-entries`. Source: C2SP tlog-mirror.

    2 bytes, n; n bytes      origin of the log
    8 bytes, 8 bytes         start, end: the entries from `start` to before `end` are wanted there
    2 bytes, n; n bytes      ticket: what the mirror gave to be handed back, perhaps nothing
    packages                 one for each bundle of 256 that the entries fall into, in order

A package is its entries, each with 2 bytes of length before it, then 1 byte, n, and n hashes: the proof that
the subtree from the beginning of the bundle to the end of the package belongs to the tree of size `end`.
Numbers are big-endian.

- A package can be checked, kept and forgotten by itself: a body of any length takes the memory of one.
- `Decoder` is fed bytes as they arrive. An entry longer than a statement can be is refused when its length is
  read, before it is.
- A body may stop after any package, and is good up to its last whole one: the rest is sent again.

Answers are three lines (`MirrorInfo`) when there is more to send, and cosignatures when all has arrived.

>>> upload = Upload("did:key:z6Mk", 300, 600)
>>> list(upload.spans())
[(300, 512), (512, 600)]
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from millpond.errors import InputError
from millpond.log.lines import base64_bytes, base64_text, decimal, utf8
from millpond.log.merkle import HASH_BYTES, MAX_SIZE, Range, fold
from millpond.log.proofs import MAX_HASHES, HashAt, subtree_proof, verify_subtree
from millpond.log.statement import MAX_ENTRY_BYTES
from millpond.log.tiles import TILE_WIDTH, encode_bundle

MAX_PACKAGES = 32
"""That a client puts into one request, so that hosts which limit requests let it pass (C2SP)."""
MAX_SHORT = 2**16 - 1
"""What 2 bytes of length can say: of an origin, of a ticket."""
MAX_PACKAGE_BYTES = TILE_WIDTH * (2 + MAX_ENTRY_BYTES) + 1 + MAX_HASHES * HASH_BYTES
"""That the decoder keeps, besides the piece it was last fed."""
INFO_TYPE = "text/x.tlog.mirror-info"
"""Content type of `MirrorInfo`."""
_MAX_INFO_BYTES = 2**17


@dataclass(frozen=True, slots=True)
class Upload:
    """The head of a request: entries `start` to before `end` of the log `origin`, and the mirror's ticket."""

    origin: str
    start: int
    end: int
    ticket: bytes = b""

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end <= MAX_SIZE:
            raise InputError(f"{self.start} to {self.end} are no entries of a log")
        if (
            len(self.origin.encode("utf-8", errors="surrogatepass")) > MAX_SHORT
            or len(self.ticket) > MAX_SHORT
        ):
            raise InputError(f"an origin and a ticket have at most {MAX_SHORT:,} bytes")

    def spans(self) -> Iterator[tuple[int, int]]:
        """Start and end of each package, in order: cut at multiples of 256."""
        start = self.start
        while start < self.end:
            end = min(self.end, start - start % TILE_WIDTH + TILE_WIDTH)
            yield start, end
            start = end

    def write(self) -> bytes:
        """The bytes before the packages."""
        origin = self.origin.encode()
        return b"".join(
            (
                len(origin).to_bytes(2, "big") + origin,
                self.start.to_bytes(8, "big") + self.end.to_bytes(8, "big"),
                len(self.ticket).to_bytes(2, "big") + self.ticket,
            )
        )


@dataclass(frozen=True, slots=True)
class Package:
    """Entries `start` to before `end` of the log, of one bundle, and the proof for their subtree."""

    start: int
    end: int
    entries: tuple[bytes, ...]
    proof: tuple[bytes, ...]

    @property
    def subtree_start(self) -> int:
        """Where the subtree of the proof begins: with the bundle, which is perhaps before the package."""
        return self.start - self.start % TILE_WIDTH

    def write(self) -> bytes:
        """As it stands in the body."""
        return encode_bundle(self.entries) + bytes([len(self.proof)]) + b"".join(self.proof)

    def check(self, leaves: Sequence[bytes], size: int, root: bytes) -> None:
        """Raises `InputError` unless these entries stand in the tree of this size and root.

        `leaves` are the leaf hashes of the whole subtree: those of `subtree_start` to before `start`, which
        the mirror has, and those of the entries.
        """
        if len(leaves) != self.end - self.subtree_start:
            raise ValueError(f"{len(leaves)} leaves for {self.subtree_start} to {self.end}")
        verify_subtree(self.subtree_start, self.end, size, _root_of(leaves), self.proof, root=root)


def _root_of(leaves: Sequence[bytes]) -> bytes:
    """Over at most a bundle of leaf hashes."""
    if len(leaves) == TILE_WIDTH:
        return fold(b"".join(leaves))
    tree = Range()
    for leaf in leaves:
        tree.push(leaf)
    return tree.root()


def write_add_entries(
    upload: Upload,
    entries_of: Callable[[int, int], Sequence[bytes]],
    hash_at: HashAt,
    most: int = MAX_PACKAGES,
) -> Iterator[bytes]:
    """The body of a request in pieces: its head, then one package after the other, `most` at most.

    `entries_of(start, end)` gives the entries, `hash_at` the hashes of the tree of size `upload.end`. When
    the upload has more packages, the mirror answers where to go on.
    """
    yield upload.write()
    for start, end in islice(upload.spans(), most):
        entries = tuple(entries_of(start, end))
        if len(entries) != end - start or max(map(len, entries)) > MAX_ENTRY_BYTES:
            raise ValueError(f"these are not the entries {start} to {end} of a log")
        subtree_start = start - start % TILE_WIDTH
        yield Package(start, end, entries, subtree_proof(subtree_start, end, upload.end, hash_at)).write()


class Decoder:
    """Reads the body of a request as it arrives.

    `upload` is its head, None until all of that is there; `complete` whether every package has been read;
    `next` the first entry that no package read so far had. Feed it, take every package that comes out before
    feeding it more, and stop whenever you like.

    >>> decoder = Decoder()
    >>> list(decoder.feed(Upload("did:key:z6Mk", 7, 7).write()))
    []
    >>> decoder.upload, decoder.complete
    (Upload(origin='did:key:z6Mk', start=7, end=7, ticket=b''), True)
    """

    def __init__(self) -> None:
        self.upload: Upload | None = None
        self._bytes = bytearray()
        self._at = 0
        self._next = 0
        self._entries: list[bytes] = []

    @property
    def next(self) -> int:
        """The first entry that no package read so far had; 0 before the head is there."""
        return self._next

    @property
    def complete(self) -> bool:
        """Whether all that the head announced was read."""
        return self.upload is not None and self._next == self.upload.end

    def feed(self, data: bytes) -> Iterator[Package]:
        """Takes the next bytes and returns the packages that are whole since, one by one.

        Raises `InputError` at once for a bad head, and while iterating for a bad package.
        """
        self._bytes += data
        if self.upload is None:
            self._read_head()
        return self._packages()

    def _read_head(self) -> None:
        origin = self._short(0)
        if origin is None:
            return
        after = 2 + len(origin) + 16
        ticket = self._short(after)
        if ticket is None:
            return
        start, end = (int.from_bytes(self._bytes[at : at + 8], "big") for at in (after - 16, after - 8))
        self.upload = Upload(utf8(origin, what="an origin", most=MAX_SHORT), start, end, ticket)
        self._next = start
        self._at = after + 2 + len(ticket)

    def _short(self, at: int) -> bytes | None:
        """What stands at this place with 2 bytes of length before it; None if it is not all there."""
        after = at + 2 + int.from_bytes(self._bytes[at : at + 2], "big")
        return bytes(self._bytes[at + 2 : after]) if at + 2 <= len(self._bytes) >= after else None

    def _packages(self) -> Iterator[Package]:
        while self.upload is not None and not self.complete:
            start = self._next
            end = min(self.upload.end, start - start % TILE_WIDTH + TILE_WIDTH)
            if not self._read_entries(start, end - start) or (proof := self._read_proof(start)) is None:
                break
            package = Package(start, end, tuple(self._entries), proof)
            self._next, self._entries = end, []
            yield package
        self._drop()
        if self.complete and self._bytes:
            raise InputError("goes on after the last entry that it announced")

    def _read_entries(self, start: int, count: int) -> bool:
        """Moves the whole entries that are there to `_entries`; whether the package has its `count` now."""
        data, there, entries = self._bytes, len(self._bytes), self._entries
        while len(entries) < count and (after := self._at + 2) <= there:
            length = data[after - 2] << 8 | data[after - 1]
            if length > MAX_ENTRY_BYTES:
                problem = f"has {length:,} bytes, and an entry has at most {MAX_ENTRY_BYTES:,}"
                raise InputError(problem, at=f"entry {start + len(entries)}")
            if after + length > there:
                break
            entries.append(bytes(data[after : after + length]))
            self._at = after + length
        return len(entries) == count

    def _read_proof(self, start: int) -> tuple[bytes, ...] | None:
        """The proof behind the entries; None if it is not all there."""
        data, at = self._bytes, self._at + 1
        if len(data) < at:
            return None
        count = data[at - 1]
        if count > MAX_HASHES:
            problem = f"a proof has at most {MAX_HASHES} hashes, this one {count}"
            raise InputError(problem, at=f"package from {start} on")
        after = at + count * HASH_BYTES
        if len(data) < after:
            return None
        self._at = after
        return tuple(bytes(data[one : one + HASH_BYTES]) for one in range(at, after, HASH_BYTES))

    def _drop(self) -> None:
        """Forgets the bytes that were read."""
        del self._bytes[: self._at]
        self._at = 0


@dataclass(frozen=True, slots=True)
class MirrorInfo:
    """What a mirror answers with 202 and 409: a size to upload to, the first entry it lacks, its ticket."""

    size: int
    next_entry: int
    ticket: bytes = b""


def mirror_info(size: int, next_entry: int, ticket: bytes = b"") -> bytes:
    """The body of such an answer, of type `INFO_TYPE`."""
    return f"{size}\n{next_entry}\n{base64_text(ticket)}\n".encode()


def parse_mirror_info(data: bytes) -> MirrorInfo:
    """A mirror's answer; raises `InputError`."""
    lines = utf8(data, what="a mirror's answer", most=_MAX_INFO_BYTES).split("\n")
    if len(lines) != 4 or lines[3]:
        raise InputError("a mirror's answer is three lines: a size, the next entry, a ticket")
    ticket = base64_bytes(lines[2], at="ticket")
    if len(ticket) > MAX_SHORT:
        raise InputError(f"has at most {MAX_SHORT:,} bytes, this one {len(ticket):,}", at="ticket")
    return MirrorInfo(decimal(lines[0], at="size"), decimal(lines[1], at="next entry"), ticket)
