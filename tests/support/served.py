"""`millpond serve` as a process of its own, and requests to it as a browser makes them."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
from commands import environment


@dataclass
class Served:
    """A node that answers; `said` is what it printed, `log` what it noted, once it has ended."""

    process: subprocess.Popen[str]
    said: list[str]
    url: str
    log: str = ""
    client: httpx2.Client = field(default_factory=lambda: httpx2.Client(timeout=60))

    def get(self, path: str) -> httpx2.Response:
        """The page at this path of the node."""
        return self.client.get(self.url + path)

    def post(self, path: str, **fields: str) -> httpx2.Response:
        """A form, sent as from the node's own page."""
        return self.client.post(self.url + path, data=fields, headers={"origin": self.url})

    def stop(self, number: int = signal.SIGINT) -> int:
        """Ends it by a signal; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        said, self.log = self.process.communicate(timeout=60)
        self.said += said.splitlines()
        self.client.close()
        return self.process.returncode


@contextmanager
def served(data: Path, *arguments: str) -> Iterator[Served]:
    """A node on a free port, until the block ends."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "millpond", "serve", "--data", str(data)),
            *("--address", "127.0.0.1:0", "--no-open", *arguments),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=environment(),
    )
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line.rstrip("\n"))
        if line.startswith("Data: "):
            break
    else:
        raise AssertionError(process.communicate())
    found = re.search(r"http://localhost:\d+", "\n".join(said))
    assert found
    node = Served(process, said, found[0])
    try:
        yield node
    finally:
        node.stop()
