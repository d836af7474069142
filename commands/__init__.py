"""Room: what a person types (`ecs ...`)."""
