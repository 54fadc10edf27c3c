"""Read a page back as a person would: its tables by title of column, its links, its words."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

VOID: Final = frozenset({"br", "hr", "img", "input", "link", "meta", "rect", "line"})


@dataclass(eq=False)
class Element:
    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        parts = (c if isinstance(c, str) else c.text for c in self.children)
        return " ".join(" ".join(parts).split())

    @property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()

    def all(self, tag: str = "", css: str = "") -> list[Element]:
        found = []
        for child in self.children:
            if isinstance(child, Element):
                if (not tag or child.tag == tag) and (not css or css in child.classes):
                    found.append(child)
                found += child.all(tag, css)
        return found

    def one(self, tag: str = "", css: str = "") -> Element:
        found = self.all(tag, css)
        assert len(found) == 1, (tag, css, len(found), self.text[:500])
        return found[0]

    def links(self) -> dict[str, str]:
        """Where each text leads."""
        return {a.text: a.attributes["href"] for a in self.all("a")}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("root")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open[-1].tag not in {"style", "script"}:
            self.open[-1].children.append(data)


def read_page(html: str) -> Element:
    """The tree of a page; a tag that is not closed is an error."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert len(reader.open) == 1, reader.open[-1].tag
    return reader.root


def rows(page: Element, key: str) -> list[dict[str, str]]:
    """The rows of the table ``key``, by title of column, empty cells left out."""
    table = page.one("table", f"t-{key}")
    return [_row(tr) for body in table.all("tbody") for tr in body.all("tr")]


def total(page: Element, key: str) -> dict[str, str]:
    """The last row of the table ``key``."""
    return _row(page.one("table", f"t-{key}").one("tfoot").one("tr"))


def _row(tr: Element) -> dict[str, str]:
    cells = {td.attributes["data-label"]: td.text for td in tr.all("td")}
    return {label: text for label, text in cells.items() if text}
