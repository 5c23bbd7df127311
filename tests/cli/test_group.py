"""The command itself: its subcommands, version, help and exit codes."""

from pathlib import Path

import pytest
from commands import millpond

from millpond import __version__
from millpond.cli import COMMANDS


def test_version() -> None:
    done = millpond("--version")
    assert (done.returncode, done.stdout) == (0, f"millpond {__version__}\n")


def test_help_names_every_command_and_loads_none() -> None:
    code = (
        "import sys; from millpond.cli import main\n"
        "try: main(['--help'])\n"
        "finally: print(sorted(sys.modules))"
    )
    done = millpond(launcher=("-c", code))
    assert done.returncode == 0
    for name, sentence in COMMANDS.items():
        assert f"  {name}" in done.stdout
        assert sentence in done.stdout
        assert f"millpond.cli.{name}" not in done.stdout
    assert "'numpy'" not in done.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_there(name: str) -> None:
    done = millpond(name, "--help")
    assert done.stdout.lower().startswith("usage: millpond")


@pytest.mark.parametrize("arguments", [["fetch"], ["clear"], ["clear", "--fast"], ["--verbose"]])
def test_what_it_does_not_know_is_one_message(arguments: list[str]) -> None:
    done = millpond(*arguments)
    assert done.returncode == 2
    assert "Error: " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_package_is_named_with_its_extra() -> None:
    code = (
        "import sys; sys.modules['numba'] = None\n"
        "from millpond.cli import main; import millpond.cli.clear\n"
        "import click\n"
        "@main.command('x')\n"
        "def x(): import numba\n"
        "main.get_command = lambda ctx, name: x\n"
        "main(['x'])"
    )
    done = millpond(launcher=("-c", code))
    assert done.returncode == 2
    assert done.stderr == "millpond: this needs the package numba: pip install 'millpond[solve]'\n"


def test_verify_needs_nothing_but_the_standard_library_and_click() -> None:
    code = "import sys; import millpond.cli.verify; print({'numpy', 'numba', 'rich'} & set(sys.modules))"
    done = millpond(launcher=("-c", code))
    assert done.stdout == "set()\n", done


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["clear", "--help"]])
def test_printing_to_a_full_disk_is_one_message(arguments: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = millpond(*arguments, output=full.fileno())
    assert done.returncode == 2
    assert done.stderr == "millpond: standard output: No space left on device\n"
