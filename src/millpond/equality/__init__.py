"""Who was served, at what price, and how equally: measures of a cleared round.

Part of the core: values in, values out; no I/O, no clock, no randomness. Figures that describe are floats;
what two nodes could have to agree on (bills, prices, levels) comes from `millpond.clearing.prices` and stays
exact.

- `sizes`, `regions`: places by population and by neighbourhood;
- `outcomes`: what became of every unit wanted, and why;
- `pools`, `basket`: what one fixed basket costs alone, in a town's pool, a region's, the whole network's;
- `inequality`: Gini, percentile ratio, Theil, Atkinson, Herfindahl–Hirschman;
- `surplus`, `terms`: who gains, and what equal prices cost whom.

What it does not do: clear rounds, draw, or write reports; that is `millpond.report`.
"""
