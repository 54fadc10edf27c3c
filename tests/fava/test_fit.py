from __future__ import annotations

from acompta.fava.fit import CARD_WIDTHS, LABEL, NARROW, ColumnTexts, breaks, cards_from


def _column(key: str, give_way: int, *texts: str, figure: bool = False) -> ColumnTexts:
    return ColumnTexts(key, key, figure, give_way, texts)


def test_what_matters_least_leaves_first_and_what_matters_never() -> None:
    columns = [
        _column("client", 0, "SCI Dupont"),
        _column("nature", 5, "Facture"),
        _column("libelle", 7, "Un objet aussi long que l'on veut"),
        _column("total", 3, "1 234,56", figure=True),
        _column("reste", 0, "1 234,56", figure=True),
    ]
    found = breaks(columns)
    assert [one.key for one in found] == ["libelle", "nature", "total"]
    widths = [one.width for one in found]
    assert widths == sorted(widths, reverse=True)
    assert widths[0] - widths[1] == LABEL


def test_of_equals_the_last_leaves_first() -> None:
    assert [one.key for one in breaks([_column("a", 4), _column("b", 4)])] == ["b", "a"]


def test_longer_figures_need_more_room() -> None:
    def room(figure: str) -> int:
        return breaks([_column("total", 1, figure, figure=True)])[0].width

    assert room("1,00") == room("") < room("123 456 789,00")


def test_a_table_whose_columns_all_matter_never_changes() -> None:
    assert breaks([_column("client", 0, "x")]) == ()
    assert breaks([]) == ()


def test_a_small_table_stays_a_table_where_a_large_one_becomes_cards() -> None:
    entry = [
        _column("compte", 0, "Actif:411:Dupont"),
        _column("debit", 0, "1 200,00", figure=True),
        _column("credit", 0, "1 200,00", figure=True),
    ]
    assert cards_from(entry) == CARD_WIDTHS[0]
    # Of nine columns more, all may leave: a table down to 740 px, cards below; when none may, cards from 900 px.
    for give_way, width in ((1, NARROW), (0, CARD_WIDTHS[-1])):
        more = [_column(f"c{n}", give_way, "1,00", figure=True) for n in range(9)]
        assert cards_from([*entry, *more]) == width


def test_a_table_has_the_room_that_it_wants_or_columns_leave() -> None:
    for count in range(1, 12):
        columns = [_column(f"c{n}", 1, "1,00", figure=True) for n in range(count)]
        assert breaks(columns)[0].width <= cards_from(columns) or cards_from(columns) == NARROW
