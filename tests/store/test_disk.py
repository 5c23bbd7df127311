"""How much is free is asked now and then, of the disk on which the file stands."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from millpond.store import disk, open_network


def test_it_is_looked_at_once_a_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Path] = []
    free, now = [disk.LEAST_FREE_BYTES], [5]

    def usage(folder: Path) -> SimpleNamespace:
        asked.append(folder)
        return SimpleNamespace(free=free[0])

    monkeypatch.setattr(shutil, "disk_usage", usage)
    monkeypatch.setattr(disk.time, "monotonic_ns", lambda: now[0])
    file = tmp_path / "room.db"
    assert not disk.is_low(file)
    free[0] -= 1
    now[0] += disk.LOOKS_AGAIN_NS - 1
    assert not disk.is_low(file)
    assert asked == [tmp_path]
    now[0] += 1
    assert disk.is_low(file)
    assert asked == [tmp_path, tmp_path]


def test_a_disk_that_does_not_tell_is_written_to(tmp_path: Path) -> None:
    assert not disk.is_low(tmp_path / "no/such/folder/room.db")


def test_rows_tell_their_file(tmp_path: Path) -> None:
    with open_network(tmp_path / "network.db") as database:
        assert database.read.file.samefile(tmp_path / "network.db")
        assert database.write(lambda rows: rows.file).samefile(tmp_path / "network.db")
