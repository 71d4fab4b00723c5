"""``flask --app wsgi jobs run``: do the recurring work from outside (cron), or look at it."""

from __future__ import annotations

import click
import sqlalchemy as sa
from flask.cli import AppGroup

from webapp.core.db import db

from .models import JobLease
from .operations import run_due

jobs_group = AppGroup("jobs", help="Recurring work.")


@jobs_group.command("run")
@click.option("--all", "regardless", is_flag=True, help="Also the jobs whose turn has not come.")
def run(regardless: bool) -> None:  # noqa: FBT001 - click passes flags by name
    """Run what is due once. Exit code 1 when a job failed."""
    results = run_due(regardless=regardless)
    for name, done in results.items():
        click.echo(f"{name}: {'failed' if done < 0 else done}")
    if any(done < 0 for done in results.values()):
        raise SystemExit(1)


@jobs_group.command("list")
def list_jobs() -> None:
    """When each job has its next turn and how the last one went."""
    for lease in db.session.scalars(sa.select(JobLease).order_by(JobLease.name)):
        click.echo(
            f"{lease.name}: due {lease.due_at:%Y-%m-%d %H:%M:%S}Z, did {lease.done}, failures {lease.failures}"
        )
