"""Machine files of several versions of the format, written for these tests."""

UUID = "11111111-2222-3333-4444-555555555555"
DISK = "aaaaaaaa-0000-0000-0000-000000000001"
CHILD = "aaaaaaaa-0000-0000-0000-000000000002"
ISO = "aaaaaaaa-0000-0000-0000-000000000003"
SNAPSHOT = "bbbbbbbb-0000-0000-0000-000000000001"
SNAPSHOT2 = "bbbbbbbb-0000-0000-0000-000000000002"


def machine(
    version: str,
    *,
    hardware: str = "",
    rest: str = "",
    attributes: str = "",
    namespace: str = "http://www.virtualbox.org/",
) -> str:
    """Return a machine file around some elements."""
    return (
        '<?xml version="1.0"?>\n'
        f'<VirtualBox xmlns="{namespace}" version="{version}">\n'
        f'  <Machine uuid="{{{UUID}}}" name="box" OSType="Other"{attributes}>\n'
        f"{rest}"
        "    <Hardware>\n"
        '      <Memory RAMSize="64"/>\n'
        f"{hardware}"
        "    </Hardware>\n"
        "  </Machine>\n"
        "</VirtualBox>\n"
    )


V1_7 = machine(
    "1.7-linux",
    namespace="http://www.innotek.de/VirtualBox-settings",
    hardware="""\
      <CPU count="1">
        <HardwareVirtEx enabled="true"/>
      </CPU>
      <RemoteDisplay enabled="false" port="3390" netAddress="127.0.0.1" authType="Null"/>
      <USBController enabled="true" enabledEhci="true">
        <DeviceFilter name="stick" active="true" vendorId="1234"/>
      </USBController>
""",
    rest="""\
    <StorageControllers>
      <StorageController name="IDE" type="PIIX4" PortCount="2">
        <AttachedDevice type="HardDisk" port="0" device="0">
          <Image uuid="{aaaaaaaa-0000-0000-0000-000000000001}"/>
        </AttachedDevice>
      </StorageController>
    </StorageControllers>
""",
)

V1_12 = f"""<?xml version="1.0"?>
<!-- written by hand -->
<VirtualBox xmlns="http://www.virtualbox.org/" version="1.12-windows">
  <Machine uuid="{{{UUID}}}" name="b&#xF6;x" OSType="DOS" snapshotFolder="Snapshots" \
lastStateChange="2019-11-06T15:22:26Z" futureAttribute="kept">
    <Description>two
lines</Description>
    <MediaRegistry>
      <HardDisks>
        <HardDisk uuid="{{{DISK}}}" location="box.vdi" format="VDI" type="Normal">
          <HardDisk uuid="{{{CHILD}}}" location="Snapshots/child.vdi" format="VDI"/>
        </HardDisk>
      </HardDisks>
      <DVDImages>
        <Image uuid="{{{ISO}}}" location="C:/images/boot.iso"/>
      </DVDImages>
    </MediaRegistry>
    <ExtraData>
      <!-- the window -->
      <ExtraDataItem name="GUI/LastCloseAction" value="PowerOff"/>
    </ExtraData>
    <Hardware>
      <CPU>
        <PAE enabled="false"/>
        <FutureCpuThing enabled="maybe"/>
      </CPU>
      <!-- not much -->
      <Memory RAMSize="32"/>
      <Boot>
        <Order position="1" device="HardDisk"/>
        <Order position="2" device="None"/>
        <Order position="3" device="None"/>
        <Order position="4" device="None"/>
      </Boot>
      <Display VRAMSize="5"/>
      <FutureThing a="b"><Deeper/></FutureThing>
      <Network>
        <Adapter slot="0" enabled="true" MACAddress="080027127A05" cable="true" type="Am79C973">
          <DisabledModes>
            <InternalNetwork name="intnet"/>
          </DisabledModes>
          <NAT>
            <Forwarding name="ssh" proto="1" hostport="2222" guestport="22"/>
          </NAT>
        </Adapter>
      </Network>
      <UART>
        <Port slot="0" enabled="true" IOBase="0x3f8" IRQ="4" hostMode="HostPipe" path="/p" \
server="true"/>
      </UART>
    </Hardware>
    <StorageControllers>
      <StorageController name="IDE" type="PIIX4" PortCount="2" useHostIOCache="true" \
Bootable="true">
        <AttachedDevice type="HardDisk" port="0" device="0">
          <Image uuid="{{{CHILD}}}"/>
        </AttachedDevice>
        <AttachedDevice passthrough="false" type="DVD" port="1" device="0"/>
      </StorageController>
    </StorageControllers>
  </Machine>
</VirtualBox>
"""

V1_16_SNAPSHOTS = machine(
    "1.16-linux",
    attributes=f' currentSnapshot="{{{SNAPSHOT2}}}"',
    rest=f"""\
    <Snapshot uuid="{{{SNAPSHOT}}}" name="one" timeStamp="2020-01-02T03:04:05Z">
      <Description>first</Description>
      <Hardware>
        <Memory RAMSize="48"/>
      </Hardware>
      <StorageControllers/>
      <Snapshots>
        <Snapshot uuid="{{{SNAPSHOT2}}}" name="two" timeStamp="2020-01-03T03:04:05Z" \
stateFile="Snapshots/x.sav">
          <Hardware>
            <Memory RAMSize="56"/>
          </Hardware>
        </Snapshot>
      </Snapshots>
    </Snapshot>
""",
)

V1_17 = machine(
    "1.17-linux",
    hardware="""\
      <HID Pointing="USBTablet"/>
      <Display controller="VMSVGA" VRAMSize="16"/>
      <VideoCapture enabled="true" screens="1" file="x.webm" horzRes="640" vertRes="480" fps="10"/>
      <Paravirt provider="KVM"/>
      <BIOS>
        <IOAPIC enabled="true"/>
        <SmbiosUuidLittleEndian enabled="true"/>
      </BIOS>
      <USB>
        <Controllers>
          <Controller name="OHCI" type="OHCI"/>
        </Controllers>
      </USB>
      <AudioAdapter codec="AD1980" driver="Pulse" enabled="true" enabledOut="true"/>
      <RTC localOrUTC="UTC"/>
      <StorageControllers>
        <StorageController name="SATA" type="AHCI" PortCount="1" useHostIOCache="false" \
Bootable="true" IDE0MasterEmulationPort="0" IDE0SlaveEmulationPort="1" \
IDE1MasterEmulationPort="2" IDE1SlaveEmulationPort="3"/>
      </StorageControllers>
""",
)

V1_19 = machine(
    "1.19-linux",
    hardware="""\
      <TrustedPlatformModule type="v2_0"/>
      <AudioAdapter codec="AD1980" useDefault="true" driver="Default" enabled="true"/>
""",
    rest="""\
    <Recording enabled="true">
      <Screens>
        <Screen id="0" enabled="true" featuresEnabled="video,audio" file="x.webm"/>
      </Screens>
    </Recording>
    <Groups>
      <Group name="/lab"/>
    </Groups>
""",
)

V1_20 = machine(
    "1.20-linux",
    hardware="""\
      <Firmware type="EFI">
        <IOAPIC enabled="true"/>
      </Firmware>
      <UART>
        <Port slot="0" enabled="true" IOAddress="0x2f8" IRQ="3" hostMode="TCP" path="2023"/>
      </UART>
""",
    rest="""\
    <Platform architecture="x86">
      <Chipset type="ICH9"/>
      <RTC localOrUTC="UTC"/>
      <CPU count="2"/>
      <x86>
        <CPU>
          <PAE enabled="false"/>
        </CPU>
        <HPET enabled="true"/>
      </x86>
    </Platform>
""",
)

V1_22 = machine("1.22-linux", hardware='      <Display VRAMSize="9" newThing="1"/>\n')

V1_19_ISCSI = machine(
    "1.19-linux",
    rest=f"""\
    <MediaRegistry>
      <HardDisks>
        <HardDisk uuid="{{{DISK}}}" location="10.0.0.1|iqn.2001-04.com.example:disk" \
format="iSCSI" type="Writethrough">
          <Property name="TargetAddress" value="10.0.0.1:3260"/>
          <Property name="TargetName" value="iqn.2001-04.com.example:disk"/>
          <Property name="LUN" value="0"/>
          <Property name="InitiatorSecretEncrypted" value="c2VjcmV0"/>
        </HardDisk>
      </HardDisks>
    </MediaRegistry>
""",
    hardware=f"""\
      <StorageControllers>
        <StorageController name="SATA" type="AHCI" PortCount="1" useHostIOCache="false" \
Bootable="true">
          <AttachedDevice type="HardDisk" hotpluggable="false" port="0" device="0">
            <Image uuid="{{{DISK}}}"/>
          </AttachedDevice>
        </StorageController>
      </StorageControllers>
""",
)

ALL = {
    "1.7": V1_7,
    "1.12": V1_12,
    "1.16": V1_16_SNAPSHOTS,
    "1.17": V1_17,
    "1.19": V1_19,
    "1.19 with iSCSI": V1_19_ISCSI,
    "1.20": V1_20,
    "1.22": V1_22,
}
