"""The node's key at rest: made once and whole, never overwritten; what it seals opens with it alone."""

from __future__ import annotations

import os
import stat
import sys
from base64 import b64encode
from pathlib import Path

import pytest

from millpond.errors import InputError
from millpond.node import vault
from millpond.node.vault import ENVIRONMENT, NAME, Vault, open_vault


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ENVIRONMENT, raising=False)


def test_what_is_sealed_opens_for_its_purpose_and_with_its_key_alone() -> None:
    sealed = Vault(b"k" * 32).seal(b"secret", "did:key:a")
    assert b"secret" not in sealed
    assert sealed != Vault(b"k" * 32).seal(b"secret", "did:key:a")
    assert Vault(b"k" * 32).open(sealed, "did:key:a") == b"secret"
    turned = bytes([sealed[0] ^ 1]) + sealed[1:]
    for key, data, purpose in (
        (b"o" * 32, sealed, "did:key:a"),
        (b"k" * 32, sealed, "did:key:b"),
        (b"k" * 32, turned, "did:key:a"),
        (b"k" * 32, sealed[:-1], "did:key:a"),
        (b"k" * 32, b"", "did:key:a"),
    ):
        with pytest.raises(InputError, match="sealed by another key"):
            Vault(key).open(data, purpose)


def test_the_key_is_made_once_and_its_owners_alone(tmp_path: Path) -> None:
    sealed = open_vault(tmp_path).seal(b"secret", "p")
    made = (tmp_path / NAME).read_bytes()
    assert open_vault(tmp_path).open(sealed, "p") == b"secret"
    assert (tmp_path / NAME).read_bytes() == made
    assert [path.name for path in tmp_path.iterdir()] == [NAME]
    if sys.platform != "win32":
        assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o600


def test_where_the_environment_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path / "elsewhere"))
    open_vault(tmp_path / "data")
    assert (tmp_path / "elsewhere").exists()
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path / "not mounted" / "key"))
    with pytest.raises(InputError, match="the key of the node cannot be used"):
        open_vault(tmp_path / "data")


def test_what_a_crash_left_is_in_nobodys_way(tmp_path: Path) -> None:
    """In a container every start has the same process number."""
    (tmp_path / f".{NAME}.{os.getpid()}").write_bytes(b"half of a k")
    open_vault(tmp_path)
    assert (tmp_path / NAME).exists()


def test_on_a_drive_without_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    sealed = open_vault(tmp_path).seal(b"secret", "p")
    assert open_vault(tmp_path).open(sealed, "p") == b"secret"
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_who_comes_second_takes_the_key_of_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = b"millpond-node-key-1 " + b64encode(b"f" * 32) + b"\n"
    name = vault._name

    def somebody_was_faster(part: Path, path: Path) -> None:
        path.write_bytes(first)
        name(part, path)

    monkeypatch.setattr(vault, "_name", somebody_was_faster)
    sealed = open_vault(tmp_path).seal(b"secret", "p")
    assert Vault(b"f" * 32).open(sealed, "p") == b"secret"
    assert (tmp_path / NAME).read_bytes() == first


def test_the_name_of_the_key_is_on_the_disk_before_anything_is_sealed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[tuple[Path, bool]] = []
    monkeypatch.setattr(
        vault, "sync_folder", lambda folder: synced.append((folder, (folder / NAME).exists()))
    )
    open_vault(tmp_path)
    assert synced == [(tmp_path, True)]


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"millpond-node-key-1 ",
        b"millpond-node-key-2 " + b64encode(b"k" * 32) + b"\n",
        b"millpond-node-key-1 " + b64encode(b"k" * 32),
        b"millpond-node-key-1 " + b64encode(b"k" * 32) + b"\n\n",
        b"millpond-node-key-1 " + b64encode(b"k" * 31) + b"\n",
        b"millpond-node-key-1 " + b64encode(b"k" * 33) + b"\n",
        b"millpond-node-key-1 " + b"!" * 44 + b"\n",
    ],
)
def test_a_file_that_is_no_key_is_refused_and_left_alone(tmp_path: Path, line: bytes) -> None:
    (tmp_path / NAME).write_bytes(line)
    with pytest.raises(InputError, match="is no key of a node"):
        open_vault(tmp_path)
    assert (tmp_path / NAME).read_bytes() == line
