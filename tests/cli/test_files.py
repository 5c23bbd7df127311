"""Files are read whole or refused in one message, and written whole or not at all."""

import os
import resource
import stat
from pathlib import Path

import pytest

from millpond.cli.files import check_writable, read_file, write_file
from millpond.errors import InputError


def problem(call: object, *arguments: object) -> str:
    with pytest.raises(InputError) as caught:
        call(*arguments)  # type: ignore[operator]
    return str(caught.value)


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_read(tmp_path: Path) -> None:
    file = tmp_path / "round.json"
    file.write_bytes(b"\x00\xff")
    assert read_file(str(file)) == b"\x00\xff"


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        (".", "cannot read it: Is a directory"),
        ("missing.json", "cannot read it: No such file or directory"),
        ("missing/round.json", "cannot read it: No such file or directory"),
        ("file/round.json", "cannot read it: Not a directory"),
        ("loop", "cannot read it: Too many levels of symbolic links"),
        ("x" * 300, "cannot read it: File name too long"),
        ("a\0b", "cannot read it: embedded null byte"),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, path: str, reason: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    full = f"{tmp_path}/{path}"
    assert problem(read_file, full) == f"{full}: {reason}"


def test_write_and_overwrite(tmp_path: Path) -> None:
    file = tmp_path / "clearing.json"
    for data in (b"one", b"two, longer", b""):
        check_writable(str(file))
        write_file(str(file), data)
        assert file.read_bytes() == data
        assert names(tmp_path) == ["clearing.json"]
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(file.stat().st_mode) == 0o666 & ~umask


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    link = tmp_path / "latest.json"
    link.symlink_to(tmp_path / "real" / "clearing.json")
    write_file(str(link), b"new")
    assert link.is_symlink()
    assert (tmp_path / "real" / "clearing.json").read_bytes() == b"new"


@pytest.mark.parametrize(
    "write", [check_writable, lambda path: write_file(path, b"new")], ids=["check", "write"]
)
@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("", "it is a directory"),
        ("new/", "it is a directory"),
        ("missing/clearing.json", "No such file or directory"),
        ("file/clearing.json", "Not a directory"),
        ("loop/clearing.json", "Too many levels of symbolic links"),
        ("a\0b", "embedded null"),
    ],
)
def test_what_cannot_be_written(tmp_path: Path, write: object, path: str, reason: str) -> None:
    (tmp_path / "file").write_bytes(b"old")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    full = f"{tmp_path}/{path}"
    said = problem(write, full)
    assert said.startswith(f"{full}: cannot write it: ")
    assert reason in said
    assert said.endswith("; nothing was written")
    assert names(tmp_path) == ["file", "loop"]
    assert (tmp_path / "file").read_bytes() == b"old"


def test_a_full_device() -> None:
    check_writable("/dev/full")
    said = problem(write_file, "/dev/full", b"new")
    assert said == "/dev/full: cannot write it: No space left on device; nothing was written"
    assert Path("/dev/full").is_char_device()


def test_a_disk_that_fills_half_way_leaves_the_old_file(tmp_path: Path) -> None:
    file = tmp_path / "clearing.json"
    file.write_bytes(b"old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        said = problem(write_file, str(file), b"new" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert said == f"{file}: cannot write it: File too large; nothing was written"
    assert file.read_bytes() == b"old"
    assert names(tmp_path) == ["clearing.json"]


def test_an_interruption_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "clearing.json"
    file.write_bytes(b"old")

    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_file(str(file), b"new")
    assert file.read_bytes() == b"old"
    assert names(tmp_path) == ["clearing.json"]
