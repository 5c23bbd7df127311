"""A node with an open group order behind a real `millpond serve`, and what memory it takes."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from urllib.request import urlopen

from PIL import Image, ImageFilter

from millpond.community.group import Fee, Item, Offer, Option, OptionKind, Tier
from millpond.community.transitions import Stage
from millpond.desk import room, rounds
from millpond.desk.room import Profile
from millpond.desk.rounds import RoundRecord, Terms
from millpond.node.node import Node
from millpond.node.passphrases import hash_passphrase
from millpond.paper.pictures import clean_picture
from millpond.store import Rows

SLUG = "pond"
OWNER, PASSPHRASE = "王姐", "seven ducks on the pond"
PROFILE = Profile(
    name="平塘团", is_community=True, is_maker=False, currency="CNY", language="zh", time_zone="Asia/Shanghai"
)
ITEMS = (
    Item(id="a", family="rice", name="五常大米", variant="5 公斤", unit="袋", reference=7_500),
    Item(id="b", family="rice", name="五常大米", variant="10 公斤", unit="袋", surcharge=6_800),
    Item(id="c", family="eggs", name="土鸡蛋", variant="30 枚", unit="盒", reference=4_500, case_size=6),
    Item(
        id="d",
        family="apron",
        name="围裙",
        unit="件",
        surcharge=500,
        options=(Option(key="size", label="尺码", kind=OptionKind.CHOICE, choices=("大", "中", "小")),),
    ),
)
TIERS = tuple(Tier(from_quantity=n, price=price) for n, price in ((20, 7_200), (100, 5_800), (500, 5_200)))
CAPACITY = 20_000


@dataclass(frozen=True, slots=True)
class Prepared:
    """A node's data with one open group order, before anybody serves it."""

    data: Path
    round: RoundRecord

    @property
    def room_file(self) -> Path:
        """The room's database."""
        return self.data / "rooms" / SLUG / "room.db"


def photo() -> bytes:
    """A picture that is as hard to make small as a photo of grain is."""
    out = BytesIO()
    noise = Image.effect_noise((1_600, 1_200), 90).filter(ImageFilter.GaussianBlur(2))
    noise.convert("RGB").save(out, "JPEG", quality=90)
    return out.getvalue()


def prepare(
    data: Path, *, closes_in_ms: int | None = None, cap_units: int | None = None, shows: bytes = b""
) -> Prepared:
    """A new node with a room and its group order: four items, three tiers, a picture where one is given."""
    picture = clean_picture(shows) if shows else None
    with Node(data) as node:
        code, hashed = node.add_room(SLUG), hash_passphrase(PASSPHRASE)
        node.set_up_room(SLUG, PROFILE, code=code, owner=OWNER, passphrase_hash=hashed)
        opened, now_ms = node.room(SLUG), node.clock()
        assert opened is not None

        def make(rows: Rows) -> RoundRecord:
            terms = Terms(
                title="今年的新米",
                about="刚碾的新米，自家田里的，不打蜡。",
                items=ITEMS,
                offer=Offer(
                    maker="五常合作社", tiers=TIERS, capacity=CAPACITY, setup=30_000, freight_fixed=9_000
                ),
                fee=Fee(per_order=100),
                pickup_points=tuple(point.id for point in room.pickup_points(rows)),
                closes_at_ms=None if closes_in_ms is None else now_ms + closes_in_ms,
                cap_units=cap_units,
            )
            id = rounds.create(rows, terms, person=None, now_ms=now_ms)
            if picture:
                page = picture.page
                kept = {"id": page.sha256, "page": page.data, "print": picture.print.data}
                size = {"width": page.width, "height": page.height, "created_ms": now_ms}
                rows.run("room.add_picture", **kept, **size)
                rounds.set_picture(rows, id, page.sha256)
            rounds.move(rows, id, Stage.OPEN, person=None, now_ms=now_ms)
            return rounds.load(rows, id)

        return Prepared(data, opened.db.write(make))


@dataclass(frozen=True, slots=True)
class Serving:
    """A node that answers on this port of this machine."""

    port: int
    process: subprocess.Popen[str]

    def memory(self) -> dict[str, int]:
        """Bytes that it holds now, and the most it ever held."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        now, most = (re.search(rf"{name}:\s+(\d+) kB", status) for name in ("VmRSS", "VmHWM"))
        assert now
        assert most
        return {"now": int(now[1]) * 1024, "most": int(most[1]) * 1024}

    def seconds(self) -> float:
        """Of a processor, used so far by it."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(data: Path, *, cores: Sequence[int] = ()) -> Iterator[Serving]:
    """`millpond serve` on a free port, on these cores alone if any are named, until the block ends."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "millpond", "serve", "--data", str(data)),
            *("--address", "127.0.0.1:0", "--no-open"),
        ],
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1"},
    )
    try:
        if cores:
            os.sched_setaffinity(process.pid, cores)
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if line.startswith("Data: "):
                break
        found = re.search(r"http://localhost:(\d+)", "".join(said))
        if found is None:
            raise RuntimeError(f"the node did not start: {''.join(said)}")
        with urlopen(f"http://127.0.0.1:{found[1]}/health", timeout=60) as answer:  # once it is ready
            answer.read()
        yield Serving(int(found[1]), process)
    finally:
        process.terminate()
        process.communicate(timeout=60)
