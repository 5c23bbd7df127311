"""A line between two nodes: slow, cut after so many bytes, led to another node while it is in use."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

PIECE = 2_048


@dataclass
class Relay:
    """Listens at `url`, hands on to the port `target`. `up` counts the bytes that crossed to there.

    `pieces_per_s` of 2 KiB each way, None: as fast as it goes. Every time `up` has grown by the next number
    of `cuts`, all connections are cut there; `cut` counts them.
    """

    target: int
    listener: socket.socket
    pieces_per_s: float | None = None
    cuts: list[int] = field(default_factory=list)
    up: int = 0
    cut: int = 0
    _since: int = 0
    _ends: set[socket.socket] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def serve(self) -> None:
        """Takes connections until the listener is closed."""
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                near.close()
                continue
            # What lies in buffers has not crossed: they are small.
            near.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2 * PIECE)
            with self._lock:
                self._ends |= {near, far}
            for one, other, counts in ((near, far, True), (far, near, False)):
                threading.Thread(target=self._pump, args=(one, other, counts), daemon=True).start()

    def break_off(self) -> None:
        """Cuts every connection."""
        with self._lock:
            ends, self._ends = self._ends, set()
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _pump(self, one: socket.socket, other: socket.socket, counts: bool) -> None:
        try:
            while piece := one.recv(PIECE):
                if self.pieces_per_s is not None:
                    time.sleep(1 / self.pieces_per_s)
                other.sendall(piece)
                if counts and self._is_cut_after(len(piece)):
                    self.break_off()
                    return
            other.shutdown(socket.SHUT_WR)
        except OSError:
            return

    def _is_cut_after(self, bytes: int) -> bool:
        with self._lock:
            self.up += bytes
            self._since += bytes
            if not self.cuts or self._since < self.cuts[0]:
                return False
            self.cuts.pop(0)
            self._since = 0
            self.cut += 1
            return True


@contextmanager
def relay(
    target: int, *, pieces_per_s: float | None = None, cuts: list[int] | None = None
) -> Iterator[Relay]:
    """Such a line to this port of this machine, until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        line = Relay(target, listener, pieces_per_s, cuts or [])
        thread = threading.Thread(target=line.serve, daemon=True)
        thread.start()
        try:
            yield line
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
            line.break_off()
            thread.join()
