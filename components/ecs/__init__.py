"""Servers and what belongs to them: NICs, disks, hints, groups, key pairs."""
