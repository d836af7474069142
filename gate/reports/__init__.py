"""The reports: each file makes one of them out of a review, and of nothing else.

`files` is what `--out` writes. `text` is not among them where it goes to a terminal.
"""
