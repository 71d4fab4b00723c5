from __future__ import annotations

from flask import Flask
from tests.factories.codes import make_code
