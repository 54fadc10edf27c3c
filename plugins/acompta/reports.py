"""The reports of what is owed, as tables: the aged balance, one contract, all contracts."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Final

from acompta import french
from acompta.contracts import ContractView, RateView, Step
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
from acompta.rounding import ZERO
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
_FILE = Column("fichier", "Fichier", Kind.CODE, Show.EXPORT)
_LINE = Column("ligne", "Ligne", Kind.COUNT, Show.EXPORT)
_NUMBER = Column("numero", "N°", Kind.CODE)
_DATE = Column("date", "Date", Kind.DATE)
_CONTRACT = Column("contrat", "Contrat", Kind.CODE, Show.IF_ANY, give_way=6)
_AGE_KEYS: Final = ("non-echu", "de-1-a-30", "de-31-a-60", "de-61-a-90", "plus-de-90")


def kind_title(kind: DocumentKind) -> str:
    """A short French name for a kind of document."""
    return SHORT_KINDS.get(kind, KIND_TITLES[kind])


def rate_title(rate: Decimal, regime: str) -> str:
    """« 20 % », or why there is no VAT."""
    return _REGIME_TITLES.get(regime, regime) if regime else french.percent(rate)


def _where(place: Place) -> tuple[Cell, Cell]:
    return place.path, place.line


def _link(contract: str | None) -> str:
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
        _NUMBER,
        Column("nature", "Nature", give_way=5),
        _CONTRACT,
        Column("libelle", "Objet", give_way=7),
        _DATE._replace(give_way=4),
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
        _FILE,
        _LINE,
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
        _link(invoice.contract),
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
        *_where(invoice.place),
    )


def _credits_table(balance: AgedBalance) -> Table:
    columns = (
        _CUSTOMER,
        _ACCOUNT,
        Column("nature", "Nature"),
        Column("code", "Code", Kind.CODE, Show.EXPORT),
        _DATE,
        Column("reference", "Référence", Kind.CODE, Show.IF_ANY),
        Column("libelle", "Objet", give_way=1),
        Column("montant", "Montant", Kind.AMOUNT),
        _FILE,
        _LINE,
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
        *_where(credit.place),
    )


_DEPOSIT_COLUMNS: Final = (
    _NUMBER,
    _DATE,
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
    _FILE,
    _LINE,
)


def _deposit_cells(deposit: OpenDeposit) -> tuple[Cell, ...]:
    return (
        deposit.number,
        deposit.date,
        deposit.label,
        *_three(deposit.given),
        *_three(deposit.recovered),
        deposit.credited.total,
        *_three(deposit.left),
        deposit.unpaid,
        *_where(deposit.place),
    )


def _three(share: Share) -> tuple[Decimal, Decimal, Decimal]:
    return share.base, share.vat, share.total


def _deposits_table(balance: AgedBalance) -> Table:
    columns = (_CUSTOMER, _ACCOUNT, _CONTRACT, *_DEPOSIT_COLUMNS)
    rows = tuple(
        (customer.name, customer.account, _link(deposit.contract), *_deposit_cells(deposit))
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


# -- one contract ---------------------------------------------------------------------------------------------


def contract_report(view: ContractView, title: str) -> Report:
    """The register of one contract of the ledger ``title``."""
    return Report(
        f"Contrat ^{view.link} au {french.day(view.at)}",
        _contract_facts(view, title),
        (
            _lots_table(view),
            _rates_table(view),
            _contract_deposits_table(view),
            _steps_table(view),
        ),
        _contract_lines(view),
    )


def _contract_facts(view: ContractView, title: str) -> tuple[tuple[str, str, str], ...]:
    facts = [("dossier", "Dossier", title), ("client", "Client", view.customer_name)]
    if view.label:
        facts.append(("objet", "Objet", view.label))
    if view.signed is not None:
        facts.append(("signe", "Signé le", french.day(view.signed)))
    if view.amendments:
        dates = ", ".join(french.day(date) for date in view.amendments)
        facts.append(("avenants", "Avenants", dates))
    if view.closed_by:
        facts.append(("solde-par", "Terminé par", view.closed_by))
    return tuple(facts)


def _lots_table(view: ContractView) -> Table:
    columns = (
        Column("lot", "Lot", show=Show.IF_ANY),
        Column("compte", "Compte", Kind.CODE, Show.ALWAYS, give_way=7),
        Column("libelle", "Objet", show=Show.IF_ANY, give_way=6),
        Column("taux", "TVA", Kind.CODE),
        Column("prevu", "Prévu le", Kind.DATE, Show.IF_ANY, give_way=5),
        Column("commande-ht", "Commandé HT", Kind.AMOUNT),
        Column("facture-ht", "Facturé HT", Kind.AMOUNT),
        Column("avancement", "Avancement", Kind.RATE),
        Column("reste-ht", "Reste HT", Kind.AMOUNT),
    )
    rows = tuple(
        (
            lot.name,
            lot.account,
            lot.label,
            rate_title(lot.rate, lot.regime),
            lot.planned,
            lot.ordered,
            lot.billed,
            lot.percent,
            lot.left,
        )
        for lot in view.lots
    )
    return Table("lots", "Avancement par lot", columns, rows, sums(columns, rows, "Total"))


def _rates_table(view: ContractView) -> Table:
    columns = (
        Column("poste", "Poste", grouped=True),
        Column("taux", "TVA", Kind.CODE),
        Column("ht", "HT", Kind.AMOUNT),
        Column("tva", "TVA", Kind.AMOUNT),
        Column("ttc", "TTC", Kind.AMOUNT),
    )
    rows: list[tuple[Cell, ...]] = []
    strong: set[int] = set()
    for name, read in _POSTS:
        if name.startswith("Acomptes") and not view.deposits:
            continue
        _add_post(rows, strong, name, [(rate, read(rate)) for rate in view.rates])
    return Table("taux", "Par taux de TVA", columns, tuple(rows), strong=frozenset(strong))


_POSTS: Final[tuple[tuple[str, Callable[[RateView], Share]], ...]] = (
    ("Commandé", lambda rate: rate.ordered),
    ("Facturé", lambda rate: rate.billed),
    ("Facturé hors contrat", lambda rate: rate.extra),
    ("Reste à facturer", lambda rate: rate.left),
    ("Acomptes demandés", lambda rate: rate.deposits_given),
    ("Acomptes repris", lambda rate: rate.deposits_recovered),
    ("Acomptes crédités ou conservés", lambda rate: rate.deposits_credited),
    ("Acomptes à reprendre", lambda rate: rate.deposits_left),
)
_MAY_BE_ABSENT: Final = frozenset({"Facturé hors contrat", "Acomptes crédités ou conservés"})


def _add_post(
    rows: list[tuple[Cell, ...]],
    strong: set[int],
    name: str,
    shares: list[tuple[RateView, Share]],
) -> None:
    """The rates of one post, then their sum when there are several."""
    found = [(rate, share) for rate, share in shares if share.base or share.vat]
    if not found and name in _MAY_BE_ABSENT:
        return
    if len(found) != 1:
        total = Share(
            sum((share.base for _, share in found), ZERO),
            sum((share.vat for _, share in found), ZERO),
        )
        rows += [(name, rate_title(r.rate, r.regime), *_three(share)) for r, share in found]
        if found:
            strong.add(len(rows))
        rows.append((name, "Total" if found else "", *_three(total)))
        return
    rate, share = found[0]
    rows.append((name, rate_title(rate.rate, rate.regime), *_three(share)))


def _contract_deposits_table(view: ContractView) -> Table:
    rows = tuple(_deposit_cells(deposit) for deposit in view.deposits)
    return Table(
        "acomptes", "Acomptes", _DEPOSIT_COLUMNS, rows, sums(_DEPOSIT_COLUMNS, rows, "Total")
    )


def _steps_table(view: ContractView) -> Table:
    columns = (
        _DATE,
        Column("nature", "Nature"),
        _NUMBER,
        Column("libelle", "Objet", give_way=6),
        Column("ht", "HT", Kind.AMOUNT, give_way=5),
        Column("tva", "TVA", Kind.AMOUNT, give_way=7),
        Column("ttc", "TTC", Kind.AMOUNT),
        Column("acomptes-repris", "Acomptes repris", Kind.AMOUNT, Show.IF_ANY, give_way=4),
        Column("net", "Net TTC", Kind.AMOUNT, Show.IF_ANY, give_way=3),
        Column("regle", "Réglé", Kind.AMOUNT),
        Column("reste-du", "Reste dû", Kind.AMOUNT),
        _FILE,
        _LINE,
    )
    rows = tuple(_step_row(step) for step in view.steps)
    return Table("historique", "Historique", columns, rows)


def _step_row(step: Step) -> tuple[Cell, ...]:
    if step.kind is None:
        return (
            step.date,
            _money_title(step),
            step.number,
            step.label,
            *(None,) * 5,
            step.paid,
            None,
            *_where(step.place),
        )
    nature = kind_title(step.kind)
    if step.state:
        nature += f" ({'en erreur' if step.state == 'erreur' else step.state})"
    billed = step.claimed or step.recovered or step.open
    known = bool(step.amount.base or step.amount.vat or billed)
    return (
        step.date,
        nature,
        step.number,
        step.label,
        step.amount.base if known else None,
        step.amount.vat if known else None,
        step.amount.total + step.disbursements if known else None,
        -step.recovered if step.recovered else None,
        step.claimed if billed else None,
        None,
        step.open if billed else None,
        *_where(step.place),
    )


def _money_title(step: Step) -> str:
    if step.state:
        return "Escompte, perte" if step.paid > 0 else "Autre débit"
    return "Règlement" if step.paid > 0 else "Remboursement"


def _contract_lines(view: ContractView) -> tuple[Line, ...]:
    lines = [Line("demande", "Demandé (acomptes et factures nettes)", view.claimed)]
    if view.paid or not view.other:
        lines.append(Line("regle", "Réglé", -view.paid))
    if view.other:
        lines.append(Line("escompte-et-autres", "Escomptes, pertes et autres", -view.other))
    retention = f"dont retenue {french.euros(view.retention)}" if view.retention else ""
    lines.append(Line("reste-du", "Reste dû", view.open, strong=True, note=retention))
    if view.left.total or view.deposits_left.total:
        lines += [
            Line("reste-a-facturer", "Reste à facturer TTC", view.left.total),
            Line("acomptes-a-reprendre", "Acomptes à reprendre", -view.deposits_left.total),
            Line("a-recevoir", "À recevoir jusqu'à la fin", view.to_receive, strong=True),
        ]
    return tuple(lines)


# -- all contracts --------------------------------------------------------------------------------------------


def contracts_report(views: Iterable[ContractView], at: datetime.date, title: str) -> Report:
    """One line per contract of the ledger ``title``."""
    columns = (
        Column("contrat", "Contrat", Kind.CODE),
        Column("client", "Client"),
        Column("compte", "Compte", Kind.CODE, Show.EXPORT),
        Column("libelle", "Objet", give_way=7),
        Column("signe", "Signé le", Kind.DATE, give_way=6),
        Column("commande-ttc", "Commandé TTC", Kind.AMOUNT),
        Column("facture-ttc", "Facturé TTC", Kind.AMOUNT, give_way=4),
        Column("regle", "Réglé", Kind.AMOUNT, give_way=5),
        Column("reste-a-facturer", "À facturer TTC", Kind.AMOUNT),
        Column("acomptes-demandes", "Acomptes demandés", Kind.AMOUNT, Show.EXPORT),
        Column("acomptes-a-reprendre", "Acomptes à reprendre", Kind.AMOUNT, give_way=3),
        Column("reste-du", "Reste dû", Kind.AMOUNT),
    )
    rows = tuple(
        (
            _link(view.link),
            view.customer_name,
            view.customer,
            view.label,
            view.signed,
            view.ordered.total,
            view.billed.total + view.extra.total + view.disbursements,
            view.paid,
            view.left.total,
            view.deposits_given.total,
            view.deposits_left.total,
            view.open,
        )
        for view in views
    )
    table = Table("contrats", "Contrats", columns, rows, sums(columns, rows, "Total"))
    return Report(f"Contrats au {french.day(at)}", (("dossier", "Dossier", title),), (table,))
