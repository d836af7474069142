"""The documented create request: read as written, turned into arguments."""
