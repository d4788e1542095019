"""Reading and writing of the places where the file format follows no rule.

Each pair of functions serves the fields declared with ``special("name", …)``; importing this
module registers them.
"""

from __future__ import annotations

from typing import Any

from lxml import etree

from app.settings import editing
from app.settings.declare import Items, fields_of
from app.settings.document import line_of, local_name
from app.settings.errors import SettingsError, SettingsErrorCode, xml_error
from app.settings.plan import FieldPlan
from app.settings.reader import Reader, Scope, shape_reader
from app.settings.values import BadValueError, parse_number, parse_switch, parse_uuid
from app.settings.writer import Owner, Writer, shape_writer

BOOT_POSITIONS = 4

MODE_ELEMENTS = {
    "NAT": ("NAT",),
    "Bridged": ("BridgedInterface", "HostInterface"),
    "Internal": ("InternalNetwork",),
    "HostOnly": ("HostOnlyInterface",),
    "Generic": ("GenericInterface",),
    "NATNetwork": ("NATNetwork",),
    "Cloud": ("CloudNetwork",),
    "HostOnlyNetwork": ("HostOnlyNetwork",),
}
"""Elements of the attachment modes; the first name is the one that is written."""

_MODE_SINCE = {"NATNetwork": 14, "Cloud": 18, "HostOnlyNetwork": 19, "Generic": 12}
_IDE_PORTS = (
    "IDE0MasterEmulationPort", "IDE0SlaveEmulationPort",
    "IDE1MasterEmulationPort", "IDE1SlaveEmulationPort",
)
_OLD_VRDE = {"port": "TCP/Ports", "netAddress": "TCP/Address"}


def read_switch(reader: Reader, element: etree._Element, name: str, *, absent: bool) -> bool:
    """Read a boolean attribute.

    Raises:
        SettingsError: it is something else.
    """
    try:
        return parse_switch(element.get(name), absent=absent)
    except BadValueError as error:
        fact = f'attribute {name} of {local_name(element)} is "{element.get(name)}", but {error}'
        raise xml_error(reader.path, line_of(element), fact) from error


def _number(reader: Reader, element: etree._Element, attribute: str, absent: int) -> int:
    text = element.get(attribute)
    if text is None:
        return absent
    try:
        return parse_number(text)
    except BadValueError as error:
        fact = f'attribute {attribute} of {local_name(element)} is "{text}", but {error}'
        raise xml_error(reader.path, line_of(element), fact) from error


# --- boot order --------------------------------------------------------------------------------


@shape_reader("boot-order")
def read_boot_order(reader: Reader, scope: Scope, plan: FieldPlan) -> list[str]:
    """Read the boot order; a file that has one names every device that is in it."""
    boot = scope.by_path.get(plan.targets[0].path[:-1])
    if boot is None:
        return list(plan.field.default)
    order = ["None"] * BOOT_POSITIONS
    for element in editing.children(boot, "Order"):
        position = _number(reader, element, "position", 0)
        if not 1 <= position <= BOOT_POSITIONS:
            fact = f"boot position {position} does not exist, 1 to {BOOT_POSITIONS} do"
            raise xml_error(reader.path, line_of(element), fact)
        order[position - 1] = element.get("device", "None")
    return order


@shape_writer("boot-order")
def write_boot_order(writer: Writer, owner: Owner, plan: FieldPlan, value: list[str]) -> None:
    """Write the boot order, all positions of it."""
    order = (value + ["None"] * BOOT_POSITIONS)[:BOOT_POSITIONS]
    if order == read_boot_order(writer.reader, writer.scope(owner), plan):
        return
    boot = writer.element(owner, plan.targets[0].path[:-1])
    present = {element.get("position"): element for element in editing.children(boot, "Order")}
    for position, device in enumerate(order, 1):
        element = present.get(str(position))
        if element is None:
            element = writer.create("Order")
            element.set("position", str(position))
            editing.append_item(boot, element)
        writer.attribute(element, "device", device)


# --- network -----------------------------------------------------------------------------------


@shape_reader("attachment-mode")
def read_attachment(reader: Reader, scope: Scope, plan: FieldPlan) -> str:  # noqa: ARG001
    """Read what an adapter is attached to: the mode whose element is not disabled."""
    if scope.element is not None:
        for child in scope.element:
            for mode, names in MODE_ELEMENTS.items():
                if local_name(child) in names:
                    return mode
    return "Null"


@shape_writer("attachment-mode")
def write_attachment(writer: Writer, owner: Owner, plan: FieldPlan, value: str) -> None:
    """Disable the active mode and enable another; the settings of both are kept."""
    adapter = owner.element
    current = read_attachment(writer.reader, writer.scope(owner), plan)
    if current == value:
        return
    if value != "Null" and value not in MODE_ELEMENTS:
        known = ", ".join(("Null", *MODE_ELEMENTS))
        raise SettingsError(
            SettingsErrorCode.INVALID_ARGUMENT,
            f'a network adapter cannot be attached to "{value}", known are {known}',
        )
    writer.required = max(writer.required, _MODE_SINCE.get(value, 0))
    if current != "Null":
        active = _mode_element(adapter, current)
        if active is not None:
            writer.remove(active)
            if active.attrib or len(active):
                editing.append_item(writer.element(owner, ("DisabledModes",)), active)
    if value == "Null":
        return
    disabled = editing.child_at(adapter, ("DisabledModes",))
    chosen = _mode_element(disabled, value) if disabled is not None else None
    if chosen is None:
        chosen = writer.create(MODE_ELEMENTS[value][0])
    else:
        editing.remove(chosen)
    editing.append_item(adapter, chosen)
    if disabled is not None:
        editing.remove_if_empty(disabled, adapter)
    writer.edits += 1


def _mode_element(parent: etree._Element, mode: str) -> etree._Element | None:
    for name in MODE_ELEMENTS[mode]:
        found = editing.child_at(parent, (name,))
        if found is not None:
            return found
    return None


# --- storage -----------------------------------------------------------------------------------


@shape_reader("hotpluggable")
def read_hotpluggable(reader: Reader, scope: Scope, plan: FieldPlan) -> bool:  # noqa: ARG001
    """Read whether a drive can be hot-plugged; before 1.15 drives of AHCI could."""
    if scope.element is None:
        return False
    controller = scope.element.getparent()
    on_ahci = controller is not None and controller.get("type") == "AHCI"
    return read_switch(
        reader, scope.element, "hotpluggable", absent=on_ahci and reader.minor < 15
    )


@shape_writer("hotpluggable")
def write_hotpluggable(writer: Writer, owner: Owner, plan: FieldPlan, value: bool) -> None:
    """Write whether a drive can be hot-plugged."""
    present = "hotpluggable" in owner.element.attrib
    if value == read_hotpluggable(writer.reader, writer.scope(owner), plan) and (
        present or not writer.created(owner.element) or writer.minor < 15
    ):
        return
    if value != read_hotpluggable(writer.reader, writer.scope(owner), plan):
        writer.required = max(writer.required, plan.field.declaration.since)
    writer.attribute(owner.element, "hotpluggable", "true" if value else "false")


@shape_reader("attached-image")
def read_attached_image(reader: Reader, scope: Scope, plan: FieldPlan) -> str:
    """Read the UUID of the medium in a drive."""
    image = scope.by_path.get(plan.targets[0].path)
    text = image.get("uuid") if image is not None else None
    if image is None or text is None:
        return ""
    try:
        return parse_uuid(text)
    except BadValueError as error:
        fact = f'attribute uuid of Image is "{text}", but {error}'
        raise xml_error(reader.path, line_of(image), fact) from error


@shape_writer("attached-image")
def write_attached_image(writer: Writer, owner: Owner, plan: FieldPlan, value: str) -> None:
    """Put a medium into a drive or take it out."""
    if value == read_attached_image(writer.reader, writer.scope(owner), plan):
        return
    for image in editing.children(owner.element, "Image"):
        if not value:
            writer.remove(image)
    if value:
        try:
            uuid = parse_uuid(value)
        except BadValueError as error:
            raise SettingsError(
                SettingsErrorCode.INVALID_ARGUMENT, f'medium "{value}" is unknown: {error}'
            ) from error
        writer.attribute(writer.element(owner, ("Image",)), "uuid", f"{{{uuid}}}")


@shape_reader("attached-host-drive")
def read_host_drive(reader: Reader, scope: Scope, plan: FieldPlan) -> str:  # noqa: ARG001
    """Read the drive of the host that an attached drive uses."""
    drive = scope.by_path.get(plan.targets[0].path)
    return drive.get("src", "") if drive is not None else ""


@shape_writer("attached-host-drive")
def write_host_drive(writer: Writer, owner: Owner, plan: FieldPlan, value: str) -> None:
    """Connect a drive to one of the host or cut that connection."""
    if value == read_host_drive(writer.reader, writer.scope(owner), plan):
        return
    if value:
        writer.attribute(writer.element(owner, ("HostDrive",)), "src", value)
        return
    for drive in editing.children(owner.element, "HostDrive"):
        writer.remove(drive)


@shape_reader("ide-emulation")
def read_ide_emulation(reader: Reader, scope: Scope, plan: FieldPlan) -> list[int]:
    """Read the ports that a SATA controller in IDE mode shows as IDE devices."""
    if scope.element is None:
        return list(plan.field.default)
    return [
        _number(reader, scope.element, name, default)
        for name, default in zip(_IDE_PORTS, plan.field.default, strict=True)
    ]


@shape_writer("ide-emulation")
def write_ide_emulation(writer: Writer, owner: Owner, plan: FieldPlan, value: list[int]) -> None:
    """Write the emulated ports, which only SATA controllers have."""
    controller = owner.element
    new = writer.created(controller) and _IDE_PORTS[0] not in controller.attrib
    same = value == read_ide_emulation(writer.reader, writer.scope(owner), plan)
    if controller.get("type") != "AHCI" or (same and not new):
        return
    for name, port in zip(_IDE_PORTS, value, strict=False):
        writer.attribute(controller, name, str(port))


@shape_reader("medium-type")
def read_medium_type(reader: Reader, scope: Scope, plan: FieldPlan) -> str:  # noqa: ARG001
    """Read the type of a hard disk; older files spell it in lower case."""
    text = scope.element.get("type") if scope.element is not None else None
    if text is None:
        return str(plan.field.default)
    known = {
        word.lower(): word
        for word in ("Normal", "Immutable", "Writethrough", "Shareable", "Readonly", "MultiAttach")
    }
    return known.get(text.lower(), text)


@shape_writer("medium-type")
def write_medium_type(writer: Writer, owner: Owner, plan: FieldPlan, value: str) -> None:
    """Write the type of a hard disk; differencing images have none."""
    disk = owner.element
    parent = disk.getparent()
    nested = parent is not None and local_name(parent) == "HardDisk"
    new = writer.created(disk) and "type" not in disk.attrib
    same = value == read_medium_type(writer.reader, writer.scope(owner), plan)
    if nested or (same and not new):
        return
    writer.attribute(disk, "type", value)


# --- lists with a history ----------------------------------------------------------------------


@shape_reader("usb-controllers")
def read_usb_controllers(reader: Reader, scope: Scope, plan: FieldPlan) -> list[Any]:
    """Read the USB controllers; before 1.14 there was one, with or without USB 2.0."""
    cls = plan.field.item
    found = reader.elements(scope, plan)
    legacy = _legacy_usb(scope)
    if found or legacy is None:
        return [reader.struct(cls, item.element) for item in found]
    if not read_switch(reader, legacy, "enabled", absent=False):
        return []
    types = ["OHCI"]
    if read_switch(reader, legacy, "enabledEhci", absent=False):
        types.append("EHCI")
    return [cls(name=word, type=word) for word in types]


@shape_writer("usb-controllers")
def write_usb_controllers(writer: Writer, owner: Owner, plan: FieldPlan, value: list[Any]) -> None:
    """Write the USB controllers in the way of the file's version."""
    scope = writer.scope(owner)
    legacy = _legacy_usb(scope)
    same = value == read_usb_controllers(writer.reader, scope, plan)
    if writer.minor >= 14:
        if not same or (legacy is not None and writer.was_minor < 14):
            writer.items(owner, plan, Items(key=("name",)), value)
        if legacy is not None and writer.was_minor < 14:
            writer.remove(legacy)
        return
    if same:
        return
    types = [controller.type for controller in value]
    names = [controller.name for controller in value]
    if types not in ([], ["OHCI"], ["OHCI", "EHCI"]) or names != types:
        writer.required = max(writer.required, 14)
    element = writer.element(owner, ("Hardware", "USBController"))
    writer.attribute(element, "enabled", "true" if types else "false")
    writer.attribute(element, "enabledEhci", "true" if "EHCI" in types else "false")


def _legacy_usb(scope: Scope) -> etree._Element | None:
    if scope.element is None:
        return None
    return editing.child_at(scope.element, ("Hardware", "USBController"))


@shape_reader("vrde-properties")
def read_vrde_properties(reader: Reader, scope: Scope, plan: FieldPlan) -> dict[str, str]:
    """Read the properties of the remote display; before 1.11 two of them were attributes."""
    values = reader.name_values(scope, plan)
    server = scope.by_path.get(plan.targets[0].path[:-2])
    if not values and server is not None:
        for attribute, name in _OLD_VRDE.items():
            text = server.get(attribute)
            if text:
                values[name] = text
    return values


@shape_writer("vrde-properties")
def write_vrde_properties(
    writer: Writer, owner: Owner, plan: FieldPlan, value: dict[str, str]
) -> None:
    """Write the properties of the remote display."""
    scope = writer.scope(owner)
    server = scope.by_path.get(plan.targets[0].path[:-2])
    old = [name for name in _OLD_VRDE if server is not None and name in server.attrib]
    raised = writer.was_minor < 11 <= writer.minor
    if value == read_vrde_properties(writer.reader, scope, plan) and not (old and raised):
        return
    for attribute in old:
        if server is not None:
            del server.attrib[attribute]
    writer.name_values(owner, plan, value)


@shape_reader("bandwidth")
def read_bandwidth(reader: Reader, scope: Scope, plan: FieldPlan) -> int:
    """Read the limit of a bandwidth group, which older files give in megabytes."""
    if scope.element is None:
        return int(plan.field.default)
    if "maxBytesPerSec" in scope.element.attrib:
        return _number(reader, scope.element, "maxBytesPerSec", 0)
    return _number(reader, scope.element, "maxMbPerSec", 0) * 1024 * 1024


@shape_writer("bandwidth")
def write_bandwidth(writer: Writer, owner: Owner, plan: FieldPlan, value: int) -> None:
    """Write the limit of a bandwidth group in bytes, and in megabytes where that is exact."""
    if value == read_bandwidth(writer.reader, writer.scope(owner), plan):
        return
    megabytes, rest = divmod(value, 1024 * 1024)
    if writer.minor < 13 and rest == 0:
        writer.attribute(owner.element, "maxMbPerSec", str(megabytes))
        return
    writer.required = max(writer.required, 13)
    if "maxMbPerSec" in owner.element.attrib:
        del owner.element.attrib["maxMbPerSec"]
    writer.attribute(owner.element, "maxBytesPerSec", str(value))


@shape_reader("groups")
def read_groups(reader: Reader, scope: Scope, plan: FieldPlan) -> list[str]:
    """Read the groups of a machine; one that names none is in the root group."""
    groups = [item.element.get("name", "/") for item in reader.elements(scope, plan)]
    return groups or ["/"]


@shape_writer("groups")
def write_groups(writer: Writer, owner: Owner, plan: FieldPlan, value: list[str]) -> None:
    """Write the groups of a machine, nothing for the root group alone."""
    scope = writer.scope(owner)
    if (value or ["/"]) == read_groups(writer.reader, scope, plan):
        return
    writer.require(plan, value)
    for item in writer.reader.elements(scope, plan):
        writer.remove(item.element)
    container = writer.element(owner, plan.targets[0].path[:-1])
    for group in value if value != ["/"] else []:
        element = writer.create("Group")
        writer.attribute(element, "name", group)
        editing.append_item(container, element)
    editing.remove_if_empty(container, owner.element)


# --- recording ---------------------------------------------------------------------------------


@shape_reader("recording")
def read_recording(reader: Reader, scope: Scope, plan: FieldPlan) -> Any:
    """Read the recording settings; before 1.19 the hardware held them for all screens at once."""
    cls = plan.field.type
    element = scope.by_path.get(plan.targets[0].path)
    if element is not None:
        return reader.struct(cls, element)
    result = reader.struct(cls, None)
    legacy = _video_capture(scope)
    if legacy is None:
        return result
    result.enabled = read_switch(reader, legacy, "enabled", absent=False)
    display = editing.child_at(legacy.getparent(), ("Display",))  # type: ignore[arg-type]
    monitors = _number(reader, display, "monitorCount", 1) if display is not None else 1
    mask = _number(reader, legacy, "screens", 2**64 - 1)
    result.screens = [
        _legacy_screen(reader, legacy, plan, screen)
        for screen in range(min(monitors, 64))
        if mask >> screen & 1
    ]
    return result


def _legacy_screen(reader: Reader, legacy: etree._Element, plan: FieldPlan, screen: int) -> Any:
    cls = next(field.item for field in fields_of(plan.field.type) if field.name == "screens")

    def number(attribute: str, absent: int, most: int = 0xFFFFFFFF) -> int:
        return min(max(_number(reader, legacy, attribute, absent), 0), most)

    return cls(
        id=screen,
        file=legacy.get("file", ""),
        options=legacy.get("options", ""),
        width=number("horzRes", 1024, 65535),
        height=number("vertRes", 768, 65535),
        rate_kbps=number("rate", 512),
        fps=number("fps", 25, 1000),
        max_time_s=number("maxTime", 0),
        max_size_mb=number("maxSize", 0),
    )


@shape_writer("recording")
def write_recording(writer: Writer, owner: Owner, plan: FieldPlan, value: Any) -> None:
    """Write the recording settings in the form of 1.19, which a change needs."""
    scope = writer.scope(owner)
    legacy = _video_capture(scope)
    raised = writer.was_minor < 19 <= writer.minor
    same = value == read_recording(writer.reader, scope, plan)
    if same and (legacy is None or not raised):
        return
    writer.require(plan, value)
    if legacy is not None and raised:
        writer.remove(legacy)
    writer.struct(Owner(writer.element(owner, plan.targets[0].path), plan.field.type), value)


def _video_capture(scope: Scope) -> etree._Element | None:
    if scope.element is None:
        return None
    return editing.child_at(scope.element, ("Hardware", "VideoCapture"))
