"""Every system call of an append fails in turn: what was acknowledged is there, and the log goes on.

A helper process forks a child for each position. The child has the room open and has said something, as in a
node that runs; then strace attaches, makes one call fail, and the child says two things more and closes.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from commands import environment
from small_nodes import set_up
from talking import LISTING, check_log, room_of

from millpond.log import inclusion
from millpond.log.keys import Key
from millpond.node import own_log
from millpond.node.node import Node
from millpond.node.own_log import Saying
from millpond.store import logs, open_room

STRACE = shutil.which("strace")
CALLS = ("pwrite64", "fdatasync", "fsync", "openat", "ftruncate", "unlink", "write")
"""What SQLite asks of the system, and Python around it, to make something durable."""
SELDOM = ("fsync", "openat", "ftruncate", "unlink")
"""Not asked for by every SQLite in every state."""
OTHER_CALLS = ("pread64", "mmap", "fcntl", "lseek", "newfstatat", "fstat", "close")
EXPECTED = ("OperationalError", "DatabaseError", "OSError", "closing")
MOST_POSITIONS = 400
FORKING = """
import json, os, signal, sys
from base64 import b64encode
from pathlib import Path
sys.path[:0] = sys.argv[3:4]
from talking import LISTING
from millpond.log.keys import Key
from millpond.node import own_log
from millpond.node.own_log import Saying
from millpond.store import open_room

path, key = Path(sys.argv[1]), Key(bytes.fromhex(sys.argv[2]))

def say(db, mark):
    saying = Saying("listing/1", LISTING | {"x_mark": mark})
    return db.write(lambda rows: own_log.say_in(rows, key, saying, now_ms=1))

def child(turn):
    signal.alarm(60)  # whatever failed, it ends
    db = open_room(path)
    say(db, [turn, 0])
    print(os.getpid(), flush=True)
    sys.stdin.readline()
    told = []
    for number in (1, 2):
        try:
            said = say(db, [turn, number])
            told.append([said.position, b64encode(said.text).decode()])
        except Exception as error:
            told.append(f"{type(error).__name__}: {error}")
    try:
        db.close()
    except Exception as error:
        told.append(f"closing: {error}")
    os.write(1, json.dumps(told).encode() + b"\\n" if told else b"\\n")

for turn in range(1_000_000):
    if not sys.stdin.readline():
        break
    pid = os.fork()
    if pid == 0:
        try:
            child(turn)
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    print("ended", flush=True)
"""


def _can_trace() -> str:
    """Why nothing can be traced here; "" if it can."""
    if STRACE is None:
        return "strace is not installed"
    sleeper = subprocess.Popen(["sleep", "10"])
    try:
        attached = subprocess.run(
            [STRACE, "-p", str(sleeper.pid), "-e", "inject=pwrite64:error=EIO", "-o", os.devnull],
            timeout=0.5,
            capture_output=True,
            text=True,
            check=False,
        )
        return f"strace may not attach here: {attached.stderr.strip()}"
    except subprocess.TimeoutExpired:
        return ""  # it was still attached
    finally:
        sleeper.kill()
        sleeper.wait()


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="strace is Linux's")


class Forking:
    """The helper process."""

    def __init__(self, path: Path, key: Key, scratch: Path) -> None:
        self.path = path
        self.key = key
        support = Path(__file__).parents[1] / "support"
        self._output = scratch / "strace.txt"
        self._process = subprocess.Popen(
            [sys.executable, "-c", FORKING, str(path), key.seed.hex(), str(support)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            env=environment(),
        )

    def fail(self, call: str, position: int, error: str) -> tuple[list[str | list[object]], bool]:
        """What the child told, or nothing if it could not; and whether there was a call at this position."""
        assert STRACE is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("turn\n")
        pid = int(self._process.stdout.readline())
        trace = subprocess.Popen(
            [
                *(STRACE, "-f", "-p", str(pid), "-o", str(self._output), "-e", f"trace={call}"),
                *("-e", f"inject={call}:error={error}:when={position}"),
            ],
            stderr=subprocess.PIPE,
            text=True,
        )
        assert trace.stderr is not None
        assert "attached" in trace.stderr.readline()
        self._process.stdin.write("go\n")
        told: list[str | list[object]] = []
        while (line := self._process.stdout.readline().strip()) != "ended":
            with contextlib.suppress(ValueError):  # a line whose own writing failed
                told = json.loads(line)
        trace.communicate(timeout=30)
        return told, "INJECTED" in self._output.read_text(encoding="utf-8", errors="replace")

    def close(self) -> None:
        """Ends it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


@pytest.fixture(scope="module")
def forking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forking]:
    """The helper, for a room that said something and that nobody else has open."""
    reason = _can_trace()
    if reason:
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("faults")
    with Node(folder / "data") as node:
        set_up(node)
        own_log.say(node, room_of(node), "listing/1", LISTING, time_ms=1)
        key = own_log.open_key(node, room_of(node))
        path = room_of(node).path
    forking = Forking(path, key, folder)
    yield forking
    forking.close()


def fail_everywhere(forking: Forking, call: str, error: str = "EIO") -> int:
    """Each position of this call in turn; returns how many there were."""
    did, roots = forking.key.did, dict[int, bytes]()
    for position in range(1, MOST_POSITIONS):
        told, was_injected = forking.fail(call, position, error)
        with open_room(forking.path) as db:
            size = check_log(db.read, did)
            head = logs.head(db.read, did)
            assert head is not None
            for one in told:
                if isinstance(one, str):
                    assert one.startswith(EXPECTED), one
                    continue
                index, text = one
                entry = logs.entry(db.read, head.id, int(str(index)))
                assert entry is not None, f"{call} {position}: acknowledged, and gone"
                signed = inclusion.check(b64decode(str(text)), entry, did).checkpoint
                assert roots.setdefault(signed.size, signed.root) == signed.root
            for of, root in roots.items():
                assert logs.root_at(db.read, head.id, of) == root
            after = Saying("listing/1", LISTING | {"x_after": [call, error, position, size]})
            said = db.write(partial(own_log.say_in, key=forking.key, saying=after, now_ms=2))
            assert said.position == size  # it goes on
        if not was_injected:
            assert [type(one) for one in told] == [list, list]
            return position - 1
    raise AssertionError(f"{call} does not end")


@pytest.mark.parametrize("call", CALLS)
def test_every_position_of_an_append_fails(forking: Forking, call: str) -> None:
    assert fail_everywhere(forking, call) > 0 or call in SELDOM


@pytest.mark.soak
@pytest.mark.parametrize("error", ["EIO", "ENOSPC", "EINTR", "EAGAIN", "ENOMEM", "EDQUOT"])
@pytest.mark.parametrize("call", [*CALLS, *OTHER_CALLS])
def test_every_position_fails_in_every_way(forking: Forking, call: str, error: str) -> None:
    fail_everywhere(forking, call, error)
