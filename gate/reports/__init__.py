"""The reports: each file has a `render` that makes one of them out of a review, and of nothing else."""
