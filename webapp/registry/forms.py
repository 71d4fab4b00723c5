"""The upload form of a register file."""

from __future__ import annotations

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import DateField, StringField, ValidationError
from wtforms.validators import Optional

from webapp.web.words import label

from . import mapping as mappings

#: Larger files are for the command line, where an import may take its time.
MAX_BYTES = 5 * 1024 * 1024


class UploadForm(FlaskForm):
    """A register file, how its columns are called, and the day it speaks of."""

    file = FileField("file")
    mapping = StringField("mapping", default="default")
    as_of = DateField("as_of", validators=[Optional()])

    @property
    def mappings(self) -> list[tuple[str, str]]:
        """The formats that can be read: (name, words)."""
        return [(name, label(f"registry.mapping.{name}")) for name in mappings.names()]

    def validate_mapping(self, field: StringField) -> None:
        """Only the mappings that come with the program; a path typed here would read the server's files."""
        if field.data not in mappings.names():
            raise ValidationError(label("registry.upload.mapping_unknown"))
