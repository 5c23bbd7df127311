"""Paper and files: values become PDF, Excel, QR codes and clean pictures; spreadsheets become values.

Shell, not core: this room loads fonts and encodes bytes. Invariants:
- It knows no database, page or clock: what is printed is given as frozen values, times among them.
- What people typed is text everywhere: never markup, code, a path, a formula or a link.
- What comes from outside (pictures, spreadsheets) is bounded before it is opened.

PDF: `millpond.paper.documents`. Excel and CSV: `millpond.paper.sheets`. Codes: `millpond.paper.qr`.
Pictures: `millpond.paper.pictures`.
"""
