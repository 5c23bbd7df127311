"""A poor line between two network namespaces of this machine: slow, losing packets, cut now and then.

The kernel's own TCP runs at both ends and knows nothing: each end has a TUN device as its only way out, and
what it sends comes here as IP packets, waits for its turn at the line's rate, is lost by the roll of a seeded
die, or comes out at the other end after a delay. At a cut every connection is told so (RST, as from a modem
that has dialled anew) and the line is dead for a second.

    with Line(seed=1) as line:
        node = subprocess.Popen([*line.near, "millpond", "serve", ...])
        subprocess.run([*line.far, "curl", f"http://{line.address}:8080/"])

Linux and root are needed. `payload_bytes` of a way is what its receiver's TCP acknowledged.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import shutil
import socket
import struct
import subprocess
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Self

TUN = Path("/dev/net/tun")
NEEDED = "a slow line needs Linux, root, ip(8) and /dev/net/tun"
MTU = 1_400
QUEUE_BYTES = 24_000
"""What waits for the line at most: three seconds of 64 kbit/s, as in a plain router; more is dropped."""
DEAD_SECONDS = 1.0
_TUNSETIFF, _IFF_TUN_NO_PI = 0x400454CA, 0x1001
_RST, _ACK = 4, 16
Flow = tuple[bytes, int, bytes, int]
"""Address and port of who sends, address and port of who gets it."""


def is_possible() -> bool:
    """Whether a line can be made here."""
    return TUN.exists() and hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("ip") is not None


@dataclass(slots=True)
class Way:
    """One direction: what waits, when the line is free again, what came out."""

    waiting: deque[bytes] = field(default_factory=deque)
    waiting_bytes: int = 0
    free_at: float = 0.0
    flying: deque[tuple[float, bytes]] = field(default_factory=deque)
    packets: int = 0
    lost: int = 0
    payload_bytes: int = 0
    """What the receiving end has of all connections."""
    reached: dict[Flow, int] = field(default_factory=dict)
    """By connection: up to which sequence number its receiver has it all."""


@dataclass(frozen=True, slots=True)
class Segment:
    """What is read of a TCP packet."""

    flow: Flow
    acknowledged: int
    flags: int

    @property
    def other_way(self) -> Flow:
        """The flow that it acknowledges."""
        source, port, target, to = self.flow
        return target, to, source, port


class Line:
    """The line, with `near` and `far` as beginnings of commands that run at its ends."""

    def __init__(
        self, seed: int, *, bits: int = 64_000, loss: float = 0.2, delay: float = 0.1, cut_every: float = 30.0
    ) -> None:
        self._rng = Random(f"line {seed}")
        self._bytes, self._loss, self._delay, self._cut_every = bits / 8, loss, delay, cut_every
        name = f"pond{os.getpid()}"
        self._names = (f"{name}n", f"{name}f")
        self.near, self.far = (("ip", "netns", "exec", one) for one in self._names)
        self.address, self.far_address = "10.77.0.1", "10.77.0.2"
        self.ways = (Way(), Way())
        """From near to far, and from far to near."""
        self.cuts = 0
        self._alive: dict[Flow, int] = {}
        """Of each connection and direction the last acknowledgement its sender sent."""
        self._ends: list[int] = []
        self._stop = threading.Event()

    def __enter__(self) -> Self:
        try:
            for number, name in enumerate(self._names):
                self._ends.append(_tun(name[:15]))
                _ip("netns", "add", name)
                _ip("link", "set", name[:15], "netns", name)
                here, there = (self.address, self.far_address)[:: 1 - 2 * number]
                _ip("-n", name, "addr", "add", here, "peer", there, "dev", name[:15])
                _ip("-n", name, "link", "set", "lo", "up")
                _ip("-n", name, "link", "set", name[:15], "up", "mtu", str(MTU))
        except BaseException:
            self._remove()
            raise
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._remove()

    def _remove(self) -> None:
        for end in self._ends:
            os.close(end)
        for name in self._names:
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)

    def _run(self) -> None:
        start = time.monotonic()
        dead_until = 0.0
        next_cut = start + self._cut_every if self._cut_every else float("inf")
        while not self._stop.is_set():
            now = time.monotonic()
            if now >= next_cut:
                next_cut, dead_until = next_cut + self._cut_every, now + DEAD_SECONDS
                self._cut()
            for number, way in enumerate(self.ways):
                self._move(way, self._ends[1 - number], now, is_dead=now < dead_until)
            due = [way.flying[0][0] for way in self.ways if way.flying]
            due += [way.free_at for way in self.ways if way.waiting]
            wait = max(0.0, min([0.05, *(at - now for at in due)]))
            for end in select.select(self._ends, [], [], wait)[0]:
                with contextlib.suppress(OSError):
                    self._take(self._ends.index(end), os.read(end, 65_536))

    def _take(self, number: int, packet: bytes) -> None:
        """A packet that an end sent gets into the queue, or is dropped before a full one."""
        way, segment = self.ways[number], _segment(packet)
        if segment is None:
            return
        if segment.flags & _ACK:
            self._alive[segment.flow] = segment.acknowledged
            _count(self.ways[1 - number], segment.other_way, segment.acknowledged)
        if way.waiting_bytes + len(packet) > QUEUE_BYTES:
            way.lost += 1
            return
        way.waiting.append(packet)
        way.waiting_bytes += len(packet)

    def _move(self, way: Way, out: int, now: float, *, is_dead: bool) -> None:
        while way.waiting and way.free_at <= now:
            packet = way.waiting.popleft()
            way.waiting_bytes -= len(packet)
            way.free_at = max(way.free_at, now - 0.05) + len(packet) / self._bytes
            way.packets += 1
            if is_dead or self._rng.random() < self._loss:
                way.lost += 1
            else:
                way.flying.append((way.free_at + self._delay, packet))
        while way.flying and way.flying[0][0] <= now:
            os.write(out, way.flying.popleft()[1])

    def _cut(self) -> None:
        """All connections end: each side hears it from the other, as it seems."""
        self.cuts += 1
        for way in self.ways:
            way.waiting.clear()
            way.flying.clear()
            way.waiting_bytes = 0
        for (source, port, target, to), acknowledged in self._alive.items():
            end = self._ends[0 if source == socket.inet_aton(self.address) else 1]
            os.write(end, _reset(source=target, port=to, target=source, to=port, sequence=acknowledged))
        self._alive.clear()


def _count(way: Way, flow: Flow, acknowledged: int) -> None:
    """What the receiver acknowledges, it has; the first acknowledgement is of the connection's beginning."""
    new = (acknowledged - way.reached.get(flow, acknowledged)) & 0xFFFFFFFF
    if new < 1 << 31:
        way.payload_bytes += new
        way.reached[flow] = acknowledged


def _segment(packet: bytes) -> Segment | None:
    """None if it is no TCP over IPv4."""
    if len(packet) < 40 or packet[0] >> 4 != 4 or packet[9] != socket.IPPROTO_TCP:
        return None
    header = (packet[0] & 15) * 4
    source, target = packet[12:16], packet[16:20]
    port, to, _, acknowledged, _, flags = struct.unpack_from("!HHIIBB", packet, header)
    return Segment((source, port, target, to), acknowledged, flags)


def _reset(*, source: bytes, port: int, target: bytes, to: int, sequence: int) -> bytes:
    """A packet that ends a connection at `target`, which waits for this sequence number."""
    tcp = struct.pack("!HHIIBBHHH", port, to, sequence, 0, 5 << 4, _RST, 0, 0, 0)
    pseudo = source + target + struct.pack("!BBH", 0, socket.IPPROTO_TCP, len(tcp))
    tcp = tcp[:16] + struct.pack("!H", _checksum(pseudo + tcp)) + tcp[18:]
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0, 64, socket.IPPROTO_TCP, 0) + source + target
    return ip[:10] + struct.pack("!H", _checksum(ip)) + ip[12:] + tcp


def _checksum(data: bytes) -> int:
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def _tun(name: str) -> int:
    end = os.open(TUN, os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(end, _TUNSETIFF, struct.pack("16sH", name.encode(), _IFF_TUN_NO_PI))
    return end


def _ip(*arguments: str) -> None:
    done = subprocess.run(["ip", *arguments], check=False, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"ip {' '.join(arguments)}: {done.stderr.strip()}")
