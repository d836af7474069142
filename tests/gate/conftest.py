"""What the tests of the reports share: every review, and texts that are out to break a report."""

from __future__ import annotations

import pytest

from gate.review import Review
from tests.gate import reviews

REVIEWS = {
    "refused": reviews.refused(),
    "passed": reviews.passed(),
    "drifted": reviews.drifted(),
    "audited": reviews.audited(),
    "failed": reviews.failed(),
    "applied": reviews.applied(),
    "destroyed": reviews.applied("destroy"),
}


@pytest.fixture(params=REVIEWS)
def any_review(request: pytest.FixtureRequest) -> Review:
    return REVIEWS[request.param]
