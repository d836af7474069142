"""Room: what runs where."""
