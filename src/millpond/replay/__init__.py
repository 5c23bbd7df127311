"""Real orders, pooled: from records and a scenario to a round, and what came of it.

- `baskets`: household purchases of an American grocery retailer; needs nothing but the extra `demo`.
- `olist`: orders of a Brazilian marketplace, with freight fitted to the freight really paid.
- `scms`: procurement of HIV medicines for 43 countries, with its real economies of scale in freight.

Each is a module with `read_orders(scenario, data)`. What the records do not tell stands in
`scenarios/NAME.toml`.

What it does not do: clear, verify, report, write files. `millpond replay` does, in that order.
"""

from millpond.replay.prepare import NAMES, Prepared, prepare
from millpond.replay.result import Result, result_of

__all__ = ["NAMES", "Prepared", "Result", "prepare", "result_of"]
