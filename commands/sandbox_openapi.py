"""`ecs sandbox openapi`: what the sandbox's APIs are, for programs that read OpenAPI."""

from __future__ import annotations

import json
from typing import Annotated

import typer

EXAMPLES = """
Examples:

ecs sandbox openapi > openapi.json

ecs sandbox openapi --profile community --microversion 2.50
"""


def describe(
    profile: Annotated[str, typer.Option(help="ecs: the document's restrictions; community: plain Nova.")] = "ecs",
    microversion: Annotated[
        str | None, typer.Option(help="The compute microversion of the bodies, as 2.60; the profile's highest.")
    ] = None,
) -> None:
    """Print the OpenAPI 3.1 description of its APIs, running or not."""
    from sandbox import openapi
    from sandbox.world import Settings

    try:
        settings = Settings().with_profile(profile)
        if microversion is not None:
            settings = settings.changed({"max_microversion": microversion})
    except ValueError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2) from None
    typer.echo(json.dumps(openapi.describe(settings.profile, settings.max_microversion), indent=1))
