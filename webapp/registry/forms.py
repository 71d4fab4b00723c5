"""The upload form of a register file."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import DateField, SelectField
from wtforms.validators import Optional

from webapp.web.words import label

from . import mapping as mappings

#: Larger files are for the command line, where an import may take its time.
MAX_BYTES = 5 * 1024 * 1024


class UploadForm(FlaskForm):
    """A register file, how its columns are called, and the day it speaks of."""

    file = FileField("登记数据文件")
    mapping = SelectField("文件格式", default="default")
    as_of = DateField("数据日期", validators=[Optional()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.mapping.choices = [(name, label(f"registry.mapping.{name}")) for name in mappings.names()]
