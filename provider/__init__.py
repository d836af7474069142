"""The native Pulumi provider `ecs`: servers whole, and batches, with roll-back, markers and retries."""
