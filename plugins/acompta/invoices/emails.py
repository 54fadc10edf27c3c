"""A document as a ready e-mail: a text by kind, the PDF attached, nothing sent.

The text is a template of ``courriels/`` (a dossier may have its own, like those of the pages): its first line is
« Objet : … », the rest is the message. The file opens in any mail program as a draft (``X-Unsent``).
"""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from typing import Final, NamedTuple

from jinja2 import Environment, TemplateNotFound, TemplateSyntaxError

from acompta.invoices import templates
from acompta.invoices.facturx.invoice import is_electronic
from acompta.invoices.naming import file_name
from acompta.invoices.view.document import DocumentView
from acompta.mail import Attachment, Party, is_address, message, party, typed_addresses

FOLDER: Final = "envois"
SUBFOLDER: Final = "courriels"
_SUBJECT: Final = "Objet"


class EmailError(ValueError):
    """A message that cannot be written; the message is one French sentence that names the document."""


class Email(NamedTuple):
    """A message ready to be sent: its addresses, its subject, its bytes."""

    to: tuple[str, ...]
    subject: str
    content: bytes


def email_name(view: DocumentView) -> str:
    """The file of a message: ``F2026-001.eml``."""
    return Path(file_name(view.number)).with_suffix(".eml").name


def addresses_of(view: DocumentView) -> tuple[str, ...]:
    """The customer's addresses, from ``email:`` (several with commas). Raises `EmailError`."""
    customer = view.customer
    typed = typed_addresses(customer.email)
    if not typed:
        message = (
            f"{view.name} : aucune adresse pour « {customer.name} » ; tapez "
            f'email: "compta@exemple.fr" sous l\'ouverture de {customer.account}'
        )
        raise EmailError(message)
    for address in typed:
        if not is_address(address):
            message = f"{view.name} : email: « {address} » n'est pas une adresse ; corrigez-la sous {customer.account}"
            raise EmailError(message)
    return typed


def email_of(
    view: DocumentView, pdf: bytes, *, ledger_folder: Path | None, date: datetime.date
) -> Email:
    """The message that carries a document; ``date`` is the day it is written.

    Raises `EmailError`: no address, or a template that fails.
    """
    to = addresses_of(view)
    subject, body = text_of(
        f"{view.kind}.txt",
        view.name,
        ledger_folder,
        view=view,
        seller=view.seller,
        customer=view.customer,
        title=view.title[:1].lower() + view.title[1:],
        about=f", « {view.object} »" if view.object else "",
        electronic=is_electronic(view),
    )
    content = message(
        party(view.seller.name, view.seller.email),
        Party(view.customer.name, to),
        subject,
        body,
        date,
        [Attachment(file_name(view.number), pdf)],
    )
    return Email(to, subject, content)


def text_of(
    template: str, who: str, ledger_folder: Path | None, **context: object
) -> tuple[str, str]:
    """Subject and body of a message, from a template of ``courriels/``; ``who`` names it in errors.

    Raises `EmailError`.
    """
    name = f"{SUBFOLDER}/{template}"
    try:
        written = _environment(ledger_folder).get_template(name).render(**context)
    except Exception as error:  # a template is a program: it may fail in any way
        raise EmailError(f"{who} : modèle en erreur : {_reason(error)}") from error
    first, _, body = written.lstrip("\n").partition("\n")
    label, colon, subject = first.partition(":")
    if label.strip() != _SUBJECT or not colon or not subject.strip():
        raise EmailError(f"{who} : {name} doit commencer par une ligne « Objet : … »")
    return " ".join(subject.split()), re.sub(r"\n{3,}", "\n\n", body.strip()) + "\n"


def _reason(error: Exception) -> str:
    if isinstance(error, TemplateSyntaxError):
        return f"{error.name}, ligne {error.lineno} : {error.message}"
    if isinstance(error, TemplateNotFound):
        return f"le fichier {error.name} n'existe pas dans {templates.FOLDER}/"
    return str(error) or type(error).__name__


def _environment(ledger_folder: Path | None) -> Environment:
    folder = ledger_folder / templates.FOLDER if ledger_folder is not None else None
    return templates.text_environment(folder if folder is not None and folder.is_dir() else None)
