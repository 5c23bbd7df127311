"""Where the records are sought, and what is said when they are not there or are no records."""

from pathlib import Path

import pytest

from millpond.errors import InputError
from millpond.replay import NAMES, olist, prepare, scms
from millpond.replay.records import VARIABLE, data_folder
from millpond.replay.scenario import default_text


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "shared" / "data"
    (folder / "replay").mkdir(parents=True)
    (folder / "replay" / "some.csv").write_text("a\n")
    return folder


def test_the_folder_given_goes_first(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "elsewhere"))
    assert data_folder(folder, "replay/some.csv") == folder


def test_then_the_environment(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(folder))
    assert data_folder(None, "replay/some.csv") == folder


def test_then_beside_where_the_command_runs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    checkout = folder.parents[1] / "checkout"
    checkout.mkdir()
    monkeypatch.chdir(checkout)
    assert data_folder(None, "replay/some.csv").samefile(folder)


@pytest.mark.parametrize("name", ["olist", "scms"])
def test_nowhere_is_one_message_with_what_to_do(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as refusal:
        prepare(name, default_text(name), "scenario", tmp_path)
    record = {"olist": olist.ITEMS, "scms": scms.HISTORY}[name]
    assert str(refusal.value) == (
        f"{record}: there is no such record in {tmp_path}; name its folder with --data DIR or {VARIABLE}"
    )


@pytest.mark.parametrize("data", [b"", b"PAR1 no", b"a,b\n1,2\n", b"\x1f\x8b\x08 broken"])
@pytest.mark.parametrize("name", [name for name in NAMES if name != "baskets"])
def test_what_is_no_record_is_one_message(name: str, data: bytes, tmp_path: Path) -> None:
    pytest.importorskip("pandas", reason="the extra demo is not installed")
    record = tmp_path / {"olist": olist.ITEMS, "scms": scms.HISTORY}[name]
    record.parent.mkdir()
    record.write_bytes(data)
    with pytest.raises(InputError) as refusal:
        prepare(name, default_text(name), "scenario", tmp_path)
    assert str(refusal.value).startswith(f"{record}: cannot be read as a record of this replay: ")
    assert "\n" not in str(refusal.value)
