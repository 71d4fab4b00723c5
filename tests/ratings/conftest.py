"""A shop with its merchant and officers; visitors who say by a header who they are."""

from tests.support.street import street

__all__ = ["street"]
