"""A log as a folder: others audit it, it grows by what is new, a cut leaves it right."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import nullcontext
from hashlib import sha256
from pathlib import Path

import pytest
from foreign import audit
from static_logs import entries_of, files_of, head_of, key_of, vkey_of, write_log

from millpond.errors import InputError
from millpond.log.tiles import tiles_of
from millpond.network import exporting
from millpond.network.exporting import Exported, export
from millpond.store import Database, Rows, logs, open_network
from millpond.store.logs import Head

KEY, OTHER = key_of(1), key_of(2)
ENTRIES = entries_of(70_000)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with open_network(tmp_path / "network.db") as database:
        yield database


def grow(db: Database, entries: list[bytes]) -> Head:
    """The log with these entries."""

    def job(rows: Rows) -> Head:
        id = logs.begin(rows, KEY.did).id
        logs.put(rows, id, entries[logs.head_by_id(rows, id).reached :])
        logs.accept(rows, id, head_of(entries, KEY))
        return logs.head_by_id(rows, id)

    return db.write(job)


def files_in(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def told(folder: Path) -> dict[str, int]:
    found = audit(folder, vkey_of(KEY), KEY.did)
    assert found.returncode == 0, found.stdout + found.stderr
    value: dict[str, int] = json.loads(found.stdout)
    return value


@pytest.mark.parametrize("size", [0, 1, 256, 257, 600])
def test_the_folder_is_the_log(db: Database, tmp_path: Path, size: int) -> None:
    folder = tmp_path / "deep" / "log"
    done = export(db.read, grow(db, ENTRIES[:size]), folder)
    found = files_in(folder)
    assert "Millpond" in found.pop("README.txt").decode()
    assert found == files_of(ENTRIES[:size], KEY)
    assert (done.size, done.files) == (size, len(found) + 1)
    assert told(folder)["size"] == size


def test_it_grows_by_what_is_new(db: Database, tmp_path: Path) -> None:
    folder = tmp_path / "log"
    export(db.read, grow(db, ENTRIES[:65_700]), folder)
    before = files_in(folder)
    done = export(db.read, grow(db, ENTRIES[:65_800]), folder)
    now = files_in(folder)
    assert done.files == 6, "what is full now, what is partial now, the checkpoint"
    assert {path for path in before if path not in now} == {"tile/0/256.p/164", "tile/entries/256.p/164"}
    assert [path for path in now if path in before and now[path] != before[path]] == ["checkpoint"]
    assert told(folder)["size"] == 65_800
    assert export(db.read, grow(db, ENTRIES[:65_800]), folder) == Exported(65_800, 0, 0)


def test_partial_tiles_stay_until_they_are_full(db: Database, tmp_path: Path) -> None:
    for size in (10, 20, 300):
        export(db.read, grow(db, ENTRIES[:size]), tmp_path / "log")
        partial = sorted(path.name for path in (tmp_path / "log/tile/entries").rglob("[0-9]*.p/*"))
        assert partial == {10: ["10"], 20: ["10", "20"], 300: ["44"]}[size]


def test_what_got_lost_is_written_again(db: Database, tmp_path: Path) -> None:
    folder, head = tmp_path / "log", grow(db, ENTRIES[:600])
    export(db.read, head, folder)
    whole = files_in(folder)
    (folder / "tile/entries/001").unlink()
    (folder / "tile/0/002.p/88").unlink()
    assert export(db.read, head, folder).files == 2
    assert files_in(folder) == whole


@pytest.mark.parametrize("step", range(10))
def test_it_may_be_cut_anywhere(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """After each file that is written, the folder is the old log or the new one, and the rest comes later."""
    folder = tmp_path / "log"
    export(db.read, grow(db, ENTRIES[:300]), folder)
    head, written = grow(db, ENTRIES[:1_000]), 0
    replace = Path.replace

    def cut(self: Path, target: Path) -> Path:
        nonlocal written
        written += 1
        if written > step:
            raise OSError(28, "No space left on device")
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", cut)
        with nullcontext() if step > 7 else pytest.raises(InputError, match="No space left"):
            export(db.read, head, folder)
    size = 1_000 if step > 7 else 300
    note = (folder / "checkpoint").read_bytes()
    assert note == head_of(ENTRIES[:size], KEY).note
    found = files_in(folder)
    for tile in tiles_of(size):
        assert found[tile.path] == files_of(ENTRIES[:size], KEY)[tile.path]
    export(db.read, head, folder)
    assert set(files_in(folder)) >= set(files_of(ENTRIES[:1_000], KEY))
    assert not (folder / ".new").exists()


def test_everything_is_synced_before_the_checkpoint(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, synced = tmp_path / "log", []
    fsync = exporting.os.fsync

    def note(descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").resolve()
        synced.append(path.relative_to(folder).as_posix() if path != folder else ".")
        if not (folder / "checkpoint").exists():
            before.add(synced[-1])
        fsync(descriptor)

    before: set[str] = set()
    monkeypatch.setattr(exporting.os, "fsync", note)
    export(db.read, grow(db, ENTRIES[:300]), folder)
    tiles = {tile.path for tile in tiles_of(300)}
    assert tiles | {"README.txt", "tile", "tile/0", "tile/0/001.p", "tile/entries", "."} <= before
    assert synced[-1] == ".", "at last the name of the checkpoint"


def test_attachments_lie_beside_it(db: Database, tmp_path: Path) -> None:
    kept = {sha256(data).hexdigest(): data for data in (b"picture", b"page")}
    head, missing = grow(db, ENTRIES[:3]), "0" * 64
    folder = tmp_path / "log"
    export(db.read, head, folder, attachments=[*kept, missing], data_of=kept.get)
    assert {path.name: path.read_bytes() for path in (folder / "attachments").iterdir()} == kept
    with pytest.raises(InputError, match="not the bytes"):
        export(db.read, head, folder, attachments=[missing], data_of=lambda hash: b"another")


def test_a_folder_with_something_else_is_left_alone(db: Database, tmp_path: Path) -> None:
    head = grow(db, ENTRIES[:300])
    held = {
        "another log": files_of(ENTRIES[:10], OTHER),
        "another history": files_of(entries_of(200, "forked"), KEY),
        "more": files_of(ENTRIES[:301], KEY),
        "no checkpoint": {"checkpoint": b"nothing\n"},
    }
    problems = {}
    for name, files in held.items():
        folder = tmp_path / name
        for path, data in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        with pytest.raises(InputError) as refused:
            export(db.read, head, folder)
        problems[name] = refused.value.problem
        assert files_in(folder) == files
    assert len(set(problems.values())) == 4


def test_no_link_leads_the_writing_elsewhere(db: Database, tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "log", tmp_path / "elsewhere"
    folder.mkdir()
    elsewhere.mkdir()
    (folder / "tile").symlink_to(elsewhere)
    with pytest.raises(InputError, match="link"):
        export(db.read, grow(db, ENTRIES[:300]), folder)
    assert list(elsewhere.iterdir()) == []


def test_nothing_said_is_nothing_to_export(db: Database, tmp_path: Path) -> None:
    head = db.write(lambda rows: logs.begin(rows, KEY.did))
    with pytest.raises(InputError, match="nothing"):
        export(db.read, head, tmp_path / "log")
    (tmp_path / "file").write_text("taken", encoding="utf-8")
    with pytest.raises(InputError, match="is a file"):
        export(db.read, grow(db, ENTRIES[:1]), tmp_path / "file")


def test_what_the_support_writes_is_what_we_write(tmp_path: Path, db: Database) -> None:
    """The other tests read folders of the core's; they are the same."""
    export(db.read, grow(db, ENTRIES[:700]), tmp_path / "ours")
    write_log(tmp_path / "theirs", ENTRIES[:700], KEY)
    found = files_in(tmp_path / "ours")
    del found["README.txt"]
    assert found == files_in(tmp_path / "theirs")


def test_a_link_laid_out_on_a_stick_leads_nowhere(db: Database, tmp_path: Path) -> None:
    """Whoever prepared the stick knows what the file is called that is being written."""
    precious = tmp_path / "precious"
    precious.write_text("mine", encoding="utf-8")
    folder = tmp_path / "stick"
    folder.mkdir()
    (folder / ".new").symlink_to(precious)
    export(db.read, grow(db, ENTRIES[:3]), folder)
    assert precious.read_text(encoding="utf-8") == "mine"
    assert told(folder)["size"] == 3
