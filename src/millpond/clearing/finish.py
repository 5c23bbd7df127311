"""From awards and a certificate to a whole clearing.

What a solver found becomes a clearing file's content here and nowhere else, so none is ever written that is
not valid.
"""

from collections.abc import Sequence

from millpond.clearing.certificate import bound, gap_text
from millpond.clearing.prices import Pricer
from millpond.errors import InputError
from millpond.model import Award, Certificate, Clearing, Round

PROBLEMS_NAMED = 5
"""Problems that the message about awards that are not valid names."""


def finish(
    round: Round,
    awards: Sequence[Award],
    certificate: Certificate,
    *,
    proven: int | None = None,
    pricer: Pricer | None = None,
) -> Clearing:
    """The clearing that these awards and this certificate are, sorted, with all that follows.

    `proven` is the certificate's bound where it is known already, `pricer` the round's where one is at hand.

    Raises InputError if the awards are not valid, or the certificate does not fit the round.
    """
    pricer = pricer or Pricer(round)
    found = pricer.problems(awards)
    if found:
        named = "; ".join(problem.message for problem in found[:PROBLEMS_NAMED])
        more = f"; and {len(found) - PROBLEMS_NAMED:,} more" if len(found) > PROBLEMS_NAMED else ""
        raise InputError(f"the awards are not valid: {named}{more}")
    follows = pricer.follow(awards)
    if proven is None:
        proven = bound(round, certificate)
    return Clearing(
        round_sha256=round.sha256,
        awards=tuple(sorted(awards, key=lambda award: (award.demand, award.offer, award.item))),
        certificate=certificate,
        runs=follows.runs,
        levels=follows.levels,
        prices=follows.prices,
        bills=follows.bills,
        settlements=follows.settlements,
        score=follows.score,
        bound=proven,
        gap=gap_text(follows.score, proven),
    )
