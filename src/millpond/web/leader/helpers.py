"""Helpers: inviting one, what each may do, and that one has left. Forms of the settings page."""

from __future__ import annotations

from starlette.responses import Response

from millpond.desk import people
from millpond.desk.people import HELPER_ROLES, Role
from millpond.errors import InputError
from millpond.node import sessions
from millpond.store import Rows
from millpond.web.leader.settings import Part, shown
from millpond.web.routes import Route, post
from millpond.web.visit import Visit


async def invite(visit: Visit) -> Response:
    """A link for a new helper, shown once; or a new link for one who lost theirs."""
    form = await visit.form()
    again = form.integer("person", least=1, most=2**53)
    roles = [role for role in HELPER_ROLES if form.tick(role.value)]
    name = form.text("helper", required=again is None, most=people.MAX_NAME)
    if again is None and not roles:
        form.blame("helper", "Please tick at least one task.")
    if form.wrong:
        return shown(visit, form, Part.HELPER)

    def job(rows: Rows) -> tuple[str, str]:
        if again is not None:
            person = people.by_id(rows, again)
            token = people.invite_again(rows, again, by=visit.person_id, now_ms=visit.now_ms)
            return (person.name if person else ""), token
        invited, token = people.invite(rows, name, roles, by=visit.person_id, now_ms=visit.now_ms)
        return invited.name, token

    try:
        who, token = await visit.write(job)
    except InputError as error:
        form.refuse("helper", error)
        return shown(visit, form, Part.HELPER)
    return visit.page("leader/invited.html", name=who, link=visit.link(f"invitation/{token}"))


async def change_person(visit: Visit) -> Response:
    """What a helper may do from now on, or that they have left."""
    form = await visit.form()
    id = form.required_integer("person", least=1, most=2**53)
    if form.tick("leave"):
        await visit.write(lambda rows: people.end_access(rows, id, by=visit.person_id, now_ms=visit.now_ms))
        sessions.end_all(visit.node, visit.room.slug, id)
        return visit.go(visit.at("desk/room") + "#people", said="removed")
    roles = [role for role in HELPER_ROLES if form.tick(role.value)]
    await visit.write(
        lambda rows: people.change_roles(rows, id, roles, by=visit.person_id, now_ms=visit.now_ms)
    )
    return visit.go(visit.at("desk/room") + "#people", said="saved")


PAGES: tuple[Route, ...] = (
    post("/desk/people/invite", invite, Role.OWNER),
    post("/desk/people", change_person, Role.OWNER),
)
