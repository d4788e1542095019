"""SOAP as vboxwebsrv speaks it: sessions, references, machines, faults, hostile envelopes."""

from __future__ import annotations

import re
import time

import pytest
from lxml import etree

from app.web.soap import context as context_module
from app.web.soap.envelope import ENVELOPE, VBOX
from app.web.soap.managed import OPERATIONS
from tests.app.service.support import ROOT
from tests.app.web.conftest import PASSWORD, USER

WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
NOT_FOUND = 0x80BB0001 - (1 << 32)


class FaultError(Exception):
    """A fault; ``detail`` has the texts of its details."""

    def __init__(self, element):
        super().__init__(element.findtext("faultstring"))
        self.code = element.findtext("faultcode")
        details = element.find("detail")
        self.kind = "" if details is None else etree.QName(details[0]).localname
        self.detail = {} if details is None else {each.tag: each.text for each in details[0]}


class Vbox:
    """Sends envelopes in the form of clients that were made from vboxwebService.wsdl."""

    def __init__(self, web):
        self.web = web
        self.reference = ""

    def post(self, data, **headers):
        return self.web.post("/", content=data, headers={"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""', **headers})

    def call(self, operation, this=None, **elements):
        """Texts of ``returnval``: one, several as a list, or all elements as a dictionary."""
        envelope = etree.Element(f"{{{ENVELOPE}}}Envelope", nsmap={"soap-env": ENVELOPE})
        request = etree.SubElement(etree.SubElement(envelope, f"{{{ENVELOPE}}}Body"), f"{{{VBOX}}}{operation}")
        if this is not None:
            elements = {"_this": this, **elements}
        for name, value in elements.items():
            for text in value if isinstance(value, list) else [value]:
                etree.SubElement(request, name).text = text
        answer = self.post(etree.tostring(envelope, xml_declaration=True, encoding="utf-8"))
        assert answer.headers["content-type"].startswith("text/xml"), answer.text
        body = etree.fromstring(answer.content).find(f"{{{ENVELOPE}}}Body")
        if answer.status_code != 200:
            assert answer.status_code == 500
            raise FaultError(body[0])
        assert body[0].tag == f"{{{VBOX}}}{operation}Response"
        found = [(each.tag, each.text or "") for each in body[0]]
        if all(tag == "returnval" for tag, _ in found):
            return found[0][1] if len(found) == 1 else [text for _, text in found]
        return dict(found)

    def log_on(self, password=PASSWORD):
        self.reference = self.call("IWebsessionManager_logon", username=USER, password=password)
        return self.reference


@pytest.fixture
def vbox(web):
    result = Vbox(web)
    result.log_on()
    return result


@pytest.fixture
def machine(client, make_machine):
    return make_machine(client, "Bär")


def test_logon_and_logoff(web):
    vbox = Vbox(web)
    with pytest.raises(FaultError, match="The name or the password is wrong"):
        vbox.log_on("wrong")
    reference = vbox.log_on()
    assert vbox.call("IVirtualBox_getAPIVersion", reference) == "7_1"
    assert vbox.call("IManagedObjectRef_getInterfaceName", reference) == "IVirtualBox"
    vbox.call("IWebsessionManager_logoff", refIVirtualBox=reference)
    with pytest.raises(FaultError, match="Invalid managed object reference") as fault:
        vbox.call("IVirtualBox_getAPIVersion", reference)
    assert (fault.value.kind, fault.value.detail) == ("InvalidObjectFault", {"badObjectID": reference})


def test_wrong_passwords_are_slowed_down_as_everywhere(web):
    vbox = Vbox(web)
    for _ in range(5):
        with pytest.raises(FaultError):
            vbox.log_on("wrong")
    assert web.post("/api/v1/logon", json={"user": USER, "password": PASSWORD}).status_code == 429


def test_references_end_with_their_session(make_web):
    vbox = Vbox(make_web(timeout=0.3, check_interval=0.05, rate=0))
    reference = vbox.log_on()
    time.sleep(0.5)
    with pytest.raises(FaultError) as fault:
        vbox.call("IVirtualBox_getMachines", reference)
    assert fault.value.kind == "InvalidObjectFault"


def test_machines_are_found_and_told_about(vbox, machine):
    (found,) = [vbox.call("IVirtualBox_getMachines", vbox.reference)]
    assert found == vbox.call("IVirtualBox_findMachine", vbox.reference, nameOrId="Bär")
    facts = {name: vbox.call(f"IMachine_get{name}", found) for name in ("Name", "Id", "State", "SessionState", "Accessible", "CPUCount", "Groups", "SnapshotCount")}
    assert facts == {"Name": "Bär", "Id": machine.id, "State": "PoweredOff", "SessionState": "Unlocked", "Accessible": "true", "CPUCount": "1", "Groups": "/", "SnapshotCount": "0"}
    assert int(vbox.call("IMachine_getLastStateChange", found)) > 1_500_000_000_000
    assert vbox.call("IVirtualBox_getMachineStates", vbox.reference, machines=[found, found]) == ["PoweredOff", "PoweredOff"]


def test_what_the_main_api_refuses_is_a_runtime_fault(vbox, service):
    with pytest.raises(FaultError, match="rc=0x80bb0001") as fault:
        vbox.call("IVirtualBox_findMachine", vbox.reference, nameOrId="nobody")
    assert fault.value.kind == "RuntimeFault"
    assert fault.value.detail["resultCode"] == str(NOT_FOUND)
    info = fault.value.detail["returnval"]
    assert "nobody" in vbox.call("IVirtualBoxErrorInfo_getText", info)
    assert vbox.call("IVirtualBoxErrorInfo_getResultCode", info) == str(NOT_FOUND)
    assert vbox.call("IVirtualBoxErrorInfo_getNext", info) == ""


def test_settings_are_changed_by_who_has_locked(vbox, machine, client):
    found = vbox.call("IVirtualBox_findMachine", vbox.reference, nameOrId=machine.id)
    with pytest.raises(FaultError, match="Lock the machine"):
        vbox.call("IMachine_setMemorySize", found, memorySize="64")
    session = vbox.call("IWebsessionManager_getSessionObject", refIVirtualBox=vbox.reference)
    vbox.call("IMachine_lockMachine", found, session=session, lockType="Write")
    assert vbox.call("ISession_getState", session) == "Locked"
    assert vbox.call("ISession_getType", session) == "WriteLock"
    assert vbox.call("ISession_getConsole", session) == ""
    held = vbox.call("ISession_getMachine", session)
    assert held != found
    vbox.call("IMachine_setMemorySize", held, memorySize="64")
    vbox.call("IMachine_setCPUCount", held, CPUCount="2")
    vbox.call("IMachine_setDescription", held, description="lost")
    vbox.call("IMachine_discardSettings", held)
    vbox.call("IMachine_setMemorySize", held, memorySize="96")
    vbox.call("IMachine_saveSettings", held)
    vbox.call("ISession_unlockMachine", session)
    settings = client.machine(machine.id).get_settings()
    assert (settings.hardware.memory_mb, settings.hardware.cpu.count, settings.description) == (96, 1, "")
    assert client.virtualbox.find_machine(machine.id).session_state == "Unlocked"
    with pytest.raises(FaultError, match="Invalid managed object"):
        vbox.call("IMachine_getName", held)


def test_snapshots_are_taken_and_restored(vbox, machine, client):
    found = vbox.call("IVirtualBox_findMachine", vbox.reference, nameOrId=machine.id)
    assert vbox.call("IMachine_getCurrentSnapshot", found) == ""
    session = vbox.call("IWebsessionManager_getSessionObject", refIVirtualBox=vbox.reference)
    vbox.call("IMachine_lockMachine", found, session=session, lockType="Write")
    held = vbox.call("ISession_getMachine", session)
    for name in ("first", "second"):
        taken = vbox.call("IMachine_takeSnapshot", held, name=name, description="", pause="false")
        vbox.call("IProgress_waitForCompletion", taken["returnval"], timeout="-1")
        assert vbox.call("IProgress_getResultCode", taken["returnval"]) == "0"
    assert vbox.call("IMachine_getSnapshotCount", held) == "2"
    first = vbox.call("IMachine_findSnapshot", held, nameOrId="")
    second = vbox.call("IMachine_getCurrentSnapshot", held)
    facts = {name: vbox.call(f"ISnapshot_get{name}", second) for name in ("Name", "Parent", "Children", "ChildrenCount", "Online")}
    assert facts == {"Name": "second", "Parent": first, "Children": [], "ChildrenCount": "0", "Online": "false"}
    assert vbox.call("ISnapshot_getChildren", first) == second
    assert int(vbox.call("ISnapshot_getTimeStamp", first)) > 1_500_000_000_000
    vbox.call("ISnapshot_setDescription", second, description="for people")
    vbox.call("IMachine_setMemorySize", held, memorySize="96")
    vbox.call("IMachine_saveSettings", held)
    restoring = vbox.call("IMachine_restoreSnapshot", held, snapshot=first)
    vbox.call("IProgress_waitForCompletion", restoring, timeout="-1")
    assert vbox.call("IProgress_getResultCode", restoring) == "0"
    assert vbox.call("IMachine_getCurrentSnapshot", held) == first
    deleting = vbox.call("IMachine_deleteSnapshot", held, id=vbox.call("ISnapshot_getId", second))
    vbox.call("IProgress_waitForCompletion", deleting, timeout="-1")
    vbox.call("ISession_unlockMachine", session)
    settings = client.machine(machine.id).get_settings()
    assert [it.name for it in settings.snapshots] == ["first"]
    assert settings.hardware.memory_mb == machine.memory_mb


def test_media_are_listed(vbox, client, tmp_path):
    disk = client.virtualbox.create_medium(str(tmp_path / "disk.vdi"), 4 << 20, register=True)
    known = vbox.call("IVirtualBox_getHardDisks", vbox.reference)
    facts = {name: vbox.call(f"IMedium_get{name}", known) for name in ("Id", "Name", "Format", "Type", "DeviceType", "LogicalSize", "State", "Parent", "MachineIds")}
    assert facts == {"Id": disk.id, "Name": "disk.vdi", "Format": "VDI", "Type": "Normal", "DeviceType": "HardDisk",
                     "LogicalSize": str(4 << 20), "State": "Created", "Parent": "", "MachineIds": []}  # fmt: skip
    assert vbox.call("IMedium_getBase", known) == known
    assert vbox.call("IMedium_getSnapshotIds", known, machineId="nobody") == []
    assert vbox.call("IVirtualBox_getDVDImages", vbox.reference) == []


def test_a_machine_runs_and_ends(vbox, machine, vm_processes):
    found = vbox.call("IVirtualBox_findMachine", vbox.reference, nameOrId=machine.id)
    session = vbox.call("IWebsessionManager_getSessionObject", refIVirtualBox=vbox.reference)
    progress = vbox.call("IMachine_launchVMProcess", found, session=session, name="headless", environmentChanges=["A=1"])
    vbox.call("IProgress_waitForCompletion", progress, timeout="-1")
    assert [vbox.call(f"IProgress_get{name}", progress) for name in ("Completed", "Canceled", "Percent", "ResultCode", "ErrorInfo")] == ["true", "false", "100", "0", ""]
    assert [vbox.call(f"ISession_get{name}", session) for name in ("State", "Type")] == ["Locked", "Remote"]
    console = vbox.call("ISession_getConsole", session)
    assert vbox.call("IConsole_getState", console) == "Running"
    vbox.call("IConsole_pause", console)
    assert vbox.call("IMachine_getState", found) == "Paused"
    keyboard = vbox.call("IConsole_getKeyboard", console)
    assert vbox.call("IKeyboard_putScancodes", keyboard, scancodes=["30", "158"]) == "2"
    display = vbox.call("IConsole_getDisplay", console)
    size = vbox.call("IDisplay_getScreenResolution", display, screenId="0")
    assert size["guestMonitorStatus"] == "Enabled"
    shot = {"screenId": "0", "width": size["width"], "height": size["height"], "bitmapFormat": "PNG"}
    assert vbox.call("IDisplay_takeScreenShotToArray", display, **shot).startswith("iVBORw")
    with pytest.raises(FaultError, match="not scaled"):
        vbox.call("IDisplay_takeScreenShotToArray", display, **{**shot, "width": "7"})
    ending = vbox.call("IConsole_powerDown", console)
    vbox.call("IProgress_waitForCompletion", ending, timeout="60000")
    vbox.call("ISession_unlockMachine", session)
    assert vbox.call("ISession_getState", session) == "Unlocked"


def test_a_start_that_fails_lets_go_of_the_session(vbox, machine, client, vm_processes):
    settings = client.machine(machine.id).get_settings()
    settings.description = "exit"
    client.machine(machine.id).save_settings(settings)
    found = vbox.call("IVirtualBox_findMachine", vbox.reference, nameOrId=machine.id)
    session = vbox.call("IWebsessionManager_getSessionObject", refIVirtualBox=vbox.reference)
    progress = vbox.call("IMachine_launchVMProcess", found, session=session, name="headless")
    vbox.call("IProgress_waitForCompletion", progress, timeout="-1")
    assert int(vbox.call("IProgress_getResultCode", progress)) < 0
    info = vbox.call("IProgress_getErrorInfo", progress)
    assert vbox.call("IVirtualBoxErrorInfo_getText", info)
    assert vbox.call("ISession_getState", session) == "Unlocked"


def test_references_are_released_and_bounded(vbox, service, machine, monkeypatch):
    found = vbox.call("IVirtualBox_findMachine", vbox.reference, nameOrId=machine.id)
    vbox.call("IManagedObjectRef_release", found)
    with pytest.raises(FaultError, match="Invalid managed object"):
        vbox.call("IMachine_getName", found)
    monkeypatch.setattr(context_module, "MAX_ERRORS", 2)
    infos = []
    for _ in range(3):
        with pytest.raises(FaultError) as fault:
            vbox.call("IVirtualBox_findMachine", vbox.reference, nameOrId="nobody")
        infos.append(fault.value.detail["returnval"])
    with pytest.raises(FaultError, match="Invalid managed object"):
        vbox.call("IVirtualBoxErrorInfo_getText", infos[0])
    assert vbox.call("IVirtualBoxErrorInfo_getText", infos[2])
    monkeypatch.setattr(context_module, "MAX_REFERENCES", 1)
    with pytest.raises(FaultError, match="holds 1 objects"):
        vbox.call("IVirtualBox_findMachine", vbox.reference, nameOrId=machine.id)


def test_references_of_others_are_of_no_use(vbox, web, machine):
    stranger = Vbox(web)
    theirs = stranger.log_on()
    number = vbox.reference.rpartition("-")[2]
    for forged in ("", "-", "x", f"-{number}", f"{theirs.rpartition('-')[0]}-{99:016x}", f"{'a' * 43}-{number}", "é-1", "None"):
        with pytest.raises(FaultError) as fault:
            vbox.call("IVirtualBox_getMachines", forged)
        assert fault.value.kind == "InvalidObjectFault"
    session = vbox.call("IWebsessionManager_getSessionObject", refIVirtualBox=vbox.reference)
    for wrong in ({"this": session}, {"this": vbox.reference, "machines": [session]}):
        with pytest.raises(FaultError):
            vbox.call("IVirtualBox_getMachineStates", **wrong)


@pytest.mark.parametrize(
    ("operation", "elements", "sentence"),
    [
        ("IMachine_selfDestruct", {}, "no operation 'IMachine_selfDestruct'"),
        ("IVirtualBox_findMachine", {}, "0 elements 'nameOrId'"),
        ("IVirtualBox_findMachine", {"nameOrId": ["a", "b"]}, "2 elements 'nameOrId'"),
        ("IVirtualBox_findMachine", {"nameOrId": "a", "more": "b"}, "no element 'more'"),
        ("IManagedObjectRef_getInterfaceName", {"_this": "a"}, "Invalid managed"),
    ],
)
def test_what_is_not_in_the_wsdl(vbox, operation, elements, sentence):
    with pytest.raises(FaultError, match=sentence):
        vbox.call(operation, **{"_this": vbox.reference, **elements})


@pytest.mark.parametrize(
    ("operation", "name", "text"),
    [
        ("IMachine_lockMachine", "lockType", "write"), ("IMachine_setCPUCount", "CPUCount", "-1"),
        ("IMachine_setCPUCount", "CPUCount", "1" * 30), ("IMachine_setCPUCount", "CPUCount", "1.5"),
        ("IMachine_setCPUCount", "CPUCount", "4294967296"), ("IMachine_discardSavedState", "fRemoveFile", "yes"),
    ],
)  # fmt: skip
def test_texts_that_are_no_values(vbox, machine, operation, name, text):
    found = vbox.call("IVirtualBox_findMachine", vbox.reference, nameOrId=machine.id)
    session = vbox.call("IWebsessionManager_getSessionObject", refIVirtualBox=vbox.reference)
    more = {"session": session} if "lock" in operation else {}
    with pytest.raises(FaultError, match="is no value of the type"):
        vbox.call(operation, found, **more, **{name: text})


BOMB = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(8)
) + "]>"
BODY = f'<e:Envelope xmlns:e="{ENVELOPE}"><e:Body><v:IWebsessionManager_logon xmlns:v="{VBOX}"><username>{{}}</username></v:IWebsessionManager_logon></e:Body></e:Envelope>'


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "not well-formed"), (b"\xff\xfe\x00", "not well-formed"), (b"<a>" * 5000, "not well-formed"),
        (b"<a/>", "no envelope of SOAP 1.1"),
        (BOMB + BODY.format("&i;"), "no document type|not well-formed"),
        (f'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>{BODY.format("&x;")}', "no document type"),
        (('<?xml version="1.0" encoding="utf-16"?>' + BOMB + BODY.format("&i;")).encode("utf-16"), "no document type|not well-formed"),
        (BODY.format("<b/>"), "has elements in it"),
        (BODY.replace(VBOX, "urn:other"), "one element of the namespace"),
        (BODY.replace("<e:Body>", '<e:Header><a e:mustUnderstand="1"/></e:Header><e:Body>'), "header 'a' is unknown"),
        ('<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd">' + BODY.format("a"), "no document type"),
    ],
)  # fmt: skip
def test_hostile_envelopes(web, data, sentence):
    answer = Vbox(web).post(data)
    assert answer.status_code == 500
    assert "root:" not in answer.text
    with pytest.raises(FaultError, match=sentence):
        raise FaultError(etree.fromstring(answer.content).find(f"{{{ENVELOPE}}}Body")[0])


def test_envelopes_pass_the_guard_first(web):
    vbox = Vbox(web)
    assert vbox.post(b" " * (2 << 20)).status_code == 413
    assert vbox.post(b"<a/>", Origin="http://evil.example").status_code == 403
    assert web.post("/", content=b"<a/>", headers={"Content-Type": "text/plain"}).status_code == 415
    assert web.post("/", json={}).status_code == 415
    assert web.get("/").headers["content-type"].startswith("text/html")


def test_the_wsdl_has_every_operation(web):
    root = etree.fromstring(web.get("/vboxwebService.wsdl").content)
    assert root.find(f".//{WSDL}service/{WSDL}port")[0].get("location") == "http://localhost/"
    for kind in ("portType", "binding"):
        assert {each.get("name") for each in root.iterfind(f"{WSDL}{kind}/{WSDL}operation")} == set(OPERATIONS)
    messages = {each.get("name") for each in root.iterfind(f"{WSDL}message")}
    used = {each.get("message").removeprefix("vbox:") for each in root.iterfind(f"{WSDL}portType/{WSDL}operation/*")}
    assert used == messages


def test_the_documentation_has_every_operation():
    text = (ROOT / "docs/web.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(I\w+)` \| (.*) \|$", text, re.MULTILINE)
    told = {f"{interface}_{name}" for interface, names in rows for name in re.findall(r"`(\w+)`", names)}
    assert told == set(OPERATIONS)
