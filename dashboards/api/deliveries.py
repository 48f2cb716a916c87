"""The log of webhook deliveries, and reading one of them again."""

import json
from typing import Any, ClassVar

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from dashboards.api.problems import missing
from dashboards.api.records import RecordList
from dashboards.api.view import View
from plimsoll.jobs import ask
from plimsoll.store.queries.datasets.dimensions import DELIVERIES
from plimsoll.store.replay import replay


class Deliveries(RecordList):
    """Webhook deliveries and what became of them."""

    dataset = DELIVERIES
    scope = "admin"


class Replay(View):
    """Read a stored delivery again: 202, and the worker does it."""

    scope = "admin"
    http_method_names = ["post"]
    answer_schema: ClassVar[dict[str, Any]] = {
        "type": "object",
        "properties": {"id": {"type": "string"}, "status": {"const": "pending"}},
    }

    def post(self, request: Request, pk: int) -> HttpResponseBase:
        """Set the delivery pending and ask for the work."""
        self.given()
        if not replay(pk, self.team):
            raise missing("delivery")
        ask("normalise")
        return HttpResponse(
            json.dumps({"id": str(pk), "status": "pending"}), status=202, content_type="application/json"
        )
