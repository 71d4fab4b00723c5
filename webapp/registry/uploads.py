"""Files that one officer handed in and that wait for a second one: confirming and dropping them."""

from __future__ import annotations

from datetime import datetime

from webapp import audit
from webapp.accounts import queries as accounts
from webapp.core.actor import Actor
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden
from webapp.web.permissions import PERMISSIONS

from . import confirming, queries
from .models import RegistryRun, RegistryUpload
from .rules import UPLOAD_STEPS, UploadState


def confirm(run_id: int, actor: Actor, now: datetime) -> RegistryRun:
    """Second of two people: have the file taken in that the stopped run keeps; returns the new run, which waits for a
    worker (:mod:`.confirming`).

    Both officers answer for it by name, and rows of operators from which either must stand aside are refused. The file
    stays until its last row is in, and what broke off is confirmed again, by the same or another second officer.
    Raises NotFound, Conflict (``already_decided``, ``registry_uploader_gone``), Forbidden (``two_people_needed``).
    """
    upload, city = queries.lock_upload(run_id), queries.scope_of_city()
    before = UPLOAD_STEPS.first if may_resume(upload) else _open(upload).state
    step = UPLOAD_STEPS.check(before, "confirm", actor, city)
    if upload.uploaded_by_id is None:
        raise Forbidden("two_people_needed")
    first, second = accounts.get_account(upload.uploaded_by_id), accounts.find_account(actor.account_id or 0)
    if second is None or second.id == first.id or first.username is None or second.username is None:
        raise Forbidden("two_people_needed")
    if first.disabled_at is not None or not first.actor().holds(PERMISSIONS["registry.import"], city):
        raise Conflict("registry_uploader_gone")
    both = (first.username, second.username)
    _close(upload, step.target, actor, now)
    facts = {"by": list(both), "sha256": upload.sha256}
    audit.record(actor, "registry.confirm", "registry_run", run_id, now=now, new=facts)
    run = confirming.queued(queries.get_run(run_id), actor, both, now)
    upload.result_run_id = run.id
    db.session.flush()
    return run


def answer_for(run_id: int, actor: Actor, now: datetime) -> None:
    """First of two people for a pull that stopped: nobody handed it in, so somebody has to answer for it.

    Raises as :func:`confirm`, and Conflict (``already_decided``) when another officer was first.
    """
    upload = _open(queries.lock_upload(run_id))
    UPLOAD_STEPS.check(upload.state, "answer_for", actor, queries.scope_of_city())
    if actor.account_id is None:
        raise Forbidden("two_people_needed")
    if upload.uploaded_by_id is not None:
        raise Conflict("already_decided")
    upload.uploaded_by_id = actor.account_id
    facts = {"sha256": upload.sha256}
    audit.record(actor, "registry.answer_for", "registry_run", run_id, now=now, new=facts)


def drop(run_id: int, actor: Actor, now: datetime) -> None:
    """The file is not taken in: by who handed it in, or by another officer. Raises as :func:`confirm`."""
    upload = _open(queries.lock_upload(run_id))
    step = UPLOAD_STEPS.check(upload.state, "drop", actor, queries.scope_of_city())
    _close(upload, step.target, actor, now)
    upload.data = None
    facts = {"sha256": upload.sha256}
    audit.record(actor, "registry.drop", "registry_run", run_id, now=now, new=facts)


def may_resume(upload: RegistryUpload) -> bool:
    """True when the file was confirmed and its run broke off by an error: it may be confirmed again.

    One that was killed is gone on with by the next worker, without anybody.
    """
    if upload.state is not UploadState.CONFIRMED or upload.result_run_id is None or upload.data is None:
        return False
    run = queries.get_run(upload.result_run_id)
    return run.finished_at is not None and run.stopped_reason == "broke_off"


def _open(upload: RegistryUpload) -> RegistryUpload:
    if upload.state in UPLOAD_STEPS.ends():
        raise Conflict("already_decided")
    return upload


def _close(upload: RegistryUpload, state: UploadState, actor: Actor, now: datetime) -> None:
    upload.state, upload.decided_by_id, upload.decided_at = state, actor.account_id, now
