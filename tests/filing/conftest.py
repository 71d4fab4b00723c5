"""One shop with its people; a visitor's browser without JavaScript."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.support.street import Street, street

__all__ = ["street", "visit"]


@pytest.fixture
def visit(client: FlaskClient) -> FlaskClient:
    """A consumer's browser without JavaScript that says where a form came from, as browsers do."""
    client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    return client


@pytest.fixture
def address(street: Street) -> str:
    return f"/s/{street.shop_id}/complain"
