"""Messages ready to send, as ``.eml`` files that any mail program opens: the same message gives the same bytes."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterable
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from typing import NamedTuple


class Attachment(NamedTuple):
    """A file joined to a message: its name, content and media type (``application/pdf``)."""

    name: str
    content: bytes
    media_type: str = "application/pdf"


class Party(NamedTuple):
    """Who sends or receives: name and address, ``""`` when unknown (the message then waits for it to be typed)."""

    name: str
    email: str


def message(
    sender: Party,
    recipient: Party,
    subject: str,
    body: str,
    date: datetime.date,
    attachments: Iterable[Attachment] = (),
) -> bytes:
    """An unsent message (``X-Unsent: 1``: opened as a draft), in UTF-8, dated noon of ``date``.

    An address that cannot be one is left out: the person who opens the draft types it.
    """
    files = tuple(attachments)
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = " ".join(subject.split())
    for header, party in (("From", sender), ("To", recipient)):
        address = _address(party)
        if address is not None:
            mail[header] = address
    mail["Date"] = datetime.datetime.combine(date, datetime.time(12), datetime.UTC)
    mail["X-Unsent"] = "1"
    mail.set_content(body)
    for file in files:
        main, _, sub = file.media_type.partition("/")
        mail.add_attachment(file.content, maintype=main, subtype=sub, filename=file.name)
    if files:
        mail.set_boundary(_boundary(subject, body, files))
    return mail.as_bytes()


def _address(party: Party) -> Address | None:
    """The address with its name; ``None`` when it is not one."""
    _, email = parseaddr(party.email)
    user, _, domain = email.rpartition("@")
    if not user or not domain:
        return None
    try:
        return Address(display_name=" ".join(party.name.split()), addr_spec=email)
    except (ValueError, IndexError):
        return None


def _boundary(subject: str, body: str, files: Iterable[Attachment]) -> str:
    """A boundary that depends on the content, so that the same message is the same file."""
    digest = hashlib.sha256(f"{subject}\0{body}".encode())
    for file in files:
        digest.update(file.content)
    return f"acompta-{digest.hexdigest()[:32]}"
