"""Elements of HTML, SVG and XML. Text gets in as text only: there is no way to hand in markup."""

from __future__ import annotations

from typing import Literal
from xml.etree import ElementTree as ET

from gate.reports.words import visible

Element = ET.Element
Child = Element | str | None

_CAMEL = frozenset({"viewBox", "preserveAspectRatio"})


def element(tag: str, *children: Child, **attributes: object) -> Element:
    """Return an element; an attribute that is None is left out, `class_` and `for_` lose their underscore.

    An underscore inside of an attribute's name stands for a hyphen, as in `stroke_width`.
    """
    made = ET.Element(tag)
    for name, value in attributes.items():
        if value is not None:
            text = f"{value:g}" if isinstance(value, float) else visible(str(value))
            made.set(name if name in _CAMEL else name.rstrip("_").replace("_", "-"), text)
    return add(made, *children)


def add(parent: Element, *children: Child) -> Element:
    """Append `children` to `parent`, which is returned."""
    for child in children:
        if isinstance(child, str):
            _append_text(parent, visible(child))
        elif child is not None:
            parent.append(child)
    return parent


def _append_text(parent: Element, text: str) -> None:
    if len(parent):
        parent[-1].tail = (parent[-1].tail or "") + text
    else:
        parent.text = (parent.text or "") + text


def render(root: Element, method: Literal["html", "xml"] = "html") -> str:
    """Return `root` as HTML or as XML without a declaration."""
    return ET.tostring(root, encoding="unicode", method=method)
