"""Words of the settings files.

The fields of the model that hold these words are plain ``str`` so that words of newer versions of
the format survive; the classes here name the known ones and compare equal to them.
"""

from enum import IntEnum, StrEnum

from app.settings.devicetype import DeviceType as DeviceType  # noqa: PLC0414 - it is one of these


class Chipset(StrEnum):
    """Chipset of the board (``Chipset/@type``)."""

    PIIX3 = "PIIX3"
    ICH9 = "ICH9"
    ARMV8_VIRTUAL = "ARMv8Virtual"


class FirmwareType(StrEnum):
    """Firmware of the machine (``Firmware/@type``)."""

    BIOS = "BIOS"
    EFI = "EFI"
    EFI32 = "EFI32"
    EFI64 = "EFI64"
    EFI_DUAL = "EFIDUAL"


class BootDevice(StrEnum):
    """Entry of the boot order (``Boot/Order/@device``)."""

    NONE = "None"
    FLOPPY = "Floppy"
    DVD = "DVD"
    HARD_DISK = "HardDisk"
    NETWORK = "Network"


class BootMenuMode(StrEnum):
    """What the firmware shows of its boot menu (``BIOS/BootMenu/@mode``)."""

    DISABLED = "Disabled"
    MENU_ONLY = "MenuOnly"
    MESSAGE_AND_MENU = "MessageAndMenu"


class ApicMode(StrEnum):
    """Interrupt controller that the firmware announces (``BIOS/APIC/@mode``)."""

    DISABLED = "Disabled"
    APIC = "APIC"
    X2APIC = "X2APIC"


class GraphicsController(StrEnum):
    """Graphics adapter (``Display/@controller``)."""

    NONE = "None"
    VBOX_VGA = "VBoxVGA"
    VMSVGA = "VMSVGA"
    VBOX_SVGA = "VBoxSVGA"
    QEMU_RAM_FB = "QemuRamFB"


class PointingDevice(StrEnum):
    """Pointing device (``HID/@Pointing``)."""

    NONE = "None"
    PS2_MOUSE = "PS2Mouse"
    USB_MOUSE = "USBMouse"
    USB_TABLET = "USBTablet"
    COMBO_MOUSE = "ComboMouse"
    USB_MULTI_TOUCH = "USBMultiTouch"
    USB_MULTI_TOUCH_PAD = "USBMTScreenPlusPad"


class Keyboard(StrEnum):
    """Keyboard (``HID/@Keyboard``)."""

    NONE = "None"
    PS2_KEYBOARD = "PS2Keyboard"
    USB_KEYBOARD = "USBKeyboard"
    COMBO_KEYBOARD = "ComboKeyboard"


class ParavirtProvider(StrEnum):
    """Paravirtualization interface offered to the guest (``Paravirt/@provider``)."""

    NONE = "None"
    DEFAULT = "Default"
    LEGACY = "Legacy"
    MINIMAL = "Minimal"
    HYPER_V = "HyperV"
    KVM = "KVM"


class IommuType(StrEnum):
    """IOMMU (``Iommu/@type``)."""

    NONE = "None"
    AUTOMATIC = "Automatic"
    AMD = "AMD"
    INTEL = "Intel"


class TpmType(StrEnum):
    """Trusted platform module (``TrustedPlatformModule/@type``)."""

    NONE = "None"
    V1_2 = "v1_2"
    V2_0 = "v2_0"
    HOST = "Host"
    SWTPM = "Swtpm"


class StorageControllerType(StrEnum):
    """Model of a storage controller (``StorageController/@type``)."""

    PIIX3 = "PIIX3"
    PIIX4 = "PIIX4"
    ICH6 = "ICH6"
    AHCI = "AHCI"
    LSI_LOGIC = "LsiLogic"
    LSI_LOGIC_SAS = "LsiLogicSas"
    BUS_LOGIC = "BusLogic"
    I82078 = "I82078"
    USB = "USB"
    NVME = "NVMe"
    VIRTIO_SCSI = "VirtioSCSI"
    VIRTIO_BLK = "VirtioBlk"  # unknown to VirtualBox; see app.settings.ownmodels


class StorageBus(StrEnum):
    """Bus of a storage controller, with the words of ``storagectl --add``."""

    IDE = "ide"
    SATA = "sata"
    SCSI = "scsi"
    FLOPPY = "floppy"
    SAS = "sas"
    USB = "usb"
    PCIE = "pcie"
    VIRTIO = "virtio"


class MediumType(StrEnum):
    """How a hard disk behaves with snapshots and sharing (``HardDisk/@type``)."""

    NORMAL = "Normal"
    IMMUTABLE = "Immutable"
    WRITETHROUGH = "Writethrough"
    SHAREABLE = "Shareable"
    READONLY = "Readonly"
    MULTI_ATTACH = "MultiAttach"


class AdapterType(StrEnum):
    """Model of a network adapter (``Adapter/@type``)."""

    AM79C970A = "Am79C970A"
    AM79C973 = "Am79C973"
    AM79C960 = "Am79C960"
    I82540EM = "82540EM"
    I82543GC = "82543GC"
    I82545EM = "82545EM"
    VIRTIO = "virtio"
    NE1000 = "NE1000"
    NE2000 = "NE2000"
    WD8003 = "WD8003"
    WD8013 = "WD8013"
    ELNK1 = "3C501"
    ELNK2 = "3C503"


class Attachment(StrEnum):
    """What a network adapter is attached to (names of the API)."""

    NULL = "Null"
    NAT = "NAT"
    BRIDGED = "Bridged"
    INTERNAL = "Internal"
    HOST_ONLY = "HostOnly"
    GENERIC = "Generic"
    NAT_NETWORK = "NATNetwork"
    CLOUD = "Cloud"
    HOST_ONLY_NETWORK = "HostOnlyNetwork"


class PromiscuousMode(StrEnum):
    """Promiscuous mode policy (``Adapter/@promiscuousModePolicy``)."""

    DENY = "Deny"
    ALLOW_NETWORK = "AllowNetwork"
    ALLOW_ALL = "AllowAll"


class PortMode(StrEnum):
    """Host side of a serial port (``UART/Port/@hostMode``)."""

    DISCONNECTED = "Disconnected"
    HOST_PIPE = "HostPipe"
    HOST_DEVICE = "HostDevice"
    RAW_FILE = "RawFile"
    TCP = "TCP"


class UartType(StrEnum):
    """Model of a serial port (``UART/Port/@uartType``)."""

    U16450 = "16450"
    U16550A = "16550A"
    U16750 = "16750"


class AudioController(StrEnum):
    """Audio controller (``AudioAdapter/@controller``)."""

    AC97 = "AC97"
    SB16 = "SB16"
    HDA = "HDA"
    VIRTIO = "VirtioSound"


class AudioDriver(StrEnum):
    """Host audio driver (``AudioAdapter/@driver``)."""

    DEFAULT = "Default"
    NULL = "Null"
    OSS = "OSS"
    ALSA = "ALSA"
    PULSE = "Pulse"
    WAS = "WAS"
    DIRECT_SOUND = "DirectSound"
    CORE_AUDIO = "CoreAudio"


class UsbControllerType(StrEnum):
    """USB controller (``USB/Controllers/Controller/@type``)."""

    OHCI = "OHCI"
    EHCI = "EHCI"
    XHCI = "XHCI"


class SharingMode(StrEnum):
    """Direction of the shared clipboard and of drag and drop."""

    DISABLED = "Disabled"
    HOST_TO_GUEST = "HostToGuest"
    GUEST_TO_HOST = "GuestToHost"
    BIDIRECTIONAL = "Bidirectional"


class VrdeAuthType(StrEnum):
    """Authentication of the remote display (``RemoteDisplay/@authType``)."""

    NULL = "Null"
    GUEST = "Guest"
    EXTERNAL = "External"


class ProcessPriority(StrEnum):
    """Priority of the VM process (``Machine/@processPriority``)."""

    DEFAULT = "Default"
    FLAT = "Flat"
    LOW = "Low"
    NORMAL = "Normal"
    HIGH = "High"


class AutostopType(StrEnum):
    """What happens to the machine when the host shuts down (``Autostart/@autostop``)."""

    DISABLED = "Disabled"
    SAVE_STATE = "SaveState"
    POWER_OFF = "PowerOff"
    ACPI_SHUTDOWN = "AcpiShutdown"


class BandwidthGroupType(StrEnum):
    """What a bandwidth group limits (``BandwidthGroup/@type``)."""

    DISK = "Disk"
    NETWORK = "Network"


class AudioCodec(StrEnum):
    """Codec of the audio adapter (``AudioAdapter/@codec``), empty for the usual one."""

    DEFAULT = ""
    STAC9700 = "STAC9700"
    AD1980 = "AD1980"
    STAC9221 = "STAC9221"
    SB16 = "SB16"


class SymlinkPolicy(StrEnum):
    """Symbolic links in a shared folder (``SharedFolder/@symlinkPolicy``), empty: not said."""

    NONE = ""
    FORBIDDEN = "forbidden"
    SUBTREE = "subtree"
    RELATIVE = "relative"
    ANY = "any"


class ExecutionEngine(StrEnum):
    """What runs the guest (``Machine/@executionEngine``)."""

    DEFAULT = "Default"
    HW_VIRT = "HwVirt"
    NATIVE_API = "NativeApi"
    INTERPRETER = "Interpreter"
    RECOMPILER = "Recompiler"


class GuestDebugProvider(StrEnum):
    """Protocol of the guest debugger (``GuestDebug/@provider``)."""

    NONE = "None"
    NATIVE = "Native"
    GDB = "GDB"
    KD = "KD"


class GuestDebugIo(StrEnum):
    """Transport of the guest debugger (``GuestDebug/@io``)."""

    NONE = "None"
    TCP = "TCP"
    UDP = "UDP"
    IPC = "IPC"


class PlatformArchitecture(StrEnum):
    """Architecture of the machine (``Platform/@architecture``)."""

    X86 = "x86"
    ARM = "ARM"


class UsbFilterAction(StrEnum):
    """What the host does with a USB device (``Global/USBDeviceFilters/DeviceFilter/@action``)."""

    IGNORE = "Ignore"
    HOLD = "Hold"


class ProxyMode(IntEnum):
    """Proxy of the installation's own network traffic (``SystemProperties/@proxyMode``)."""

    SYSTEM = 0
    NO_PROXY = 1
    MANUAL = 2


class UpdateChannel(IntEnum):
    """Releases that an update check looks for (``Updates/Host/@channel``)."""

    STABLE = 1
    ALL = 2
    WITH_BETAS = 3
    WITH_TESTING = 4
