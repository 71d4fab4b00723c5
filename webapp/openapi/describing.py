"""The description of the API from the resources themselves: as OpenAPI 3.1, and for the page that people read.

Source: OpenAPI Specification 3.1.1 (schemas are JSON Schema 2020-12).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import current_app, url_for

from webapp.web.words import label

from . import answering, rules, sets
from .catalogue import resources
from .places import link
from .resources import Resource

_REF = "#/components/schemas/{model}"
#: What every page of a resource can be asked besides its filters.
_LIMIT = {"type": "integer", "minimum": 1, "maximum": rules.LIMIT_MOST, "default": rules.LIMIT_USUAL}
_CURSOR = {"type": "string", "maxLength": 2000}
PROBLEMS = ("invalid_parameter", "invalid_cursor", "no_such_resource", "no_such_thing")
#: Signed statements and feeds that have addresses of their own: name → path.
ELSEWHERE = {
    "sticker_keys": "/.well-known/ydym-keys.json",
    "sticker_status": "/.well-known/ydym-status",
    "disclosures_feed": "/disclosures.rss",
}


def index() -> dict[str, Any]:
    """The answer of `/api/v1`."""
    return {
        "version": rules.SCHEMA_DATE,
        "resources": [
            {"name": name, "title": label(f"api.{name}"), "url": link(f"/api/v1/{name}")}
            for name in resources()
        ],
        "links": {
            "openapi": link("/openapi.json"),
            "docs": link("/api/docs"),
            "open_data": link("/open-data"),
            **{name: link(path) for name, path in ELSEWHERE.items()},
        },
    }


def document() -> dict[str, Any]:
    """The OpenAPI document."""
    settings = current_app.extensions["ydym.settings"]
    paths: dict[str, Any] = {"/api/v1": {"get": _index_operation()}}
    for resource in resources().values():
        paths[f"/api/v1/{resource.name}"] = {"get": _list_operation(resource)}
        paths[f"/api/v1/{resource.name}/{{key}}"] = {"get": _single_operation(resource)}
        for form in forms(resource):
            paths[f"/open-data/{resource.name}.{form}"] = {"get": _set_operation(resource, form)}
    return {
        "openapi": "3.1.1",
        "info": {
            "title": label("api.title", platform=settings.platform_name),
            "version": f"1.{rules.SCHEMA_DATE}",
            "description": label("api.about", bureau=settings.bureau_name, days=rules.PROMISED_DAYS),
            "license": {"name": settings.open_data_licence, "url": settings.open_data_licence_url},
        },
        "servers": [{"url": link("")}],
        "tags": [{"name": name, "description": label(f"api.{name}.about")} for name in resources()],
        "paths": paths,
        "components": {"schemas": schemas(), "responses": _refusals(), "headers": _headers()},
    }


def forms(resource: Resource) -> list[str]:
    """The forms in which the whole set is given."""
    able = {"geojson": resource.has_place, "rss": resource.news is not None}
    return [form for form in rules.FORMS if able.get(form, True)]


def schemas() -> dict[str, Any]:
    """Every model with its words."""
    from pydantic.json_schema import models_json_schema  # noqa: PLC0415 - only who describes the API loads it

    wanted: list[Any] = [(resource.item, "serialization") for resource in resources().values()]
    _, found = models_json_schema(wanted, ref_template=_REF)
    return {name: _worded(name, model) for name, model in found["$defs"].items()} | _frame()


def _worded(name: str, model: dict[str, Any]) -> dict[str, Any]:
    if "properties" not in model:
        return {key: value for key, value in model.items() if key not in {"title", "description"}}
    fields = {field: _field(name, field, schema) for field, schema in model["properties"].items()}
    # An answer always has all its facts; what is not known is null.
    return {"type": "object", "properties": fields, "required": list(fields)}


def _field(model: str, field: str, schema: dict[str, Any]) -> dict[str, Any]:
    plain = {key: value for key, value in schema.items() if key not in {"title", "default"}}
    return plain | {"description": word(model, field)}


def word(model: str, field: str) -> str:
    """What a field or filter is: the model's own words, else those that it has in all models."""
    words: dict[str, str] = current_app.extensions["ydym.words"]
    own = f"api.{model}.{field}"
    return label(own if own in words else f"api.any.{field}")


def _frame() -> dict[str, Any]:
    text = {"type": "string"}
    fault = {
        "type": "object",
        "properties": {"parameter": text, "detail": text},
        "required": ["parameter", "detail"],
    }
    problem = {
        "type": {"type": "string", "description": label("api.Problem.type")},
        "title": {"type": "string", "description": label("api.Problem.title")},
        "status": {"type": "integer", "description": label("api.Problem.status")},
        "detail": {"type": "string", "description": label("api.Problem.detail")},
        "code": {"type": "string", "description": label("api.Problem.code")},
        "errors": {"type": "array", "items": fault, "description": label("api.Problem.errors")},
    }
    entry = {"type": "object", "properties": {"name": text, "title": text, "url": text}}
    index_fields = {
        "version": text,
        "resources": {"type": "array", "items": entry},
        "links": {"type": "object", "additionalProperties": text},
    }
    return {
        "Problem": {"type": "object", "properties": problem, "required": ["type", "title", "status"]},
        "Index": {"type": "object", "properties": index_fields, "required": list(index_fields)},
    }


def _refusals() -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": _REF.format(model="Problem")}}}
    named = {"BadRequest": "400", "NotFound": "404", "TooMany": "429"}
    return {
        name: {"description": label(f"api.status.{status}"), "content": content}
        for name, status in named.items()
    }


def _headers() -> dict[str, Any]:
    names = (
        "ETag",
        "Link",
        "API-Version",
        "RateLimit",
        "RateLimit-Policy",
        "Retry-After",
        "Deprecation",
        "Sunset",
    )
    return {
        name: {"description": label(f"api.header.{name}"), "schema": {"type": "string"}} for name in names
    }


def _responses(media: dict[str, Any], *, missing: bool) -> dict[str, Any]:
    sent = ("ETag", "API-Version", "RateLimit", "RateLimit-Policy")
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in sent}
    found: dict[str, Any] = {
        "200": {"description": label("api.status.200"), "headers": headers, "content": media},
        "304": {"description": label("api.status.304")},
        "400": {"$ref": "#/components/responses/BadRequest"},
        "429": {"$ref": "#/components/responses/TooMany"},
    }
    return found | ({"404": {"$ref": "#/components/responses/NotFound"}} if missing else {})


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _index_operation() -> dict[str, Any]:
    answers = _responses(_json({"$ref": _REF.format(model="Index")}), missing=False)
    return {"operationId": "index", "summary": label("api.index"), "responses": answers}


def _operation(resource: Resource, kind: str, **rest: Any) -> dict[str, Any]:
    base = {"operationId": f"{kind}-{resource.name}", "tags": [resource.name]}
    base["summary"] = label(f"api.operation.{kind.partition('-')[0]}", name=label(f"api.{resource.name}"))
    return base | rest | ({"deprecated": True} if resource.deprecation else {})


def _list_operation(resource: Resource) -> dict[str, Any]:
    items = {"type": "array", "items": {"$ref": _REF.format(model=resource.item.__name__)}}
    fields = {
        "items": items,
        "next": {"type": ["string", "null"], "description": label("api.any.next")},
    }
    page = {"type": "object", "properties": fields, "required": ["items", "next"]}
    paging = [
        _parameter("limit", _LIMIT, label("api.any.limit")),
        _parameter("cursor", _CURSOR, label("api.any.cursor")),
    ]
    return _operation(
        resource,
        "list",
        parameters=[*_parameters(resource), *paging, _if_none_match()],
        responses=_responses(_json(page), missing=False),
    )


def _single_operation(resource: Resource) -> dict[str, Any]:
    kind: dict[str, Any] = (
        {"type": "integer", "minimum": 1} if resource.key is int else {"type": "string", "minLength": 1}
    )
    key = {"name": "key", "in": "path", "required": True, "schema": kind, "description": label("api.any.key")}
    answers = _responses(_json({"$ref": _REF.format(model=resource.item.__name__)}), missing=True)
    return _operation(resource, "get", parameters=[key, _if_none_match()], responses=answers)


def _set_operation(resource: Resource, form: str) -> dict[str, Any]:
    parameters = _parameters(resource)
    if form == "csv":
        flag = {"type": "string", "enum": ["true", "false"], "default": "false"}
        parameters.append(_parameter("bom", flag, label("api.any.bom")))
    media = {
        sets.MEDIA[form]: {"schema": {"type": "string"} if form in {"csv", "rss"} else {"type": "object"}}
    }
    return _operation(
        resource,
        f"download-{form}",
        parameters=[*parameters, _if_none_match()],
        responses=_responses(media, missing=False),
    )


def _parameters(resource: Resource) -> list[dict[str, Any]]:
    return [_parameter(name, schema, text) for name, schema, text in filters(resource)]


def filters(resource: Resource) -> list[tuple[str, dict[str, Any], str]]:
    """Each filter's name, schema and words."""
    properties = resource.filters.model_json_schema(mode="validation").get("properties", {})
    return [
        (name, _given(schema), word(resource.filters.__name__, name)) for name, schema in properties.items()
    ]


def _given(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of an argument that may be left out: without null, which no address can write."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    plain = kinds[0] if len(kinds) == 1 else schema
    return {key: value for key, value in (schema | plain).items() if key not in {"title", "default", "anyOf"}}


def _parameter(name: str, schema: dict[str, Any], text: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema, "description": text}


def _if_none_match() -> dict[str, Any]:
    return {
        "name": "If-None-Match",
        "in": "header",
        "schema": {"type": "string"},
        "description": label("api.any.if_none_match"),
    }


# --- for people -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """A resource on the documentation page. `fields`: column, kind, words; `filters`: name, kind, words."""

    name: str
    title: str
    about: str
    page: str
    fields: list[tuple[str, str, str]]
    filters: list[tuple[str, str, str]]
    forms: list[str]
    example: str
    sample: str
    old_until: str


def for_people() -> dict[str, Any]:
    """What the documentation page shows."""
    told = [tell(resource) for resource in resources().values()]
    first = link("/api/v1/listings?colour=red&limit=20")
    return {
        "told": told,
        "old": [one for one in told if one.old_until],
        "changes": [(day, label(f"api.change.{day}")) for day in rules.CHANGES],
        "problems": [
            (code, label(f"api.problem.{code}"), label(f"api.problem.{code}.detail")) for code in PROBLEMS
        ],
        "elsewhere": [(label(f"api.elsewhere.{name}"), path) for name, path in ELSEWHERE.items()],
        "base": link("/api/v1"),
        "first": first,
        "limit": answering.LIMIT.partition("/")[0],
        "set_limit": answering.SET_LIMIT.partition("/")[0],
        "openapi": url_for("openapi.document"),
    }


def tell(resource: Resource) -> Told:
    """One resource in words."""
    every = schemas()
    old = resource.deprecation
    return Told(
        name=resource.name,
        title=label(f"api.{resource.name}"),
        about=label(f"api.{resource.name}.about"),
        page=resource.page,
        fields=list(_lines(every, resource.item.__name__)),
        filters=[(name, _kind(schema), text) for name, schema, text in filters(resource)],
        forms=forms(resource),
        example=link(f"/api/v1/{resource.name}") + (f"?{sample}" if (sample := _sample(resource)) else ""),
        sample=sample,
        old_until="" if old is None else old.sunset.isoformat(),
    )


def _sample(resource: Resource) -> str:
    given = {
        name: schema["examples"][0] if "examples" in schema else schema["enum"][0]
        for name, schema, _ in filters(resource)[:2]
        if "examples" in schema or "enum" in schema
    }
    return urlencode(given)


def _lines(every: dict[str, Any], model: str, prefix: str = "") -> Any:
    for name, schema in every[model]["properties"].items():
        inner = _inner(schema)
        if inner is None or "properties" not in every[inner]:
            yield prefix + name, _kind(schema, every), schema["description"]
        else:
            yield from _lines(every, inner, f"{prefix}{name}.")


def _inner(schema: dict[str, Any]) -> str | None:
    found = [kind["$ref"] for kind in (schema, *schema.get("anyOf", ())) if "$ref" in kind]
    return found[0].rpartition("/")[2] if found else None


def _kind(schema: dict[str, Any], every: dict[str, Any] | None = None) -> str:
    """A word for what stands there: its choices, or its type."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}] or [schema]
    plain = kinds[0]
    if "$ref" in plain and every is not None:
        plain = every[plain["$ref"].rpartition("/")[2]]
    if "enum" in plain:
        return " / ".join(json.dumps(choice, ensure_ascii=False).strip('"') for choice in plain["enum"])
    if "const" in plain:
        return str(plain["const"])
    form = plain.get("format", "")
    kind = plain.get("type", "object")
    return label(f"api.type.{form if form in {'date', 'date-time'} else kind}")
