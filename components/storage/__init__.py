"""Disks that live on their own."""
