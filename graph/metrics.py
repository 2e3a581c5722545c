"""What the process has counted, at `/metrics`, for whoever watches it."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from graph.plan.counts import Counts

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
"""The exposition format of Prometheus."""


class Metrics:
    """Numbers alone: nothing of what was asked, nor by whom."""

    def __init__(self, plans: Counts) -> None:
        self._plans = plans

    async def answer(self, request: Request) -> Response:
        """All that is counted."""
        return Response(self._plans.text(), headers={"content-type": MEDIA_TYPE, "cache-control": "no-store"})
