"""Pages about others: the room's own log, who carries it, whom one follows, what went wrong.

A leader with one maker never needs them, and nothing here asks for attention unless something is wrong.
"""

from millpond.web.leader.network import carriers, meeting, own, people, saying, state, troubles
from millpond.web.routes import Route

PAGES: tuple[Route, ...] = (
    *own.PAGES,
    *saying.PAGES,
    *state.PAGES,
    *carriers.PAGES,
    *people.PAGES,
    *meeting.PAGES,
    *troubles.PAGES,
)
