"""What a run that was killed leaves behind: its lock, its processes, and what it was creating."""
