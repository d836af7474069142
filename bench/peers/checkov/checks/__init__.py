"""The ten restrictions of `bench.ten` as custom checks of Checkov, written as its manual does."""
