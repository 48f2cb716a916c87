"""The entrance of the API and the documents that describe it; none of them holds data, so none needs a token."""

import json
from typing import Any, ClassVar

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from rest_framework.request import Request

from dashboards.api.answers import CACHING
from dashboards.api.openapi import document
from dashboards.api.view import View
from plimsoll.store import schema

ENTRANCES = (
    "metrics_dora",
    "topology_edges",
    "topology_nodes",
    "deployments",
    "changes",
    "incidents",
    "releases",
    "lead_times",
    "services",
    "teams",
    "environments",
    "clusters",
    "wallboard_summary",
    "deliveries",
    "schema",
    "schema_events",
)


class Index(View):
    """What there is, by name."""

    scope = None
    answer_schema: ClassVar[dict[str, Any]] = {"type": "object", "additionalProperties": {"type": "string"}}

    def get(self, request: Request) -> HttpResponseBase:
        """Answer with the address of each list."""
        self.given()
        addresses = {name: request.build_absolute_uri(reverse(f"api:{name}")) for name in ENTRANCES}
        return _published(addresses)


class OpenAPI(View):
    """The OpenAPI 3.1 document."""

    scope = None

    def get(self, request: Request) -> HttpResponseBase:
        """Answer with the document."""
        self.given()
        return _published(document(), "application/vnd.oai.openapi+json")


class EventSchema(View):
    """The JSON Schema of what the generic webhook takes."""

    scope = None

    def get(self, request: Request) -> HttpResponseBase:
        """Answer with the schema."""
        self.given()
        return _published(schema.events(), "application/schema+json")


def _published(content: object, content_type: str = "application/json") -> HttpResponse:
    return HttpResponse(json.dumps(content, ensure_ascii=False), content_type=content_type, headers=CACHING)
