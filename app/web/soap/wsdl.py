"""The WSDL 1.1 document of the operations that there are, in the form of VirtualBox's.

Style document/literal, one message each for request and answer, references as strings: clients that
were made from vboxwebService.wsdl send and understand the same messages.
"""

from __future__ import annotations

import enum
from typing import Final

from lxml import etree

from app.web.soap.envelope import VBOX
from app.web.soap.logon import WebsessionManager
from app.web.soap.managed import OPERATIONS, Kind, Operation

_WSDL: Final = "http://schemas.xmlsoap.org/wsdl/"
_SOAP: Final = "http://schemas.xmlsoap.org/wsdl/soap/"
_SCHEMA: Final = "http://www.w3.org/2001/XMLSchema"
_TRANSPORT: Final = "http://schemas.xmlsoap.org/soap/http"
_NAMESPACES: Final = {"wsdl": _WSDL, "soap": _SOAP, "xsd": _SCHEMA, "vbox": VBOX}
_FAULTS: Final = {
    "InvalidObjectFault": {"badObjectID": "xsd:string"},
    "RuntimeFault": {"resultCode": "xsd:int", "returnval": "xsd:string"},
}


def write_wsdl(address: str) -> bytes:
    """The document for a service at this address."""
    root = _definitions()
    service = _add(root, "service", name="vboxService")
    port = _add(service, "port", binding="vbox:vboxBinding", name="vboxServicePort")
    etree.SubElement(port, f"{{{_SOAP}}}address", location=address)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _add(
    parent: etree._Element, tag: str, space: str = _WSDL, /, **attributes: str
) -> etree._Element:
    return etree.SubElement(parent, f"{{{space}}}{tag}", attributes)


def _definitions() -> etree._Element:
    root = etree.Element(
        f"{{{_WSDL}}}definitions", {"name": "VirtualBox", "targetNamespace": VBOX}, _NAMESPACES
    )
    schema = _add(_add(root, "types"), "schema", _SCHEMA, targetNamespace=VBOX)
    operations = [OPERATIONS[name] for name in sorted(OPERATIONS)]
    for kind in _enumerations(operations):
        _add_enumeration(schema, kind)
    for name, fields in _FAULTS.items():
        _add_element(schema, name, [_Field(field, kind) for field, kind in fields.items()])
        _add_message(root, name, name, part="fault")
    for operation in operations:
        _add_element(schema, operation.name, _request_fields(operation))
        results = [_field(name, kind) for name, kind in operation.results.items()]
        _add_element(schema, f"{operation.name}Response", results)
        _add_message(root, f"{operation.name}RequestMsg", operation.name)
        _add_message(root, f"{operation.name}ResultMsg", f"{operation.name}Response")
    _add_port_type(root, operations)
    _add_binding(root, operations)
    return root


class _Field:
    """An element of a message."""

    def __init__(self, name: str, kind: str, *, many: bool = False) -> None:
        self.name = name
        self.kind = kind
        self.many = many


def _field(name: str, kind: Kind) -> _Field:
    prefix = "vbox" if issubclass(kind.type, enum.Enum) else "xsd"
    return _Field(name, f"{prefix}:{kind.schema}", many=kind.many)


def _request_fields(operation: Operation) -> list[_Field]:
    fields = [_field(name, kind) for name, (_, kind) in operation.parameters.items()]
    if operation.owner is not WebsessionManager:
        fields.insert(0, _Field("_this", "xsd:string"))
    return fields


def _enumerations(operations: list[Operation]) -> list[type[enum.Enum]]:
    kinds: dict[str, type[enum.Enum]] = {}
    for operation in operations:
        used = [kind for _, kind in operation.parameters.values()]
        for kind in (*used, *operation.results.values()):
            if issubclass(kind.type, enum.Enum):
                kinds[kind.schema] = kind.type
    return [kinds[name] for name in sorted(kinds)]


def _add_enumeration(schema: etree._Element, kind: type[enum.Enum]) -> None:
    simple = _add(schema, "simpleType", _SCHEMA, name=kind.__name__)
    restriction = _add(simple, "restriction", _SCHEMA, base="xsd:string")
    for word in kind:
        _add(restriction, "enumeration", _SCHEMA, value=str(word.value))


def _add_element(schema: etree._Element, name: str, fields: list[_Field]) -> None:
    element = _add(schema, "element", _SCHEMA, name=name)
    sequence = _add(_add(element, "complexType", _SCHEMA), "sequence", _SCHEMA)
    for field in fields:
        item = _add(sequence, "element", _SCHEMA, name=field.name, type=field.kind)
        if field.many:
            item.set("minOccurs", "0")
            item.set("maxOccurs", "unbounded")


def _add_message(root: etree._Element, name: str, element: str, part: str = "parameters") -> None:
    message = _add(root, "message", name=name)
    _add(message, "part", name=part, element=f"vbox:{element}")


def _add_port_type(root: etree._Element, operations: list[Operation]) -> None:
    port_type = _add(root, "portType", name="vboxPortType")
    for operation in operations:
        entry = _add(port_type, "operation", name=operation.name)
        _add(entry, "input", message=f"vbox:{operation.name}RequestMsg")
        _add(entry, "output", message=f"vbox:{operation.name}ResultMsg")
        for fault in _FAULTS:
            _add(entry, "fault", name=fault, message=f"vbox:{fault}")


def _add_binding(root: etree._Element, operations: list[Operation]) -> None:
    binding = _add(root, "binding", name="vboxBinding", type="vbox:vboxPortType")
    _add(binding, "binding", _SOAP, style="document", transport=_TRANSPORT)
    for operation in operations:
        entry = _add(binding, "operation", name=operation.name)
        _add(entry, "operation", _SOAP, soapAction="", style="document")
        for way in ("input", "output"):
            _add(_add(entry, way), "body", _SOAP, use="literal")
        for fault in _FAULTS:
            _add(_add(entry, "fault", name=fault), "fault", _SOAP, name=fault, use="literal")
