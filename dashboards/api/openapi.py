"""The OpenAPI document, made from what the views declare."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Protocol, cast

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework.renderers import BaseRenderer

from dashboards.api.parameters import Parameter
from dashboards.api.problems import CONTENT_TYPE

_TYPES: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "zone": {"type": "string", "description": "IANA time zone."},
    "time": {"type": "string", "description": "ISO 8601 with offset, a day, or milliseconds since 1970."},
    "number": {"type": "integer"},
    "flag": {"type": "string", "enum": ["0", "1"]},
}

_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable: programs may compare it."},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"parameter": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}


class Declared(Protocol):
    """What a view says about itself."""

    scope: str | None
    parameters: tuple[Parameter, ...]
    answer_schema: Mapping[str, Any]
    renderer_classes: Sequence[type[BaseRenderer]]


class Described(AutoSchema):
    """One operation, read from the attributes of our `View`."""

    # What each operation may answer besides success; 404 only where something is named in the address or by team.
    refusals: ClassVar[tuple[int, ...]] = (400, 401, 403, 404, 406, 429, 503)

    @property
    def declared(self) -> Declared:
        """The view, as what it declares."""
        return cast(Declared, self.view)

    def get_operation_id(self) -> str:
        """Return the method and the address as one name."""
        words = re.sub(r"[^a-z0-9]+", "_", re.sub(r"\{.*?\}", "one", self.path.removeprefix("/api/v1/")))
        return f"{self.method.lower()}_{words.strip('_') or 'index'}"

    def get_summary(self) -> str | None:
        """Return the first line of the view's docstring."""
        return (type(self.view).__doc__ or "").strip().split("\n", 1)[0]

    def get_description(self) -> str:  # type: ignore[override]
        """Return nothing: the summary says it."""
        return ""

    def get_tags(self) -> list[str]:
        """Return the first part of the address below the version."""
        return [self.path.removeprefix("/api/v1/").split("/", 1)[0] or "index"]

    def get_override_parameters(self) -> list[Any]:
        """Return the query parameters that the view reads."""
        return [_documented(parameter) for parameter in self.declared.parameters]

    def get_request_serializer(self) -> None:
        """Return nothing: no view reads a body."""

    def get_response_serializers(self) -> Any:
        """Return the schemas by status and media type."""
        success = 202 if self.method == "POST" else 200
        answers: dict[tuple[int, str], Any] = {}
        for renderer in self.declared.renderer_classes:
            media_type = str(renderer.media_type)
            is_json = media_type.endswith("json") and not media_type.endswith("ndjson")
            answers[success, media_type] = self.declared.answer_schema if is_json else {"type": "string"}
        return answers | {(status, CONTENT_TYPE): _PROBLEM for status in self.refusals}

    def get_auth(self) -> list[dict[str, list[str]]]:
        """Return how a token is sent; nothing for what holds no data."""
        return [] if self.declared.scope is None else [{"bearer": []}, {"basic": []}]


def document() -> dict[str, Any]:
    """Return the OpenAPI document of all addresses."""
    generator = SchemaGenerator(api_version="v1")  # type: ignore[no-untyped-call]
    schema: dict[str, Any] = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return schema


def _documented(parameter: Parameter) -> OpenApiParameter:
    """Return a parameter as OpenAPI has it."""
    schema = dict(_TYPES[parameter.kind])
    if parameter.choices:
        schema["enum"] = list(parameter.choices)
    if parameter.kind == "number":
        schema["minimum"] = parameter.least
        if parameter.most is not None:
            schema["maximum"] = parameter.most
    if parameter.default is not None:
        schema["default"] = parameter.default
    only = f" Only for {' and '.join(sorted(parameter.formats))}." if parameter.formats else ""
    repeated = parameter.many and not parameter.listed
    return OpenApiParameter(
        name=parameter.name,
        description=parameter.about + only,
        type={"type": "array", "items": schema} if repeated else schema,
        style="form" if repeated else None,
        explode=True if repeated else None,
    )
