"""Commands of the frame: drawing the lifecycles."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import click
from flask import Flask
from flask.cli import AppGroup

from .steps import Steps

rules_cli = AppGroup("rules", help="The rules of the lifecycles.")


def all_steps() -> list[Steps[Any]]:
    """Every lifecycle in the product, by name: the tables of steps in the features' ``rules.py`` and ``process.py``."""
    found: dict[str, Steps[Any]] = {}
    features = Path(__file__).parents[1]
    for path in sorted([*features.glob("*/rules.py"), *features.glob("*/process.py")]):
        module = import_module(f"webapp.{path.parent.name}.{path.stem}")
        found |= {value.name: value for value in vars(module).values() if isinstance(value, Steps)}
    return [found[name] for name in sorted(found)]


def drawing() -> str:
    """All lifecycles as one Markdown document of Mermaid diagrams, with who may take each step."""
    parts = [
        "# Lifecycles",
        "",
        "Drawn from the tables of steps by `flask --app wsgi rules draw`; not edited by hand.",
        "",
    ]
    for steps in all_steps():
        parts += [f"## {steps.name}", "", "```mermaid", steps.drawing(), "```", ""]
        parts += ["| step | from | to | who | reason |", "|---|---|---|---|---|"]
        for step in steps:
            sources = ", ".join(sorted(source.value for source in step.sources))
            roles = ", ".join(sorted(role.value for role in step.roles))
            reason = "needed" if step.needs_reason else ""
            parts.append(f"| {step.action} | {sources} | {step.target.value} | {roles} | {reason} |")
        parts.append("")
    return "\n".join(parts)


@rules_cli.command("draw")
@click.option(
    "--write", "target", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file."
)
def draw(target: Path | None) -> None:
    """Draw every lifecycle as a Mermaid state diagram."""
    if target is None:
        click.echo(drawing())
    else:
        target.write_text(drawing(), encoding="utf-8")
        click.echo(f"written: {target}")


def register(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(rules_cli)
