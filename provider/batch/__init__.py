"""`ecs:compute:ServerBatch`: equal servers out of one request, with their number as an argument."""
