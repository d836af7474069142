"""`ecs:compute:Server`: one server with its NICs and disks, made whole or not at all."""
