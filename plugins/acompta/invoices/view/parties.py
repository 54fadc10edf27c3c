"""Who issues a document, who receives it, and where in the ledger to correct what they lack."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from acompta.french import country_name
from acompta.vocabulary import Regime

FRANCE: Final = "FR"
DEFAULT_ACCENT: Final = "#14505c"


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the ledger: where to correct what is missing or wrong."""

    path: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """Who issues the document (``custom "emetteur"``). ``address`` is one text per line.

    ``electronic_address`` is where platforms reach it (BT-34), ``deposits_as_paid`` the second way of saying recovered
    deposits in the electronic invoice (XP Z12-014, case 21).
    """

    name: str
    legal_form: str = ""
    address: tuple[str, ...] = ()
    siren: str = ""
    siret: str = ""
    vat_number: str = ""
    rcs: str = ""
    phone: str = ""
    email: str = ""
    website: str = ""
    iban: str = ""
    bic: str = ""
    logo: Path | None = None
    accent: str = DEFAULT_ACCENT
    regime: Regime = Regime.RECEIPTS
    deposit_on_debit: bool = False
    penalties: str = ""
    discount_terms: str = ""
    electronic_address: str = ""
    deposits_as_paid: bool = False
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Who receives it (the ``open`` of the 411 account). ``country`` is an ISO 3166 code of two letters."""

    name: str
    account: str = ""
    address: tuple[str, ...] = ()
    delivery_address: tuple[str, ...] = ()
    siren: str = ""
    siret: str = ""
    vat_number: str = ""
    country: str = FRANCE
    consumer: bool = False
    public: bool = False
    email: str = ""
    electronic_address: str = ""
    place: Place | None = None

    @property
    def french(self) -> bool:
        """Whether the customer is established in France."""
        return self.country == FRANCE

    @property
    def postal_address(self) -> tuple[str, ...]:
        """The address as an envelope wants it: abroad, the last line is the country, in French and in capitals."""
        country = "" if self.french else country_name(self.country).upper()
        said = self.address and self.address[-1].strip().upper() == country
        return self.address if not country or said or not self.address else (*self.address, country)
