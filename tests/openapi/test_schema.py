"""The description is one by OpenAPI 3.1, and what it says is what happens: schemathesis asks what nobody would."""

from __future__ import annotations

import os
from typing import Any

import hypothesis
import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.config import SchemathesisConfig

from tests.openapi.conftest import City

#: More for a long look: YDYM_SCHEMA_EXAMPLES=200.
EXAMPLES = int(os.environ.get("YDYM_SCHEMA_EXAMPLES", "3"))


@pytest.fixture
def document(client: FlaskClient, city: City) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/openapi.json").json
    return found


def test_the_description_is_openapi_3_1_in_words(document: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(document).validate()
    assert document["openapi"].startswith("3.1")
    untold = [
        (name, field)
        for name, schema in document["components"]["schemas"].items()
        for field, facts in schema.get("properties", {}).items()
        if name != "Index" and not facts.get("description", "").strip()
    ]
    assert untold == []
    for path, item in document["paths"].items():
        for parameter in item["get"].get("parameters", []):
            assert parameter["description"], (path, parameter["name"])
            assert not parameter["description"].startswith("api."), parameter


def test_schemathesis_finds_nothing(app: Flask, document: dict[str, Any]) -> None:
    """Every operation with right and with wrong questions: no failure of ours, each answer as described."""
    schema = schemathesis.openapi.from_wsgi("/openapi.json", app, config=SchemathesisConfig())
    asked = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        parameters = document["paths"][operation.path]["get"].get("parameters", [])
        # Nothing can be said wrongly in a text of any form.
        wrong_too = any(
            one["in"] != "header" and one["schema"]["type"] != "string" for one in parameters
        ) or any(one["in"] == "query" for one in parameters)
        for mode in schemathesis.GenerationMode if wrong_too else [schemathesis.GenerationMode.POSITIVE]:

            @hypothesis.settings(
                max_examples=EXAMPLES,
                derandomize=True,
                database=None,
                phases=[hypothesis.Phase.generate],
                suppress_health_check=list(hypothesis.HealthCheck),
            )
            @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
            def ask(case: schemathesis.Case) -> None:
                nonlocal asked
                asked += 1
                # No schema can say which cursors were given out: those have tests of their own (test_api.py).
                case.query.pop("cursor", None)
                case.call_and_validate(headers={"Accept-Encoding": "identity"})

            ask()
    assert asked > 100
