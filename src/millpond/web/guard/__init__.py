"""What stands before every page: headers, limits on size and rate, and that a form is our own.

- `headers`: what a browser may do with a page (CSP and friends).
- `failures`: a page that failed says so, and the log learns nothing private.
- `hosts`: a node that has a public address answers under that name alone.
- `bodies`: how much may be sent, and how slowly; `patience`: how long a request may take to begin.
- `origins`: a form of another site is refused.
- `rates`: how often; `hashing`: how many passphrases at a time; `pushes`: how many large bodies.
- `tokens`: what a form of a signed-in person carries.
"""
