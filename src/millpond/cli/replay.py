"""`millpond replay`: real orders, pooled: read, cleared, verified, reported.

What is in DIR when it is done, each file whole or not there at all: `scenario.toml` (what was assumed; edit
a copy and hand it back), `round.json`, `clearing.json`, `report.html`. Ctrl-C while it searches goes on
with the best so far; at any other moment it ends the command, and what is in DIR by then stays.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from millpond.api import clear
from millpond.cli import AnswerIsNo
from millpond.cli.files import check_writable, write_file
from millpond.cli.options import seconds_option, seed_option, stop_signals
from millpond.cli.progress import shown_progress
from millpond.equality.outcomes import Reason
from millpond.errors import InputError
from millpond.model import Clearing, encode_clearing
from millpond.model.money import money_text
from millpond.replay import NAMES, Prepared, Result, prepare, result_of
from millpond.replay.scenario import default_text, scenario_text
from millpond.verify import verifier

SCENARIO, ROUND, CLEARING, REPORT = "scenario.toml", "round.json", "clearing.json", "report.html"
WENT = {
    Reason.SERVED: "served",
    Reason.PRICE: "refused by price",
    Reason.UNDELIVERED: "nobody delivers",
    Reason.CAPACITY: "runs were full",
    Reason.NO_RUN: "too few for a run",
    Reason.OTHER: "would have cost others more",
}


@click.command(name="replay")
@click.argument("name", type=click.Choice(NAMES))
@click.option("-o", "--output", required=True, metavar="DIR", help="Where to write; made if it is not there.")
@click.option("--scenario", metavar="FILE", help="What to assume; as it stands in DIR/scenario.toml.")
@seconds_option
@seed_option
@click.option("--data", metavar="DIR", help="Where the records of olist and scms are (or MILLPOND_RECORDS).")
def command(
    name: str, output: str, scenario: str | None, seconds: float, seed: int, data: str | None
) -> None:
    """Pool real orders: read NAME's records, clear, verify and report them.

    NAME is baskets (household purchases of an American grocer, no other data needed), olist (orders of a
    Brazilian marketplace) or scms (medicines for 43 countries).
    """
    began = time.monotonic()
    text = default_text(name) if scenario is None else scenario_text(Path(scenario))
    with Console(stderr=True).status(f"Reading the orders of {name} …"):
        prepared = prepare(name, text, scenario or f"the scenario of {name}", Path(data) if data else None)
    folder = _folder(output)
    _say(f"Read {_wanted(prepared)} ({time.monotonic() - began:.0f} s).")
    write_file(str(folder / SCENARIO), text.encode())
    write_file(str(folder / ROUND), prepared.round_bytes)
    searching = time.monotonic()
    with stop_signals() as stop, shown_progress(prepared.round.currency, seconds) as progress:
        clearing = clear(prepared.round, seconds=seconds, seed=seed, progress=progress, stop=stop.asked)
    clearing_bytes = encode_clearing(clearing)
    write_file(str(folder / CLEARING), clearing_bytes)
    searched = time.monotonic() - searching
    checks = verifier.verify(prepared.round_bytes, clearing_bytes)
    failed = [check for check in checks if check.ok is not True]
    checked = f"{failed[0].name}: {failed[0].message}" if failed else f"valid, all {len(checks)} checks"
    took = f"{searched:.0f} searching, {time.monotonic() - began:.0f} in all before the report"
    _show(prepared, clearing, checked, took)
    _report(folder, prepared, clearing, seconds)
    click.echo(f"Written to {folder}: {SCENARIO}, {ROUND}, {CLEARING}, {REPORT}")
    if failed:
        raise AnswerIsNo(f"the clearing is not valid: {checked}")


def _folder(output: str) -> Path:
    folder = Path(output)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise InputError(f"cannot make this folder: {reason}", name=output) from None
    check_writable(str(folder / ROUND))
    return folder


def _say(text: str) -> None:
    click.echo(text, err=True)


def _report(folder: Path, prepared: Prepared, clearing: Clearing, seconds: float) -> None:
    from millpond.report import SECONDS, report

    within = min(SECONDS, seconds)
    _say(f"Clearing what it is compared with, and writing the report (up to {within:.0f} s) …")
    page = report(prepared.round, clearing, assumptions=prepared.assumptions, seconds=within)
    write_file(str(folder / REPORT), page.encode())


def _wanted(prepared: Prepared) -> str:
    round = prepared.round
    makers = len({offer.maker for offer in round.offers})
    return (
        f"{prepared.buyer_lines:,} lines of {prepared.buyers} in {len(round.places):,} "
        f"communities: {len(round.demand):,} demand lines; {makers:,} makers, {len(round.offers):,} offers"
    )


def _show(prepared: Prepared, clearing: Clearing, checked: str, took: str) -> None:
    """The result table, on standard output."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(style="bold")
    table.add_column()
    for row in _rows(prepared, clearing, result_of(prepared, clearing)):
        table.add_row(*row)
    table.add_row("verified", checked)
    table.add_row("seconds", took)
    Console(highlight=False).print(table)


def _rows(prepared: Prepared, clearing: Clearing, result: Result) -> Iterator[tuple[str, str]]:
    units = sum(result.units.values())

    def money(amount: int) -> str:
        return f"{money_text(amount, prepared.round.currency)} {prepared.round.currency}"

    def instead(now: int, before: int) -> str:
        return f"{money(now)} instead of {money(before)}: {_less(before, now)}"

    yield prepared.name, _wanted(prepared)
    yield (
        "wanted",
        f"{len(prepared.round.demand):,} lines, {units:,} units; really paid: {money(result.paid)}",
    )
    for reason, said in WENT.items():
        if number := result.units.get(reason, 0):
            yield said, f"{result.lines[reason]:,} lines, {number:,} units ({number / units:.1%})"
    if result.paid_served:
        yield "the served pay", f"{instead(result.bills, result.paid_served)} than they really paid"
    if result.shop:
        less = _less(result.shop, result.bills)
        yield "in the shop", f"the makes they get cost {money(result.shop)}: they pay {less} than that"
    everybody = instead(result.paid - result.saved, result.paid)
    yield "all together", f"{everybody} than before, if the rest buys as before"
    gap = f"{100 * float(clearing.gap):.4f} %"
    yield "gap", f"{gap}: score {money(clearing.score)}, no clearing above {money(clearing.bound)}"


def _less(before: int, now: int) -> str:
    """What has been saved, or not, in percent; `before` is above 0."""
    share = (before - now) / before
    return f"{share:.1%} less" if share >= 0 else f"{-share:.1%} more"
