"""Cinder v3: volumes, snapshots, volume types."""
