"""An HTML page taken apart: elements in order, and whether they are closed as they were opened."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

VOID = {"meta", "img", "br", "link", "input", "hr"}
LOADING = {"src", "href", "srcset", "action", "data", "poster", "xlink:href", "formaction"}
"""Attributes that name what a browser may fetch, or go to."""


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    text: str = ""


@dataclass
class ReadPage(HTMLParser):
    """A page; `faults` are elements that are not closed as they were opened."""

    source: str
    elements: list[Element] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    _open: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.feed(self.source)
        self.close()
        self.faults += [f"{one.tag} is never closed" for one in self._open]

    @classmethod
    def of(cls, path: Path) -> ReadPage:
        return cls(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.faults.append(f"{tag} has an attribute twice")
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        if not self._open or self._open[-1].tag != tag:
            self.faults.append(f"</{tag}> closes {self._open[-1].tag if self._open else 'nothing'}")
            return
        self._open.pop()

    def handle_data(self, data):
        for element in self._open:
            element.text += data

    def all(self, *tags: str) -> list[Element]:
        return [one for one in self.elements if one.tag in tags]

    def texts(self, *tags: str) -> list[str]:
        return [" ".join(one.text.split()) for one in self.all(*tags)]

    @property
    def sections(self) -> list[str]:
        return [one.attributes["id"] for one in self.all("section")]

    def section(self, key: str) -> str:
        (found,) = [one for one in self.all("section") if one.attributes["id"] == key]
        return " ".join(found.text.split())

    @property
    def addresses(self) -> list[str]:
        """What the page would fetch or go to, but for places within it."""
        found = [
            value
            for one in self.elements
            for name, value in one.attributes.items()
            if name in LOADING
        ]
        return [value for value in found if not value.startswith(("#", "data:"))]
