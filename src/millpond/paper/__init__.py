"""Paper and files: values become PDF, Excel, QR codes and clean pictures; spreadsheets become values.

Shell, not core: this room loads fonts and encodes bytes. Invariants:
- It knows no database, page or clock: what is printed is given as frozen values, times among them.
- What people typed is text everywhere: never markup, code, a path, a formula or a link.
- What comes from outside (pictures, spreadsheets) is bounded before it is opened.

Values and one function for each document are named here. Spreadsheets in other people's formats:
`millpond.paper.sheets`. Codes: `millpond.paper.qr`. Pictures: `millpond.paper.pictures`.
"""

from millpond.paper.documents import (
    account_pdf,
    labels_pdf,
    makers_order_pdf,
    packing_list_pdf,
    pick_up_list_pdf,
    poster_pdf,
    poster_png,
    receipt_pdf,
)
from millpond.paper.sheets.lists import (
    account_xlsx,
    labels_xlsx,
    makers_order_xlsx,
    packing_list_xlsx,
    pick_up_list_xlsx,
    receipt_xlsx,
)
from millpond.paper.values import (
    Account,
    Booking,
    Charge,
    Heading,
    Label,
    LabelSheet,
    Line,
    MakersOrder,
    Order,
    PackingBy,
    PackingList,
    Payment,
    PickUpList,
    Piece,
    Poster,
    PosterItem,
    PriceStep,
    Receipt,
    SortedBy,
)

__all__ = [
    "Account",
    "Booking",
    "Charge",
    "Heading",
    "Label",
    "LabelSheet",
    "Line",
    "MakersOrder",
    "Order",
    "PackingBy",
    "PackingList",
    "Payment",
    "PickUpList",
    "Piece",
    "Poster",
    "PosterItem",
    "PriceStep",
    "Receipt",
    "SortedBy",
    "account_pdf",
    "account_xlsx",
    "labels_pdf",
    "labels_xlsx",
    "makers_order_pdf",
    "makers_order_xlsx",
    "packing_list_pdf",
    "packing_list_xlsx",
    "pick_up_list_pdf",
    "pick_up_list_xlsx",
    "poster_pdf",
    "poster_png",
    "receipt_pdf",
    "receipt_xlsx",
]
