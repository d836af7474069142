"""The review as JSON, for programs, and the JSON Schema that describes it."""

from __future__ import annotations

import json

from pydantic.json_schema import GenerateJsonSchema

from components.describing import describe
from gate.review import FORMAT, Record, Review

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def render(review: Review) -> str:
    """Return the whole review as JSON: every report is made of this, so nothing that another one tells is missing."""
    return review.model_dump_json(indent=2) + "\n"


class _Everything(GenerateJsonSchema):
    """What `render` writes has every key, those with a default too: who reads it need not ask."""

    def field_is_required(self, field: object, total: bool) -> bool:  # noqa: ARG002 - as pydantic calls it
        return True


def schema() -> dict[str, object]:
    """The JSON Schema of what `render` writes; docs/review.schema.json holds it."""
    made = describe(Review.model_json_schema(mode="serialization", schema_generator=_Everything), Record)
    return {"$schema": DIALECT, "$id": f"urn:{FORMAT.replace('/', ':')}", **made}


def schema_text() -> str:
    """The schema as it stands in docs/review.schema.json."""
    return json.dumps(schema(), indent=2) + "\n"
