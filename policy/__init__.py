"""Room: what is allowed."""
