"""Drafts of the events of a run, with ids that follow from the run alone."""

from ...agents.messages import Message
from ...agents.messages.codec import encode
from ...storage.event import Draft, event_id


def message_draft(
    run: str,
    sender: str,
    ordinal: int,
    message: Message,
    *,
    cause: str | None = None,
    recipients: tuple[str, ...] = (),
) -> Draft:
    """Return the draft of a message that follows from the events before it; a replay makes it again."""
    return Draft(
        run=run,
        id=event_id(run, cause, sender, ordinal),
        kind=message.kind,
        schema=message.SCHEMA,
        sender=sender,
        recipients=recipients,
        cause=cause,
        data=encode(message),
    )


def outside_draft(
    run: str,
    sender: str,
    ordinal: int,
    message: Message,
    *,
    cause: str | None = None,
    recipients: tuple[str, ...] = (),
) -> Draft:
    """Return the draft of a message that the runtime, or the user, adds while the run goes on.

    Its id contains its kind, and no replay derives it. So a run of an earlier version, whose ids leave the
    kind out, goes on with such ids: they can be equal to none of the others.
    """
    draft = message_draft(run, sender, ordinal, message, cause=cause, recipients=recipients)
    return draft._replace(id=event_id(run, cause, sender, ordinal, message.kind))
