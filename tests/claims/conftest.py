"""One shop with its merchant and officers; visitors who say by a header who they are."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.street import street

__all__ = ["street", "visit"]


@pytest.fixture
def visit(client: FlaskClient) -> FlaskClient:
    """A consumer's browser without JavaScript that says where a form came from, as browsers do."""
    client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    return client


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser whose forms need no token."""
    app.config["WTF_CSRF_ENABLED"] = False
    return app.test_client()
