"""One request as pages see it: the room, who asks, in which language, what was sent, and how to answer.

A page is `async def page(visit: Visit) -> Response`. It reads with `visit.read`, changes with
`await visit.write(job)`, and answers with `visit.page(...)` or `visit.go(...)`.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from millpond.desk.people import Person, Role
from millpond.desk.refusals import Refused
from millpond.desk.room import Profile
from millpond.errors import InputError
from millpond.node import troubles
from millpond.store import Rows
from millpond.web import formats
from millpond.web.forms import Form
from millpond.web.guard.tokens import form_token
from millpond.web.plain import is_for_programs, says
from millpond.web.render import render
from millpond.web.words import LANGUAGES, Words, marked

if TYPE_CHECKING:
    from millpond.node.node import Node, OpenRoom

Result = TypeVar("Result")
SESSION_COOKIE = "session"
LANGUAGE_COOKIE = "language"
SAID_COOKIE = "said"
SECURE_PREFIX = "__Secure-"
"""Of the cookies of a node with HTTPS, so that no page without it can set them (OWASP ASVS 5.0 V3.3.1)."""
MAX_FIELDS = 8_000
"""Of a form: a page of a reviewed list has 300 lines of at most 20 fields."""
SAID = {
    "saved": marked("Saved."),
    "sent": marked("Your order is in."),
    "cancelled": marked("The order is cancelled."),
    "opened": marked("The group order is open."),
    "closed": marked("The group order is closed."),
    "undone": marked("Undone."),
    "noted": marked("Noted."),
    "signed-out": marked("You are signed out."),
    "removed": marked("Removed."),
    "taken-in": marked("The list is taken in."),
    "merged": marked("Merged."),
    "new-link": marked("There is a new link; the old one leads nowhere."),
    "erased": marked("Erased."),
    "said": marked("It is said, and everybody can read it."),
    "resumed": marked("The log goes on."),
    "followed": marked("You follow them from now on."),
}
"""What a page may say after a redirect; the cookie carries the key alone."""


def neighbourhood(host: str) -> str:
    """The address as limits count it: of IPv6 the first half, for the other one is its owner's to choose.

    >>> neighbourhood("2001:db8::1") == neighbourhood("2001:db8::ffff:1"), neighbourhood("192.0.2.1")
    (True, '192.0.2.1')
    """
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if address.version == 4:
        return str(address)
    return str(address.ipv4_mapped or f"{int(address) >> 64:x}")


def now_ms() -> int:
    """The time, in unix milliseconds."""
    return time.time_ns() // 1_000_000


@dataclass(slots=True, weakref_slot=True)
class _Kept:
    """What a visit finds out once."""

    form: Form | None = None
    files: dict[str, UploadFile] = field(default_factory=dict)


class Visit:
    """A request to the node, or to one of its rooms; `person` is who is signed in to that room."""

    def __init__(
        self,
        request: Request,
        node: Node,
        room: OpenRoom | None = None,
        profile: Profile | None = None,
        person: Person | None = None,
    ) -> None:
        self.request = request
        self.node = node
        self._room = room
        self._profile = profile
        self.person = person
        self.now_ms = node.clock()
        self._kept = _Kept()

    # ---- where we are

    @property
    def room(self) -> OpenRoom:
        """The room this address is of."""
        assert self._room is not None
        return self._room

    @property
    def profile(self) -> Profile:
        """What the room says of itself."""
        assert self._profile is not None
        return self._profile

    @property
    def read(self) -> Rows:
        """To read from the room."""
        return self.room.db.read

    async def write(self, job: Callable[[Rows], Result]) -> Result:
        """Changes the room in one transaction; durable when it returns."""
        return await self.room.db.awrite(job)

    @property
    def base(self) -> str:
        """The public address of this node, without a slash at the end."""
        if self.node.public_url:
            return self.node.public_url.rstrip("/")
        return f"{self.request.url.scheme}://{self.request.url.netloc}"

    def at(self, path: str = "") -> str:
        """The path of a page of this room: `visit.at("desk")`."""
        return f"/{self.room.slug}/{path}".rstrip("/") if path else f"/{self.room.slug}/"

    def link(self, path: str = "") -> str:
        """The whole address of a page of this room, to be sent to somebody."""
        return self.base + self.at(path)

    def word(self, name: str) -> str:
        """A part of the address."""
        return str(self.request.path_params[name])

    def number(self, name: str) -> int:
        """A part of the address that is a whole number."""
        return int(self.request.path_params[name])

    def asked(self, name: str, default: str = "") -> str:
        """A parameter of the address, shortened."""
        return self.request.query_params.get(name, default)[:200]

    # ---- who asks

    def may(self, role: Role) -> bool:
        """Whether who is signed in has this role; the owner has every role."""
        return self.person is not None and self.person.may(role)

    @staticmethod
    def role(name: str) -> Role:
        """The role of this name, for templates."""
        return Role(name)

    @property
    def person_id(self) -> int | None:
        """Of who is signed in."""
        return None if self.person is None else self.person.id

    @property
    def client(self) -> str:
        """Who is asking, for limits on how often; never written down."""
        host = self.request.client.host if self.request.client else ""
        return hashlib.sha256(neighbourhood(host).encode()).hexdigest()[:16]

    @property
    def session(self) -> str:
        """The token of the session's cookie, "" if there is none."""
        return self.cookie(SESSION_COOKIE)

    @cached_property
    def language(self) -> str:
        """Chosen by the reader, else the browser's if we have it, else the room's."""
        chosen = self.cookie(LANGUAGE_COOKIE)
        if chosen in LANGUAGES:
            return chosen
        for part in self.request.headers.get("accept-language", "")[:200].split(","):
            code = part.partition(";")[0].strip().lower().partition("-")[0]
            if code in LANGUAGES:
                return code
        return self._profile.language if self._profile else "en"

    @cached_property
    def words(self) -> Words:
        """Sentences in the reader's language."""
        return Words(self.language)

    @cached_property
    def troubles(self) -> int:
        """How many things between this room and others the owner should look at; 0 for everybody else."""
        if not self.may(Role.OWNER):
            return 0
        return troubles.count(self.node, self.room, now_ms=self.now_ms)

    # ---- what was sent

    async def form(self) -> Form:
        """The fields that were sent; files are in `files` afterwards."""
        if self._kept.form is None:
            sent = await self.request.form(max_fields=MAX_FIELDS, max_files=10)
            fields = []
            for name, value in sent.multi_items():
                if isinstance(value, UploadFile):
                    if value.filename:
                        self._kept.files[name] = value
                else:
                    fields.append((name, value))
            currency = self._profile.currency if self._profile else "CNY"
            self._kept.form = Form(fields, self.words, currency)
        return self._kept.form

    @property
    def has_form(self) -> bool:
        """Whether what was sent has been read as a form."""
        return self._kept.form is not None

    @property
    def files(self) -> dict[str, UploadFile]:
        """The files that were sent with the form, by field; read `form` first."""
        return self._kept.files

    # ---- answers

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """An HTML page. Templates see the visit as `visit`, and what the page gives them."""
        said = self.cookie(SAID_COOKIE)
        html = render(
            template,
            self.language,
            visit=self,
            said=self.words(SAID[said]) if said in SAID else "",
            form_token=self.form_token,
            moment=self.moment,
            day=self.day,
            **values,
        )
        response = HTMLResponse(html, status)
        if said:
            self.drop_cookie(response, SAID_COOKIE)
        return response

    def go(self, path: str, said: str = "") -> Response:
        """See there next; with something to say when there (a key of `SAID`)."""
        response = RedirectResponse(path, 303)
        if said:
            assert said in SAID
            self.set_cookie(response, SAID_COOKIE, said, seconds=60)
        return response

    def speak(self, language: str) -> Response:
        """The same page again, in this language from now on."""
        asked = self._asked_besides_language()
        response = RedirectResponse(self.request.url.path + (f"?{urlencode(asked)}" if asked else ""), 303)
        self.set_cookie(response, LANGUAGE_COOKIE, language, seconds=31_536_000)
        return response

    def in_language(self, language: str) -> str:
        """The link to the same page in another language: what the address asks for stays asked for."""
        return "?" + urlencode([*self._asked_besides_language(), ("language", language)])

    def _asked_besides_language(self) -> list[tuple[str, str]]:
        return [pair for pair in self.request.query_params.multi_items() if pair[0] != "language"]

    def problem(self, status: int, message: str, /, **values: object) -> Response:
        """A page that says what is wrong, in the reader's language; `message` is a message id.

        To a program: the sentence alone, in English.
        """
        if is_for_programs(self.request.scope["path"]):
            return says(status, Words("en")(message, **values))
        return self.page("common/problem.html", status, code=status, message=self.words(message, **values))

    def refusal(self, error: InputError) -> str:
        """What an error says, in the reader's language where the desk knows its sentence."""
        return self.words(error.message, **error.values) if isinstance(error, Refused) else error.problem

    # ---- cookies

    def cookie(self, name: str) -> str:
        """What the cookie of this name holds, "" if there is none."""
        return self.request.cookies.get(self._cookie_name(name), "")

    def set_cookie(self, response: Response, name: str, value: str, *, seconds: int, path: str = "/") -> None:
        """Gives the browser a cookie that no script reads and no other site's form brings along."""
        response.set_cookie(
            self._cookie_name(name),
            value,
            max_age=seconds,
            path=path,
            httponly=True,
            samesite="lax",
            secure=self.secure,
        )

    def drop_cookie(self, response: Response, name: str, *, path: str = "/") -> None:
        """Takes it back."""
        self.set_cookie(response, name, "", seconds=0, path=path)

    def _cookie_name(self, name: str) -> str:
        return SECURE_PREFIX + name if self.secure else name

    @property
    def secure(self) -> bool:
        """Whether cookies may be sent over TLS only."""
        return self.base.startswith("https://")

    @property
    def form_token(self) -> str:
        """For forms of who is signed in; "" for others."""
        session = self.session
        return form_token(self.node.secret, session) if self.person and session else ""

    def moment(self, at_ms: int | None) -> str:
        """Day and time in the room's time zone and the reader's language."""
        return formats.moment(at_ms, self.language, self.profile.time_zone)

    def day(self, value: Any) -> str:
        """A day in the room's time zone and the reader's language."""
        return formats.day(value, self.language, self.profile.time_zone)
