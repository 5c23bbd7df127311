"""`python -m millpond` is `millpond`."""

from millpond.cli import main

main(prog_name="millpond")
