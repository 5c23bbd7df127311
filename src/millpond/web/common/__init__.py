"""Pages of everybody: the way in, set-up, sign-in, invitations, pictures."""

from __future__ import annotations

from millpond.web.common import setup, signing, ways
from millpond.web.guard import rates
from millpond.web.routes import Access, Route, get, of_node, post

PAGES: tuple[Route, ...] = (
    of_node("GET", "/", ways.front),
    of_node("GET", "/places", setup.places),
    of_node("GET", "/setup", setup.form, rate=rates.GUESSES),
    of_node("POST", "/setup", setup.set_up, rate=rates.GUESSES),
    of_node("POST", "/setup/restore", setup.restore, rate=rates.GUESSES),
    get("/sign-in", signing.form, Access.PUBLIC),
    post("/sign-in", signing.sign_in, Access.PUBLIC, rate=rates.GUESSES),
    post("/sign-out", signing.sign_out, Access.SIGNED_IN),
    get("/invitation/{token}", signing.invitation, Access.PUBLIC, rate=rates.GUESSES),
    post("/invitation", signing.take_up, Access.PUBLIC, rate=rates.GUESSES),
    post("/passkey/options", signing.passkey_options, Access.PUBLIC, rate=rates.GUESSES),
    post("/passkey", signing.passkey, Access.PUBLIC, rate=rates.GUESSES),
    get("/picture/{id}", ways.picture, Access.PUBLIC),
)
