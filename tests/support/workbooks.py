"""Workbooks made by hand for tests of the reader: the formats that Millpond itself does not write.

`xls` is a compound file (MS-CFB) with one BIFF8 stream (MS-XLS), `ods` an OpenDocument archive; both only as
large as a reader needs. `zipped` makes any archive, also one that lies about what is in it.
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Mapping, Sequence
from io import BytesIO
from xml.sax.saxutils import escape

Rows = Sequence[Sequence[str | float | None]]
_SECTOR = 512
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def zipped(entries: Mapping[str, str | bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


def _ods_cell(cell: str | float | None) -> str:
    if cell is None:
        return "<table:table-cell/>"
    if isinstance(cell, str):
        return (
            f'<table:table-cell office:value-type="string"><text:p>{escape(cell)}</text:p></table:table-cell>'
        )
    value = f'office:value-type="float" office:value="{cell}"'
    return f"<table:table-cell {value}><text:p>{cell}</text:p></table:table-cell>"


def ods(rows: Rows, more: str = "") -> bytes:
    """`more` is XML below the rows."""
    body = "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    content = (
        f"<?xml version='1.0' encoding='UTF-8'?><office:document-content {names}>"
        "<office:body><office:spreadsheet>"
        f"<table:table table:name='表一'>{body}{more}</table:table>"
        "</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        "<?xml version='1.0'?><manifest:manifest "
        'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    return zipped({"mimetype": kind, "META-INF/manifest.xml": manifest, "content.xml": content})


def xlsx_of(sheet_data: str, shared: Sequence[str] = ()) -> dict[str, str]:
    """The entries of a workbook with this `<sheetData>` (its inside) and these shared texts."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    texts = "".join(f"<si><t>{escape(text)}</t></si>" for text in shared)
    relations = "".join(
        f'<Relationship Id="{id}" Type="{office}/{kind}" Target="{target}"/>'
        for id, kind, target in (
            ("rId1", "worksheet", "worksheets/sheet1.xml"),
            ("rId2", "sharedStrings", "sharedStrings.xml"),
        )
    )
    relations = f'<Relationships xmlns="{package}/relationships">{relations}</Relationships>'
    root = f'<Relationship Id="rId1" Type="{office}/officeDocument" Target="xl/workbook.xml"/>'
    return {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships">{root}</Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        '<sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relations,
        "xl/sharedStrings.xml": f'<sst xmlns="{main}">{texts}</sst>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}">'
        f"<sheetData>{sheet_data}</sheetData></worksheet>",
    }


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _label(row: int, column: int, text: str) -> bytes:
    body = struct.pack("<HHHHB", row, column, 0, len(text), 1) + text.encode("utf-16-le")
    return _record(0x0204, body)


def xls(rows: Rows, name: str = "订单", far: tuple[int, int] | None = None) -> bytes:
    """A workbook as Excel 97 wrote it; `far` is the place of one more cell."""
    begin = struct.pack("<HHHHLL", 0x0600, 0x0005, 0, 1997, 0, 0)
    sheet = _record(0x0809, struct.pack("<HHHHLL", 0x0600, 0x0010, 0, 1997, 0, 0))
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            if isinstance(cell, str):
                sheet += _label(i, j, cell)
            elif cell is not None:
                sheet += _record(0x0203, struct.pack("<HHHd", i, j, 0, cell))
    if far is not None:
        sheet += _record(0x0203, struct.pack("<HHHd", *far, 0, 1.0))
    sheet += _record(0x000A, b"")
    head = _record(0x0809, begin)
    title = struct.pack("<BB", len(name), 1) + name.encode("utf-16-le")
    at = len(head) + 4 + 6 + len(title) + 4
    stream = head + _record(0x0085, struct.pack("<LBB", at, 0, 0) + title) + _record(0x000A, b"") + sheet
    return compound("Workbook", stream)


def compound(name: str, stream: bytes) -> bytes:
    """A compound file with one stream."""
    stream = stream.ljust(max(4096, -(-len(stream) // _SECTOR) * _SECTOR), b"\0")
    sectors = len(stream) // _SECTOR
    table = [_FAT, _END, *range(3, 2 + sectors), _END]  # sector 0: this table, 1: directory, then the stream
    assert len(table) <= 128
    fat = struct.pack("<128L", *table, *[_FREE] * (128 - len(table)))

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        label = name.encode("utf-16-le")
        head = label.ljust(64, b"\0") + struct.pack(
            "<HBBLLL", len(label) + 2 if name else 0, kind, 1, _FREE, _FREE, child
        )
        return (head + bytes(36) + struct.pack("<LQ", start, size)).ljust(128, b"\0")

    directory = entry("Root Entry", 5, 1, _END, 0) + entry(name, 2, _FREE, 2, len(stream))
    directory += entry("", 0, _FREE, 0, 0) * 2
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    header += bytes(6) + struct.pack("<LLLLLLLLL", 0, 1, 1, 0, 4096, _END, 0, _END, 0)
    header += struct.pack("<109L", 0, *[_FREE] * 108)
    return header + fat + directory + stream
