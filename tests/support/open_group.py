"""A community with an open group order: two sizes of rice and an apron with a name on it."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from millpond.community.group import Fee, Item, Offer, Option, OptionKind, Tier
from millpond.community.transitions import Stage
from millpond.desk import deciding, orders, room, rounds
from millpond.desk.orders import NewOrder, NewWant, Placed, Source
from millpond.desk.room import PickupPoint
from millpond.desk.rounds import RoundRecord, Terms
from millpond.paper.pictures import clean_picture
from millpond.store import Rows

HOUR_MS = 3_600_000
SIZE = Option(key="o0", label="尺码", kind=OptionKind.CHOICE, choices=("S", "M", "L", "XL"), required=True)
NAME = Option(key="o1", label="绣字", kind=OptionKind.TEXT)
RICE = Item(
    id="new-0", family="rice", name="五常大米", variant="5 公斤", unit="袋", reference=7_500, case_size=6
)
LARGE = Item(
    id="new-1",
    family="rice",
    name="五常大米",
    variant="10 公斤",
    unit="袋",
    surcharge=6_800,
    reference=14_500,
    nominal_grams=10_000,
)
APRON = Item(id="new-2", family="apron", name="围裙", unit="件", surcharge=800, options=(SIZE, NAME))
OFFER = Offer(
    maker="五常合作社",
    tiers=(Tier(from_quantity=20, price=7_200), Tier(from_quantity=100, price=5_800)),
    capacity=400,
)


def photo(width: int = 1_200, height: int = 900) -> bytes:
    """A picture with as much in it as a photo has: noise does not shrink."""
    image = Image.effect_noise((width, height), 80).convert("RGB")
    out = BytesIO()
    image.save(out, "JPEG", quality=85)
    return out.getvalue()


def keep_picture(rows: Rows, data: bytes) -> str:
    """Keeps a picture as a page of the leader does; returns its id."""
    clean = clean_picture(data)
    rows.run(
        "room.add_picture",
        id=clean.page.sha256,
        page=clean.page.data,
        print=clean.print.data,
        width=clean.page.width,
        height=clean.page.height,
        created_ms=0,
    )
    return clean.page.sha256


def terms(now_ms: int, **others: object) -> Terms:
    """What the leader typed."""
    values: dict[str, object] = {
        "title": "今年的新米",
        "about": "刚碾的新米。\n自家田里的，<b>不打蜡</b>。",
        "items": (RICE, LARGE, APRON),
        "offer": OFFER,
        "fee": Fee(per_order=100, per_unit=50),
        "pickup_note": "周六 9:00–12:00，南门",
        "closes_at_ms": now_ms + 48 * HOUR_MS,
    }
    return Terms(**(values | others))  # type: ignore[arg-type]


class Group:
    """An open group order of a site, and what is done with it."""

    def __init__(self, site, points: int = 1, picture: bytes | None = None, **others: object) -> None:
        self.site = site

        def make(rows: Rows) -> RoundRecord:
            now = site.clock()
            ids = [one.id for one in room.pickup_points(rows)]
            if points > 1:
                ids += [room.add_pickup_point(rows, PickupPoint(name="北门驿站", address="幸福路 3 号"))]
            id = rounds.create(rows, terms(now, pickup_points=tuple(ids), **others), person=None, now_ms=now)
            if picture:
                rounds.set_picture(rows, id, keep_picture(rows, picture))
            rounds.move(rows, id, Stage.OPEN, person=None, now_ms=now)
            return rounds.load(rows, id)

        self.round = site.write(make)
        self.items = [int(item.id) for item in self.round.group.items]

    @property
    def url(self) -> str:
        """The address that is shared."""
        return self.site.url(f"g/{self.round.code}")

    def own(self, placed: Placed) -> str:
        """The address of an order."""
        return self.site.url(f"h/{placed.link}/{self.round.code}")

    def order(
        self, quantity: int = 2, *, item: int = 0, name: str = "李雷", token: str = "", **want: object
    ) -> Placed:
        """An order by link."""
        new = NewOrder(
            round=self.round.id,
            token=token or f"{name}-{quantity}-{item}".ljust(24, "x")[:24],
            wants=(NewWant(item=self.items[item], quantity=quantity, **want),),  # type: ignore[arg-type]
            name=name,
            phone="13800001234",
            source=Source.LINK,
        )
        return self.site.write(lambda rows: orders.place(rows, new, now_ms=self.site.clock()))

    def pooled(self) -> list[orders.Order]:
        """Every order."""
        return list(orders.of_round(self.site.read, self.round.id))

    def move(self, *stages: Stage) -> None:
        """On to these stages; deciding is done on the way."""
        for stage in stages:
            if stage is Stage.DECIDED:
                from millpond import clear

                answer = deciding.work_out(deciding.gather(self.site.read, self.round.id), clear)
                self.site.write(
                    lambda rows, answer=answer: deciding.keep(
                        rows, answer, person=None, now_ms=self.site.clock()
                    )
                )
            else:
                self.site.write(
                    lambda rows, stage=stage: rounds.move(
                        rows, self.round.id, stage, person=None, now_ms=self.site.clock()
                    )
                )
