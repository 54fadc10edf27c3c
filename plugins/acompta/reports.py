"""The reports of what is owed, as tables: the aged balance; and the cells that the reports of contracts share."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from acompta import french
from acompta.reading.model import Share
from acompta.receivables import (
    AGE_TITLES,
    CREDIT_TITLES,
    AgedBalance,
    Credit,
    CustomerBalance,
    OpenDeposit,
    OpenInvoice,
    Place,
    Reconciliation,
)
from acompta.tables import Cell, Column, Kind, Line, Report, Show, Table, sums
from acompta.vocabulary import KIND_TITLES
from acompta.vocabulary import Kind as DocumentKind

SHORT_KINDS: Final[dict[DocumentKind, str]] = {
    DocumentKind.DEPOSIT: "Acompte",
    DocumentKind.ARRHES: "Arrhes",
    DocumentKind.PROGRESS: "Situation",
    DocumentKind.FINAL: "Solde",
    DocumentKind.CORRECTIVE: "Rectificative",
    DocumentKind.PREPAID: "Prépayé",
}
_REGIME_TITLES: Final = {
    "autoliquidation-btp": "Autoliquidation BTP",
    "intracom-biens": "Livraison intracom.",
    "intracom-services": "Services intracom.",
    "export": "Export",
    "exonere": "Exonéré",
    "franchise": "Franchise",
    "debours": "Débours",
    "bon-multi-usages": "Bon multi-usages",
}

_CUSTOMER = Column("client", "Client", grouped=True)
_ACCOUNT = Column("compte", "Compte", Kind.CODE, Show.EXPORT)
FILE = Column("fichier", "Fichier", Kind.CODE, Show.EXPORT)
LINE = Column("ligne", "Ligne", Kind.COUNT, Show.EXPORT)
NUMBER = Column("numero", "N°", Kind.CODE)
DATE = Column("date", "Date", Kind.DATE)
_CONTRACT = Column("contrat", "Contrat", Kind.CODE, Show.IF_ANY, give_way=6)
_AGE_KEYS: Final = ("non-echu", "de-1-a-30", "de-31-a-60", "de-61-a-90", "plus-de-90")


def kind_title(kind: DocumentKind) -> str:
    """A short French name for a kind of document."""
    return SHORT_KINDS.get(kind, KIND_TITLES[kind])


def rate_title(rate: Decimal, regime: str) -> str:
    """« 20 % », or why there is no VAT."""
    return _REGIME_TITLES.get(regime, regime) if regime else french.percent(rate)


def place_cells(place: Place) -> tuple[Cell, Cell]:
    """The file and the line of a place: the two cells of every export."""
    return place.path, place.line


def link_text(contract: str | None) -> str:
    """« ^D2026-012 », or nothing."""
    return f"^{contract}" if contract else ""


# -- the aged balance -----------------------------------------------------------------------------------------


def aged_report(
    balance: AgedBalance,
    title: str,
    *,
    proof: Reconciliation | None = None,
    only: str = "",
) -> Report:
    """The aged balance of the ledger ``title``.

    ``proof`` compares it with the ledger (absent when only a part is shown); ``only`` says which part.
    """
    facts = [("dossier", "Dossier", title)]
    if only:
        facts.append(("limite", "Limité à", only))
    return Report(
        f"Balance âgée au {french.day(balance.at)}",
        tuple(facts),
        (
            _customers_table(balance),
            _invoices_table(balance),
            _credits_table(balance),
            _deposits_table(balance),
        ),
        _aged_lines(balance, proof, whole=not only),
        _aged_warnings(balance, proof),
    )


def _customers_table(balance: AgedBalance) -> Table:
    columns = (
        Column("client", "Client"),
        _ACCOUNT,
        Column(_AGE_KEYS[0], AGE_TITLES[0], Kind.AMOUNT, Show.IF_ANY),
        *(
            Column(key, title, Kind.AMOUNT, Show.IF_ANY, give_way=2)
            for key, title in zip(_AGE_KEYS[1:4], AGE_TITLES[1:4], strict=True)
        ),
        Column(_AGE_KEYS[4], AGE_TITLES[4], Kind.AMOUNT, Show.IF_ANY),
        Column("echu", "Échu", Kind.AMOUNT, Show.IF_ANY),
        Column("credits", "Crédits", Kind.AMOUNT, Show.IF_ANY),
        Column("non-affecte", "Non affecté", Kind.AMOUNT, Show.IF_ANY),
        Column("solde", "Solde", Kind.AMOUNT),
    )
    rows = tuple(_customer_row(customer) for customer in balance.customers if _owes(customer))
    return Table("clients", "Par client", columns, rows, sums(columns, rows, "Total"))


def _owes(customer: CustomerBalance) -> bool:
    return bool(customer.invoices or customer.credits)


def _customer_row(customer: CustomerBalance) -> tuple[Cell, ...]:
    ages = customer.ages
    return (
        customer.name,
        customer.account,
        *ages,
        ages.overdue,
        customer.credit,
        customer.unallocated,
        customer.total,
    )


def _invoices_table(balance: AgedBalance) -> Table:
    columns = (
        _CUSTOMER,
        _ACCOUNT,
        NUMBER,
        Column("nature", "Nature", give_way=5),
        _CONTRACT,
        Column("libelle", "Objet", give_way=7),
        DATE._replace(give_way=4),
        Column("echeance", "Échéance", Kind.DATE),
        Column("jours-de-retard", "Retard", Kind.COUNT),
        Column("total", "Total TTC", Kind.AMOUNT, give_way=3),
        Column("regle", "Réglé", Kind.AMOUNT, Show.IF_ANY, give_way=2),
        Column("escompte-et-autres", "Autres", Kind.AMOUNT, Show.IF_ANY, give_way=1),
        Column("retenue", "dont retenue", Kind.AMOUNT, Show.IF_ANY),
        Column("liberable", "Libérable le", Kind.DATE, Show.IF_ANY, give_way=5),
        Column("reste-du", "Reste dû", Kind.AMOUNT),
        *(
            Column(key, title, Kind.AMOUNT, Show.EXPORT)
            for key, title in zip(_AGE_KEYS, AGE_TITLES, strict=True)
        ),
        FILE,
        LINE,
    )
    rows = tuple(
        _invoice_row(customer, invoice)
        for customer in balance.customers
        for invoice in customer.invoices
    )
    return Table("factures", "Factures ouvertes", columns, rows, sums(columns, rows, "Total"))


def _invoice_row(customer: CustomerBalance, invoice: OpenInvoice) -> tuple[Cell, ...]:
    return (
        customer.name,
        customer.account,
        invoice.number,
        kind_title(invoice.kind),
        link_text(invoice.contract),
        invoice.label,
        invoice.date,
        invoice.due_date,
        invoice.days_late,
        invoice.total,
        invoice.paid,
        invoice.other,
        invoice.retention,
        invoice.release,
        invoice.open,
        *invoice.ages,
        *place_cells(invoice.place),
    )


def _credits_table(balance: AgedBalance) -> Table:
    columns = (
        _CUSTOMER,
        _ACCOUNT,
        Column("nature", "Nature"),
        Column("code", "Code", Kind.CODE, Show.EXPORT),
        DATE,
        Column("reference", "Référence", Kind.CODE, Show.IF_ANY),
        Column("libelle", "Objet", give_way=1),
        Column("montant", "Montant", Kind.AMOUNT),
        FILE,
        LINE,
    )
    rows = tuple(
        _credit_row(customer, credit)
        for customer in balance.customers
        for credit in customer.credits
    )
    return Table(
        "hors-factures",
        "Avances, trop-perçus et montants non affectés",
        columns,
        rows,
        sums(columns, rows, "Total"),
        note="en négatif, ce qui revient au client",
    )


def _credit_row(customer: CustomerBalance, credit: Credit) -> tuple[Cell, ...]:
    return (
        customer.name,
        customer.account,
        CREDIT_TITLES[credit.kind],
        credit.kind.value,
        credit.date,
        credit.reference,
        credit.label,
        credit.amount,
        *place_cells(credit.place),
    )


DEPOSIT_COLUMNS: Final = (
    NUMBER,
    DATE,
    Column("libelle", "Objet", give_way=7),
    Column("donne-ht", "Donné HT", Kind.AMOUNT, give_way=6),
    Column("donne-tva", "Donné TVA", Kind.AMOUNT, give_way=6),
    Column("donne-ttc", "Donné TTC", Kind.AMOUNT),
    Column("repris-ht", "Repris HT", Kind.AMOUNT, Show.EXPORT),
    Column("repris-tva", "Repris TVA", Kind.AMOUNT, Show.EXPORT),
    Column("repris-ttc", "Repris TTC", Kind.AMOUNT, Show.IF_ANY, give_way=2),
    Column("credite-ttc", "Crédité TTC", Kind.AMOUNT, Show.IF_ANY, give_way=2),
    Column("reste-ht", "Reste HT", Kind.AMOUNT, give_way=3),
    Column("reste-tva", "Reste TVA", Kind.AMOUNT, give_way=4),
    Column("reste-ttc", "Reste TTC", Kind.AMOUNT),
    Column("impaye", "dont impayé", Kind.AMOUNT, Show.IF_ANY, give_way=1),
    FILE,
    LINE,
)


def deposit_cells(deposit: OpenDeposit) -> tuple[Cell, ...]:
    """The row of a deposit under `DEPOSIT_COLUMNS`, amounts in euros."""
    return (
        deposit.number,
        deposit.date,
        deposit.label,
        *share_cells(deposit.given),
        *share_cells(deposit.recovered),
        deposit.credited.total,
        *share_cells(deposit.left),
        deposit.unpaid,
        *place_cells(deposit.place),
    )


def share_cells(share: Share) -> tuple[Decimal, Decimal, Decimal]:
    """Base, VAT and total, in euros."""
    return share.base, share.vat, share.total


def _deposits_table(balance: AgedBalance) -> Table:
    columns = (_CUSTOMER, _ACCOUNT, _CONTRACT, *DEPOSIT_COLUMNS)
    rows = tuple(
        (customer.name, customer.account, link_text(deposit.contract), *deposit_cells(deposit))
        for customer in balance.customers
        for deposit in customer.deposits
    )
    return Table(
        "acomptes",
        "Acomptes restant à reprendre",
        columns,
        rows,
        sums(columns, rows, "Total"),
        note="déjà compris dans les factures ouvertes s'ils sont impayés ; à déduire des factures à venir",
    )


def _aged_lines(
    balance: AgedBalance, proof: Reconciliation | None, *, whole: bool
) -> tuple[Line, ...]:
    lines = [Line("factures-ouvertes", "Factures ouvertes", balance.ages.total)]
    if balance.credit:
        lines.append(Line("credits", "Avances, trop-perçus et avoirs", balance.credit))
    if balance.unallocated:
        lines.append(Line("non-affecte", "Non affecté", balance.unallocated))
    note = ""
    if proof is not None:
        note = "conforme au grand livre" if not proof.difference else "ÉCART avec le grand livre"
    title = "Solde des comptes 411, 4117, 413 et 416" if whole else "Solde"
    lines.append(Line("solde", title, balance.total, strong=True, note=note))
    if proof is not None and proof.difference:
        lines.append(Line("grand-livre", "Solde au grand livre", proof.ledger, strong=True))
    return tuple(lines)


def _aged_warnings(balance: AgedBalance, proof: Reconciliation | None) -> tuple[str, ...]:
    warnings = []
    count = sum(1 for credit in balance.credits if credit.kind.value == "non-affecte")
    if count:
        what = "écriture ne nomme" if count == 1 else "écritures ne nomment"
        warnings.append(
            f"{count} {what} ni facture ni contrat : ajoutez le lien ^ du numéro (acompta verifier dit où)"
        )
    if proof is not None and proof.difference:
        warnings.append(
            f"la balance s'écarte du grand livre de {french.euros(proof.difference)} : lancez acompta verifier,"
            " et signalez-nous ce dossier s'il est sans erreur"
        )
    return tuple(warnings)
