"""Messages ready to send, as ``.eml`` files that any mail program opens: the same message gives the same bytes."""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Iterable, Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final, NamedTuple

_ADDRESS: Final = re.compile(r"[^\s@,;<>\"]+@[^\s@,;<>\".]+(?:\.[^\s@,;<>\".]+)+")
_NOON: Final = datetime.time(12)
_LONGEST_NAME: Final = 70


class Attachment(NamedTuple):
    """A file joined to a message: its name, content and media type (``application/pdf``)."""

    name: str
    content: bytes
    media_type: str = "application/pdf"


class Party(NamedTuple):
    """Who sends or receives: a name, and addresses (none: the person who opens the draft types it)."""

    name: str
    addresses: tuple[str, ...]


def is_address(text: str) -> bool:
    """Whether ``text`` may be written to, in plain ASCII."""
    return text.isascii() and _ADDRESS.fullmatch(text) is not None


def typed_addresses(text: str) -> tuple[str, ...]:
    """The addresses of an ``email:`` (several with commas), right or wrong."""
    return tuple(part.strip() for part in re.split(r"[,;]", text) if part.strip())


def party(name: str, email: str) -> Party:
    """A party with the addresses of its ``email:`` that can be written to."""
    return Party(name, tuple(filter(is_address, typed_addresses(email))))


def message(
    sender: Party,
    recipient: Party,
    subject: str,
    body: str,
    date: datetime.date,
    attachments: Iterable[Attachment] = (),
) -> bytes:
    """An unsent message (``X-Unsent: 1``: opened as a draft), in UTF-8, dated noon of ``date``."""
    files = tuple(attachments)
    mail = EmailMessage(policy=SMTP)
    for header, who in (
        ("From", sender._replace(addresses=sender.addresses[:1])),
        ("To", recipient),
    ):
        if who.addresses:
            mail[header] = _headers(who)
    mail["Subject"] = _flat(subject)
    mail["Date"] = format_datetime(datetime.datetime.combine(date, _NOON, datetime.UTC))
    mail["X-Unsent"] = "1"
    mail.set_content(body, cte="quoted-printable")
    for file in files:
        main, _, sub = file.media_type.partition("/")
        mail.add_attachment(file.content, maintype=main, subtype=sub, filename=file.name)
    if files:
        mail.set_boundary(_boundary(subject, body, files))
    return mail.as_bytes()


def _headers(who: Party) -> tuple[Address, ...]:
    name = _flat(who.name)[:_LONGEST_NAME]
    return tuple(Address(name, addr_spec=address) for address in who.addresses)


def _flat(text: str) -> str:
    return " ".join(text.split())


def _boundary(subject: str, body: str, files: Sequence[Attachment]) -> str:
    """A boundary that depends on the content, so that the same message is the same file."""
    digest = hashlib.sha256(f"{subject}\0{body}".encode())
    for file in files:
        digest.update(file.content)
    return f"=_acompta_{digest.hexdigest()[:32]}"
