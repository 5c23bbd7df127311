"""300 households at once at a node: `python -m bench.node_load` measures and prints it, and keeps nothing.

`python -m bench run --only node` measures the same and writes it into `RESULTS.md`.
"""

import click

from bench.machine import machine
from bench.work import Scale, table
from bench.work.node import NODE


@click.command()
@click.option("--quick", is_flag=True, help="One run of each pattern.")
def main(quick: bool) -> None:
    """Measure how a served node bears up."""
    here = machine()
    rows = NODE.measure(Scale(quick=quick))
    verdict = {None: "", True: "reached", False: "fell short"}
    click.echo(
        f"{here['processor']}, {here['cores']} cores, {here['date']}, load before {here['load_before']}\n"
    )
    click.echo(
        table(
            ("what", "target", "found", ""),
            [(one.work, one.target, one.found, verdict[one.reached]) for one in NODE.figures(rows)],
        )
    )
    click.echo("\n" + NODE.tables(rows))


if __name__ == "__main__":
    main()
