"""The lifecycles of this feature, for those who draw and check them all (``webapp/core/commands.py``)."""

from .moderation import STEPS as CASE_STEPS
from .signals import STEPS as SIGNAL_STEPS

__all__ = ["CASE_STEPS", "SIGNAL_STEPS"]
