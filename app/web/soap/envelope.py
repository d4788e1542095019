"""Envelopes of SOAP 1.1: reading what hostile clients may have written, and writing answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from lxml import etree

ENVELOPE: Final = "http://schemas.xmlsoap.org/soap/envelope/"
VBOX: Final = "http://www.virtualbox.org/"
"""The namespace of VirtualBox's operations."""

_NEXT: Final = "http://schemas.xmlsoap.org/soap/actor/next"
_NAMESPACES: Final = {"SOAP-ENV": ENVELOPE, "vbox": VBOX}


class BadRequestError(Exception):
    """It is no request of the WSDL; the sentence says why.

    Attributes:
        code: of the fault.
    """

    def __init__(self, sentence: str, code: str = "Client") -> None:
        super().__init__(sentence)
        self.code = code


class Elements:
    """The elements of a request, by name."""

    def __init__(self, elements: Iterable[etree._Element]) -> None:
        self._texts: dict[str, list[str]] = {}
        for element in elements:
            if len(element):
                raise BadRequestError(f"The element '{_local(element)}' has elements in it.")
            self._texts.setdefault(_local(element), []).append(element.text or "")

    def texts(self, name: str) -> list[str]:
        """What is in all elements of a name."""
        return self._texts.get(name, [])

    def text(self, name: str) -> str:
        """What is in the one element of a name.

        Raises:
            BadRequestError: There is none, or are several.
        """
        found = self.texts(name)
        if len(found) != 1:
            raise BadRequestError(f"There are {len(found)} elements '{name}' instead of one.")
        return found[0]

    def names(self) -> set[str]:
        """Names of the elements that there are."""
        return set(self._texts)


def read_envelope(data: bytes) -> tuple[str, Elements]:
    """Name and elements of the operation that an envelope asks for.

    Raises:
        BadRequestError: It is no envelope, or one that must not be trusted.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False,
        huge_tree=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BadRequestError(f"This is not well-formed XML: {error}.") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise BadRequestError("Envelopes have no document type.")
    if root.tag != f"{{{ENVELOPE}}}Envelope":
        raise BadRequestError("This is no envelope of SOAP 1.1.", "VersionMismatch")
    for entry in root.iterfind(f"{{{ENVELOPE}}}Header/*"):
        actor = entry.get(f"{{{ENVELOPE}}}actor", _NEXT)
        if entry.get(f"{{{ENVELOPE}}}mustUnderstand") == "1" and actor == _NEXT:
            raise BadRequestError(f"The header '{_local(entry)}' is unknown.", "MustUnderstand")
    asked = root.findall(f"{{{ENVELOPE}}}Body/*")
    if len(asked) != 1 or etree.QName(asked[0]).namespace != VBOX:
        raise BadRequestError(f"The body has to hold one element of the namespace {VBOX}.")
    return _local(asked[0]), Elements(asked[0])


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname


def new_element(name: str) -> etree._Element:
    """An element of VirtualBox's namespace."""
    return etree.Element(f"{{{VBOX}}}{name}", nsmap={"vbox": VBOX})


def add_text(parent: etree._Element, name: str, text: str) -> None:
    """Add an element with a text; what XML cannot hold becomes a question mark."""
    element = etree.SubElement(parent, name)
    try:
        element.text = text
    except ValueError:
        element.text = "".join(each if each in "\t\n\r" or each >= " " else "?" for each in text)


def write_envelope(body: etree._Element) -> bytes:
    """An envelope with this in its body."""
    envelope = etree.Element(f"{{{ENVELOPE}}}Envelope", nsmap=_NAMESPACES)
    etree.SubElement(envelope, f"{{{ENVELOPE}}}Body").append(body)
    return etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")


def write_fault(code: str, sentence: str, detail: etree._Element | None = None) -> bytes:
    """An envelope with a fault."""
    fault = etree.Element(f"{{{ENVELOPE}}}Fault", nsmap=_NAMESPACES)
    add_text(fault, "faultcode", f"SOAP-ENV:{code}")
    add_text(fault, "faultstring", sentence)
    if detail is not None:
        etree.SubElement(fault, "detail").append(detail)
    return write_envelope(fault)
