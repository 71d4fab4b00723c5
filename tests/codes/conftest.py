"""A shop with an active code, its merchant, officers of two levels, and a browser for each."""

from tests.support.town import browser, here, town

__all__ = ["browser", "here", "town"]
