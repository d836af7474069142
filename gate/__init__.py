"""The gate: what a change does and what was decided about it, as one review, and the reports that are written of it."""
