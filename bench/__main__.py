"""`python -m bench`: see `--help`."""

import json
from pathlib import Path

import click

from bench import ROOT, orlib
from bench.generator import LIMITS, generate
from bench.run import WORKS, run
from bench.shapes import shapes

HERE = Path(__file__).parent
QUICK = ROOT / "out" / "bench"


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, invoke_without_command=True)
@click.pass_context
def main(context: click.Context) -> None:
    """Instances, peers and the benchmark of Millpond. Without a command: run all of it."""
    if context.invoked_subcommand is None:
        context.invoke(run_command)


@main.command("run")
@click.option("--seeds", type=click.IntRange(1), metavar="N", help="At most so many seeds a work.")
@click.option("--quick", is_flag=True, help="Try it out: one seed, a tenth of the time; into out/bench.")
@click.option(
    "--only", multiple=True, type=click.Choice(list(WORKS)), help="This work alone; may be repeated."
)
def run_command(quick: bool = False, seeds: int | None = None, only: tuple[str, ...] = ()) -> None:
    """Measure, and write results.json and RESULTS.md beside this file."""
    folder = QUICK if quick else HERE
    run(only, folder, quick=quick, most_seeds=seeds)
    click.echo(f"Written to {folder}: results.json, RESULTS.md")


def _write(path: Path, body: dict[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(body, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


@main.command("generate")
@click.argument("places", type=int)
@click.argument("offers", type=int)
@click.option("--seed", default=1, show_default=True)
@click.option("--limits", type=click.Choice(sorted(LIMITS)), default="mixed", show_default=True)
@click.option("--dates", default=0.0, help="Share of lines with a date.")
@click.option("--minimum", default=0.2, show_default=True, help="Share of lines with a minimum above 1.")
@click.option("--freight-pooled", default=100, show_default=True)
@click.option("--solidarity", default=0, show_default=True)
@click.option("--must-serve", is_flag=True)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True)
def generate_command(places: int, offers: int, seed: int, output: Path, **shape: object) -> None:
    """Write one generated round of PLACES communities and OFFERS offers."""
    _write(output, generate(places, offers, seed, **shape))


@main.command("shapes")
@click.option("--seed", default=1, show_default=True)
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def shapes_command(seed: int, folder: Path) -> None:
    """Write the degenerate rounds into FOLDER, one file each."""
    for name, body in shapes(seed).items():
        _write(folder / f"{name}.json", body)


@main.command("orlib")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def orlib_command(folder: Path) -> None:
    """Write the OR-Library instances as rounds into FOLDER, one file each."""
    data = orlib.data_folder()
    if data is None:
        raise click.ClickException(
            "no OR-Library files: set MILLPOND_RECORDS to the folder that has facility-location/"
        )
    for instance in [*orlib.small(data), *orlib.capa(data)]:
        _write(folder / f"{instance.name}.json", instance.round)


if __name__ == "__main__":
    main(prog_name="python -m bench")
