"""Room: what can be built.

The names are imported from where they live (`from components.ecs.server import Server`), so that reading a request's types does not
load the engine's SDK.
"""
