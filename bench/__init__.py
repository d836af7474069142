"""What it costs: harnesses that measure this project against named peers, by `make bench`."""
