"""``storagectl``: the storage controllers of a machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.api.errors import ApiError, ErrorCode
from app.cli.changing import changed_settings
from app.cli.commands import command
from app.cli.errors import UsageError
from app.cli.options import Option
from app.settings.enums import StorageBus, StorageControllerType
from app.settings.media import remove_controller
from app.settings.storage import CONTROLLER_LIMITS, StorageController, misfit, set_model

if TYPE_CHECKING:
    from app.cli.context import Context
    from app.cli.options import Arguments
    from app.settings.model import MachineSettings

_DEFAULT_TYPES: Final = {
    "ide": StorageControllerType.PIIX4,
    "sata": StorageControllerType.AHCI,
    "scsi": StorageControllerType.LSI_LOGIC,
    "floppy": StorageControllerType.I82078,
    "sas": StorageControllerType.LSI_LOGIC_SAS,
    "usb": StorageControllerType.USB,
    "pcie": StorageControllerType.NVME,
    "nvme": StorageControllerType.NVME,
    "virtio": StorageControllerType.VIRTIO_SCSI,
    "virtio-scsi": StorageControllerType.VIRTIO_SCSI,
    "virtio-blk": StorageControllerType.VIRTIO_BLK,
}
"""Model of a new controller by the word of ``--add``."""

_TYPES: Final = {
    **{model.lower(): model for model in StorageControllerType},
    "intelahci": StorageControllerType.AHCI,
    "virtio": StorageControllerType.VIRTIO_SCSI,
    "virtio-scsi": StorageControllerType.VIRTIO_SCSI,
    "virtio-blk": StorageControllerType.VIRTIO_BLK,
}
"""Models by the word of ``--controller`` in lower case."""

_CACHED: Final = (StorageBus.IDE, StorageBus.FLOPPY, StorageBus.USB)
"""Buses whose controllers use the host's cache unless told otherwise."""

_SEVERAL_ON_ICH9: Final = (StorageBus.SATA, StorageBus.SCSI, StorageBus.SAS, StorageBus.PCIE)
_MOST_ON_ICH9: Final = 8


@command(
    "storagectl",
    "Add, change and remove storage controllers.",
    usage=(
        ("storagectl <uuid | vmname> --name=<controller-name> [--add=floppy | ide | pcie | sas | "
        "sata | scsi | usb | virtio] [--controller=BusLogic | I82078 | ICH6 | IntelAhci | LSILogic "
        "| LSILogicSAS | NVMe | PIIX3 | PIIX4 | USB | VirtIO | VirtioBlk] [--bootable=on | off] "
        "[--hostiocache=on | off] [--portcount=<count>] [--remove] [--rename=<new-name>]"),
    ),
    options=(
        Option(("--name", "-name", "-n"), "name", "Name of the controller."),
        Option(("--add", "-add", "-a"), "bus", "Add a controller for this bus."),
        Option(("--controller", "-controller", "-c"), "model", "Model of the controller."),
        Option(("--portcount", "-portcount", "--sataportcount", "-p"), "count", "Ports."),
        Option(("--hostiocache", "-hostiocache", "-i"), "on | off", "Use the host's cache."),
        Option(("--bootable", "-bootable", "-b"), "on | off", "The firmware may boot from it."),
        Option(("--rename", "-rename", "-r"), "name", "Give it another name."),
        Option(("--remove", "-remove", "-R"), help="Remove it with all that is attached."),
    ),
)
def storagectl(context: Context, arguments: Arguments) -> None:
    """Change the controllers of a machine: all that was asked for, or nothing."""
    name = arguments.word(0, "virtual machine name")
    arguments.at_most(1)
    controller = arguments.get("name")
    if not controller:
        raise UsageError("Storage controller name not specified")
    with changed_settings(context, name) as settings:
        change_controller(settings, controller, arguments)


def change_controller(settings: MachineSettings, name: str, arguments: Arguments) -> None:
    """Apply the options to the controller ``name``.

    Raises:
        UsageError: A value cannot be understood.
        ApiError: A value is refused, with the codes of VirtualBox.
    """
    if arguments.has("remove"):
        require_controller(settings, name)
        remove_controller(settings, name)
        return
    if arguments.has("add"):
        add_controller(settings, name, arguments.require("add"))
    controller = require_controller(settings, name)
    if arguments.has("controller"):
        set_type(controller, arguments.require("controller"))
    if arguments.has("portcount"):
        set_port_count(controller, arguments.require("portcount"))
    if arguments.has("hostiocache"):
        controller.use_host_io_cache = _on_off(arguments, "hostiocache")
    if arguments.has("bootable"):
        controller.bootable = _on_off(arguments, "bootable")
    if arguments.has("rename"):
        new = arguments.require("rename")
        if not new:
            raise UsageError("Storage controller name not specified")
        if new != name:
            _require_free(settings, new)
            controller.name = new


def add_controller(settings: MachineSettings, name: str, bus_word: str) -> None:
    """Add a controller for the bus that the word of ``--add`` names.

    Raises:
        UsageError: There is no such bus.
        ApiError: The name is taken, or there are enough of them.
    """
    model = _DEFAULT_TYPES.get(bus_word.lower())
    if model is None:
        raise UsageError(f"Invalid --add argument '{bus_word}'")
    _require_free(settings, name)
    limits = CONTROLLER_LIMITS[model]
    others = settings.hardware.storage_controllers
    instances = {
        other.instance
        for other in others
        if other.limits is not None and other.limits.bus is limits.bus
    }
    instance = next(number for number in range(len(instances) + 1) if number not in instances)
    chipset = settings.hardware.chipset
    most = _MOST_ON_ICH9 if chipset == "ICH9" and limits.bus in _SEVERAL_ON_ICH9 else 1
    if instance >= most:
        raise _refused("Too many storage controllers of this type")
    others.append(
        StorageController(
            name=name,
            type=model,
            port_count=limits.default_ports,
            instance=instance,
            use_host_io_cache=limits.bus in _CACHED,
            bootable=instance == 0,
        )
    )


def set_type(controller: StorageController, word: str) -> None:
    """Make a controller the model that the word of ``--controller`` names.

    Raises:
        UsageError: There is no such model.
        ApiError: It is for another bus, or a drive does not fit.
    """
    model = _TYPES.get(word.lower())
    if model is None:
        raise UsageError(f"Invalid --controller argument '{word}'")
    limits, wanted = controller.limits, CONTROLLER_LIMITS[model]
    if limits is not None and limits.bus is not wanted.bus:
        raise _refused(
            f"Invalid controller type {model} for the storage bus {limits.bus} of '"
            f"{controller.name}'"
        )
    drive = misfit(controller, model)
    if drive is not None:
        raise _refused(
            f"The drive of type {drive.type} at port {drive.port} of '{controller.name}' does not "
            f"fit the controller type {model}"
        )
    set_model(controller, model)


def set_port_count(controller: StorageController, text: str) -> None:
    """Give a controller as many ports as ``--portcount`` says.

    Raises:
        UsageError: It is no number.
        ApiError: It is out of range, or a port with a drive would go.
    """
    if not text.isdigit():
        raise UsageError(f"Invalid --portcount argument '{text}'")
    count, limits = int(text), controller.limits
    if limits is not None and not limits.min_ports <= count <= limits.max_ports:
        raise _refused(
            f"Invalid port count: {count} (must be in range [{limits.min_ports}, "
            f"{limits.max_ports}])"
        )
    beyond = [drive.port for drive in controller.attachments if drive.port >= count]
    if beyond:
        raise ApiError(
            ErrorCode.VBOX_E_OBJECT_IN_USE,
            f"Invalid port count: {count} (a device is attached to port {max(beyond)} of the "
            f"controller '{controller.name}')",
            "machine",
        )
    controller.port_count = count


def require_controller(settings: MachineSettings, name: str) -> StorageController:
    """The controller with this name.

    Raises:
        ApiError: ``VBOX_E_OBJECT_NOT_FOUND``.
    """
    controller = settings.hardware.controller(name)
    if controller is None:
        raise ApiError(
            ErrorCode.VBOX_E_OBJECT_NOT_FOUND,
            f"Could not find a storage controller named '{name}'",
            "machine",
        )
    return controller


def _require_free(settings: MachineSettings, name: str) -> None:
    if settings.hardware.controller(name) is not None:
        raise ApiError(
            ErrorCode.VBOX_E_OBJECT_IN_USE,
            f"Storage controller named '{name}' already exists",
            "machine",
        )


def _refused(sentence: str) -> ApiError:
    return ApiError(ErrorCode.E_INVALIDARG, sentence, "machine")


def _on_off(arguments: Arguments, key: str) -> bool:
    text = arguments.require(key).lower()
    if text not in ("on", "off"):
        raise UsageError(f"Invalid --{key} argument '{arguments.get(key)}'")
    return text == "on"
