"""What stands before every page: headers, limits on size and rate, and that a form is our own.

- `headers`: what a browser may do with a page (CSP and friends).
- `bodies`: how much may be sent, and how slowly.
- `origins`: a form of another site is refused.
- `rates`: how often.
- `tokens`: what a form of a signed-in person carries.
"""
