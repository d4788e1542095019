<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name></name>
    <message>
        <source>Do not ask again</source>
        <translation>Nicht mehr fragen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>The pane of this action is not open.</source>
        <translation>Die Ansicht dieser Aktion ist nicht geöffnet.</translation>
    </message>
    <message>
        <source>Sho&amp;w</source>
        <translation>An&amp;zeigen</translation>
    </message>
    <message>
        <source>S&amp;tart</source>
        <translation>S&amp;tarten</translation>
    </message>
    <message>
        <source>Bring the windows of the selected machines to the front</source>
        <translation>Die Fenster der ausgewählten Maschinen nach vorn holen</translation>
    </message>
    <message>
        <source>A group needs a name.</source>
        <translation>Eine Gruppe braucht einen Namen.</translation>
    </message>
    <message>
        <source>The name of a group cannot contain {characters}.</source>
        <translation>Der Name einer Gruppe darf {characters} nicht enthalten.</translation>
    </message>
    <message>
        <source>There is a group “{name}” here already.</source>
        <translation>Hier gibt es schon eine Gruppe „{name}“.</translation>
    </message>
    <message>
        <source>Video Memory</source>
        <translation>Grafikspeicher</translation>
    </message>
    <message>
        <source>{size} MB</source>
        <translation>{size} MB</translation>
    </message>
    <message>
        <source>Screens</source>
        <translation>Bildschirme</translation>
    </message>
    <message>
        <source>Graphics Controller</source>
        <translation>Grafikcontroller</translation>
    </message>
    <message>
        <source>Acceleration</source>
        <translation>Beschleunigung</translation>
    </message>
    <message>
        <source>3D</source>
        <translation>3D</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Operating System</source>
        <translation>Betriebssystem</translation>
    </message>
    <message>
        <source>Settings File</source>
        <translation>Einstellungsdatei</translation>
    </message>
    <message>
        <source>Groups</source>
        <translation>Gruppen</translation>
    </message>
    <message>
        <source>Last Problem</source>
        <translation>Letztes Problem</translation>
    </message>
    <message>
        <source>Port {number}</source>
        <translation>Port {number}</translation>
    </message>
    <message>
        <source>Adapter</source>
        <translation>Adapter</translation>
    </message>
    <message>
        <source>Host Driver</source>
        <translation>Host-Treiber</translation>
    </message>
    <message>
        <source>Controller</source>
        <translation>Controller</translation>
    </message>
    <message>
        <source>Not attached</source>
        <translation>Nicht angeschlossen</translation>
    </message>
    <message>
        <source>[{kind}] host drive {path}</source>
        <translation>[{kind}] Laufwerk des Hosts {path}</translation>
    </message>
    <message>
        <source>[{kind}] Empty</source>
        <translation>[{kind}] Leer</translation>
    </message>
    <message>
        <source>Base Memory</source>
        <translation>Hauptspeicher</translation>
    </message>
    <message>
        <source>Processors</source>
        <translation>Prozessoren</translation>
    </message>
    <message>
        <source>Execution Cap</source>
        <translation>CPU-Begrenzung</translation>
    </message>
    <message>
        <source>Boot Order</source>
        <translation>Bootreihenfolge</translation>
    </message>
    <message>
        <source>{attachment}, “{name}”</source>
        <translation>{attachment}, „{name}“</translation>
    </message>
    <message>
        <source>Adapter {number}</source>
        <translation>Adapter {number}</translation>
    </message>
    <message>
        <source>None</source>
        <translation>Keine</translation>
    </message>
    <message>
        <source>Adapters</source>
        <translation>Adapter</translation>
    </message>
    <message>
        <source>Chipset</source>
        <translation>Chipsatz</translation>
    </message>
    <message>
        <source>Firmware</source>
        <translation>Firmware</translation>
    </message>
    <message>
        <source>Paravirtualization</source>
        <translation>Paravirtualisierung</translation>
    </message>
    <message>
        <source>ACPI</source>
        <translation>ACPI</translation>
    </message>
    <message>
        <source>I/O APIC</source>
        <translation>I/O-APIC</translation>
    </message>
    <message>
        <source>PAE/NX</source>
        <translation>PAE/NX</translation>
    </message>
    <message>
        <source>Clock in UTC</source>
        <translation>Uhr in UTC</translation>
    </message>
    <message>
        <source>Features</source>
        <translation>Merkmale</translation>
    </message>
    <message>
        <source>{name}, {state}</source>
        <translation>{name}, {state}</translation>
    </message>
    <message>
        <source>Current snapshot: {name} (changed since)</source>
        <translation>Aktueller Sicherungspunkt: {name} (seitdem geändert)</translation>
    </message>
    <message>
        <source>Current snapshot: {name}</source>
        <translation>Aktueller Sicherungspunkt: {name}</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Images ({patterns})</source>
        <translation>Abbilder ({patterns})</translation>
    </message>
    <message>
        <source>Other images build on it.</source>
        <translation>Andere Abbilder bauen darauf auf.</translation>
    </message>
    <message>
        <source>Snapshots use it; delete those first.</source>
        <translation>Sicherungspunkte verwenden es; löschen Sie diese zuerst.</translation>
    </message>
    <message>
        <source>No machine uses it.</source>
        <translation>Keine Maschine verwendet es.</translation>
    </message>
    <message>
        <source>Only snapshots use it; delete those first.</source>
        <translation>Nur Sicherungspunkte verwenden es; löschen Sie diese zuerst.</translation>
    </message>
    <message>
        <source>The image is inaccessible.</source>
        <translation>Das Abbild ist nicht zugreifbar.</translation>
    </message>
    <message>
        <source>The image is in use.</source>
        <translation>Das Abbild wird gerade verwendet.</translation>
    </message>
    <message>
        <source>This is more than three quarters of the {available} MB that this computer has; it may become slow.</source>
        <translation>Das sind mehr als drei Viertel der {available} MB dieses Computers; er kann dadurch langsam werden.</translation>
    </message>
    <message>
        <source>Another machine has the name “{name}”.</source>
        <translation>Eine andere Maschine heißt „{name}“.</translation>
    </message>
    <message>
        <source>The machine has more memory than this computer ({size} MB).</source>
        <translation>Die Maschine hat mehr Hauptspeicher als dieser Computer ({size} MB).</translation>
    </message>
    <message>
        <source>The machine has more than twice as many processors as this computer ({n}).</source>
        <translation>Die Maschine hat mehr als doppelt so viele Prozessoren wie dieser Computer ({n}).</translation>
    </message>
    <message>
        <source>The machine has more processors than this computer has cores ({n}).</source>
        <translation>Die Maschine hat mehr Prozessoren, als dieser Computer Kerne hat ({n}).</translation>
    </message>
    <message>
        <source>Of {count} processors the guest gets {most} in this version of Vitrine.</source>
        <translation>Von {count} Prozessoren bekommt der Gast in dieser Version von Vitrine {most}.</translation>
    </message>
    <message>
        <source>With an execution cap this low the guest may react very slowly.</source>
        <translation>Mit einer so niedrigen CPU-Begrenzung kann der Gast sehr langsam reagieren.</translation>
    </message>
    <message>
        <source>The machine has no device to boot from.</source>
        <translation>Die Maschine hat kein Gerät, von dem sie booten könnte.</translation>
    </message>
    <message>
        <source>This version of Vitrine offers a PS/2 mouse instead of the device.</source>
        <translation>Diese Version von Vitrine bietet statt dieses Geräts eine PS/2-Maus an.</translation>
    </message>
    <message>
        <source>3D acceleration works well with {size} MB of video memory or more.</source>
        <translation>3D-Beschleunigung arbeitet gut mit mindestens {size} MB Grafikspeicher.</translation>
    </message>
    <message>
        <source>Guests in full screen need {size} MB of video memory or more.</source>
        <translation>Gäste im Vollbild brauchen mindestens {size} MB Grafikspeicher.</translation>
    </message>
    <message>
        <source>The remote display server has no port.</source>
        <translation>Der Server für entfernte Bildschirme hat keinen Port.</translation>
    </message>
    <message>
        <source>“{ports}” is not a list of ports such as 3389 or 5010-5020,5030.</source>
        <translation>„{ports}“ ist keine Liste von Ports wie 3389 oder 5010-5020,5030.</translation>
    </message>
    <message>
        <source>Parallel port {number} has no file for what is printed.</source>
        <translation>Der parallele Port {number} hat keine Datei für das, was gedruckt wird.</translation>
    </message>
    <message>
        <source>This version of Vitrine has no {value}; the machine will not start.</source>
        <translation>Diese Version von Vitrine hat kein {value}; die Maschine wird nicht starten.</translation>
    </message>
    <message>
        <source>This version of Vitrine has no controller of the type {type}; the machine will not start with drives at “{name}”.</source>
        <translation>Diese Version von Vitrine hat keinen Controller vom Typ {type}; mit Laufwerken an „{name}“ wird die Maschine nicht starten.</translation>
    </message>
    <message>
        <source>A machine with this chipset has at most {most} {bus} controllers.</source>
        <translation>Eine Maschine mit diesem Chipsatz hat höchstens {most} {bus}-Controller.</translation>
    </message>
    <message>
        <source>Network adapters share the MAC address {address}.</source>
        <translation>Netzwerkadapter haben dieselbe MAC-Adresse {address}.</translation>
    </message>
    <message>
        <source>This version of Vitrine has no adapter of the type {type}; it is left out.</source>
        <translation>Diese Version von Vitrine hat keinen Adapter vom Typ {type}; er wird weggelassen.</translation>
    </message>
    <message>
        <source>This version of Vitrine cannot attach adapter {number} so; it has no link.</source>
        <translation>Diese Version von Vitrine kann Adapter {number} nicht so anschließen; er hat keine Verbindung.</translation>
    </message>
    <message>
        <source>Serial port {number} has no I/O port.</source>
        <translation>Der serielle Port {number} hat keinen I/O-Port.</translation>
    </message>
    <message>
        <source>Serial port {number} has no interrupt line.</source>
        <translation>Der serielle Port {number} hat keine Interruptleitung.</translation>
    </message>
    <message>
        <source>Serial port {number} listens: its address is a port number alone.</source>
        <translation>Der serielle Port {number} wartet auf Verbindungen: Seine Adresse ist nur eine Portnummer.</translation>
    </message>
    <message>
        <source>A shared folder has no name.</source>
        <translation>Ein gemeinsamer Ordner hat keinen Namen.</translation>
    </message>
    <message>
        <source>{count} shared folders are called “{name}”.</source>
        <translation>{count} gemeinsame Ordner heißen „{name}“.</translation>
    </message>
    <message>
        <source>The shared folder “{name}” has no folder of this computer.</source>
        <translation>Der gemeinsame Ordner „{name}“ hat keinen Ordner dieses Computers.</translation>
    </message>
    <message>
        <source>“{setting}” was changed before the machine was started; it must stop first.</source>
        <translation>„{setting}“ wurde geändert, bevor die Maschine gestartet wurde; sie muss erst anhalten.</translation>
    </message>
    <message>
        <source>The I/O APIC was switched on: several processors need it.</source>
        <translation>Der I/O-APIC wurde eingeschaltet: Mehrere Prozessoren brauchen ihn.</translation>
    </message>
    <message>
        <source>The I/O APIC was switched on: the chipset ICH9 needs it.</source>
        <translation>Der I/O-APIC wurde eingeschaltet: Der Chipsatz ICH9 braucht ihn.</translation>
    </message>
    <message>
        <source>A USB controller was added: the pointing device is a USB device.</source>
        <translation>Ein USB-Controller wurde hinzugefügt: Das Zeigegerät ist ein USB-Gerät.</translation>
    </message>
    <message>
        <source>Nested paging was switched on: nested virtualization needs it.</source>
        <translation>Nested Paging wurde eingeschaltet: Die verschachtelte Virtualisierung braucht es.</translation>
    </message>
    <message>
        <source>The graphics controller is VMSVGA now: 3D acceleration needs it.</source>
        <translation>Der Grafikcontroller ist jetzt VMSVGA: Die 3D-Beschleunigung braucht ihn.</translation>
    </message>
    <message>
        <source>The machine is inaccessible.</source>
        <translation>Die Maschine ist nicht zugreifbar.</translation>
    </message>
    <message>
        <source>The machine is in use; wait until that has ended.</source>
        <translation>Die Maschine wird gerade verwendet; warten Sie, bis das beendet ist.</translation>
    </message>
    <message>
        <source>The machine is running already.</source>
        <translation>Die Maschine läuft schon.</translation>
    </message>
    <message>
        <source>The machine is in use; power it off first.</source>
        <translation>Die Maschine wird gerade verwendet; schalten Sie sie erst aus.</translation>
    </message>
    <message>
        <source>The machine is not running.</source>
        <translation>Die Maschine läuft nicht.</translation>
    </message>
    <message>
        <source>The machine has no saved state.</source>
        <translation>Die Maschine hat keinen gespeicherten Zustand.</translation>
    </message>
    <message>
        <source>Vitrine&apos;s service does not answer.</source>
        <translation>Der Dienst von Vitrine antwortet nicht.</translation>
    </message>
    <message>
        <source>No machine is selected.</source>
        <translation>Es ist keine Maschine ausgewählt.</translation>
    </message>
    <message>
        <source>No group is selected.</source>
        <translation>Es ist keine Gruppe ausgewählt.</translation>
    </message>
    <message>
        <source>Select one group.</source>
        <translation>Wählen Sie eine einzige Gruppe aus.</translation>
    </message>
    <message>
        <source>Select one machine.</source>
        <translation>Wählen Sie eine einzige Maschine aus.</translation>
    </message>
    <message>
        <source>None of the selected machines allows it. {reason}</source>
        <translation>Keine der ausgewählten Maschinen erlaubt es. {reason}</translation>
    </message>
    <message>
        <source>“{name}”: {reason}</source>
        <translation>„{name}“: {reason}</translation>
    </message>
    <message>
        <source>“{text}” is not an IPv4 address.</source>
        <translation>„{text}“ ist keine IPv4-Adresse.</translation>
    </message>
    <message>
        <source>“{text}” is not a network mask such as 255.255.255.0.</source>
        <translation>„{text}“ ist keine Netzmaske wie 255.255.255.0.</translation>
    </message>
    <message>
        <source>“{text}” is not an IPv6 address.</source>
        <translation>„{text}“ ist keine IPv6-Adresse.</translation>
    </message>
    <message>
        <source>The length of the IPv6 prefix must be 1 to 128.</source>
        <translation>Die Länge des IPv6-Präfixes muss zwischen 1 und 128 liegen.</translation>
    </message>
    <message>
        <source>The server address “{text}” is not an IPv4 address.</source>
        <translation>Die Serveradresse „{text}“ ist keine IPv4-Adresse.</translation>
    </message>
    <message>
        <source>The server mask “{text}” is not a network mask.</source>
        <translation>Die Servermaske „{text}“ ist keine Netzmaske.</translation>
    </message>
    <message>
        <source>The address bound “{text}” is not an IPv4 address.</source>
        <translation>Die Adressgrenze „{text}“ ist keine IPv4-Adresse.</translation>
    </message>
    <message>
        <source>The address bound {bound} is not in the network {network}.</source>
        <translation>Die Adressgrenze {bound} liegt nicht im Netz {network}.</translation>
    </message>
    <message>
        <source>The lower address bound is above the upper one.</source>
        <translation>Die untere Adressgrenze liegt über der oberen.</translation>
    </message>
    <message>
        <source>The server has no address to give away.</source>
        <translation>Der Server hat keine Adresse zu vergeben.</translation>
    </message>
    <message>
        <source>The network needs a name.</source>
        <translation>Das Netz braucht einen Namen.</translation>
    </message>
    <message>
        <source>There is a NAT network named “{name}” already.</source>
        <translation>Es gibt schon ein NAT-Netz namens „{name}“.</translation>
    </message>
    <message>
        <source>“{text}” is not an IPv4 network such as 10.0.2.0/24.</source>
        <translation>„{text}“ ist kein IPv4-Netz wie 10.0.2.0/24.</translation>
    </message>
    <message>
        <source>The IPv4 prefix must be /8 to /28.</source>
        <translation>Das IPv4-Präfix muss zwischen /8 und /28 liegen.</translation>
    </message>
    <message>
        <source>“{text}” is not an IPv6 network such as fd17:625c:f037:2::/64.</source>
        <translation>„{text}“ ist kein IPv6-Netz wie fd17:625c:f037:2::/64.</translation>
    </message>
    <message>
        <source>The IPv6 prefix must be a /64.</source>
        <translation>Das IPv6-Präfix muss /64 sein.</translation>
    </message>
    <message>
        <source>Two rules are named “{name}”.</source>
        <translation>Zwei Regeln heißen „{name}“.</translation>
    </message>
    <message>
        <source>Every rule needs a name.</source>
        <translation>Jede Regel braucht einen Namen.</translation>
    </message>
    <message>
        <source>The rule “{name}” needs a host port and a guest port, 1 to 65535.</source>
        <translation>Die Regel „{name}“ braucht einen Host-Port und einen Gast-Port von 1 bis 65535.</translation>
    </message>
    <message>
        <source>“{text}” in the rule “{name}” is not an IPv4 address.</source>
        <translation>„{text}“ in der Regel „{name}“ ist keine IPv4-Adresse.</translation>
    </message>
    <message>
        <source>“{text}” in the rule “{name}” is not an IPv6 address.</source>
        <translation>„{text}“ in der Regel „{name}“ ist keine IPv6-Adresse.</translation>
    </message>
    <message>
        <source>The rule “{name}” needs the address of the guest.</source>
        <translation>Die Regel „{name}“ braucht die Adresse des Gastes.</translation>
    </message>
    <message>
        <source>The rules “{one}” and “{other}” take the same port of the host.</source>
        <translation>Die Regeln „{one}“ und „{other}“ belegen denselben Port des Hosts.</translation>
    </message>
    <message>
        <source>automatic</source>
        <translation>automatisch</translation>
    </message>
    <message>
        <source>Enabled</source>
        <translation>Aktiviert</translation>
    </message>
    <message>
        <source>Disabled</source>
        <translation>Deaktiviert</translation>
    </message>
    <message>
        <source>Host+{key}</source>
        <translation>Host+{key}</translation>
    </message>
    <message>
        <source>A virtual machine is running.</source>
        <translation>Eine virtuelle Maschine läuft.</translation>
    </message>
    <message>
        <source>Save Screenshot</source>
        <translation>Bildschirmfoto speichern</translation>
    </message>
    <message>
        <source>not emulated by this version</source>
        <translation>von dieser Version nicht nachgebildet</translation>
    </message>
    <message>
        <source>empty</source>
        <translation>leer</translation>
    </message>
    <message>
        <source>enabled</source>
        <translation>aktiviert</translation>
    </message>
    <message>
        <source>disabled</source>
        <translation>deaktiviert</translation>
    </message>
    <message>
        <source>Output</source>
        <translation>Ausgabe</translation>
    </message>
    <message>
        <source>Input</source>
        <translation>Eingabe</translation>
    </message>
    <message>
        <source>not attached</source>
        <translation>nicht angeschlossen</translation>
    </message>
    <message>
        <source>cable connected</source>
        <translation>Kabel verbunden</translation>
    </message>
    <message>
        <source>cable disconnected</source>
        <translation>Kabel getrennt</translation>
    </message>
    <message>
        <source>Adapter {n}</source>
        <translation>Adapter {n}</translation>
    </message>
    <message>
        <source>full access</source>
        <translation>voller Zugriff</translation>
    </message>
    <message>
        <source>read only</source>
        <translation>nur lesbar</translation>
    </message>
    <message>
        <source>Guests reach them as soon as they can have additions.</source>
        <translation>Gäste erreichen sie, sobald sie Erweiterungen haben können.</translation>
    </message>
    <message>
        <source>Graphics controller</source>
        <translation>Grafikcontroller</translation>
    </message>
    <message>
        <source>Video memory</source>
        <translation>Grafikspeicher</translation>
    </message>
    <message>
        <source>{n} MB</source>
        <translation>{n} MB</translation>
    </message>
    <message>
        <source>Remote display</source>
        <translation>Entfernter Bildschirm</translation>
    </message>
    <message>
        <source>off</source>
        <translation>aus</translation>
    </message>
    <message>
        <source>port {port} at {address}</source>
        <translation>Port {port} auf {address}</translation>
    </message>
    <message>
        <source>{place}, used by {clients}</source>
        <translation>{place}, benutzt von {clients}</translation>
    </message>
    <message>
        <source>Nothing is recorded.</source>
        <translation>Es wird nichts aufgezeichnet.</translation>
    </message>
    <message>
        <source>File</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>Length</source>
        <translation>Länge</translation>
    </message>
    <message>
        <source>Video</source>
        <translation>Video</translation>
    </message>
    <message>
        <source>{width}x{height}, {fps} pictures/s, {rate} kbit/s</source>
        <translation>{width}x{height}, {fps} Bilder/s, {rate} kbit/s</translation>
    </message>
    <message>
        <source>Execution engine</source>
        <translation>Ausführungsmaschine</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <source>Pointing device</source>
        <translation>Zeigegerät</translation>
    </message>
    <message>
        <source>Keyboard</source>
        <translation>Tastatur</translation>
    </message>
    <message>
        <source>Lock lights</source>
        <translation>Feststelllampen</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keine</translation>
    </message>
    <message>
        <source>Hard disks</source>
        <translation>Festplatten</translation>
    </message>
    <message>
        <source>Optical drives</source>
        <translation>Optische Laufwerke</translation>
    </message>
    <message>
        <source>Floppy drives</source>
        <translation>Diskettenlaufwerke</translation>
    </message>
    <message>
        <source>Audio</source>
        <translation>Audio</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>Netzwerk</translation>
    </message>
    <message>
        <source>USB</source>
        <translation>USB</translation>
    </message>
    <message>
        <source>Shared folders</source>
        <translation>Gemeinsame Ordner</translation>
    </message>
    <message>
        <source>Display</source>
        <translation>Anzeige</translation>
    </message>
    <message>
        <source>Recording</source>
        <translation>Aufzeichnung</translation>
    </message>
    <message>
        <source>Processor</source>
        <translation>Prozessor</translation>
    </message>
    <message>
        <source>Mouse</source>
        <translation>Maus</translation>
    </message>
    <message>
        <source>None is there yet: the global tool Network creates them.</source>
        <translation>Es gibt noch keines: Das Werkzeug „Netzwerk“ legt sie an.</translation>
    </message>
    <message>
        <source>Enter a name</source>
        <translation>Geben Sie einen Namen ein</translation>
    </message>
    <message>
        <source>just now</source>
        <translation>gerade eben</translation>
    </message>
    <message>
        <source>1 minute ago</source>
        <translation>vor 1 Minute</translation>
    </message>
    <message>
        <source>{count} minutes ago</source>
        <translation>vor {count} Minuten</translation>
    </message>
    <message>
        <source>1 hour ago</source>
        <translation>vor 1 Stunde</translation>
    </message>
    <message>
        <source>{count} hours ago</source>
        <translation>vor {count} Stunden</translation>
    </message>
    <message>
        <source>1 day ago</source>
        <translation>vor 1 Tag</translation>
    </message>
    <message>
        <source>{count} days ago</source>
        <translation>vor {count} Tagen</translation>
    </message>
    <message>
        <source>Snapshot</source>
        <translation>Sicherungspunkt</translation>
    </message>
    <message>
        <source>Immutable hard disks are attached. Going back to this snapshot puts them back to their state at the first start, not to the state that they have now.</source>
        <translation>Es sind unveränderliche Festplatten angeschlossen. Die Rückkehr zu diesem Sicherungspunkt versetzt sie in ihren Zustand beim ersten Start, nicht in den jetzigen.</translation>
    </message>
    <message>
        <source>{seconds} s ago</source>
        <translation>vor {seconds} s</translation>
    </message>
    <message>
        <source>now</source>
        <translation>jetzt</translation>
    </message>
    <message>
        <source>{size}/s</source>
        <translation>{size}/s</translation>
    </message>
    <message>
        <source>{count}/s</source>
        <translation>{count}/s</translation>
    </message>
    <message>
        <source>Create Virtual Hard Disk</source>
        <translation>Virtuelle Festplatte anlegen</translation>
    </message>
    <message>
        <source>&amp;Create</source>
        <translation>&amp;Anlegen</translation>
    </message>
    <message>
        <source>Creating “{name}”</source>
        <translation>„{name}“ wird angelegt</translation>
    </message>
    <message>
        <source>“{name}” could not be created</source>
        <translation>„{name}“ konnte nicht angelegt werden</translation>
    </message>
    <message>
        <source>Create Floppy Disk</source>
        <translation>Diskette anlegen</translation>
    </message>
    <message>
        <source>Copy Virtual Disk</source>
        <translation>Virtuelle Platte kopieren</translation>
    </message>
    <message>
        <source>&amp;Copy</source>
        <translation>&amp;Kopieren</translation>
    </message>
    <message>
        <source>Copying to “{name}”</source>
        <translation>Nach „{name}“ wird kopiert</translation>
    </message>
    <message>
        <source>The copy “{name}” could not be made</source>
        <translation>Die Kopie „{name}“ konnte nicht angelegt werden</translation>
    </message>
    <message>
        <source>raw image</source>
        <translation>rohes Abbild</translation>
    </message>
    <message>
        <source>Shared Folders</source>
        <translation>Gemeinsame Ordner</translation>
    </message>
    <message>
        <source>USB Controller</source>
        <translation>USB-Controller</translation>
    </message>
    <message>
        <source>{count} ({active} active)</source>
        <translation>{count} ({active} aktiv)</translation>
    </message>
    <message>
        <source>Device Filters</source>
        <translation>Gerätefilter</translation>
    </message>
    <message>
        <source>&amp;Hard Disks</source>
        <translation>&amp;Festplatten</translation>
    </message>
    <message>
        <source>Hard Disk &amp;Settings…</source>
        <translation>&amp;Einstellungen der Festplatten…</translation>
    </message>
    <message>
        <source>The machine has no hard disk.</source>
        <translation>Die Maschine hat keine Festplatte.</translation>
    </message>
    <message>
        <source>&amp;Plug In a Hard Disk…</source>
        <translation>Festplatte &amp;anschließen…</translation>
    </message>
    <message>
        <source>The machine has no SATA, USB or virtio-blk controller with a free port.</source>
        <translation>Die Maschine hat keinen SATA-, USB- oder virtio-blk-Controller mit einem freien Anschluss.</translation>
    </message>
    <message>
        <source>The disk is not hot-pluggable: it stays while the machine runs.</source>
        <translation>Die Platte ist nicht im Betrieb wechselbar: Sie bleibt, solange die Maschine läuft.</translation>
    </message>
    <message>
        <source>Hard disk images (*.vdi *.vmdk *.vhd *.qcow2 *.qed *.hdd *.img);;All files (*)</source>
        <translation>Festplattenabbilder (*.vdi *.vmdk *.vhd *.qcow2 *.qed *.hdd *.img);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Choose a Hard Disk</source>
        <translation>Festplatte wählen</translation>
    </message>
    <message>
        <source>&amp;Disabled</source>
        <translation>&amp;Deaktiviert</translation>
    </message>
    <message>
        <source>&amp;Host To Guest</source>
        <translation>Vom &amp;Host zum Gast</translation>
    </message>
    <message>
        <source>&amp;Guest To Host</source>
        <translation>Vom &amp;Gast zum Host</translation>
    </message>
    <message>
        <source>&amp;Bidirectional</source>
        <translation>&amp;Bidirektional</translation>
    </message>
    <message>
        <source>The machine has no audio adapter.</source>
        <translation>Die Maschine hat keinen Audio-Adapter.</translation>
    </message>
    <message>
        <source>The guest is heard.</source>
        <translation>Der Gast ist zu hören.</translation>
    </message>
    <message>
        <source>The guest can record.</source>
        <translation>Der Gast kann aufnehmen.</translation>
    </message>
    <message>
        <source>Host</source>
        <translation>Host</translation>
    </message>
    <message>
        <source>Audio &amp;Output</source>
        <translation>Audio-&amp;Ausgabe</translation>
    </message>
    <message>
        <source>Audio &amp;Input</source>
        <translation>Audio-&amp;Eingabe</translation>
    </message>
    <message>
        <source>The machine has no network adapter.</source>
        <translation>Die Maschine hat keinen Netzwerkadapter.</translation>
    </message>
    <message>
        <source>Without its cable the adapter has no link. The choice is kept in the settings.</source>
        <translation>Ohne sein Kabel hat der Adapter keine Verbindung. Die Wahl bleibt in den Einstellungen.</translation>
    </message>
    <message>
        <source>&amp;Connect Network Adapter {n}</source>
        <translation>Netzwerkadapter {n} &amp;verbinden</translation>
    </message>
    <message>
        <source>The machine has no USB controller.</source>
        <translation>Die Maschine hat keinen USB-Controller.</translation>
    </message>
    <message>
        <source>No USB devices connected</source>
        <translation>Keine USB-Geräte angeschlossen</translation>
    </message>
    <message>
        <source>No USB device is plugged into the host.</source>
        <translation>Am Host ist kein USB-Gerät angeschlossen.</translation>
    </message>
    <message>
        <source>Vendor ID: {value}</source>
        <translation>Hersteller-ID: {value}</translation>
    </message>
    <message>
        <source>Product ID: {value}</source>
        <translation>Produkt-ID: {value}</translation>
    </message>
    <message>
        <source>Revision: {value}</source>
        <translation>Revision: {value}</translation>
    </message>
    <message>
        <source>Serial No.: {value}</source>
        <translation>Seriennr.: {value}</translation>
    </message>
    <message>
        <source>State: {value}</source>
        <translation>Zustand: {value}</translation>
    </message>
    <message>
        <source>The machine has no shared folder.</source>
        <translation>Die Maschine hat keinen gemeinsamen Ordner.</translation>
    </message>
    <message>
        <source>Guests reach shared folders as soon as they can have additions.</source>
        <translation>Gäste erreichen gemeinsame Ordner, sobald sie Erweiterungen haben können.</translation>
    </message>
    <message>
        <source>It takes effect as soon as guests can have additions; until then it is kept.</source>
        <translation>Es wirkt, sobald Gäste Erweiterungen haben können; bis dahin wird es aufbewahrt.</translation>
    </message>
    <message>
        <source>Enable Clipboard &amp;File Transfers</source>
        <translation>Da&amp;teien über die Zwischenablage erlauben</translation>
    </message>
    <message>
        <source>&amp;Audio</source>
        <translation>&amp;Audio</translation>
    </message>
    <message>
        <source>&amp;Network</source>
        <translation>&amp;Netzwerk</translation>
    </message>
    <message>
        <source>&amp;Network Settings…</source>
        <translation>&amp;Einstellungen des Netzwerks…</translation>
    </message>
    <message>
        <source>&amp;Serial Ports</source>
        <translation>&amp;Serielle Schnittstellen</translation>
    </message>
    <message>
        <source>&amp;USB</source>
        <translation>&amp;USB</translation>
    </message>
    <message>
        <source>&amp;USB Settings…</source>
        <translation>&amp;USB-Einstellungen…</translation>
    </message>
    <message>
        <source>Shared Fo&amp;lders</source>
        <translation>&amp;Gemeinsame Ordner</translation>
    </message>
    <message>
        <source>&amp;Shared Folders Settings…</source>
        <translation>&amp;Einstellungen der gemeinsamen Ordner…</translation>
    </message>
    <message>
        <source>Shared &amp;Clipboard</source>
        <translation>Gemeinsame &amp;Zwischenablage</translation>
    </message>
    <message>
        <source>&amp;Drag and Drop</source>
        <translation>Ziehen und Ab&amp;legen</translation>
    </message>
    <message>
        <source>&amp;Disconnected</source>
        <translation>&amp;Nicht verbunden</translation>
    </message>
    <message>
        <source>Host &amp;Pipe…</source>
        <translation>&amp;Pipe des Hosts…</translation>
    </message>
    <message>
        <source>&amp;Pipe:</source>
        <translation>&amp;Pipe:</translation>
    </message>
    <message>
        <source>&amp;Create the pipe instead of connecting to it</source>
        <translation>Die Pipe an&amp;legen, statt sich mit ihr zu verbinden</translation>
    </message>
    <message>
        <source>Host D&amp;evice…</source>
        <translation>&amp;Gerät des Hosts…</translation>
    </message>
    <message>
        <source>&amp;Device:</source>
        <translation>&amp;Gerät:</translation>
    </message>
    <message>
        <source>Raw &amp;File…</source>
        <translation>Rohe &amp;Datei…</translation>
    </message>
    <message>
        <source>&amp;File:</source>
        <translation>&amp;Datei:</translation>
    </message>
    <message>
        <source>&amp;TCP…</source>
        <translation>&amp;TCP…</translation>
    </message>
    <message>
        <source>&amp;Address:</source>
        <translation>&amp;Adresse:</translation>
    </message>
    <message>
        <source>&amp;Wait for a connection (the address is a port alone)</source>
        <translation>Auf eine Verbindung &amp;warten (die Adresse ist nur ein Port)</translation>
    </message>
    <message>
        <source>The machine has no serial port.</source>
        <translation>Die Maschine hat keine serielle Schnittstelle.</translation>
    </message>
    <message>
        <source>Port &amp;{n}</source>
        <translation>Schnittstelle &amp;{n}</translation>
    </message>
    <message>
        <source>Reset the virtual machine “{machine}”?</source>
        <translation>Die virtuelle Maschine „{machine}“ zurücksetzen?</translation>
    </message>
    <message>
        <source>&amp;Reset</source>
        <translation>&amp;Zurücksetzen</translation>
    </message>
    <message>
        <source>The guest restarts at once; what its programs have not saved is lost.</source>
        <translation>Der Gast startet sofort neu; was seine Programme nicht gespeichert haben, ist verloren.</translation>
    </message>
    <message>
        <source>Power off the virtual machine “{machine}”?</source>
        <translation>Die virtuelle Maschine „{machine}“ ausschalten?</translation>
    </message>
    <message>
        <source>Power &amp;Off</source>
        <translation>&amp;Ausschalten</translation>
    </message>
    <message>
        <source>This is like pulling the plug; what its programs have not saved is lost.</source>
        <translation>Das ist, als zöge man den Stecker; was ihre Programme nicht gespeichert haben, ist verloren.</translation>
    </message>
    <message>
        <source>The guest has locked the drive at {drive}.</source>
        <translation>Der Gast hat das Laufwerk an {drive} gesperrt.</translation>
    </message>
    <message>
        <source>&amp;Eject Anyway</source>
        <translation>Trotzdem aus&amp;werfen</translation>
    </message>
    <message>
        <source>It is using the medium; taking it away may confuse the guest.</source>
        <translation>Er benutzt das Medium; es wegzunehmen, kann den Gast verwirren.</translation>
    </message>
    <message>
        <source>Unplug the hard disk “{disk}”?</source>
        <translation>Die Festplatte „{disk}“ abziehen?</translation>
    </message>
    <message>
        <source>&amp;Unplug</source>
        <translation>&amp;Abziehen</translation>
    </message>
    <message>
        <source>The guest loses what it has not written yet; let it release the disk first.</source>
        <translation>Der Gast verliert, was er noch nicht geschrieben hat; lassen Sie ihn die Platte erst freigeben.</translation>
    </message>
    <message>
        <source>About {product}</source>
        <translation>Über {product}</translation>
    </message>
    <message>
        <source>Create, configure and run PC virtual machines.&lt;br&gt;&lt;br&gt;Free software under the GNU General Public License, version 2 or later.</source>
        <translation>Virtuelle PCs anlegen, einrichten und betreiben.&lt;br&gt;&lt;br&gt;Freie Software unter der GNU General Public License, Version 2 oder neuer.</translation>
    </message>
    <message>
        <source>{machine} could not be started</source>
        <translation>{machine} konnte nicht gestartet werden</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>Angehalten</translation>
    </message>
    <message>
        <source>{machine} has been paused</source>
        <translation>{machine} wurde angehalten</translation>
    </message>
    <message>
        <source>&amp;Try Again</source>
        <translation>Erneut &amp;versuchen</translation>
    </message>
    <message>
        <source>&amp;Leave Paused</source>
        <translation>Angehalten &amp;lassen</translation>
    </message>
    <message>
        <source>Nothing is lost: remove the cause, then let the machine try again. It can also stay paused and be resumed later from the Machine menu.</source>
        <translation>Nichts ist verloren: Beseitigen Sie die Ursache und lassen Sie die Maschine es noch einmal versuchen. Sie kann auch angehalten bleiben und später im Menü Maschine fortgesetzt werden.</translation>
    </message>
    <message>
        <source>Error: {id}</source>
        <translation>Fehler: {id}</translation>
    </message>
</context>
<context>
    <name>AboutDialog</name>
    <message>
        <source>About Vitrine</source>
        <translation>Über Vitrine</translation>
    </message>
    <message>
        <source>Version {version}</source>
        <translation>Version {version}</translation>
    </message>
    <message>
        <source>Create, configure and run PC virtual machines.

Free software under the GNU General Public License, version 2 or later; it comes without any warranty.</source>
        <translation>Virtuelle PCs erstellen, einrichten und betreiben.

Freie Software unter der GNU General Public License, Version 2 oder neuer; ohne jede Gewährleistung.</translation>
    </message>
</context>
<context>
    <name>ActivityOverview</name>
    <message>
        <source>Machine</source>
        <translation>Maschine</translation>
    </message>
    <message>
        <source>CPU Guest</source>
        <translation>CPU Gast</translation>
    </message>
    <message>
        <source>CPU VMM</source>
        <translation>CPU VMM</translation>
    </message>
    <message>
        <source>RAM (Host / Guest)</source>
        <translation>RAM (Host / Gast)</translation>
    </message>
    <message>
        <source>What the machine takes of this computer&apos;s memory, and the memory that its guest has.</source>
        <translation>Was die Maschine vom Speicher dieses Rechners belegt, und der Speicher, den ihr Gast hat.</translation>
    </message>
    <message>
        <source>Host RAM %</source>
        <translation>Host-RAM %</translation>
    </message>
    <message>
        <source>Share of this computer&apos;s memory that the machine takes.</source>
        <translation>Anteil am Speicher dieses Rechners, den die Maschine belegt.</translation>
    </message>
    <message>
        <source>Network Up Rate</source>
        <translation>Netzwerk Senderate</translation>
    </message>
    <message>
        <source>Network Down Rate</source>
        <translation>Netzwerk Empfangsrate</translation>
    </message>
    <message>
        <source>Network Up Total</source>
        <translation>Netzwerk gesendet</translation>
    </message>
    <message>
        <source>Network Down Total</source>
        <translation>Netzwerk empfangen</translation>
    </message>
    <message>
        <source>Disk Read Rate</source>
        <translation>Platten Leserate</translation>
    </message>
    <message>
        <source>Disk Write Rate</source>
        <translation>Platten Schreibrate</translation>
    </message>
    <message>
        <source>Disk Read Total</source>
        <translation>Platten gelesen</translation>
    </message>
    <message>
        <source>Disk Write Total</source>
        <translation>Platten geschrieben</translation>
    </message>
    <message>
        <source>VM Exits</source>
        <translation>VM-Exits</translation>
    </message>
</context>
<context>
    <name>ActivityPane</name>
    <message>
        <source>Charts</source>
        <translation>Diagramme</translation>
    </message>
    <message>
        <source>CPU Load</source>
        <translation>CPU-Last</translation>
    </message>
    <message>
        <source>Guest</source>
        <translation>Gast</translation>
    </message>
    <message>
        <source>VMM</source>
        <translation>VMM</translation>
    </message>
    <message>
        <source>RAM Usage</source>
        <translation>RAM-Nutzung</translation>
    </message>
    <message>
        <source>Used</source>
        <translation>Belegt</translation>
    </message>
    <message>
        <source>Disk I/O</source>
        <translation>Platten-E/A</translation>
    </message>
    <message>
        <source>Read</source>
        <translation>Gelesen</translation>
    </message>
    <message>
        <source>Written</source>
        <translation>Geschrieben</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>Netzwerk</translation>
    </message>
    <message>
        <source>Received</source>
        <translation>Empfangen</translation>
    </message>
    <message>
        <source>Sent</source>
        <translation>Gesendet</translation>
    </message>
    <message>
        <source>VM Exits</source>
        <translation>VM-Exits</translation>
    </message>
    <message>
        <source>Exits</source>
        <translation>Exits</translation>
    </message>
    <message>
        <source>The machine “{name}” is not running. Start it to see what it takes.</source>
        <translation>Die Maschine „{name}“ läuft nicht. Starten Sie sie, um zu sehen, was sie verbraucht.</translation>
    </message>
    <message>
        <source>The first measurements are on their way…</source>
        <translation>Die ersten Messungen sind unterwegs…</translation>
    </message>
    <message>
        <source>The activity of the machine cannot be shown: {reason}</source>
        <translation>Die Aktivität der Maschine kann nicht gezeigt werden: {reason}</translation>
    </message>
    <message>
        <source>There is nothing to measure here yet.</source>
        <translation>Hier gibt es noch nichts zu messen.</translation>
    </message>
    <message>
        <source>Nothing was measured yet.</source>
        <translation>Es wurde noch nichts gemessen.</translation>
    </message>
    <message>
        <source>Export the measurements</source>
        <translation>Die Messungen exportieren</translation>
    </message>
    <message>
        <source>Text files (*.txt)</source>
        <translation>Textdateien (*.txt)</translation>
    </message>
    <message>
        <source>{name} activity.txt</source>
        <translation>{name} Aktivität.txt</translation>
    </message>
    <message>
        <source>The measurements were not exported</source>
        <translation>Die Messungen wurden nicht exportiert</translation>
    </message>
</context>
<context>
    <name>BookmarksBar</name>
    <message>
        <source>Bookmarks</source>
        <translation>Lesezeichen</translation>
    </message>
    <message>
        <source>Add or remove a bookmark here</source>
        <translation>Hier ein Lesezeichen setzen oder entfernen</translation>
    </message>
    <message>
        <source>Go to this bookmark</source>
        <translation>Zu diesem Lesezeichen gehen</translation>
    </message>
    <message>
        <source>Previous bookmark</source>
        <translation>Voriges Lesezeichen</translation>
    </message>
    <message>
        <source>Next bookmark</source>
        <translation>Nächstes Lesezeichen</translation>
    </message>
    <message>
        <source>Remove this bookmark</source>
        <translation>Dieses Lesezeichen entfernen</translation>
    </message>
    <message>
        <source>Remove all bookmarks</source>
        <translation>Alle Lesezeichen entfernen</translation>
    </message>
    <message>
        <source>No line is marked. Double-click a line to mark it.</source>
        <translation>Es ist keine Zeile markiert. Ein Doppelklick auf eine Zeile markiert sie.</translation>
    </message>
    <message>
        <source>No line is marked.</source>
        <translation>Es ist keine Zeile markiert.</translation>
    </message>
</context>
<context>
    <name>BootFailureDialog</name>
    <message>
        <source>{machine}: Nothing to Boot</source>
        <translation>{machine}: Nichts zu starten</translation>
    </message>
    <message>
        <source>The machine has found no operating system on any of its disks. To install one, choose the image of its installation disc (an .iso file); the machine then starts again from it.</source>
        <translation>Die Maschine hat auf keinem ihrer Datenträger ein Betriebssystem gefunden. Um eines zu installieren, wählen Sie das Abbild der Installations-CD (eine .iso-Datei); die Maschine startet dann davon neu.</translation>
    </message>
    <message>
        <source>Disc image</source>
        <translation>Abbild der CD</translation>
    </message>
    <message>
        <source>C&amp;hoose…</source>
        <translation>A&amp;uswählen…</translation>
    </message>
    <message>
        <source>Do not &amp;show this again</source>
        <translation>Dies nicht mehr &amp;zeigen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>&amp;Mount and Retry Boot</source>
        <translation>&amp;Einlegen und neu starten</translation>
    </message>
    <message>
        <source>There is no such file.</source>
        <translation>Diese Datei gibt es nicht.</translation>
    </message>
    <message>
        <source>Choose a Disc Image</source>
        <translation>Abbild einer CD wählen</translation>
    </message>
    <message>
        <source>Optical disc images (*.iso *.ISO *.cdr);;All files (*)</source>
        <translation>Abbilder optischer Medien (*.iso *.ISO *.cdr);;Alle Dateien (*)</translation>
    </message>
</context>
<context>
    <name>BootOrderEditor</name>
    <message>
        <source>Boot order</source>
        <translation>Bootreihenfolge</translation>
    </message>
    <message>
        <source>Move up (Ctrl+Up)</source>
        <translation>Nach oben (Strg+Auf)</translation>
    </message>
    <message>
        <source>Move down (Ctrl+Down)</source>
        <translation>Nach unten (Strg+Ab)</translation>
    </message>
</context>
<context>
    <name>BootWatch</name>
    <message>
        <source>The machine has no optical drive to put a disc into.</source>
        <translation>Die Maschine hat kein optisches Laufwerk, in das eine CD gelegt werden könnte.</translation>
    </message>
</context>
<context>
    <name>ByteSize</name>
    <message>
        <source>TB</source>
        <translation>TB</translation>
    </message>
    <message>
        <source>GB</source>
        <translation>GB</translation>
    </message>
    <message>
        <source>MB</source>
        <translation>MB</translation>
    </message>
    <message>
        <source>KB</source>
        <translation>KB</translation>
    </message>
    <message>
        <source>{size} B</source>
        <translation>{size} B</translation>
    </message>
</context>
<context>
    <name>CheckList</name>
    <message>
        <source>Move up</source>
        <translation>Nach oben</translation>
    </message>
    <message>
        <source>Move down</source>
        <translation>Nach unten</translation>
    </message>
</context>
<context>
    <name>ChooserColumn</name>
    <message>
        <source>Tools</source>
        <translation>Werkzeuge</translation>
    </message>
    <message>
        <source>Open the tools that belong to no machine</source>
        <translation>Die Werkzeuge öffnen, die zu keiner Maschine gehören</translation>
    </message>
    <message>
        <source>Leave the group {path}</source>
        <translation>Die Gruppe {path} verlassen</translation>
    </message>
</context>
<context>
    <name>ChooserDelegate</name>
    <message>
        <source>Name of the group</source>
        <translation>Name der Gruppe</translation>
    </message>
</context>
<context>
    <name>ChooserModel</name>
    <message>
        <source>Group {name}: {counts}</source>
        <translation>Gruppe {name}: {counts}</translation>
    </message>
    <message>
        <source>Machines: {count}</source>
        <translation>Maschinen: {count}</translation>
    </message>
    <message>
        <source>Groups: {count}</source>
        <translation>Gruppen: {count}</translation>
    </message>
    <message>
        <source>Running: {count}</source>
        <translation>Laufend: {count}</translation>
    </message>
</context>
<context>
    <name>ChooserView</name>
    <message>
        <source>Machines</source>
        <translation>Maschinen</translation>
    </message>
</context>
<context>
    <name>CloneNamePage</name>
    <message>
        <source>New name and place</source>
        <translation>Neuer Name und Ort</translation>
    </message>
    <message>
        <source>New Machine Name and Path</source>
        <translation>Name und Ort der neuen Maschine</translation>
    </message>
    <message>
        <source>Choose a name and a folder for the new machine. It is a copy of “{name}”, with network addresses of its own unless you keep them.</source>
        <translation>Wählen Sie einen Namen und einen Ordner für die neue Maschine. Sie ist eine Kopie von „{name}“ mit eigenen Netzwerkadressen, wenn Sie diese nicht behalten.</translation>
    </message>
    <message>
        <source>{name} Clone</source>
        <translation>{name} Klon</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Folder for the new machine</source>
        <translation>Ordner für die neue Maschine</translation>
    </message>
    <message>
        <source>MAC address policy</source>
        <translation>Umgang mit MAC-Adressen</translation>
    </message>
    <message>
        <source>Keep only those of NAT adapters</source>
        <translation>Nur die von NAT-Adaptern behalten</translation>
    </message>
    <message>
        <source>Keep all addresses</source>
        <translation>Alle Adressen behalten</translation>
    </message>
    <message>
        <source>Generate new ones for all adapters</source>
        <translation>Für alle Adapter neue erzeugen</translation>
    </message>
    <message>
        <source>Keep &amp;disk names</source>
        <translation>Namen der P&amp;latten behalten</translation>
    </message>
    <message>
        <source>The image files are called as those of the source.</source>
        <translation>Die Abbilddateien heißen wie die der Quelle.</translation>
    </message>
    <message>
        <source>Keep hardware &amp;UUIDs</source>
        <translation>&amp;UUIDs der Hardware behalten</translation>
    </message>
    <message>
        <source>Systems that are bound to their hardware take the clone for the source.</source>
        <translation>Systeme, die an ihre Hardware gebunden sind, halten den Klon für die Quelle.</translation>
    </message>
    <message>
        <source>N&amp;ame:</source>
        <translation>N&amp;ame:</translation>
    </message>
    <message>
        <source>&amp;Path:</source>
        <translation>&amp;Pfad:</translation>
    </message>
    <message>
        <source>New folder:</source>
        <translation>Neuer Ordner:</translation>
    </message>
    <message>
        <source>&amp;MAC addresses:</source>
        <translation>&amp;MAC-Adressen:</translation>
    </message>
    <message>
        <source>Additional options:</source>
        <translation>Weitere Optionen:</translation>
    </message>
</context>
<context>
    <name>CloneTypePage</name>
    <message>
        <source>Clone type</source>
        <translation>Art des Klons</translation>
    </message>
    <message>
        <source>Clone Type</source>
        <translation>Art des Klons</translation>
    </message>
    <message>
        <source>A full clone has copies of all hard disks and can be taken to another computer. A linked clone is made in no time, and needs the disks of its source as long as it exists.</source>
        <translation>Ein vollständiger Klon hat Kopien aller Festplatten und kann auf einen anderen Computer mitgenommen werden. Ein verknüpfter Klon ist sofort fertig und braucht die Platten seiner Quelle, solange es ihn gibt.</translation>
    </message>
    <message>
        <source>&amp;Full clone</source>
        <translation>&amp;Vollständiger Klon</translation>
    </message>
    <message>
        <source>&amp;Linked clone</source>
        <translation>Ver&amp;knüpfter Klon</translation>
    </message>
    <message>
        <source>Snapshots</source>
        <translation>Sicherungspunkte</translation>
    </message>
    <message>
        <source>&amp;Current machine state only</source>
        <translation>Nur der &amp;aktuelle Zustand der Maschine</translation>
    </message>
    <message>
        <source>This snapshot and those &amp;after it</source>
        <translation>Dieser Sicherungspunkt und die da&amp;nach</translation>
    </message>
    <message>
        <source>&amp;Everything: all snapshots</source>
        <translation>Alle&amp;s: alle Sicherungspunkte</translation>
    </message>
    <message>
        <source>A linked clone shares the disks of a snapshot: the snapshot “{name}” is taken of the machine first.</source>
        <translation>Ein verknüpfter Klon teilt sich die Platten mit einem Sicherungspunkt: Zuerst wird von der Maschine der Sicherungspunkt „{name}“ erstellt.</translation>
    </message>
    <message>
        <source>&amp;Only the state of the snapshot “{name}”</source>
        <translation>&amp;Nur der Zustand des Sicherungspunkts „{name}“</translation>
    </message>
    <message>
        <source>Linked Base for {source} and {clone}</source>
        <translation>Verknüpfte Basis für {source} und {clone}</translation>
    </message>
</context>
<context>
    <name>CloneWizard</name>
    <message>
        <source>Clone Virtual Machine “{name}”</source>
        <translation>Virtuelle Maschine „{name}“ klonen</translation>
    </message>
    <message>
        <source>&amp;Clone</source>
        <translation>K&amp;lonen</translation>
    </message>
</context>
<context>
    <name>CloseDialog</name>
    <message>
        <source>&amp;Continue running in the background</source>
        <translation>Im &amp;Hintergrund weiterlaufen lassen</translation>
    </message>
    <message>
        <source>Closes the window only. “Show” in the manager opens it again.</source>
        <translation>Schließt nur das Fenster. „Zeigen“ im Manager öffnet es wieder.</translation>
    </message>
    <message>
        <source>Sa&amp;ve the machine state</source>
        <translation>Den &amp;Zustand der Maschine speichern</translation>
    </message>
    <message>
        <source>Writes everything to a file. The machine goes on from there at its next start.</source>
        <translation>Schreibt alles in eine Datei. Beim nächsten Start geht die Maschine von dort aus weiter.</translation>
    </message>
    <message>
        <source>&amp;Send the shutdown signal</source>
        <translation>Das Signal zum Herun&amp;terfahren senden</translation>
    </message>
    <message>
        <source>Presses the power button of the machine. The guest shuts down in order, if it listens.</source>
        <translation>Drückt den Netzschalter der Maschine. Der Gast fährt geordnet herunter, wenn er darauf hört.</translation>
    </message>
    <message>
        <source>&amp;Power off the machine</source>
        <translation>Die Maschine &amp;ausschalten</translation>
    </message>
    <message>
        <source>Like pulling the plug: what the guest has not written to its disks is lost.</source>
        <translation>Wie den Stecker ziehen: Was der Gast nicht auf seine Platten geschrieben hat, ist verloren.</translation>
    </message>
    <message>
        <source>Close Virtual Machine</source>
        <translation>Virtuelle Maschine schließen</translation>
    </message>
    <message>
        <source>The machine “{machine}” is still switched on. What shall happen to it?</source>
        <translation>Die Maschine „{machine}“ ist noch eingeschaltet. Was soll mit ihr geschehen?</translation>
    </message>
    <message>
        <source>&amp;Restore current snapshot “{name}”</source>
        <translation>Den aktuellen Sicherungspunkt „{name}“ &amp;wiederherstellen</translation>
    </message>
</context>
<context>
    <name>Closing</name>
    <message>
        <source>The settings of this machine do not allow to close its window (GUI/RestrictedCloseActions).</source>
        <translation>Die Einstellungen dieser Maschine erlauben nicht, ihr Fenster zu schließen (GUI/RestrictedCloseActions).</translation>
    </message>
    <message>
        <source>The program “{program}”, which decides about the machine when its window is closed (GUI/CloseActionHook), could not be started.</source>
        <translation>Das Programm „{program}“, das beim Schließen des Fensters über die Maschine entscheidet (GUI/CloseActionHook), konnte nicht gestartet werden.</translation>
    </message>
    <message>
        <source>The machine has to run or to be paused to be saved.</source>
        <translation>Die Maschine muss laufen oder angehalten sein, um gespeichert zu werden.</translation>
    </message>
    <message>
        <source>The machine has to run to notice its power button.</source>
        <translation>Die Maschine muss laufen, um ihren Einschaltknopf zu bemerken.</translation>
    </message>
    <message>
        <source>The machine was powered off, but the snapshot was not restored: </source>
        <translation>Die Maschine wurde ausgeschaltet, aber der Sicherungspunkt nicht wiederhergestellt: </translation>
    </message>
</context>
<context>
    <name>ControllerPanel</name>
    <message>
        <source>Attributes</source>
        <translation>Attribute</translation>
    </message>
</context>
<context>
    <name>CopyDialog</name>
    <message>
        <source>Copy of:</source>
        <translation>Kopie von:</translation>
    </message>
    <message>
        <source>The copy holds everything, also what is stored in the images below it.</source>
        <translation>Die Kopie enthält alles, auch was in den Abbildern darunter gespeichert ist.</translation>
    </message>
    <message>
        <source>Virtual size: {size}</source>
        <translation>Virtuelle Größe: {size}</translation>
    </message>
    <message>
        <source>{name}_copy</source>
        <translation>{name}_Kopie</translation>
    </message>
</context>
<context>
    <name>CreateDiskDialog</name>
    <message>
        <source>Disk size</source>
        <translation>Größe der Platte</translation>
    </message>
    <message>
        <source>&amp;Size:</source>
        <translation>&amp;Größe:</translation>
    </message>
    <message>
        <source>NewVirtualDisk</source>
        <translation>NeuePlatte</translation>
    </message>
</context>
<context>
    <name>CreateFloppyDialog</name>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Format disk as F&amp;AT12</source>
        <translation>Mit &amp;FAT12 formatieren</translation>
    </message>
    <message>
        <source>Write an empty file system, so that guests can use the disk at once.</source>
        <translation>Ein leeres Dateisystem schreiben, damit Gäste die Diskette sofort verwenden können.</translation>
    </message>
    <message>
        <source>&amp;Size:</source>
        <translation>&amp;Größe:</translation>
    </message>
    <message>
        <source>NewFloppyDisk</source>
        <translation>NeueDiskette</translation>
    </message>
</context>
<context>
    <name>Details</name>
    <message>
        <source>Description</source>
        <translation>Beschreibung</translation>
    </message>
    <message>
        <source>Display</source>
        <translation>Anzeige</translation>
    </message>
    <message>
        <source>General</source>
        <translation>Allgemein</translation>
    </message>
    <message>
        <source>Serial Ports</source>
        <translation>Serielle Ports</translation>
    </message>
    <message>
        <source>Storage</source>
        <translation>Massenspeicher</translation>
    </message>
    <message>
        <source>System</source>
        <translation>System</translation>
    </message>
    <message>
        <source>Audio</source>
        <translation>Audio</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>Netzwerk</translation>
    </message>
    <message>
        <source>Shared Folders</source>
        <translation>Gemeinsame Ordner</translation>
    </message>
    <message>
        <source>USB</source>
        <translation>USB</translation>
    </message>
</context>
<context>
    <name>DetailsPane</name>
    <message>
        <source>Details</source>
        <translation>Details</translation>
    </message>
    <message>
        <source>Open the settings of {title}</source>
        <translation>Die Einstellungen von {title} öffnen</translation>
    </message>
    <message>
        <source>&amp;Copy Value</source>
        <translation>Wert &amp;kopieren</translation>
    </message>
</context>
<context>
    <name>DiskPage</name>
    <message>
        <source>Virtual hard disk</source>
        <translation>Virtuelle Festplatte</translation>
    </message>
    <message>
        <source>Virtual Hard Disk</source>
        <translation>Virtuelle Festplatte</translation>
    </message>
    <message>
        <source>The machine keeps its data in a file on this computer. You can create a new one, use one that exists, or leave the disk out for now.</source>
        <translation>Die Maschine hält ihre Daten in einer Datei auf diesem Computer. Sie können eine neue anlegen, eine vorhandene verwenden oder die Platte vorerst weglassen.</translation>
    </message>
    <message>
        <source>&amp;Create a virtual hard disk now</source>
        <translation>Jetzt eine virtuelle Festplatte &amp;anlegen</translation>
    </message>
    <message>
        <source>Use an &amp;existing virtual hard disk file</source>
        <translation>Eine &amp;vorhandene Festplattendatei verwenden</translation>
    </message>
    <message>
        <source>&amp;Do not add a virtual hard disk</source>
        <translation>Keine virtuelle Festplatte &amp;hinzufügen</translation>
    </message>
    <message>
        <source>Disk size</source>
        <translation>Größe der Platte</translation>
    </message>
    <message>
        <source>Pre-&amp;allocate full size</source>
        <translation>&amp;Volle Größe sofort belegen</translation>
    </message>
    <message>
        <source>Takes the whole size on this computer at once instead of growing with use.</source>
        <translation>Belegt auf diesem Computer sofort die ganze Größe, statt mit der Benutzung zu wachsen.</translation>
    </message>
    <message>
        <source>File type of the hard disk</source>
        <translation>Dateityp der Festplatte</translation>
    </message>
    <message>
        <source>File of the new hard disk</source>
        <translation>Datei der neuen Festplatte</translation>
    </message>
    <message>
        <source>Hard disk file</source>
        <translation>Festplattendatei</translation>
    </message>
    <message>
        <source>Choose among the known hard disks</source>
        <translation>Unter den bekannten Festplatten wählen</translation>
    </message>
    <message>
        <source>Disk &amp;size:</source>
        <translation>&amp;Größe der Platte:</translation>
    </message>
    <message>
        <source>File:</source>
        <translation>Datei:</translation>
    </message>
    <message>
        <source>File &amp;location:</source>
        <translation>&amp;Ort der Datei:</translation>
    </message>
    <message>
        <source>File t&amp;ype:</source>
        <translation>Datei&amp;typ:</translation>
    </message>
    <message>
        <source>Hard disk images ({patterns});;All files (*)</source>
        <translation>Festplattenabbilder ({patterns});;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Enter the complete path of the new file.</source>
        <translation>Geben Sie den vollständigen Pfad der neuen Datei ein.</translation>
    </message>
    <message>
        <source>The file {path} exists already.</source>
        <translation>Die Datei {path} gibt es schon.</translation>
    </message>
    <message>
        <source>{format}, {size}</source>
        <translation>{format}, {size}</translation>
    </message>
</context>
<context>
    <name>DisplayPreferences</name>
    <message>
        <source>&amp;Raise Window Under Mouse Pointer</source>
        <translation>Fenster unter dem Mauszeiger nach &amp;vorn holen</translation>
    </message>
    <message>
        <source>Disable Host Screen &amp;Saver</source>
        <translation>Bildschirmschoner des &amp;Hosts abschalten</translation>
    </message>
    <message>
        <source>F&amp;ont Scaling:</source>
        <translation>&amp;Schriftgröße:</translation>
    </message>
    <message>
        <source>How large the texts of Vitrine&apos;s windows are.</source>
        <translation>Wie groß die Texte in den Fenstern von Vitrine sind.</translation>
    </message>
    <message>
        <source>&amp;Window Scaling:</source>
        <translation>&amp;Fenstergröße:</translation>
    </message>
    <message>
        <source>How large everything in Vitrine&apos;s windows is; obeyed at the next start.</source>
        <translation>Wie groß alles in den Fenstern von Vitrine ist; gilt ab dem nächsten Start.</translation>
    </message>
    <message>
        <source>The new size of windows will be seen when Vitrine is started again.</source>
        <translation>Die neue Größe der Fenster ist zu sehen, wenn Vitrine neu gestartet wird.</translation>
    </message>
    <message>
        <source>Scale &amp;Factor:</source>
        <translation>S&amp;kalierungsfaktor:</translation>
    </message>
    <message>
        <source>How large the screens of guests are shown that have no factor of their own.</source>
        <translation>Wie groß die Bildschirme der Gäste gezeigt werden, die keinen eigenen Faktor haben.</translation>
    </message>
    <message>
        <source>&amp;Maximum Guest Screen Size:</source>
        <translation>&amp;Maximale Größe des Gastbildschirms:</translation>
    </message>
    <message>
        <source>The largest screen that guests choose by themselves.</source>
        <translation>Der größte Bildschirm, den Gäste von sich aus wählen.</translation>
    </message>
    <message>
        <source>The window of a machine comes to the front when the pointer enters it.</source>
        <translation>Das Fenster einer Maschine kommt nach vorn, wenn der Mauszeiger es betritt.</translation>
    </message>
    <message>
        <source>Raise Window Under Mouse Pointer</source>
        <translation>Fenster unter dem Mauszeiger nach vorn holen</translation>
    </message>
    <message>
        <source>The screen saver of this computer rests while a machine runs.</source>
        <translation>Der Bildschirmschoner dieses Computers ruht, solange eine Maschine läuft.</translation>
    </message>
    <message>
        <source>Disable Host Screen Saver</source>
        <translation>Bildschirmschoner des Hosts abschalten</translation>
    </message>
    <message>
        <source> %</source>
        <translation> %</translation>
    </message>
</context>
<context>
    <name>DriveMenu</name>
    <message>
        <source>&amp;Optical Drives</source>
        <translation>&amp;Optische Laufwerke</translation>
    </message>
    <message>
        <source>The machine has no optical drive.</source>
        <translation>Die Maschine hat kein optisches Laufwerk.</translation>
    </message>
    <message>
        <source>Optical disc images (*.iso *.ISO *.cdr *.viso);;All files (*)</source>
        <translation>Abbilder optischer Medien (*.iso *.ISO *.cdr *.viso);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>&amp;Floppy Drives</source>
        <translation>&amp;Diskettenlaufwerke</translation>
    </message>
    <message>
        <source>The machine has no floppy drive.</source>
        <translation>Die Maschine hat kein Diskettenlaufwerk.</translation>
    </message>
    <message>
        <source>Floppy disk images (*.img *.IMG *.ima *.flp *.vfd *.dsk);;All files (*)</source>
        <translation>Disketten-Abbilder (*.img *.IMG *.ima *.flp *.vfd *.dsk);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>&amp;Choose a Disk File…</source>
        <translation>Abbild&amp;datei wählen…</translation>
    </message>
    <message>
        <source>&amp;Remove Disk from Virtual Drive</source>
        <translation>Medium aus dem virtuellen Laufwerk ent&amp;fernen</translation>
    </message>
    <message>
        <source>The drive is empty.</source>
        <translation>Das Laufwerk ist leer.</translation>
    </message>
    <message>
        <source>Host Drive {path}</source>
        <translation>Laufwerk {path} des Hosts</translation>
    </message>
    <message>
        <source>This version of Vitrine cannot hand drives of the host to a guest.</source>
        <translation>Diese Version von Vitrine kann einem Gast keine Laufwerke des Hosts geben.</translation>
    </message>
    <message>
        <source>Choose a &amp;Known Image</source>
        <translation>Ein &amp;bekanntes Abbild wählen</translation>
    </message>
    <message>
        <source>All known images are listed above.</source>
        <translation>Alle bekannten Abbilder stehen oben.</translation>
    </message>
    <message>
        <source>Choose an image for {drive}</source>
        <translation>Abbild für {drive} wählen</translation>
    </message>
</context>
<context>
    <name>DrivePanel</name>
    <message>
        <source>Choose or create a medium, or remove it</source>
        <translation>Ein Medium wählen, anlegen oder entfernen</translation>
    </message>
    <message>
        <source>Attributes</source>
        <translation>Attribute</translation>
    </message>
    <message>
        <source>Information</source>
        <translation>Information</translation>
    </message>
    <message>
        <source>The medium can change only while the machine is off.</source>
        <translation>Das Medium kann nur bei ausgeschalteter Maschine wechseln.</translation>
    </message>
</context>
<context>
    <name>FieldMessage</name>
    <message>
        <source>Error</source>
        <translation>Fehler</translation>
    </message>
    <message>
        <source>Warning</source>
        <translation>Warnung</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>Hinweis</translation>
    </message>
</context>
<context>
    <name>FieldRow</name>
    <message>
        <source>Changed. Press to take the change back.</source>
        <translation>Geändert. Drücken nimmt die Änderung zurück.</translation>
    </message>
    <message>
        <source>Take back the change of: {setting}</source>
        <translation>Änderung zurücknehmen: {setting}</translation>
    </message>
    <message>
        <source>This cannot change while the machine runs.</source>
        <translation>Das lässt sich nicht ändern, während die Maschine läuft.</translation>
    </message>
    <message>
        <source>This cannot change while the machine has a saved state.</source>
        <translation>Das lässt sich nicht ändern, solange die Maschine einen gespeicherten Zustand hat.</translation>
    </message>
</context>
<context>
    <name>FilterBar</name>
    <message>
        <source>Filter</source>
        <translation>Filter</translation>
    </message>
    <message>
        <source>Term to filter by</source>
        <translation>Begriff, nach dem gefiltert wird</translation>
    </message>
    <message>
        <source>Filter by this term (Enter)</source>
        <translation>Nach diesem Begriff filtern (Eingabe)</translation>
    </message>
    <message>
        <source>How terms are combined</source>
        <translation>Wie Begriffe verknüpft werden</translation>
    </message>
    <message>
        <source>And</source>
        <translation>Und</translation>
    </message>
    <message>
        <source>Or</source>
        <translation>Oder</translation>
    </message>
    <message>
        <source>And: a line contains all terms. Or: one of them.</source>
        <translation>Und: Eine Zeile enthält alle Begriffe. Oder: einen davon.</translation>
    </message>
    <message>
        <source>Remove all terms</source>
        <translation>Alle Begriffe entfernen</translation>
    </message>
    <message>
        <source>Remove the term “{term}”</source>
        <translation>Den Begriff „{term}“ entfernen</translation>
    </message>
    <message>
        <source>Showing {shown}/{total} lines</source>
        <translation>{shown} von {total} Zeilen werden gezeigt</translation>
    </message>
</context>
<context>
    <name>FindBar</name>
    <message>
        <source>Find</source>
        <translation>Suchen</translation>
    </message>
    <message>
        <source>Find in this log</source>
        <translation>In diesem Protokoll suchen</translation>
    </message>
    <message>
        <source>Previous match (Shift+F3)</source>
        <translation>Voriger Treffer (Umschalt+F3)</translation>
    </message>
    <message>
        <source>Next match (F3)</source>
        <translation>Nächster Treffer (F3)</translation>
    </message>
    <message>
        <source>&amp;Match case</source>
        <translation>&amp;Groß-/Kleinschreibung beachten</translation>
    </message>
    <message>
        <source>&amp;Whole words</source>
        <translation>Ganze &amp;Wörter</translation>
    </message>
    <message>
        <source>Highlight &amp;all</source>
        <translation>&amp;Alle hervorheben</translation>
    </message>
    <message>
        <source>The log does not contain this text.</source>
        <translation>Das Protokoll enthält diesen Text nicht.</translation>
    </message>
</context>
<context>
    <name>FirmwareEditor</name>
    <message>
        <source>From this computer (SeaBIOS)</source>
        <translation>Von diesem Computer (SeaBIOS)</translation>
    </message>
    <message>
        <source>From a file:</source>
        <translation>Aus einer Datei:</translation>
    </message>
    <message>
        <source>Firmware images (*.bin *.rom);;All files (*)</source>
        <translation>Firmware-Abbilder (*.bin *.rom);;Alle Dateien (*)</translation>
    </message>
</context>
<context>
    <name>FoldableBox</name>
    <message>
        <source>Show {title}</source>
        <translation>{title} anzeigen</translation>
    </message>
    <message>
        <source>Hide {title}</source>
        <translation>{title} verbergen</translation>
    </message>
</context>
<context>
    <name>ForeignOperations</name>
    <message>
        <source>{description} ({program})</source>
        <translation>{description} ({program})</translation>
    </message>
</context>
<context>
    <name>ForwardingDialog</name>
    <message>
        <source>Port Forwarding Rules</source>
        <translation>Regeln der Portweiterleitung</translation>
    </message>
    <message>
        <source>No port of this computer leads into the machine. Add a rule to have one.</source>
        <translation>Kein Port dieses Computers führt in die Maschine. Fügen Sie eine Regel hinzu, um einen zu haben.</translation>
    </message>
</context>
<context>
    <name>ForwardingEditor</name>
    <message>
        <source>Port-forwarding rules</source>
        <translation>Regeln der Portweiterleitung</translation>
    </message>
    <message>
        <source>Add a rule</source>
        <translation>Eine Regel hinzufügen</translation>
    </message>
    <message>
        <source>Copy the selected rule</source>
        <translation>Die ausgewählte Regel kopieren</translation>
    </message>
    <message>
        <source>Remove the selected rule</source>
        <translation>Die ausgewählte Regel entfernen</translation>
    </message>
</context>
<context>
    <name>ForwardingField</name>
    <message>
        <source>Edit Rules…</source>
        <translation>Regeln bearbeiten…</translation>
    </message>
    <message>
        <source>Rules: {names}</source>
        <translation>Regeln: {names}</translation>
    </message>
    <message>
        <source>There are no rules.</source>
        <translation>Es gibt keine Regeln.</translation>
    </message>
</context>
<context>
    <name>ForwardingModel</name>
    <message>
        <source>Rule {number}</source>
        <translation>Regel {number}</translation>
    </message>
</context>
<context>
    <name>FrameSize</name>
    <message>
        <source>User-defined</source>
        <translation>Benutzerdefiniert</translation>
    </message>
    <message>
        <source>Frame width</source>
        <translation>Breite des Bilds</translation>
    </message>
    <message>
        <source>Frame height</source>
        <translation>Höhe des Bilds</translation>
    </message>
</context>
<context>
    <name>GeneralPreferences</name>
    <message>
        <source>Default machine folder</source>
        <translation>Standardordner für Maschinen</translation>
    </message>
    <message>
        <source>System BIOS</source>
        <translation>System-BIOS</translation>
    </message>
    <message>
        <source>System BIOS image</source>
        <translation>Abbild des System-BIOS</translation>
    </message>
    <message>
        <source>VGA BIOS</source>
        <translation>VGA-BIOS</translation>
    </message>
    <message>
        <source>VGA BIOS image</source>
        <translation>Abbild des VGA-BIOS</translation>
    </message>
    <message>
        <source>Default Machine &amp;Folder:</source>
        <translation>Standard&amp;ordner für Maschinen:</translation>
    </message>
    <message>
        <source>New machines are created in folders of their own in this folder.</source>
        <translation>Neue Maschinen werden in eigenen Ordnern in diesem Ordner angelegt.</translation>
    </message>
    <message>
        <source>V&amp;RDP Authentication Library:</source>
        <translation>V&amp;RDP-Authentifizierungsbibliothek:</translation>
    </message>
    <message>
        <source>Library that checks users of the remote display.</source>
        <translation>Bibliothek, die Benutzer des entfernten Bildschirms prüft.</translation>
    </message>
    <message>
        <source>The firmware with which machines start.</source>
        <translation>Die Firmware, mit der Maschinen starten.</translation>
    </message>
    <message>
        <source>Choose the folder in which new machines are created.</source>
        <translation>Wählen Sie den Ordner, in dem neue Maschinen angelegt werden.</translation>
    </message>
    <message>
        <source>The folder must be a complete path.</source>
        <translation>Der Ordner muss ein vollständiger Pfad sein.</translation>
    </message>
    <message>
        <source>{path} is not a folder.</source>
        <translation>{path} ist kein Ordner.</translation>
    </message>
    <message>
        <source>The folder {path} cannot be written.</source>
        <translation>In den Ordner {path} kann nicht geschrieben werden.</translation>
    </message>
    <message>
        <source>Choose a firmware file.</source>
        <translation>Wählen Sie eine Firmware-Datei.</translation>
    </message>
    <message>
        <source>The firmware file must be a complete path.</source>
        <translation>Die Firmware-Datei muss ein vollständiger Pfad sein.</translation>
    </message>
    <message>
        <source>There is no file {path}.</source>
        <translation>Es gibt keine Datei {path}.</translation>
    </message>
    <message>
        <source>The file {path} cannot be read.</source>
        <translation>Die Datei {path} kann nicht gelesen werden.</translation>
    </message>
</context>
<context>
    <name>GroupCommands</name>
    <message>
        <source>New group</source>
        <translation>Neue Gruppe</translation>
    </message>
    <message>
        <source>There is a group “{name}” already where you move it.</source>
        <translation>Dort, wohin Sie sie verschieben, gibt es schon eine Gruppe „{name}“.</translation>
    </message>
    <message>
        <source>Move group</source>
        <translation>Gruppe verschieben</translation>
    </message>
    <message>
        <source>&amp;Move and Rename</source>
        <translation>Verschieben und &amp;umbenennen</translation>
    </message>
    <message>
        <source>The group that you move gets a number after its name.</source>
        <translation>Die verschobene Gruppe bekommt eine Nummer hinter ihren Namen.</translation>
    </message>
    <message>
        <source>The group was not renamed</source>
        <translation>Die Gruppe wurde nicht umbenannt</translation>
    </message>
    <message>
        <source>“{name}” was not moved</source>
        <translation>„{name}“ wurde nicht verschoben</translation>
    </message>
</context>
<context>
    <name>GuestSizeEditor</name>
    <message>
        <source>Automatic</source>
        <translation>Automatisch</translation>
    </message>
    <message>
        <source>None</source>
        <translation>Keine</translation>
    </message>
    <message>
        <source>Hint</source>
        <translation>Vorgabe</translation>
    </message>
    <message>
        <source>Width</source>
        <translation>Breite</translation>
    </message>
    <message>
        <source>Height</source>
        <translation>Höhe</translation>
    </message>
    <message>
        <source> px</source>
        <translation> px</translation>
    </message>
</context>
<context>
    <name>GuruMeditationDialog</name>
    <message>
        <source>{machine}: Guru Meditation</source>
        <translation>{machine}: Guru Meditation</translation>
    </message>
    <message>
        <source>The virtual machine has been stopped because of an error from which it cannot go on.</source>
        <translation>Die virtuelle Maschine wurde wegen eines Fehlers angehalten, nach dem sie nicht fortfahren kann.</translation>
    </message>
    <message>
        <source>Log: {log}
Picture of the screen: {picture}

Please keep both when you report the problem.</source>
        <translation>Protokoll: {log}
Bild der Anzeige: {picture}

Bitte heben Sie beides auf, wenn Sie das Problem melden.</translation>
    </message>
    <message>
        <source>Registers</source>
        <translation>Register</translation>
    </message>
    <message>
        <source>The registers are being read…</source>
        <translation>Die Register werden gelesen…</translation>
    </message>
    <message>
        <source>Picture of the guest&apos;s screen</source>
        <translation>Bild der Anzeige des Gasts</translation>
    </message>
    <message>
        <source>Registers of the processor:</source>
        <translation>Register des Prozessors:</translation>
    </message>
    <message>
        <source>Open &amp;Folder</source>
        <translation>&amp;Ordner öffnen</translation>
    </message>
    <message>
        <source>&amp;Copy Text</source>
        <translation>Text &amp;kopieren</translation>
    </message>
    <message>
        <source>&amp;Leave Stopped</source>
        <translation>&amp;Angehalten lassen</translation>
    </message>
    <message>
        <source>Power &amp;Off</source>
        <translation>Aus&amp;schalten</translation>
    </message>
</context>
<context>
    <name>HardwarePage</name>
    <message>
        <source>Hardware</source>
        <translation>Hardware</translation>
    </message>
    <message>
        <source>Choose how much of this computer&apos;s memory the machine gets while it runs. The rest stays with this computer and its programs.</source>
        <translation>Wählen Sie, wie viel Speicher dieses Computers die Maschine bekommt, während sie läuft. Der Rest bleibt diesem Computer und seinen Programmen.</translation>
    </message>
    <message>
        <source>Base memory</source>
        <translation>Hauptspeicher</translation>
    </message>
    <message>
        <source>Processors</source>
        <translation>Prozessoren</translation>
    </message>
    <message>
        <source>&amp;Enable EFI</source>
        <translation>&amp;EFI aktivieren</translation>
    </message>
    <message>
        <source>The machine starts with EFI firmware instead of a BIOS.</source>
        <translation>Die Maschine startet mit EFI-Firmware statt mit einem BIOS.</translation>
    </message>
    <message>
        <source>Machines have a BIOS only in this version of Vitrine.</source>
        <translation>In dieser Version von Vitrine haben Maschinen nur ein BIOS.</translation>
    </message>
    <message>
        <source>How many processors the guest sees. Several need a host with KVM; elsewhere the machine starts with one.</source>
        <translation>Wie viele Prozessoren der Gast sieht. Mehrere brauchen einen Wirt mit KVM; sonst startet die Maschine mit einem.</translation>
    </message>
    <message>
        <source>EFI firmware</source>
        <translation>EFI-Firmware</translation>
    </message>
    <message>
        <source>{count} processors</source>
        <translation>{count} Prozessoren</translation>
    </message>
    <message>
        <source>a TPM</source>
        <translation>ein TPM</translation>
    </message>
    <message>
        <source>{os} asks for more than this version of Vitrine has, and may refuse to install: {missing}.</source>
        <translation>{os} verlangt mehr, als diese Version von Vitrine hat, und verweigert vielleicht die Installation: {missing}.</translation>
    </message>
    <message>
        <source>Base &amp;Memory:</source>
        <translation>&amp;Hauptspeicher:</translation>
    </message>
    <message>
        <source>&amp;Processors:</source>
        <translation>&amp;Prozessoren:</translation>
    </message>
    <message>
        <source>Recommended for {os}: {size} MB</source>
        <translation>Empfohlen für {os}: {size} MB</translation>
    </message>
</context>
<context>
    <name>HelpWindow</name>
    <message>
        <source>Vitrine Help</source>
        <translation>Hilfe zu Vitrine</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>Hilfe</translation>
    </message>
</context>
<context>
    <name>HostKeyRecorder</name>
    <message>
        <source>Press one to three modifier keys together</source>
        <translation>Drücken Sie eine bis drei Umschalttasten zusammen</translation>
    </message>
    <message>
        <source>None</source>
        <translation>Keine</translation>
    </message>
</context>
<context>
    <name>HostKeys</name>
    <message>
        <source>Left Ctrl</source>
        <translation>Strg links</translation>
    </message>
    <message>
        <source>Right Ctrl</source>
        <translation>Strg rechts</translation>
    </message>
    <message>
        <source>Left Shift</source>
        <translation>Umschalt links</translation>
    </message>
    <message>
        <source>Right Shift</source>
        <translation>Umschalt rechts</translation>
    </message>
    <message>
        <source>Left Alt</source>
        <translation>Alt</translation>
    </message>
    <message>
        <source>Right Alt</source>
        <translation>AltGr</translation>
    </message>
    <message>
        <source>Left Win</source>
        <translation>Win links</translation>
    </message>
    <message>
        <source>Right Win</source>
        <translation>Win rechts</translation>
    </message>
</context>
<context>
    <name>HostOnlyPanel</name>
    <message>
        <source>&amp;Adapter</source>
        <translation>&amp;Adapter</translation>
    </message>
    <message>
        <source>DH&amp;CP Server</source>
        <translation>DH&amp;CP-Server</translation>
    </message>
    <message>
        <source>Configure Adapter A&amp;utomatically</source>
        <translation>Adapter a&amp;utomatisch einrichten</translation>
    </message>
    <message>
        <source>A DHCP client of the host gives the adapter its IPv4 address.</source>
        <translation>Ein DHCP-Client des Hosts gibt dem Adapter seine IPv4-Adresse.</translation>
    </message>
    <message>
        <source>Configure Adapter &amp;Manually</source>
        <translation>Adapter &amp;von Hand einrichten</translation>
    </message>
    <message>
        <source>&amp;IPv4 Address:</source>
        <translation>&amp;IPv4-Adresse:</translation>
    </message>
    <message>
        <source>IPv4 address</source>
        <translation>IPv4-Adresse</translation>
    </message>
    <message>
        <source>IPv4 Network Mas&amp;k:</source>
        <translation>IPv4-Netzmas&amp;ke:</translation>
    </message>
    <message>
        <source>IPv4 network mask</source>
        <translation>IPv4-Netzmaske</translation>
    </message>
    <message>
        <source>I&amp;Pv6 Address:</source>
        <translation>I&amp;Pv6-Adresse:</translation>
    </message>
    <message>
        <source>IPv6 address</source>
        <translation>IPv6-Adresse</translation>
    </message>
    <message>
        <source>IPv6 prefix length</source>
        <translation>Länge des IPv6-Präfixes</translation>
    </message>
    <message>
        <source>IPv6 Prefix &amp;Length:</source>
        <translation>&amp;Länge des IPv6-Präfixes:</translation>
    </message>
    <message>
        <source>&amp;Enable Server</source>
        <translation>S&amp;erver aktivieren</translation>
    </message>
    <message>
        <source>Server A&amp;ddress:</source>
        <translation>Serverad&amp;resse:</translation>
    </message>
    <message>
        <source>Server address</source>
        <translation>Serveradresse</translation>
    </message>
    <message>
        <source>Server Mas&amp;k:</source>
        <translation>Servermas&amp;ke:</translation>
    </message>
    <message>
        <source>Server mask</source>
        <translation>Servermaske</translation>
    </message>
    <message>
        <source>&amp;Lower Address Bound:</source>
        <translation>&amp;Untere Adressgrenze:</translation>
    </message>
    <message>
        <source>Lower address bound</source>
        <translation>Untere Adressgrenze</translation>
    </message>
    <message>
        <source>&amp;Upper Address Bound:</source>
        <translation>Obere Adress&amp;grenze:</translation>
    </message>
    <message>
        <source>Upper address bound</source>
        <translation>Obere Adressgrenze</translation>
    </message>
    <message>
        <source>The adapter is configured automatically.</source>
        <translation>Der Adapter wird automatisch eingerichtet.</translation>
    </message>
    <message>
        <source>The server is not enabled.</source>
        <translation>Der Server ist nicht aktiviert.</translation>
    </message>
    <message>
        <source>An IPv6 address can be changed, but not taken away.</source>
        <translation>Eine IPv6-Adresse kann geändert, aber nicht entfernt werden.</translation>
    </message>
</context>
<context>
    <name>IconField</name>
    <message>
        <source>Choose…</source>
        <translation>Wählen…</translation>
    </message>
    <message>
        <source>Choose an icon for the machine</source>
        <translation>Ein Symbol für die Maschine wählen</translation>
    </message>
    <message>
        <source>Use That of the Guest System</source>
        <translation>Das des Gastsystems verwenden</translation>
    </message>
    <message>
        <source>Icon of the machine</source>
        <translation>Symbol der Maschine</translation>
    </message>
    <message>
        <source>Pictures (*.png)</source>
        <translation>Bilder (*.png)</translation>
    </message>
    <message>
        <source>{path} is not a PNG file.</source>
        <translation>{path} ist keine PNG-Datei.</translation>
    </message>
    <message>
        <source>{path} is larger than 256 KB.</source>
        <translation>{path} ist größer als 256 KB.</translation>
    </message>
    <message>
        <source>The icon cannot be used</source>
        <translation>Das Symbol kann nicht verwendet werden</translation>
    </message>
</context>
<context>
    <name>ImageDialog</name>
    <message>
        <source>File of the new image</source>
        <translation>Datei des neuen Abbilds</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>Format</translation>
    </message>
    <message>
        <source>Pre-&amp;allocate full size</source>
        <translation>&amp;Volle Größe sofort belegen</translation>
    </message>
    <message>
        <source>Take all room on the host now instead of when the guest writes.</source>
        <translation>Den ganzen Platz auf dem Host jetzt belegen statt erst, wenn der Gast schreibt.</translation>
    </message>
    <message>
        <source>&amp;Location:</source>
        <translation>&amp;Ort:</translation>
    </message>
    <message>
        <source>&amp;Format:</source>
        <translation>&amp;Format:</translation>
    </message>
    <message>
        <source>This version can create no image of this kind.</source>
        <translation>Diese Version kann kein Abbild dieser Art anlegen.</translation>
    </message>
    <message>
        <source>Enter the complete path of the new file.</source>
        <translation>Geben Sie den vollständigen Pfad der neuen Datei ein.</translation>
    </message>
    <message>
        <source>Enter the name of the new file.</source>
        <translation>Geben Sie den Namen der neuen Datei ein.</translation>
    </message>
    <message>
        <source>The file {path} exists already.</source>
        <translation>Die Datei {path} gibt es schon.</translation>
    </message>
    <message>
        <source>No file can be made in {folder}.</source>
        <translation>In {folder} kann keine Datei angelegt werden.</translation>
    </message>
</context>
<context>
    <name>ImportMachinesDialog</name>
    <message>
        <source>Add Machines of VirtualBox</source>
        <translation>Maschinen von VirtualBox hinzufügen</translation>
    </message>
    <message>
        <source>These machines belong to the VirtualBox that is installed on this computer. Added machines stay where they are, and VirtualBox keeps them too: never let both programs run the same machine at the same time.</source>
        <translation>Diese Maschinen gehören zu dem VirtualBox, das auf diesem Computer installiert ist. Hinzugefügte Maschinen bleiben, wo sie sind, und VirtualBox behält sie auch: Lassen Sie nie beide Programme dieselbe Maschine zugleich betreiben.</translation>
    </message>
    <message>
        <source>&amp;All that can be added</source>
        <translation>&amp;Alle, die hinzugefügt werden können</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Settings file</source>
        <translation>Einstellungsdatei</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Machines of VirtualBox</source>
        <translation>Maschinen von VirtualBox</translation>
    </message>
    <message>
        <source>Add &amp;Selected</source>
        <translation>Au&amp;sgewählte hinzufügen</translation>
    </message>
    <message>
        <source>Looking for machines…</source>
        <translation>Maschinen werden gesucht…</translation>
    </message>
    <message>
        <source>No machines of an installed VirtualBox were found for this account.</source>
        <translation>Für dieses Konto wurden keine Maschinen eines installierten VirtualBox gefunden.</translation>
    </message>
    <message>
        <source>In the list already</source>
        <translation>Schon in der Liste</translation>
    </message>
    <message>
        <source>Cannot be added</source>
        <translation>Kann nicht hinzugefügt werden</translation>
    </message>
    <message>
        <source>Can be added</source>
        <translation>Kann hinzugefügt werden</translation>
    </message>
    <message>
        <source>No machine is selected.</source>
        <translation>Es ist keine Maschine ausgewählt.</translation>
    </message>
</context>
<context>
    <name>InaccessiblePane</name>
    <message>
        <source>The machine is inaccessible: its settings file could not be read. Repair or restore the file and press Refresh, or remove the machine from the list.</source>
        <translation>Die Maschine ist nicht zugreifbar: Ihre Einstellungsdatei konnte nicht gelesen werden. Reparieren Sie die Datei oder stellen Sie sie wieder her und drücken Sie „Aktualisieren“, oder entfernen Sie die Maschine aus der Liste.</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>Grund</translation>
    </message>
    <message>
        <source>Refre&amp;sh</source>
        <translation>Aktualisie&amp;ren</translation>
    </message>
    <message>
        <source>&amp;Remove…</source>
        <translation>&amp;Entfernen…</translation>
    </message>
    <message>
        <source>{error}

Settings file: {path}</source>
        <translation>{error}

Einstellungsdatei: {path}</translation>
    </message>
</context>
<context>
    <name>InformationDialog</name>
    <message>
        <source>{machine} - Session Information</source>
        <translation>{machine} - Informationen zur Sitzung</translation>
    </message>
    <message>
        <source>Configuration</source>
        <translation>Konfiguration</translation>
    </message>
    <message>
        <source>Run-time values</source>
        <translation>Werte zur Laufzeit</translation>
    </message>
    <message>
        <source>Load of the host by this machine</source>
        <translation>Last, die diese Maschine dem Host macht</translation>
    </message>
    <message>
        <source>Disk reads</source>
        <translation>Lesen vom Datenträger</translation>
    </message>
    <message>
        <source>Disk writes</source>
        <translation>Schreiben auf den Datenträger</translation>
    </message>
    <message>
        <source>per second</source>
        <translation>pro Sekunde</translation>
    </message>
    <message>
        <source>&amp;Configuration Details</source>
        <translation>Einzelheiten der &amp;Konfiguration</translation>
    </message>
    <message>
        <source>&amp;Runtime Information</source>
        <translation>Informationen zur &amp;Laufzeit</translation>
    </message>
    <message>
        <source>VM &amp;Activity</source>
        <translation>&amp;Aktivität der VM</translation>
    </message>
    <message>
        <source>General</source>
        <translation>Allgemein</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Guest OS type</source>
        <translation>Gast-Betriebssystem</translation>
    </message>
    <message>
        <source>Base memory</source>
        <translation>Hauptspeicher</translation>
    </message>
    <message>
        <source>{n} MB</source>
        <translation>{n} MB</translation>
    </message>
    <message>
        <source>Processors</source>
        <translation>Prozessoren</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Screen resolution</source>
        <translation>Auflösung der Anzeige</translation>
    </message>
    <message>
        <source>VM uptime</source>
        <translation>Laufzeit der VM</translation>
    </message>
    <message>
        <source>VM execution engine</source>
        <translation>Ausführungsmaschine der VM</translation>
    </message>
    <message>
        <source>Why this engine</source>
        <translation>Warum diese</translation>
    </message>
    <message>
        <source>Paravirtualization interface</source>
        <translation>Paravirtualisierungsschnittstelle</translation>
    </message>
    <message>
        <source>Remote display</source>
        <translation>Entfernter Bildschirm</translation>
    </message>
</context>
<context>
    <name>InformationTree</name>
    <message>
        <source>Information</source>
        <translation>Information</translation>
    </message>
    <message>
        <source>Now: {value}</source>
        <translation>Jetzt: {value}</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>nichts</translation>
    </message>
</context>
<context>
    <name>InformationWindow</name>
    <message>
        <source>Information items</source>
        <translation>Informationen</translation>
    </message>
    <message>
        <source>for stats: a pattern such as /Devices/*</source>
        <translation>für stats: ein Muster wie /Devices/*</translation>
    </message>
    <message>
        <source>Text of the item</source>
        <translation>Text der Information</translation>
    </message>
    <message>
        <source>&amp;Arguments:</source>
        <translation>&amp;Argumente:</translation>
    </message>
    <message>
        <source>&amp;Refresh</source>
        <translation>Ak&amp;tualisieren</translation>
    </message>
</context>
<context>
    <name>InputCommands</name>
    <message>
        <source>Insert Ctrl-Alt-&amp;Function Key</source>
        <translation>Strg-Alt-&amp;Funktionstaste senden</translation>
    </message>
    <message>
        <source>Ctrl-Alt-F{number}</source>
        <translation>Strg-Alt-F{number}</translation>
    </message>
    <message>
        <source>There is no text in the clipboard.</source>
        <translation>In der Zwischenablage ist kein Text.</translation>
    </message>
    <message>
        <source>The text in the clipboard cannot be typed: no key of a US keyboard types the character “{character}” (U+{number}).</source>
        <translation>Der Text in der Zwischenablage kann nicht getippt werden: Keine Taste einer US-Tastatur ergibt das Zeichen „{character}“ (U+{number}).</translation>
    </message>
    <message>
        <source>Type {count} characters from the clipboard into the guest?</source>
        <translation>{count} Zeichen aus der Zwischenablage in den Gast tippen?</translation>
    </message>
    <message>
        <source>&amp;Type</source>
        <translation>&amp;Tippen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>The text begins with “{excerpt}…”. The guest gets every line as if somebody had typed it and pressed Enter; choose the menu item again to stop.</source>
        <translation>Der Text beginnt mit „{excerpt}…“. Der Gast bekommt jede Zeile, als hätte jemand sie getippt und die Eingabetaste gedrückt; wählen Sie den Menüpunkt noch einmal, um aufzuhören.</translation>
    </message>
    <message>
        <source>Typing the text from the clipboard: {percent} %</source>
        <translation>Der Text aus der Zwischenablage wird getippt: {percent} %</translation>
    </message>
</context>
<context>
    <name>InputPreferences</name>
    <message>
        <source>Shortcuts of the manager</source>
        <translation>Tastenkürzel des Managers</translation>
    </message>
    <message>
        <source>Keys of machines&apos; windows</source>
        <translation>Tasten in Fenstern von Maschinen</translation>
    </message>
    <message>
        <source>&amp;Manager</source>
        <translation>&amp;Manager</translation>
    </message>
    <message>
        <source>&amp;Virtual Machine</source>
        <translation>&amp;Virtuelle Maschine</translation>
    </message>
    <message>
        <source>&amp;Auto Capture Keyboard</source>
        <translation>Tastatur &amp;automatisch fangen</translation>
    </message>
    <message>
        <source>The keyboard is captured as soon as the window of a machine has the focus.</source>
        <translation>Die Tastatur wird gefangen, sobald das Fenster einer Maschine den Fokus hat.</translation>
    </message>
    <message>
        <source>Auto Capture Keyboard</source>
        <translation>Tastatur automatisch fangen</translation>
    </message>
    <message>
        <source>Shortcuts of the Manager</source>
        <translation>Tastenkürzel des Managers</translation>
    </message>
    <message>
        <source>Keys that the menus of the manager obey.</source>
        <translation>Tasten, denen die Menüs des Managers gehorchen.</translation>
    </message>
    <message>
        <source>Host Key Combination</source>
        <translation>Host-Tastenkombination</translation>
    </message>
    <message>
        <source>Modifier keys that talk to a machine&apos;s window and not to its guest.</source>
        <translation>Umschalttasten, die sich an das Fenster einer Maschine richten und nicht an ihren Gast.</translation>
    </message>
    <message>
        <source>Shortcuts of Virtual Machines</source>
        <translation>Tastenkürzel virtueller Maschinen</translation>
    </message>
    <message>
        <source>Keys that a machine&apos;s window obeys together with the host key.</source>
        <translation>Tasten, denen das Fenster einer Maschine zusammen mit der Host-Taste gehorcht.</translation>
    </message>
    <message>
        <source>“{first}” and “{second}” have the same keys: {keys}.</source>
        <translation>„{first}“ und „{second}“ haben dieselben Tasten: {keys}.</translation>
    </message>
</context>
<context>
    <name>InterfacePage</name>
    <message>
        <source>&amp;Follow the system</source>
        <translation>Dem System &amp;folgen</translation>
    </message>
    <message>
        <source>&amp;Light</source>
        <translation>&amp;Hell</translation>
    </message>
    <message>
        <source>&amp;Dark</source>
        <translation>&amp;Dunkel</translation>
    </message>
    <message>
        <source>Color Theme:</source>
        <translation>Farbschema:</translation>
    </message>
    <message>
        <source>Dark text on light windows, or light text on dark ones; all windows follow.</source>
        <translation>Dunkler Text auf hellen Fenstern oder heller Text auf dunklen; alle Fenster folgen.</translation>
    </message>
</context>
<context>
    <name>KeyRecorder</name>
    <message>
        <source>Press the key that goes with the host key</source>
        <translation>Drücken Sie die Taste, die zur Host-Taste gehört</translation>
    </message>
    <message>
        <source>Press the keys of the shortcut</source>
        <translation>Drücken Sie die Tasten des Kürzels</translation>
    </message>
</context>
<context>
    <name>LanguagePreferences</name>
    <message>
        <source>Language of the session ({language})</source>
        <translation>Sprache der Sitzung ({language})</translation>
    </message>
    <message>
        <source>{language} (built-in)</source>
        <translation>{language} (eingebaut)</translation>
    </message>
    <message>
        <source>&amp;Language:</source>
        <translation>&amp;Sprache:</translation>
    </message>
    <message>
        <source>The language of all texts of Vitrine; messages of guests stay as they are.</source>
        <translation>Die Sprache aller Texte von Vitrine; Meldungen der Gäste bleiben, wie sie sind.</translation>
    </message>
    <message>
        <source>The manager changes its language at once. Windows of machines that are open keep theirs until the machine is started again.</source>
        <translation>Der Manager wechselt seine Sprache sofort. Offene Fenster von Maschinen behalten ihre, bis die Maschine wieder gestartet wird.</translation>
    </message>
</context>
<context>
    <name>LevelSwitch</name>
    <message>
        <source>&amp;Basic</source>
        <translation>&amp;Einfach</translation>
    </message>
    <message>
        <source>Show the settings that most people need</source>
        <translation>Die Einstellungen zeigen, die die meisten brauchen</translation>
    </message>
    <message>
        <source>&amp;Expert</source>
        <translation>E&amp;xperte</translation>
    </message>
    <message>
        <source>Show all settings</source>
        <translation>Alle Einstellungen zeigen</translation>
    </message>
</context>
<context>
    <name>LogBar</name>
    <message>
        <source>Close (Escape)</source>
        <translation>Schließen (Esc)</translation>
    </message>
</context>
<context>
    <name>LogSaver</name>
    <message>
        <source>Saving the log as {path}</source>
        <translation>Das Protokoll wird als {path} gespeichert</translation>
    </message>
    <message>
        <source>The log was not saved</source>
        <translation>Das Protokoll wurde nicht gespeichert</translation>
    </message>
</context>
<context>
    <name>LogView</name>
    <message>
        <source>Log {path}</source>
        <translation>Protokoll {path}</translation>
    </message>
    <message>
        <source>&amp;Copy</source>
        <translation>&amp;Kopieren</translation>
    </message>
    <message>
        <source>Select &amp;All</source>
        <translation>&amp;Alles auswählen</translation>
    </message>
    <message>
        <source>Remove &amp;Bookmark</source>
        <translation>&amp;Lesezeichen entfernen</translation>
    </message>
    <message>
        <source>Add &amp;Bookmark</source>
        <translation>&amp;Lesezeichen hinzufügen</translation>
    </message>
</context>
<context>
    <name>LogsPane</name>
    <message>
        <source>Looking for logs…</source>
        <translation>Protokolle werden gesucht…</translation>
    </message>
    <message>
        <source>Logs</source>
        <translation>Protokolle</translation>
    </message>
    <message>
        <source>The logs cannot be shown: {reason}</source>
        <translation>Die Protokolle können nicht gezeigt werden: {reason}</translation>
    </message>
    <message>
        <source>The machine “{name}” has no logs: it has not been started yet.</source>
        <translation>Die Maschine „{name}“ hat keine Protokolle: Sie wurde noch nicht gestartet.</translation>
    </message>
    <message>
        <source>The log cannot be read: {reason}</source>
        <translation>Das Protokoll kann nicht gelesen werden: {reason}</translation>
    </message>
    <message>
        <source>There is no log.</source>
        <translation>Es gibt kein Protokoll.</translation>
    </message>
    <message>
        <source>Save the log as</source>
        <translation>Das Protokoll speichern als</translation>
    </message>
    <message>
        <source>Log files (*.log)</source>
        <translation>Protokolldateien (*.log)</translation>
    </message>
</context>
<context>
    <name>MacAddress</name>
    <message>
        <source>made when the settings are stored</source>
        <translation>entsteht beim Speichern der Einstellungen</translation>
    </message>
    <message>
        <source>Make another random MAC address</source>
        <translation>Eine andere zufällige MAC-Adresse erzeugen</translation>
    </message>
</context>
<context>
    <name>MachineCommands</name>
    <message>
        <source>The window of “{name}” cannot be shown</source>
        <translation>Das Fenster von „{name}“ kann nicht gezeigt werden</translation>
    </message>
    <message>
        <source>Start machines</source>
        <translation>Maschinen starten</translation>
    </message>
    <message>
        <source>Start {count} machines at once?</source>
        <translation>{count} Maschinen auf einmal starten?</translation>
    </message>
    <message>
        <source>&amp;Start</source>
        <translation>&amp;Starten</translation>
    </message>
    <message>
        <source>Starting “{name}”</source>
        <translation>„{name}“ wird gestartet</translation>
    </message>
    <message>
        <source>“{name}” could not be started</source>
        <translation>„{name}“ konnte nicht gestartet werden</translation>
    </message>
    <message>
        <source>Reset</source>
        <translation>Zurücksetzen</translation>
    </message>
    <message>
        <source>Do you really want to reset {machines}?</source>
        <translation>Möchten Sie {machines} wirklich zurücksetzen?</translation>
    </message>
    <message>
        <source>&amp;Reset</source>
        <translation>&amp;Zurücksetzen</translation>
    </message>
    <message>
        <source>What is not saved inside the machine will be lost.</source>
        <translation>Was in der Maschine nicht gespeichert ist, geht verloren.</translation>
    </message>
    <message>
        <source>Saving the state of “{name}”</source>
        <translation>Der Zustand von „{name}“ wird gespeichert</translation>
    </message>
    <message>
        <source>The state of “{name}” was not saved</source>
        <translation>Der Zustand von „{name}“ wurde nicht gespeichert</translation>
    </message>
    <message>
        <source>Power off</source>
        <translation>Ausschalten</translation>
    </message>
    <message>
        <source>Do you really want to power off {machines}?</source>
        <translation>Möchten Sie {machines} wirklich ausschalten?</translation>
    </message>
    <message>
        <source>&amp;Power Off</source>
        <translation>&amp;Ausschalten</translation>
    </message>
    <message>
        <source>This is like pulling the power cord: what is not saved inside the machine will be lost.</source>
        <translation>Das ist, als würde der Netzstecker gezogen: Was in der Maschine nicht gespeichert ist, geht verloren.</translation>
    </message>
    <message>
        <source>The saved state of “{name}” was not discarded</source>
        <translation>Der gespeicherte Zustand von „{name}“ wurde nicht verworfen</translation>
    </message>
    <message>
        <source>Discard saved state</source>
        <translation>Gespeicherten Zustand verwerfen</translation>
    </message>
    <message>
        <source>Discard the saved state of {machines}?</source>
        <translation>Den gespeicherten Zustand von {machines} verwerfen?</translation>
    </message>
    <message>
        <source>&amp;Discard</source>
        <translation>&amp;Verwerfen</translation>
    </message>
    <message>
        <source>The machine is powered off then, as if the plug had been pulled while it ran.</source>
        <translation>Die Maschine ist dann ausgeschaltet, als wäre während des Betriebs der Stecker gezogen worden.</translation>
    </message>
    <message>
        <source>“{name}” could not be read anew</source>
        <translation>„{name}“ konnte nicht neu gelesen werden</translation>
    </message>
    <message>
        <source>Show in file manager</source>
        <translation>Im Dateimanager zeigen</translation>
    </message>
    <message>
        <source>No file manager was found to open {folder}.</source>
        <translation>Es wurde kein Dateimanager gefunden, um {folder} zu öffnen.</translation>
    </message>
    <message>
        <source>The shortcut to “{name}” is {path}.</source>
        <translation>Die Verknüpfung mit „{name}“ ist {path}.</translation>
    </message>
    <message>
        <source>No shortcut to “{name}” was made</source>
        <translation>Es wurde keine Verknüpfung mit „{name}“ angelegt</translation>
    </message>
    <message>
        <source>“{name}”</source>
        <translation>„{name}“</translation>
    </message>
    <message>
        <source>these {count} machines</source>
        <translation>diese {count} Maschinen</translation>
    </message>
    <message>
        <source>“{name}” did not obey</source>
        <translation>„{name}“ hat nicht gehorcht</translation>
    </message>
    <message>
        <source>The guest operating system did not take notice of the shutdown signal: it has not switched ACPI on. Shut it down from within, or power the machine off.</source>
        <translation>Das Betriebssystem des Gastes hat das Signal zum Herunterfahren nicht bemerkt: Es hat ACPI nicht eingeschaltet. Fahren Sie es von innen herunter oder schalten Sie die Maschine aus.</translation>
    </message>
</context>
<context>
    <name>MachineCreator</name>
    <message>
        <source>Creating the machine…</source>
        <translation>Die Maschine wird angelegt…</translation>
    </message>
    <message>
        <source>Cancelling…</source>
        <translation>Wird abgebrochen…</translation>
    </message>
    <message>
        <source>Creating the hard disk…</source>
        <translation>Die Festplatte wird angelegt…</translation>
    </message>
    <message>
        <source>Opening {path}…</source>
        <translation>{path} wird geöffnet…</translation>
    </message>
    <message>
        <source>Writing the settings…</source>
        <translation>Die Einstellungen werden geschrieben…</translation>
    </message>
    <message>
        <source>Removing what was made…</source>
        <translation>Das Angelegte wird entfernt…</translation>
    </message>
    <message>
        <source>What had been made could not be removed: {error} See {folder}.</source>
        <translation>Was angelegt worden war, konnte nicht entfernt werden: {error} Siehe {folder}.</translation>
    </message>
</context>
<context>
    <name>MachineState</name>
    <message>
        <source>Powered Off</source>
        <translation>Ausgeschaltet</translation>
    </message>
    <message>
        <source>Saved</source>
        <translation>Gespeichert</translation>
    </message>
    <message>
        <source>Teleported</source>
        <translation>Teleportiert</translation>
    </message>
    <message>
        <source>Aborted</source>
        <translation>Abgebrochen</translation>
    </message>
    <message>
        <source>Aborted-Saved</source>
        <translation>Abgebrochen, gespeichert</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>Läuft</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>Pausiert</translation>
    </message>
    <message>
        <source>Guru Meditation</source>
        <translation>Guru Meditation</translation>
    </message>
    <message>
        <source>Starting</source>
        <translation>Startet</translation>
    </message>
    <message>
        <source>Stopping</source>
        <translation>Hält an</translation>
    </message>
    <message>
        <source>Saving</source>
        <translation>Wird gespeichert</translation>
    </message>
    <message>
        <source>Restoring</source>
        <translation>Wird wiederhergestellt</translation>
    </message>
    <message>
        <source>Taking Snapshot</source>
        <translation>Sicherungspunkt wird erstellt</translation>
    </message>
    <message>
        <source>Taking Online Snapshot</source>
        <translation>Sicherungspunkt wird im Betrieb erstellt</translation>
    </message>
    <message>
        <source>Taking Live Snapshot</source>
        <translation>Sicherungspunkt wird live erstellt</translation>
    </message>
    <message>
        <source>Restoring Snapshot</source>
        <translation>Sicherungspunkt wird wiederhergestellt</translation>
    </message>
    <message>
        <source>Deleting Snapshot</source>
        <translation>Sicherungspunkt wird gelöscht</translation>
    </message>
    <message>
        <source>Setting Up</source>
        <translation>Wird eingerichtet</translation>
    </message>
    <message>
        <source>Teleporting</source>
        <translation>Wird teleportiert</translation>
    </message>
    <message>
        <source>Teleporting Paused Machine</source>
        <translation>Pausierte Maschine wird teleportiert</translation>
    </message>
    <message>
        <source>Inaccessible</source>
        <translation>Nicht zugreifbar</translation>
    </message>
    <message>
        <source>Unknown</source>
        <translation>Unbekannt</translation>
    </message>
</context>
<context>
    <name>ManagerAction</name>
    <message>
        <source>&amp;Preferences…</source>
        <translation>&amp;Einstellungen…</translation>
    </message>
    <message>
        <source>Change settings of Vitrine itself</source>
        <translation>Einstellungen von Vitrine selbst ändern</translation>
    </message>
    <message>
        <source>&amp;Reset All Warnings</source>
        <translation>Alle &amp;Warnungen zurücksetzen</translation>
    </message>
    <message>
        <source>Show the questions again that were silenced</source>
        <translation>Die Fragen wieder stellen, die abgeschaltet wurden</translation>
    </message>
    <message>
        <source>&amp;Notifications</source>
        <translation>&amp;Benachrichtigungen</translation>
    </message>
    <message>
        <source>Show what is going on and what went wrong</source>
        <translation>Zeigen, was vorgeht und was misslungen ist</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>B&amp;eenden</translation>
    </message>
    <message>
        <source>Close the manager; running machines go on</source>
        <translation>Den Manager schließen; laufende Maschinen laufen weiter</translation>
    </message>
    <message>
        <source>&amp;New…</source>
        <translation>&amp;Neu…</translation>
    </message>
    <message>
        <source>Create a new machine</source>
        <translation>Eine neue Maschine anlegen</translation>
    </message>
    <message>
        <source>&amp;Add…</source>
        <translation>&amp;Hinzufügen…</translation>
    </message>
    <message>
        <source>Add existing machines (.vbox files)</source>
        <translation>Vorhandene Maschinen hinzufügen (.vbox-Dateien)</translation>
    </message>
    <message>
        <source>A&amp;dd from Folder…</source>
        <translation>Aus &amp;Ordner hinzufügen…</translation>
    </message>
    <message>
        <source>Add the existing machine in a folder</source>
        <translation>Die vorhandene Maschine in einem Ordner hinzufügen</translation>
    </message>
    <message>
        <source>Add Machines of Virtual&amp;Box…</source>
        <translation>Maschinen von Virtual&amp;Box hinzufügen…</translation>
    </message>
    <message>
        <source>Add machines of an installed VirtualBox</source>
        <translation>Maschinen eines installierten VirtualBox hinzufügen</translation>
    </message>
    <message>
        <source>&amp;Settings…</source>
        <translation>Än&amp;dern…</translation>
    </message>
    <message>
        <source>Change the settings of the selected machine</source>
        <translation>Die Einstellungen der ausgewählten Maschine ändern</translation>
    </message>
    <message>
        <source>&amp;Clone…</source>
        <translation>K&amp;lonen…</translation>
    </message>
    <message>
        <source>Make a copy of the selected machine</source>
        <translation>Eine Kopie der ausgewählten Maschine anlegen</translation>
    </message>
    <message>
        <source>Mo&amp;ve…</source>
        <translation>&amp;Verschieben…</translation>
    </message>
    <message>
        <source>Move the selected machine to another folder</source>
        <translation>Die ausgewählte Maschine in einen anderen Ordner verschieben</translation>
    </message>
    <message>
        <source>&amp;Remove…</source>
        <translation>&amp;Entfernen…</translation>
    </message>
    <message>
        <source>Remove the selected machines</source>
        <translation>Die ausgewählten Maschinen entfernen</translation>
    </message>
    <message>
        <source>Rena&amp;me Group…</source>
        <translation>Gruppe u&amp;mbenennen…</translation>
    </message>
    <message>
        <source>Give the selected group another name</source>
        <translation>Der ausgewählten Gruppe einen anderen Namen geben</translation>
    </message>
    <message>
        <source>&amp;Ungroup</source>
        <translation>Gruppe a&amp;uflösen</translation>
    </message>
    <message>
        <source>Take everything out of the selected group</source>
        <translation>Alles aus der ausgewählten Gruppe herausnehmen</translation>
    </message>
    <message>
        <source>&amp;Enter Group</source>
        <translation>Gruppe &amp;betreten</translation>
    </message>
    <message>
        <source>Show only what is in the selected group</source>
        <translation>Nur zeigen, was in der ausgewählten Gruppe ist</translation>
    </message>
    <message>
        <source>[&amp;New]</source>
        <translation>[&amp;Neu]</translation>
    </message>
    <message>
        <source>Put what is selected into a new group</source>
        <translation>Das Ausgewählte in eine neue Gruppe legen</translation>
    </message>
    <message>
        <source>S&amp;tart</source>
        <translation>S&amp;tarten</translation>
    </message>
    <message>
        <source>Start the selected machines</source>
        <translation>Die ausgewählten Maschinen starten</translation>
    </message>
    <message>
        <source>&amp;Normal Start</source>
        <translation>&amp;Normal starten</translation>
    </message>
    <message>
        <source>Start the selected machines with their windows</source>
        <translation>Die ausgewählten Maschinen mit ihren Fenstern starten</translation>
    </message>
    <message>
        <source>&amp;Headless Start</source>
        <translation>&amp;Ohne Fenster starten</translation>
    </message>
    <message>
        <source>Start the selected machines without windows</source>
        <translation>Die ausgewählten Maschinen ohne Fenster starten</translation>
    </message>
    <message>
        <source>&amp;Detachable Start</source>
        <translation>&amp;Abtrennbar starten</translation>
    </message>
    <message>
        <source>Start the selected machines with windows that may be closed while they go on</source>
        <translation>Die ausgewählten Maschinen mit Fenstern starten, die geschlossen werden dürfen, während sie weiterlaufen</translation>
    </message>
    <message>
        <source>Sho&amp;w</source>
        <translation>An&amp;zeigen</translation>
    </message>
    <message>
        <source>Bring the windows of the machines to the front</source>
        <translation>Die Fenster der Maschinen nach vorn holen</translation>
    </message>
    <message>
        <source>Pa&amp;use</source>
        <translation>&amp;Pause</translation>
    </message>
    <message>
        <source>Pause or resume the selected machines</source>
        <translation>Die ausgewählten Maschinen anhalten oder fortsetzen</translation>
    </message>
    <message>
        <source>R&amp;eset</source>
        <translation>Zu&amp;rücksetzen</translation>
    </message>
    <message>
        <source>Press the reset button of the selected machines</source>
        <translation>Den Reset-Knopf der ausgewählten Maschinen drücken</translation>
    </message>
    <message>
        <source>&amp;Save State</source>
        <translation>Zustand &amp;speichern</translation>
    </message>
    <message>
        <source>Save the machines as they are and stop them</source>
        <translation>Die Maschinen sichern, wie sie sind, und anhalten</translation>
    </message>
    <message>
        <source>ACPI Sh&amp;utdown</source>
        <translation>Herunterfahren per ACP&amp;I</translation>
    </message>
    <message>
        <source>Press the power button of the selected machines</source>
        <translation>Den Netzschalter der ausgewählten Maschinen drücken</translation>
    </message>
    <message>
        <source>Po&amp;wer Off</source>
        <translation>&amp;Ausschalten</translation>
    </message>
    <message>
        <source>Pull the power plug of the selected machines</source>
        <translation>Den ausgewählten Maschinen den Stecker ziehen</translation>
    </message>
    <message>
        <source>D&amp;iscard Saved State…</source>
        <translation>Ge&amp;speicherten Zustand verwerfen…</translation>
    </message>
    <message>
        <source>Throw the saved states of the machines away</source>
        <translation>Die gespeicherten Zustände der Maschinen wegwerfen</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>Verwerfen</translation>
    </message>
    <message>
        <source>Re&amp;fresh</source>
        <translation>A&amp;ktualisieren</translation>
    </message>
    <message>
        <source>Read the state of the selected machines anew</source>
        <translation>Den Zustand der ausgewählten Maschinen neu lesen</translation>
    </message>
    <message>
        <source>Show in File &amp;Manager</source>
        <translation>Im Datei&amp;manager zeigen</translation>
    </message>
    <message>
        <source>Open the folders of the selected machines</source>
        <translation>Die Ordner der ausgewählten Maschinen öffnen</translation>
    </message>
    <message>
        <source>Create Shortcut on Des&amp;ktop</source>
        <translation>Verknüp&amp;fung auf dem Schreibtisch anlegen</translation>
    </message>
    <message>
        <source>Put an icon for the machine on the desktop</source>
        <translation>Ein Symbol für die Maschine auf den Schreibtisch legen</translation>
    </message>
    <message>
        <source>S&amp;ort</source>
        <translation>Sort&amp;ieren</translation>
    </message>
    <message>
        <source>Sort the selected group or the list by name</source>
        <translation>Die ausgewählte Gruppe oder die Liste nach Namen sortieren</translation>
    </message>
    <message>
        <source>Searc&amp;h</source>
        <translation>Su&amp;chen</translation>
    </message>
    <message>
        <source>Search machines and groups by name</source>
        <translation>Maschinen und Gruppen nach Namen suchen</translation>
    </message>
    <message>
        <source>&amp;Contents…</source>
        <translation>&amp;Inhalt…</translation>
    </message>
    <message>
        <source>Read how Vitrine is used</source>
        <translation>Lesen, wie Vitrine benutzt wird</translation>
    </message>
    <message>
        <source>&amp;About Vitrine…</source>
        <translation>Ü&amp;ber Vitrine…</translation>
    </message>
    <message>
        <source>Version and licence of this program</source>
        <translation>Version und Lizenz dieses Programms</translation>
    </message>
    <message>
        <source>&amp;Details</source>
        <translation>&amp;Details</translation>
    </message>
    <message>
        <source>See what the machine is made of</source>
        <translation>Sehen, woraus die Maschine besteht</translation>
    </message>
    <message>
        <source>Add an existing image file</source>
        <translation>Eine vorhandene Abbilddatei hinzufügen</translation>
    </message>
    <message>
        <source>&amp;Create…</source>
        <translation>&amp;Anlegen…</translation>
    </message>
    <message>
        <source>Create a new image file</source>
        <translation>Eine neue Abbilddatei anlegen</translation>
    </message>
    <message>
        <source>C&amp;opy…</source>
        <translation>K&amp;opieren…</translation>
    </message>
    <message>
        <source>Copy the selected medium into a new image file</source>
        <translation>Das ausgewählte Medium in eine neue Abbilddatei kopieren</translation>
    </message>
    <message>
        <source>&amp;Move…</source>
        <translation>&amp;Verschieben…</translation>
    </message>
    <message>
        <source>Move the image file of the selected medium</source>
        <translation>Die Abbilddatei des ausgewählten Mediums verschieben</translation>
    </message>
    <message>
        <source>Forget the selected medium or delete its file</source>
        <translation>Das ausgewählte Medium vergessen oder seine Datei löschen</translation>
    </message>
    <message>
        <source>Re&amp;lease…</source>
        <translation>F&amp;reigeben…</translation>
    </message>
    <message>
        <source>Detach the selected medium from all machines</source>
        <translation>Das ausgewählte Medium von allen Maschinen lösen</translation>
    </message>
    <message>
        <source>Compac&amp;t</source>
        <translation>Verdich&amp;ten</translation>
    </message>
    <message>
        <source>Give room that holds nothing but zeros back to the host</source>
        <translation>Platz, der nur Nullen enthält, dem Host zurückgeben</translation>
    </message>
    <message>
        <source>Cl&amp;ear…</source>
        <translation>&amp;Leeren…</translation>
    </message>
    <message>
        <source>Remove all inaccessible media from the list</source>
        <translation>Alle nicht zugreifbaren Medien aus der Liste entfernen</translation>
    </message>
    <message>
        <source>&amp;Search</source>
        <translation>&amp;Suchen</translation>
    </message>
    <message>
        <source>Search media by name or UUID</source>
        <translation>Medien nach Namen oder UUID suchen</translation>
    </message>
    <message>
        <source>&amp;Properties</source>
        <translation>&amp;Eigenschaften</translation>
    </message>
    <message>
        <source>Show what is known of the selected medium</source>
        <translation>Zeigen, was vom ausgewählten Medium bekannt ist</translation>
    </message>
    <message>
        <source>Look at all image files anew</source>
        <translation>Alle Abbilddateien neu ansehen</translation>
    </message>
    <message>
        <source>&amp;Virtual Media Manager</source>
        <translation>&amp;Manager für virtuelle Medien</translation>
    </message>
    <message>
        <source>Manage disk images and see who uses them</source>
        <translation>Plattenabbilder verwalten und sehen, wer sie verwendet</translation>
    </message>
    <message>
        <source>Me&amp;dium</source>
        <translation>Mediu&amp;m</translation>
    </message>
    <message>
        <source>&amp;Welcome Screen</source>
        <translation>&amp;Willkommen</translation>
    </message>
    <message>
        <source>See what can be done first</source>
        <translation>Sehen, was man zuerst tun kann</translation>
    </message>
    <message>
        <source>&amp;Create</source>
        <translation>&amp;Anlegen</translation>
    </message>
    <message>
        <source>Create a network of the open kind</source>
        <translation>Ein Netz der geöffneten Art anlegen</translation>
    </message>
    <message>
        <source>Remove the selected network</source>
        <translation>Das ausgewählte Netz entfernen</translation>
    </message>
    <message>
        <source>Show the settings of the selected network</source>
        <translation>Die Einstellungen des ausgewählten Netzes zeigen</translation>
    </message>
    <message>
        <source>Ask for the networks anew</source>
        <translation>Die Netze neu erfragen</translation>
    </message>
    <message>
        <source>&amp;Network Manager</source>
        <translation>&amp;Netzwerkmanager</translation>
    </message>
    <message>
        <source>Manage networks that machines share</source>
        <translation>Netze verwalten, die sich Maschinen teilen</translation>
    </message>
    <message>
        <source>&amp;Network</source>
        <translation>&amp;Netzwerk</translation>
    </message>
    <message>
        <source>&amp;Save…</source>
        <translation>&amp;Speichern…</translation>
    </message>
    <message>
        <source>Save the log as a file</source>
        <translation>Das Protokoll als Datei speichern</translation>
    </message>
    <message>
        <source>&amp;Find</source>
        <translation>&amp;Suchen</translation>
    </message>
    <message>
        <source>Find text in the log</source>
        <translation>Text im Protokoll suchen</translation>
    </message>
    <message>
        <source>F&amp;ilter</source>
        <translation>F&amp;iltern</translation>
    </message>
    <message>
        <source>Show only lines that contain some terms</source>
        <translation>Nur Zeilen zeigen, die bestimmte Begriffe enthalten</translation>
    </message>
    <message>
        <source>&amp;Bookmark</source>
        <translation>&amp;Lesezeichen</translation>
    </message>
    <message>
        <source>Show the lines that were marked</source>
        <translation>Die markierten Zeilen zeigen</translation>
    </message>
    <message>
        <source>&amp;Preferences</source>
        <translation>&amp;Einstellungen</translation>
    </message>
    <message>
        <source>Choose how logs look</source>
        <translation>Wählen, wie Protokolle aussehen</translation>
    </message>
    <message>
        <source>&amp;Refresh</source>
        <translation>&amp;Aktualisieren</translation>
    </message>
    <message>
        <source>Read what was added to the log (also F5 in it)</source>
        <translation>Lesen, was zum Protokoll hinzugekommen ist (darin auch F5)</translation>
    </message>
    <message>
        <source>Re&amp;load</source>
        <translation>Neu &amp;laden</translation>
    </message>
    <message>
        <source>Read all logs anew; bookmarks go</source>
        <translation>Alle Protokolle neu lesen; Lesezeichen gehen verloren</translation>
    </message>
    <message>
        <source>&amp;Logs</source>
        <translation>&amp;Protokolle</translation>
    </message>
    <message>
        <source>Read what the machine has logged</source>
        <translation>Lesen, was die Maschine protokolliert hat</translation>
    </message>
    <message>
        <source>&amp;Log</source>
        <translation>&amp;Protokoll</translation>
    </message>
    <message>
        <source>&amp;Take…</source>
        <translation>&amp;Erstellen…</translation>
    </message>
    <message>
        <source>Take a snapshot of the current state</source>
        <translation>Einen Sicherungspunkt des aktuellen Zustands erstellen</translation>
    </message>
    <message>
        <source>&amp;Delete…</source>
        <translation>&amp;Löschen…</translation>
    </message>
    <message>
        <source>Delete the selected snapshot</source>
        <translation>Den ausgewählten Sicherungspunkt löschen</translation>
    </message>
    <message>
        <source>&amp;Restore…</source>
        <translation>&amp;Wiederherstellen…</translation>
    </message>
    <message>
        <source>Go back to the selected snapshot</source>
        <translation>Zum ausgewählten Sicherungspunkt zurückkehren</translation>
    </message>
    <message>
        <source>Show what is known of the selected snapshot</source>
        <translation>Zeigen, was vom ausgewählten Sicherungspunkt bekannt ist</translation>
    </message>
    <message>
        <source>Make a new machine of the selected snapshot</source>
        <translation>Aus dem ausgewählten Sicherungspunkt eine neue Maschine machen</translation>
    </message>
    <message>
        <source>&amp;Snapshots</source>
        <translation>&amp;Sicherungspunkte</translation>
    </message>
    <message>
        <source>Keep states of the machine to go back to</source>
        <translation>Zustände der Maschine bewahren, um zu ihnen zurückzukehren</translation>
    </message>
    <message>
        <source>&amp;Snapshot</source>
        <translation>&amp;Sicherungspunkt</translation>
    </message>
    <message>
        <source>&amp;Activity</source>
        <translation>&amp;Aktivität</translation>
    </message>
    <message>
        <source>See what the running machine takes</source>
        <translation>Sehen, was die laufende Maschine verbraucht</translation>
    </message>
    <message>
        <source>&amp;Export…</source>
        <translation>&amp;Exportieren…</translation>
    </message>
    <message>
        <source>Write the measurements to a text file</source>
        <translation>Die Messungen in eine Textdatei schreiben</translation>
    </message>
    <message>
        <source>Activity &amp;Overview</source>
        <translation>Aktivitäts&amp;übersicht</translation>
    </message>
    <message>
        <source>See what all running machines take</source>
        <translation>Sehen, was alle laufenden Maschinen verbrauchen</translation>
    </message>
    <message>
        <source>VM Activity &amp;Overview</source>
        <translation>VM-Aktivitäts&amp;übersicht</translation>
    </message>
    <message>
        <source>&amp;Columns…</source>
        <translation>&amp;Spalten…</translation>
    </message>
    <message>
        <source>Choose the columns of the table</source>
        <translation>Die Spalten der Tabelle wählen</translation>
    </message>
    <message>
        <source>VM &amp;Activity</source>
        <translation>VM-&amp;Aktivität</translation>
    </message>
    <message>
        <source>Show charts of the selected machine</source>
        <translation>Diagramme der ausgewählten Maschine zeigen</translation>
    </message>
    <message>
        <source>&amp;Activities</source>
        <translation>&amp;Aktivitäten</translation>
    </message>
</context>
<context>
    <name>ManagerWindow</name>
    <message>
        <source>Vitrine Manager</source>
        <translation>Vitrine-Manager</translation>
    </message>
    <message>
        <source>Trouble in “{name}”</source>
        <translation>Schwierigkeiten in „{name}“</translation>
    </message>
    <message>
        <source>Error ID: {error_id}</source>
        <translation>Fehlerkennung: {error_id}</translation>
    </message>
    <message>
        <source>All questions are asked again.</source>
        <translation>Alle Fragen werden wieder gestellt.</translation>
    </message>
</context>
<context>
    <name>Media</name>
    <message>
        <source>&amp;Optical Disks</source>
        <translation>Optische P&amp;latten</translation>
    </message>
    <message>
        <source>Hard Dis&amp;ks</source>
        <translation>Fest&amp;platten</translation>
    </message>
    <message>
        <source>Flo&amp;ppy Disks</source>
        <translation>Dis&amp;ketten</translation>
    </message>
    <message>
        <source>Add a Hard Disk</source>
        <translation>Eine Festplatte hinzufügen</translation>
    </message>
    <message>
        <source>Add an Optical Disk</source>
        <translation>Eine optische Platte hinzufügen</translation>
    </message>
    <message>
        <source>Add a Floppy Disk</source>
        <translation>Eine Diskette hinzufügen</translation>
    </message>
    <message>
        <source>Choose a Hard Disk</source>
        <translation>Eine Festplatte wählen</translation>
    </message>
    <message>
        <source>Choose an Optical Disk</source>
        <translation>Eine optische Platte wählen</translation>
    </message>
    <message>
        <source>Choose a Floppy Disk</source>
        <translation>Eine Diskette wählen</translation>
    </message>
    <message>
        <source>No hard disk is known yet. Create makes a new one, Add takes over an image file that exists.</source>
        <translation>Noch ist keine Festplatte bekannt. „Anlegen“ macht eine neue, „Hinzufügen“ übernimmt eine vorhandene Abbilddatei.</translation>
    </message>
    <message>
        <source>No optical disk is known yet. Add takes over an image file (.iso).</source>
        <translation>Noch ist keine optische Platte bekannt. „Hinzufügen“ übernimmt eine Abbilddatei (.iso).</translation>
    </message>
    <message>
        <source>No floppy disk is known yet. Create makes a new one, Add takes over an image file that exists.</source>
        <translation>Noch ist keine Diskette bekannt. „Anlegen“ macht eine neue, „Hinzufügen“ übernimmt eine vorhandene Abbilddatei.</translation>
    </message>
    <message>
        <source>Normal</source>
        <translation>Normal</translation>
    </message>
    <message>
        <source>Immutable</source>
        <translation>Unveränderlich</translation>
    </message>
    <message>
        <source>Writethrough</source>
        <translation>Durchschreibend</translation>
    </message>
    <message>
        <source>Shareable</source>
        <translation>Gemeinsam benutzbar</translation>
    </message>
    <message>
        <source>Read-only</source>
        <translation>Nur lesbar</translation>
    </message>
    <message>
        <source>Multi-attach</source>
        <translation>Mehrfach anschließbar</translation>
    </message>
    <message>
        <source>A snapshot keeps its contents; the usual type.</source>
        <translation>Ein Sicherungspunkt bewahrt ihren Inhalt; der übliche Typ.</translation>
    </message>
    <message>
        <source>Changes are dropped whenever the machine starts.</source>
        <translation>Änderungen werden bei jedem Start der Maschine verworfen.</translation>
    </message>
    <message>
        <source>Snapshots leave it out: restoring one does not touch it.</source>
        <translation>Sicherungspunkte lassen sie aus: Eine Wiederherstellung berührt sie nicht.</translation>
    </message>
    <message>
        <source>Several running machines may write to it; it must be of fixed size.</source>
        <translation>Mehrere laufende Maschinen dürfen darauf schreiben; sie muss von fester Größe sein.</translation>
    </message>
    <message>
        <source>Several machines may use it; each keeps its changes to itself.</source>
        <translation>Mehrere Maschinen dürfen sie verwenden; jede behält ihre Änderungen für sich.</translation>
    </message>
    <message>
        <source>Differencing</source>
        <translation>Differenzabbild</translation>
    </message>
    <message>
        <source>Dynamically allocated storage</source>
        <translation>Dynamisch belegter Speicher</translation>
    </message>
    <message>
        <source>Fixed size storage</source>
        <translation>Speicher von fester Größe</translation>
    </message>
    <message>
        <source>Dynamically allocated storage split into files of 2 GB</source>
        <translation>Dynamisch belegter Speicher, in Dateien von 2 GB geteilt</translation>
    </message>
    <message>
        <source>Fixed size storage split into files of 2 GB</source>
        <translation>Speicher von fester Größe, in Dateien von 2 GB geteilt</translation>
    </message>
    <message>
        <source>Dynamically allocated compressed storage</source>
        <translation>Dynamisch belegter komprimierter Speicher</translation>
    </message>
    <message>
        <source>Dynamically allocated differencing storage</source>
        <translation>Dynamisch belegter Differenzspeicher</translation>
    </message>
    <message>
        <source>Not attached</source>
        <translation>Nicht angeschlossen</translation>
    </message>
    <message>
        <source>Attached to: {names}</source>
        <translation>Angeschlossen an: {names}</translation>
    </message>
    <message>
        <source>… and {count} more</source>
        <translation>… und {count} weitere</translation>
    </message>
</context>
<context>
    <name>MediaPane</name>
    <message>
        <source>Kinds of media</source>
        <translation>Arten von Medien</translation>
    </message>
    <message>
        <source>Looking at the media…</source>
        <translation>Die Medien werden angesehen…</translation>
    </message>
    <message>
        <source>The media cannot be shown: {reason}</source>
        <translation>Die Medien können nicht gezeigt werden: {reason}</translation>
    </message>
    <message>
        <source>This version cannot make optical disks; add an image file instead.</source>
        <translation>Diese Version kann keine optischen Platten anlegen; fügen Sie stattdessen eine Abbilddatei hinzu.</translation>
    </message>
    <message>
        <source>No unused medium of this kind is inaccessible.</source>
        <translation>Kein unbenutztes Medium dieser Art ist unzugänglich.</translation>
    </message>
    <message>
        <source>No medium is selected.</source>
        <translation>Es ist kein Medium ausgewählt.</translation>
    </message>
    <message>
        <source>Only hard disks can be compacted.</source>
        <translation>Nur Festplatten können verdichtet werden.</translation>
    </message>
    <message>
        <source>A disk of fixed size cannot be compacted.</source>
        <translation>Eine Platte von fester Größe kann nicht verdichtet werden.</translation>
    </message>
    <message>
        <source>Images of the format {name} cannot be compacted.</source>
        <translation>Abbilder des Formats {name} können nicht verdichtet werden.</translation>
    </message>
</context>
<context>
    <name>MediumCommands</name>
    <message>
        <source>Adding “{name}”</source>
        <translation>„{name}“ wird hinzugefügt</translation>
    </message>
    <message>
        <source>“{name}” could not be added</source>
        <translation>„{name}“ konnte nicht hinzugefügt werden</translation>
    </message>
    <message>
        <source>Move “{name}” to</source>
        <translation>„{name}“ verschieben nach</translation>
    </message>
    <message>
        <source>Moving “{name}”</source>
        <translation>„{name}“ wird verschoben</translation>
    </message>
    <message>
        <source>“{name}” could not be moved</source>
        <translation>„{name}“ konnte nicht verschoben werden</translation>
    </message>
    <message>
        <source>Compacting “{name}”</source>
        <translation>„{name}“ wird verdichtet</translation>
    </message>
    <message>
        <source>“{name}” could not be compacted</source>
        <translation>„{name}“ konnte nicht verdichtet werden</translation>
    </message>
    <message>
        <source>“{name}” could not be changed</source>
        <translation>„{name}“ konnte nicht geändert werden</translation>
    </message>
    <message>
        <source>Resizing “{name}”</source>
        <translation>Größe von „{name}“ wird geändert</translation>
    </message>
    <message>
        <source>“{name}” could not be resized</source>
        <translation>Die Größe von „{name}“ konnte nicht geändert werden</translation>
    </message>
    <message>
        <source>Release medium</source>
        <translation>Medium freigeben</translation>
    </message>
    <message>
        <source>Release “{name}” from the machines that use it?</source>
        <translation>„{name}“ von den Maschinen lösen, die es verwenden?</translation>
    </message>
    <message>
        <source>&amp;Release</source>
        <translation>&amp;Freigeben</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>It is detached from these machines, and its file stays as it is:
{machines}</source>
        <translation>Es wird von diesen Maschinen gelöst, und seine Datei bleibt, wie sie ist:
{machines}</translation>
    </message>
    <message>
        <source>Releasing “{name}”</source>
        <translation>„{name}“ wird freigegeben</translation>
    </message>
    <message>
        <source>“{name}” could not be released</source>
        <translation>„{name}“ konnte nicht freigegeben werden</translation>
    </message>
    <message>
        <source>File: {path}</source>
        <translation>Datei: {path}</translation>
    </message>
    <message>
        <source>It is released from these machines first: {machines}.</source>
        <translation>Zuerst wird es von diesen Maschinen gelöst: {machines}.</translation>
    </message>
    <message>
        <source>&amp;Keep File</source>
        <translation>Datei &amp;behalten</translation>
    </message>
    <message>
        <source>&amp;Delete File</source>
        <translation>Datei &amp;löschen</translation>
    </message>
    <message>
        <source>The image is inaccessible; whatever is there stays.</source>
        <translation>Das Abbild ist nicht zugreifbar; was dort ist, bleibt.</translation>
    </message>
    <message>
        <source>&amp;Remove</source>
        <translation>&amp;Entfernen</translation>
    </message>
    <message>
        <source>Remove medium</source>
        <translation>Medium entfernen</translation>
    </message>
    <message>
        <source>Remove “{name}” from the list of known media?</source>
        <translation>„{name}“ aus der Liste der bekannten Medien entfernen?</translation>
    </message>
    <message>
        <source>Deleting “{name}”</source>
        <translation>„{name}“ wird gelöscht</translation>
    </message>
    <message>
        <source>Removing “{name}”</source>
        <translation>„{name}“ wird entfernt</translation>
    </message>
    <message>
        <source>“{name}” could not be removed</source>
        <translation>„{name}“ konnte nicht entfernt werden</translation>
    </message>
    <message>
        <source>Clear inaccessible media</source>
        <translation>Nicht zugreifbare Medien entfernen</translation>
    </message>
    <message>
        <source>Remove {count} inaccessible media from the list?</source>
        <translation>{count} nicht zugreifbare Medien aus der Liste entfernen?</translation>
    </message>
    <message>
        <source>&amp;Clear</source>
        <translation>&amp;Leeren</translation>
    </message>
</context>
<context>
    <name>MediumFacts</name>
    <message>
        <source>Type (Format):</source>
        <translation>Typ (Format):</translation>
    </message>
    <message>
        <source>Virtual Size:</source>
        <translation>Virtuelle Größe:</translation>
    </message>
    <message>
        <source>Actual Size:</source>
        <translation>Tatsächliche Größe:</translation>
    </message>
    <message>
        <source>Details:</source>
        <translation>Einzelheiten:</translation>
    </message>
    <message>
        <source>Location:</source>
        <translation>Ort:</translation>
    </message>
    <message>
        <source>Attached to:</source>
        <translation>Angeschlossen an:</translation>
    </message>
    <message>
        <source>Encrypted with key:</source>
        <translation>Verschlüsselt mit Schlüssel:</translation>
    </message>
    <message>
        <source>Host Drive</source>
        <translation>Laufwerk des Hosts</translation>
    </message>
    <message>
        <source>Image</source>
        <translation>Abbild</translation>
    </message>
    <message>
        <source>Not attached</source>
        <translation>Nicht angeschlossen</translation>
    </message>
    <message>
        <source>Not encrypted</source>
        <translation>Nicht verschlüsselt</translation>
    </message>
    <message>
        <source>Fixed size storage</source>
        <translation>Speicher von fester Größe</translation>
    </message>
    <message>
        <source>Dynamically allocated storage</source>
        <translation>Dynamisch belegter Speicher</translation>
    </message>
</context>
<context>
    <name>MediumPanel</name>
    <message>
        <source>Select a medium to see what is known of it.</source>
        <translation>Wählen Sie ein Medium, um zu sehen, was von ihm bekannt ist.</translation>
    </message>
    <message>
        <source>&amp;Attributes</source>
        <translation>&amp;Attribute</translation>
    </message>
    <message>
        <source>&amp;Information</source>
        <translation>&amp;Information</translation>
    </message>
    <message>
        <source>Type</source>
        <translation>Typ</translation>
    </message>
    <message>
        <source>Location of the image file</source>
        <translation>Ort der Abbilddatei</translation>
    </message>
    <message>
        <source>Description</source>
        <translation>Beschreibung</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Appl&amp;y</source>
        <translation>An&amp;wenden</translation>
    </message>
    <message>
        <source>&amp;Type:</source>
        <translation>&amp;Typ:</translation>
    </message>
    <message>
        <source>&amp;Location:</source>
        <translation>&amp;Ort:</translation>
    </message>
    <message>
        <source>R&amp;eset</source>
        <translation>Zurück&amp;setzen</translation>
    </message>
    <message>
        <source>Des&amp;cription:</source>
        <translation>Bes&amp;chreibung:</translation>
    </message>
    <message>
        <source>&amp;Size:</source>
        <translation>&amp;Größe:</translation>
    </message>
    <message>
        <source>Type:</source>
        <translation>Typ:</translation>
    </message>
    <message>
        <source>Format:</source>
        <translation>Format:</translation>
    </message>
    <message>
        <source>Virtual Size:</source>
        <translation>Virtuelle Größe:</translation>
    </message>
    <message>
        <source>Actual Size:</source>
        <translation>Tatsächliche Größe:</translation>
    </message>
    <message>
        <source>Storage Details:</source>
        <translation>Einzelheiten des Speichers:</translation>
    </message>
    <message>
        <source>Location:</source>
        <translation>Ort:</translation>
    </message>
    <message>
        <source>Attached To:</source>
        <translation>Angeschlossen an:</translation>
    </message>
    <message>
        <source>UUID:</source>
        <translation>UUID:</translation>
    </message>
    <message>
        <source>Image file</source>
        <translation>Abbilddatei</translation>
    </message>
    <message>
        <source>The image is in use.</source>
        <translation>Das Abbild wird gerade verwendet.</translation>
    </message>
    <message>
        <source>A differencing image follows the type of its base.</source>
        <translation>Ein Differenzabbild richtet sich nach dem Typ seiner Basis.</translation>
    </message>
    <message>
        <source>Several machines use it; release it first.</source>
        <translation>Mehrere Maschinen verwenden es; geben Sie es zuerst frei.</translation>
    </message>
    <message>
        <source>The image is inaccessible.</source>
        <translation>Das Abbild ist nicht zugreifbar.</translation>
    </message>
    <message>
        <source>Other images build on it.</source>
        <translation>Andere Abbilder bauen darauf auf.</translation>
    </message>
    <message>
        <source>Images of the format {name} cannot be resized.</source>
        <translation>Die Größe von Abbildern des Formats {name} kann nicht geändert werden.</translation>
    </message>
    <message>
        <source>The location must be a complete path.</source>
        <translation>Der Ort muss ein vollständiger Pfad sein.</translation>
    </message>
    <message>
        <source>A disk can be made larger, but not smaller.</source>
        <translation>Eine Platte kann größer, aber nicht kleiner gemacht werden.</translation>
    </message>
    <message>
        <source>The image is looked for at the new location; no file is moved.</source>
        <translation>Das Abbild wird am neuen Ort gesucht; es wird keine Datei verschoben.</translation>
    </message>
    <message>
        <source>The disk becomes larger, not the partitions on it; a tool of the guest system extends those.</source>
        <translation>Die Platte wird größer, nicht die Partitionen darauf; die erweitert ein Werkzeug des Gastsystems.</translation>
    </message>
    <message>
        <source>Nothing was changed.</source>
        <translation>Es wurde nichts geändert.</translation>
    </message>
</context>
<context>
    <name>MediumPicker</name>
    <message>
        <source>&amp;Choose or create a hard disk…</source>
        <translation>Eine Festplatte &amp;wählen oder anlegen…</translation>
    </message>
    <message>
        <source>&amp;Choose an optical disk…</source>
        <translation>Eine optische Platte &amp;wählen…</translation>
    </message>
    <message>
        <source>&amp;Choose or create a floppy disk…</source>
        <translation>Eine Diskette &amp;wählen oder anlegen…</translation>
    </message>
    <message>
        <source>Choose a disk &amp;file…</source>
        <translation>&amp;Datei wählen…</translation>
    </message>
    <message>
        <source>Create a &amp;new disk…</source>
        <translation>&amp;Neue Platte anlegen…</translation>
    </message>
    <message>
        <source>Host drive {path}</source>
        <translation>Laufwerk des Hosts {path}</translation>
    </message>
    <message>
        <source>Used recently</source>
        <translation>Zuletzt verwendet</translation>
    </message>
    <message>
        <source>The machine has it in a drive already.</source>
        <translation>Die Maschine hat es schon in einem Laufwerk.</translation>
    </message>
    <message>
        <source>Hard disk images (*.vdi *.img *.raw);;All files (*)</source>
        <translation>Festplattenabbilder (*.vdi *.img *.raw);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Optical images (*.iso *.cdr);;All files (*)</source>
        <translation>Optische Abbilder (*.iso *.cdr);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Floppy images (*.img *.ima *.vfd *.flp);;All files (*)</source>
        <translation>Diskettenabbilder (*.img *.ima *.vfd *.flp);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Choose a file for: {drive}</source>
        <translation>Datei wählen für: {drive}</translation>
    </message>
    <message>
        <source>{path} cannot be used.</source>
        <translation>{path} kann nicht verwendet werden.</translation>
    </message>
    <message>
        <source>The image cannot be used</source>
        <translation>Das Abbild kann nicht verwendet werden</translation>
    </message>
</context>
<context>
    <name>MediumSearchBar</name>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>UUID</source>
        <translation>UUID</translation>
    </message>
    <message>
        <source>What is searched</source>
        <translation>Was durchsucht wird</translation>
    </message>
    <message>
        <source>Search media</source>
        <translation>Medien suchen</translation>
    </message>
    <message>
        <source>Previous match (Shift+Enter)</source>
        <translation>Voriger Treffer (Umschalt+Eingabe)</translation>
    </message>
    <message>
        <source>Next match (Enter)</source>
        <translation>Nächster Treffer (Eingabe)</translation>
    </message>
    <message>
        <source>Close the search (Escape)</source>
        <translation>Die Suche schließen (Esc)</translation>
    </message>
    <message>
        <source>No match</source>
        <translation>Kein Treffer</translation>
    </message>
    <message>
        <source>{place} of {count}</source>
        <translation>{place} von {count}</translation>
    </message>
    <message>
        <source>Matches: {count}</source>
        <translation>Treffer: {count}</translation>
    </message>
</context>
<context>
    <name>MediumSelector</name>
    <message>
        <source>&amp;Add…</source>
        <translation>&amp;Hinzufügen…</translation>
    </message>
    <message>
        <source>&amp;Create…</source>
        <translation>&amp;Anlegen…</translation>
    </message>
    <message>
        <source>Re&amp;fresh</source>
        <translation>Ak&amp;tualisieren</translation>
    </message>
    <message>
        <source>This version cannot make optical disks; add an image file instead.</source>
        <translation>Diese Version kann keine optischen Platten anlegen; fügen Sie stattdessen eine Abbilddatei hinzu.</translation>
    </message>
    <message>
        <source>Search by name or UUID</source>
        <translation>Nach Namen oder UUID suchen</translation>
    </message>
    <message>
        <source>Media</source>
        <translation>Medien</translation>
    </message>
    <message>
        <source>Looking at the media…</source>
        <translation>Die Medien werden angesehen…</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>Fortschritt</translation>
    </message>
    <message>
        <source>C&amp;hoose</source>
        <translation>&amp;Wählen</translation>
    </message>
    <message>
        <source>Leave &amp;Empty</source>
        <translation>&amp;Leer lassen</translation>
    </message>
    <message>
        <source>Attached</source>
        <translation>Angeschlossen</translation>
    </message>
    <message>
        <source>Not Attached</source>
        <translation>Nicht angeschlossen</translation>
    </message>
    <message>
        <source>No medium matches “{text}”.</source>
        <translation>Kein Medium passt zu „{text}“.</translation>
    </message>
    <message>
        <source>Select a medium.</source>
        <translation>Wählen Sie ein Medium.</translation>
    </message>
    <message>
        <source>Adding “{name}”</source>
        <translation>„{name}“ wird hinzugefügt</translation>
    </message>
    <message>
        <source>“{name}” could not be added</source>
        <translation>„{name}“ konnte nicht hinzugefügt werden</translation>
    </message>
</context>
<context>
    <name>MediumTree</name>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Virtual Size</source>
        <translation>Virtuelle Größe</translation>
    </message>
    <message>
        <source>Actual Size</source>
        <translation>Tatsächliche Größe</translation>
    </message>
    <message>
        <source>inaccessible: {reason}</source>
        <translation>nicht zugreifbar: {reason}</translation>
    </message>
</context>
<context>
    <name>MemoryEditor</name>
    <message>
        <source> MB</source>
        <translation> MB</translation>
    </message>
    <message>
        <source>{size} MB</source>
        <translation>{size} MB</translation>
    </message>
</context>
<context>
    <name>MenuBarEditor</name>
    <message>
        <source>Menu Bar Settings</source>
        <translation>Einstellungen der Menüleiste</translation>
    </message>
    <message>
        <source>Menus that the menu bar shows:</source>
        <translation>Menüs, die die Menüleiste zeigt:</translation>
    </message>
</context>
<context>
    <name>Menus</name>
    <message>
        <source>S&amp;tart</source>
        <translation>S&amp;tarten</translation>
    </message>
    <message>
        <source>Sto&amp;p</source>
        <translation>&amp;Anhalten</translation>
    </message>
    <message>
        <source>Move to &amp;Group</source>
        <translation>In &amp;Gruppe verschieben</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>&amp;Datei</translation>
    </message>
    <message>
        <source>&amp;Machine</source>
        <translation>&amp;Maschine</translation>
    </message>
    <message>
        <source>&amp;Group</source>
        <translation>&amp;Gruppe</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>&amp;Hilfe</translation>
    </message>
    <message>
        <source>Too&amp;ls</source>
        <translation>&amp;Werkzeuge</translation>
    </message>
    <message>
        <source>[Root]</source>
        <translation>[Oberste Ebene]</translation>
    </message>
</context>
<context>
    <name>MiniToolBar</name>
    <message>
        <source>Mini tool bar</source>
        <translation>Kleine Werkzeugleiste</translation>
    </message>
    <message>
        <source>Always show the mini tool bar</source>
        <translation>Die kleine Werkzeugleiste immer zeigen</translation>
    </message>
    <message>
        <source>Minimize the window</source>
        <translation>Das Fenster verkleinern</translation>
    </message>
    <message>
        <source>Leave full-screen mode</source>
        <translation>Das Vollbild verlassen</translation>
    </message>
    <message>
        <source>Close the window</source>
        <translation>Das Fenster schließen</translation>
    </message>
</context>
<context>
    <name>MouseMenu</name>
    <message>
        <source>Capture with a C&amp;lick</source>
        <translation>Mit einem &amp;Klick fangen</translation>
    </message>
    <message>
        <source>The host key alone captures the mouse, too.</source>
        <translation>Auch die Host-Taste allein fängt die Maus.</translation>
    </message>
    <message>
        <source>Capture with the &amp;Host Key Only</source>
        <translation>Nur mit der &amp;Host-Taste fangen</translation>
    </message>
    <message>
        <source>A click into the picture does not capture it.</source>
        <translation>Ein Klick ins Bild fängt sie nicht.</translation>
    </message>
    <message>
        <source>&amp;Never Capture</source>
        <translation>&amp;Nie fangen</translation>
    </message>
    <message>
        <source>The guest never gets the mouse.</source>
        <translation>Der Gast bekommt die Maus nie.</translation>
    </message>
    <message>
        <source>&amp;Explain the Capture</source>
        <translation>Das Fangen &amp;erklären</translation>
    </message>
    <message>
        <source>Mouse &amp;Integration</source>
        <translation>Maus-&amp;Integration</translation>
    </message>
    <message>
        <source>The guest does not listen to its tablet at the moment.</source>
        <translation>Der Gast hört im Moment nicht auf sein Tablett.</translation>
    </message>
    <message>
        <source>The machine has a mouse, which reports motion and no positions. Integration needs a USB tablet: settings, System, Pointing Device.</source>
        <translation>Die Maschine hat eine Maus, die Bewegungen meldet und keine Positionen. Die Integration braucht ein USB-Tablett: Einstellungen, System, Zeigegerät.</translation>
    </message>
    <message>
        <source>The guest never gets the mouse, as it is chosen in this menu.</source>
        <translation>Der Gast bekommt die Maus nie, wie in diesem Menü gewählt.</translation>
    </message>
    <message>
        <source>The guest follows the pointer; there is nothing to capture.</source>
        <translation>Der Gast folgt dem Mauszeiger; es gibt nichts zu fangen.</translation>
    </message>
    <message>
        <source>The mouse is captured by the virtual machine: its pointer moves the guest&apos;s and no longer reaches other windows. Press {host_key} to get it back. Input &gt; Mouse has a switch for this explanation.</source>
        <translation>Die Maus ist von der virtuellen Maschine gefangen: Sie bewegt den Zeiger des Gasts und erreicht keine anderen Fenster mehr. {host_key} gibt sie frei. Unter Eingabe &gt; Maus lässt sich diese Erklärung abschalten.</translation>
    </message>
</context>
<context>
    <name>MoveDialog</name>
    <message>
        <source>Move “{name}”</source>
        <translation>„{name}“ verschieben</translation>
    </message>
    <message>
        <source>The machine&apos;s folder is moved with everything in it: settings, disks, snapshots and logs. Images elsewhere stay where they are.</source>
        <translation>Der Ordner der Maschine wird mit allem darin verschoben: Einstellungen, Platten, Sicherungspunkte und Protokolle. Abbilder an anderen Orten bleiben, wo sie sind.</translation>
    </message>
    <message>
        <source>Folder that gets the machine&apos;s folder</source>
        <translation>Ordner, in den der Ordner der Maschine kommt</translation>
    </message>
    <message>
        <source>&amp;Move</source>
        <translation>&amp;Verschieben</translation>
    </message>
    <message>
        <source>Now at:</source>
        <translation>Jetzt in:</translation>
    </message>
    <message>
        <source>&amp;New folder:</source>
        <translation>&amp;Neuer Ordner:</translation>
    </message>
    <message>
        <source>Then at:</source>
        <translation>Danach in:</translation>
    </message>
    <message>
        <source>Enter the complete path of a folder.</source>
        <translation>Geben Sie den vollständigen Pfad eines Ordners ein.</translation>
    </message>
    <message>
        <source>Choose another folder; the machine is in this one.</source>
        <translation>Wählen Sie einen anderen Ordner; die Maschine ist in diesem.</translation>
    </message>
    <message>
        <source>A folder cannot be moved into itself.</source>
        <translation>Ein Ordner kann nicht in sich selbst verschoben werden.</translation>
    </message>
    <message>
        <source>The folder {folder} exists already.</source>
        <translation>Den Ordner {folder} gibt es schon.</translation>
    </message>
    <message>
        <source>The folder {folder} cannot be created.</source>
        <translation>Der Ordner {folder} kann nicht angelegt werden.</translation>
    </message>
</context>
<context>
    <name>NamePage</name>
    <message>
        <source>Name and operating system</source>
        <translation>Name und Betriebssystem</translation>
    </message>
    <message>
        <source>Name and Operating System</source>
        <translation>Name und Betriebssystem</translation>
    </message>
    <message>
        <source>Choose a descriptive name and the folder for the new machine. The name often tells which operating system you are going to install; the choice below follows it until you change it.</source>
        <translation>Wählen Sie einen aussagekräftigen Namen und den Ordner für die neue Maschine. Der Name verrät oft, welches Betriebssystem Sie installieren wollen; die Auswahl unten folgt ihm, bis Sie sie ändern.</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Folder for the new machine</source>
        <translation>Ordner für die neue Maschine</translation>
    </message>
    <message>
        <source>Optical image to install from</source>
        <translation>Optisches Abbild für die Installation</translation>
    </message>
    <message>
        <source>Optical images (*.iso *.cdr *.viso);;All files (*)</source>
        <translation>Optische Abbilder (*.iso *.cdr *.viso);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>None</source>
        <translation>Keine</translation>
    </message>
    <message>
        <source>N&amp;ame:</source>
        <translation>N&amp;ame:</translation>
    </message>
    <message>
        <source>&amp;Folder:</source>
        <translation>&amp;Ordner:</translation>
    </message>
    <message>
        <source>&amp;ISO Image:</source>
        <translation>&amp;ISO-Abbild:</translation>
    </message>
    <message>
        <source>The image does not tell which system is on it.</source>
        <translation>Das Abbild verrät nicht, welches System darauf ist.</translation>
    </message>
    <message>
        <source>The image “{label}” does not tell which system is on it.</source>
        <translation>Das Abbild „{label}“ verrät nicht, welches System darauf ist.</translation>
    </message>
    <message>
        <source>The system on the image is for ARM processors; Vitrine&apos;s machines have those of a PC.</source>
        <translation>Das System auf dem Abbild ist für ARM-Prozessoren; die Maschinen von Vitrine haben die eines PCs.</translation>
    </message>
    <message>
        <source>On the image: {product}</source>
        <translation>Auf dem Abbild: {product}</translation>
    </message>
</context>
<context>
    <name>NatPanel</name>
    <message>
        <source>&amp;General Options</source>
        <translation>All&amp;gemeine Optionen</translation>
    </message>
    <message>
        <source>Port For&amp;warding</source>
        <translation>Portwe&amp;iterleitung</translation>
    </message>
    <message>
        <source>&amp;Enable Network</source>
        <translation>Netz &amp;aktivieren</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>IPv4 prefix</source>
        <translation>IPv4-Präfix</translation>
    </message>
    <message>
        <source>Enable &amp;DHCP</source>
        <translation>DH&amp;CP aktivieren</translation>
    </message>
    <message>
        <source>Enable &amp;IPv6</source>
        <translation>IPv&amp;6 aktivieren</translation>
    </message>
    <message>
        <source>IPv6 prefix</source>
        <translation>IPv6-Präfix</translation>
    </message>
    <message>
        <source>made from the IPv4 prefix</source>
        <translation>aus dem IPv4-Präfix gebildet</translation>
    </message>
    <message>
        <source>Advertise Default IPv6 &amp;Route</source>
        <translation>Standard-IPv6-&amp;Route ankündigen</translation>
    </message>
    <message>
        <source>Na&amp;me:</source>
        <translation>Na&amp;me:</translation>
    </message>
    <message>
        <source>IPv4 &amp;Prefix:</source>
        <translation>IPv4-&amp;Präfix:</translation>
    </message>
    <message>
        <source>IPv6 Prefi&amp;x:</source>
        <translation>IPv6-Präfi&amp;x:</translation>
    </message>
    <message>
        <source>IPv&amp;4</source>
        <translation>IPv&amp;4</translation>
    </message>
    <message>
        <source>IPv&amp;6</source>
        <translation>IPv&amp;6</translation>
    </message>
    <message>
        <source>The network has no IPv6.</source>
        <translation>Das Netz hat kein IPv6.</translation>
    </message>
    <message>
        <source>Network adapters that are attached to “{name}” must be attached to the new name.</source>
        <translation>Netzwerkadapter, die mit „{name}“ verbunden sind, müssen mit dem neuen Namen verbunden werden.</translation>
    </message>
</context>
<context>
    <name>NetworkCommands</name>
    <message>
        <source>Creating a host-only network</source>
        <translation>Ein Host-only-Netz wird angelegt</translation>
    </message>
    <message>
        <source>The host-only network could not be created</source>
        <translation>Das Host-only-Netz konnte nicht angelegt werden</translation>
    </message>
    <message>
        <source>The network “{name}” could not be removed</source>
        <translation>Das Netz „{name}“ konnte nicht entfernt werden</translation>
    </message>
    <message>
        <source>The NAT network could not be created</source>
        <translation>Das NAT-Netz konnte nicht angelegt werden</translation>
    </message>
    <message>
        <source>The network “{name}” could not be changed</source>
        <translation>Das Netz „{name}“ konnte nicht geändert werden</translation>
    </message>
    <message>
        <source>Remove network</source>
        <translation>Netz entfernen</translation>
    </message>
    <message>
        <source>Remove the network “{name}”?</source>
        <translation>Das Netz „{name}“ entfernen?</translation>
    </message>
    <message>
        <source>&amp;Remove</source>
        <translation>&amp;Entfernen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Network adapters of machines that are attached to it have no connection until they are attached to another network.</source>
        <translation>Netzwerkadapter von Maschinen, die mit ihm verbunden sind, haben keine Verbindung, bis sie mit einem anderen Netz verbunden werden.</translation>
    </message>
</context>
<context>
    <name>NetworkPane</name>
    <message>
        <source>Networks are configured here and kept in the settings. This version does not yet run them: adapters of machines that are attached to one have no connection.</source>
        <translation>Netze werden hier eingerichtet und in den Einstellungen bewahrt. Diese Version betreibt sie noch nicht: Adapter von Maschinen, die mit einem verbunden sind, haben keine Verbindung.</translation>
    </message>
    <message>
        <source>Kinds of networks</source>
        <translation>Arten von Netzen</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>IPv4 Prefix</source>
        <translation>IPv4-Präfix</translation>
    </message>
    <message>
        <source>IPv6 Prefix</source>
        <translation>IPv6-Präfix</translation>
    </message>
    <message>
        <source>DHCP Server</source>
        <translation>DHCP-Server</translation>
    </message>
    <message>
        <source>Host-&amp;only Networks</source>
        <translation>H&amp;ost-only-Netze</translation>
    </message>
    <message>
        <source>NA&amp;T Networks</source>
        <translation>NA&amp;T-Netze</translation>
    </message>
    <message>
        <source>Select a network to see and change its settings.</source>
        <translation>Wählen Sie ein Netz, um seine Einstellungen zu sehen und zu ändern.</translation>
    </message>
    <message>
        <source>Asking for the networks…</source>
        <translation>Die Netze werden erfragt…</translation>
    </message>
    <message>
        <source>There is no host-only network yet. Create makes one, which connects machines with each other and with this computer.</source>
        <translation>Es gibt noch kein Host-only-Netz. „Anlegen“ macht eines; es verbindet Maschinen miteinander und mit diesem Computer.</translation>
    </message>
    <message>
        <source>There is no NAT network yet. Create makes one, which connects machines with each other and, through this computer, with the world outside.</source>
        <translation>Es gibt noch kein NAT-Netz. „Anlegen“ macht eines; es verbindet Maschinen miteinander und durch diesen Computer mit der Welt draußen.</translation>
    </message>
    <message>
        <source>The networks cannot be shown: {reason}</source>
        <translation>Die Netze können nicht gezeigt werden: {reason}</translation>
    </message>
    <message>
        <source>No network is selected.</source>
        <translation>Es ist kein Netz ausgewählt.</translation>
    </message>
</context>
<context>
    <name>NetworkPanel</name>
    <message>
        <source>Appl&amp;y</source>
        <translation>An&amp;wenden</translation>
    </message>
    <message>
        <source>Re&amp;set</source>
        <translation>Zurück&amp;setzen</translation>
    </message>
    <message>
        <source>Nothing was changed.</source>
        <translation>Es wurde nichts geändert.</translation>
    </message>
</context>
<context>
    <name>NewDiskDialog</name>
    <message>
        <source>Create Virtual Hard Disk</source>
        <translation>Virtuelle Festplatte anlegen</translation>
    </message>
    <message>
        <source>File of the new hard disk</source>
        <translation>Datei der neuen Festplatte</translation>
    </message>
    <message>
        <source>VirtualBox disk images (*.vdi)</source>
        <translation>VirtualBox-Plattenabbilder (*.vdi)</translation>
    </message>
    <message>
        <source>Disk size</source>
        <translation>Größe der Platte</translation>
    </message>
    <message>
        <source>Pre-&amp;allocate full size</source>
        <translation>&amp;Volle Größe sofort belegen</translation>
    </message>
    <message>
        <source>&amp;Create</source>
        <translation>&amp;Anlegen</translation>
    </message>
    <message>
        <source>&amp;File:</source>
        <translation>&amp;Datei:</translation>
    </message>
    <message>
        <source>&amp;Size:</source>
        <translation>&amp;Größe:</translation>
    </message>
    <message>
        <source>Enter the complete path of the new file.</source>
        <translation>Geben Sie den vollständigen Pfad der neuen Datei ein.</translation>
    </message>
    <message>
        <source>The file {path} exists already.</source>
        <translation>Die Datei {path} gibt es schon.</translation>
    </message>
</context>
<context>
    <name>NewMachineWizard</name>
    <message>
        <source>Create Virtual Machine</source>
        <translation>Virtuelle Maschine anlegen</translation>
    </message>
    <message>
        <source>&amp;Finish</source>
        <translation>&amp;Fertigstellen</translation>
    </message>
    <message>
        <source>Creating the machine…</source>
        <translation>Die Maschine wird angelegt…</translation>
    </message>
    <message>
        <source>The machine was not created. {reason}</source>
        <translation>Die Maschine wurde nicht angelegt. {reason}</translation>
    </message>
</context>
<context>
    <name>Notification</name>
    <message>
        <source>Cancelling…</source>
        <translation>Wird abgebrochen…</translation>
    </message>
</context>
<context>
    <name>NotificationButton</name>
    <message>
        <source>Notifications: {count}</source>
        <translation>Benachrichtigungen: {count}</translation>
    </message>
</context>
<context>
    <name>NotificationCard</name>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>Details</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>Verwerfen</translation>
    </message>
    <message>
        <source>Dismiss “{title}”</source>
        <translation>„{title}“ verwerfen</translation>
    </message>
</context>
<context>
    <name>NotificationCenter</name>
    <message>
        <source>Finished.</source>
        <translation>Beendet.</translation>
    </message>
</context>
<context>
    <name>NotificationPanel</name>
    <message>
        <source>Notifications</source>
        <translation>Benachrichtigungen</translation>
    </message>
    <message>
        <source>Nothing is going on, and nothing went wrong.</source>
        <translation>Es geht nichts vor, und nichts ist misslungen.</translation>
    </message>
    <message>
        <source>Keep finished work in the list</source>
        <translation>Beendetes in der Liste behalten</translation>
    </message>
    <message>
        <source>Oldest first</source>
        <translation>Älteste zuerst</translation>
    </message>
    <message>
        <source>Dismiss everything that is over</source>
        <translation>Alles verwerfen, was vorbei ist</translation>
    </message>
    <message>
        <source>Hide the notifications</source>
        <translation>Die Benachrichtigungen verbergen</translation>
    </message>
</context>
<context>
    <name>OsTypeEditor</name>
    <message>
        <source>S&amp;ubtype:</source>
        <translation>&amp;Untertyp:</translation>
    </message>
    <message>
        <source>&amp;Type:</source>
        <translation>&amp;Typ:</translation>
    </message>
    <message>
        <source>&amp;Version:</source>
        <translation>&amp;Version:</translation>
    </message>
    <message>
        <source>Type of guest operating system</source>
        <translation>Typ des Gastbetriebssystems</translation>
    </message>
    <message>
        <source>Subtype of guest operating system</source>
        <translation>Untertyp des Gastbetriebssystems</translation>
    </message>
    <message>
        <source>Version of guest operating system</source>
        <translation>Version des Gastbetriebssystems</translation>
    </message>
    <message>
        <source>Other</source>
        <translation>Andere</translation>
    </message>
</context>
<context>
    <name>OutsideChanges</name>
    <message>
        <source>Settings changed</source>
        <translation>Einstellungen geändert</translation>
    </message>
    <message>
        <source>The settings of “{name}” were changed elsewhere while you were editing.</source>
        <translation>Die Einstellungen von „{name}“ wurden anderswo geändert, während Sie sie bearbeitet haben.</translation>
    </message>
    <message>
        <source>&amp;Reload settings</source>
        <translation>Einstellungen &amp;neu laden</translation>
    </message>
    <message>
        <source>&amp;Keep my changes</source>
        <translation>Meine Änderungen &amp;behalten</translation>
    </message>
    <message>
        <source>Reloading discards what you have changed in this dialog. Keeping it stores your changes when you press OK; the other changes stay where you have not made your own.</source>
        <translation>Neu laden verwirft, was Sie in diesem Dialog geändert haben. Behalten speichert Ihre Änderungen, wenn Sie OK drücken; die anderen Änderungen bleiben, wo Sie keine eigenen gemacht haben.</translation>
    </message>
    <message>
        <source>Machine started</source>
        <translation>Maschine gestartet</translation>
    </message>
    <message>
        <source>“{name}” was started while you were editing its settings.</source>
        <translation>„{name}“ wurde gestartet, während Sie ihre Einstellungen bearbeitet haben.</translation>
    </message>
    <message>
        <source>&amp;Discard my changes</source>
        <translation>Meine Änderungen &amp;verwerfen</translation>
    </message>
    <message>
        <source>These of your changes can be stored only after the machine has stopped: {names}.</source>
        <translation>Diese Ihrer Änderungen können erst gespeichert werden, wenn die Maschine angehalten hat: {names}.</translation>
    </message>
</context>
<context>
    <name>OverviewPane</name>
    <message>
        <source>Running machines</source>
        <translation>Laufende Maschinen</translation>
    </message>
    <message>
        <source>No machine is running.</source>
        <translation>Es läuft keine Maschine.</translation>
    </message>
    <message>
        <source>Host: the first measurements are on their way…</source>
        <translation>Host: Die ersten Messungen sind unterwegs…</translation>
    </message>
    <message>
        <source>N/A</source>
        <translation>k. A.</translation>
    </message>
    <message>
        <source>CPU {load} (user {user}, kernel {kernel})</source>
        <translation>CPU {load} (Benutzer {user}, Kern {kernel})</translation>
    </message>
    <message>
        <source>RAM {used} of {total}</source>
        <translation>RAM {used} von {total}</translation>
    </message>
    <message>
        <source>root file system {used} of {total}</source>
        <translation>Wurzeldateisystem {used} von {total}</translation>
    </message>
    <message>
        <source>Host: {parts}</source>
        <translation>Host: {parts}</translation>
    </message>
    <message>
        <source>Select a running machine.</source>
        <translation>Wählen Sie eine laufende Maschine.</translation>
    </message>
</context>
<context>
    <name>PagedDialog</name>
    <message>
        <source>Pages</source>
        <translation>Seiten</translation>
    </message>
    <message>
        <source>Changed automatically</source>
        <translation>Automatisch geändert</translation>
    </message>
    <message>
        <source>Invalid settings detected</source>
        <translation>Ungültige Einstellungen gefunden</translation>
    </message>
    <message>
        <source>Non-optimal settings detected</source>
        <translation>Ungünstige Einstellungen gefunden</translation>
    </message>
</context>
<context>
    <name>PlaceCheck</name>
    <message>
        <source>The machine needs a name.</source>
        <translation>Die Maschine braucht einen Namen.</translation>
    </message>
    <message>
        <source>A machine of the name “{name}” exists already.</source>
        <translation>Eine Maschine namens „{name}“ gibt es schon.</translation>
    </message>
    <message>
        <source>Choose the folder for the new machine.</source>
        <translation>Wählen Sie den Ordner für die neue Maschine.</translation>
    </message>
    <message>
        <source>The folder must be a complete path, such as {example}.</source>
        <translation>Der Ordner muss ein vollständiger Pfad sein wie {example}.</translation>
    </message>
    <message>
        <source>The folder {folder} exists already. Choose another name.</source>
        <translation>Den Ordner {folder} gibt es schon. Wählen Sie einen anderen Namen.</translation>
    </message>
    <message>
        <source>The folder {folder} cannot be created.</source>
        <translation>Der Ordner {folder} kann nicht angelegt werden.</translation>
    </message>
</context>
<context>
    <name>PlaceDialog</name>
    <message>
        <source>Serial Port {n}</source>
        <translation>Serielle Schnittstelle {n}</translation>
    </message>
    <message>
        <source>such as {place}</source>
        <translation>zum Beispiel {place}</translation>
    </message>
    <message>
        <source>Choose a file</source>
        <translation>Datei wählen</translation>
    </message>
    <message>
        <source>Choose a File for the Serial Port</source>
        <translation>Datei für die serielle Schnittstelle wählen</translation>
    </message>
</context>
<context>
    <name>PortNumber</name>
    <message>
        <source>User-defined</source>
        <translation>Benutzerdefiniert</translation>
    </message>
</context>
<context>
    <name>PreferencesBar</name>
    <message>
        <source>Preferences of the log viewer</source>
        <translation>Einstellungen der Protokollansicht</translation>
    </message>
    <message>
        <source>Line n&amp;umbers</source>
        <translation>&amp;Zeilennummern</translation>
    </message>
    <message>
        <source>Wra&amp;p lines</source>
        <translation>Zeilen &amp;umbrechen</translation>
    </message>
    <message>
        <source> pt</source>
        <translation> pt</translation>
    </message>
    <message>
        <source>Font size</source>
        <translation>Schriftgröße</translation>
    </message>
    <message>
        <source>Font si&amp;ze:</source>
        <translation>Schrift&amp;größe:</translation>
    </message>
    <message>
        <source>Choose F&amp;ont…</source>
        <translation>Schrif&amp;t wählen…</translation>
    </message>
    <message>
        <source>Rese&amp;t</source>
        <translation>Zurück&amp;setzen</translation>
    </message>
    <message>
        <source>Show logs as they were shown at first</source>
        <translation>Protokolle wieder so zeigen wie zuerst</translation>
    </message>
    <message>
        <source>Logs are shown in {family}.</source>
        <translation>Protokolle werden in {family} gezeigt.</translation>
    </message>
    <message>
        <source>Font of logs</source>
        <translation>Schrift der Protokolle</translation>
    </message>
</context>
<context>
    <name>PreferencesDialog</name>
    <message>
        <source>Preferences</source>
        <translation>Einstellungen von Vitrine</translation>
    </message>
    <message>
        <source>General</source>
        <translation>Allgemein</translation>
    </message>
    <message>
        <source>Input</source>
        <translation>Eingabe</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Sprache</translation>
    </message>
    <message>
        <source>Display</source>
        <translation>Anzeige</translation>
    </message>
    <message>
        <source>Proxy</source>
        <translation>Proxy</translation>
    </message>
    <message>
        <source>Interface</source>
        <translation>Oberfläche</translation>
    </message>
    <message>
        <source>Search preferences</source>
        <translation>Einstellungen suchen</translation>
    </message>
    <message>
        <source>Find any preference by its name or meaning (Ctrl+F)</source>
        <translation>Jede Einstellung nach Namen oder Bedeutung finden (Strg+F)</translation>
    </message>
    <message>
        <source>Preferences found</source>
        <translation>Gefundene Einstellungen</translation>
    </message>
    <message>
        <source>No preference has to do with “{text}”.</source>
        <translation>Keine Einstellung hat mit „{text}“ zu tun.</translation>
    </message>
    <message>
        <source>Preferences cannot be saved while something is invalid.</source>
        <translation>Die Einstellungen können nicht gespeichert werden, solange etwas ungültig ist.</translation>
    </message>
    <message>
        <source>The preferences were not saved. {reason}</source>
        <translation>Die Einstellungen wurden nicht gespeichert. {reason}</translation>
    </message>
</context>
<context>
    <name>Preview</name>
    <message>
        <source>Update &amp;Off</source>
        <translation>&amp;Nicht aktualisieren</translation>
    </message>
    <message>
        <source>Every &amp;0.5 s</source>
        <translation>Alle &amp;0,5 s</translation>
    </message>
    <message>
        <source>Every &amp;1 s</source>
        <translation>&amp;Jede Sekunde</translation>
    </message>
    <message>
        <source>Every &amp;2 s</source>
        <translation>Alle &amp;2 s</translation>
    </message>
    <message>
        <source>Every &amp;5 s</source>
        <translation>Alle &amp;5 s</translation>
    </message>
    <message>
        <source>Every 1&amp;0 s</source>
        <translation>Alle 1&amp;0 s</translation>
    </message>
    <message>
        <source>Preview</source>
        <translation>Vorschau</translation>
    </message>
    <message>
        <source>Show the window of the machine</source>
        <translation>Das Fenster der Maschine zeigen</translation>
    </message>
    <message>
        <source>The preview is switched off.</source>
        <translation>Die Vorschau ist abgeschaltet.</translation>
    </message>
</context>
<context>
    <name>PreviewPicture</name>
    <message>
        <source>Preview of the screen</source>
        <translation>Vorschau des Bildschirms</translation>
    </message>
    <message>
        <source>Double-click to show the window; the context menu has update rates.</source>
        <translation>Ein Doppelklick zeigt das Fenster; im Kontextmenü sind die Aktualisierungsraten.</translation>
    </message>
</context>
<context>
    <name>ProblemList</name>
    <message>
        <source>Problems</source>
        <translation>Probleme</translation>
    </message>
</context>
<context>
    <name>ProgressVeil</name>
    <message>
        <source>Progress</source>
        <translation>Fortschritt</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Saving the state of the machine…</source>
        <translation>Der Zustand der Maschine wird gespeichert…</translation>
    </message>
    <message>
        <source>Restoring the state of the machine…</source>
        <translation>Der Zustand der Maschine wird wiederhergestellt…</translation>
    </message>
    <message>
        <source>Giving up; the machine goes on in a moment…</source>
        <translation>Es wird abgebrochen; die Maschine fährt gleich fort…</translation>
    </message>
</context>
<context>
    <name>PropertyText</name>
    <message>
        <source>name=value, one per line</source>
        <translation>Name=Wert, je einer pro Zeile</translation>
    </message>
</context>
<context>
    <name>ProxyPreferences</name>
    <message>
        <source>&amp;Auto-detect Host Proxy Settings</source>
        <translation>Proxy-Einstellungen des Hosts &amp;automatisch erkennen</translation>
    </message>
    <message>
        <source>&amp;Direct Connection to the Internet</source>
        <translation>&amp;Direkte Verbindung ins Internet</translation>
    </message>
    <message>
        <source>&amp;Manual Proxy Configuration</source>
        <translation>Proxy von &amp;Hand einrichten</translation>
    </message>
    <message>
        <source>Connection:</source>
        <translation>Verbindung:</translation>
    </message>
    <message>
        <source>How Vitrine itself reaches the Internet; guests are not concerned.</source>
        <translation>Wie Vitrine selbst das Internet erreicht; Gäste betrifft das nicht.</translation>
    </message>
    <message>
        <source>Proxy</source>
        <translation>Proxy</translation>
    </message>
    <message>
        <source>&amp;URL:</source>
        <translation>&amp;URL:</translation>
    </message>
    <message>
        <source>Address of the proxy, with its port.</source>
        <translation>Adresse des Proxys mit seinem Port.</translation>
    </message>
    <message>
        <source>Proxy URL</source>
        <translation>Proxy-URL</translation>
    </message>
    <message>
        <source>Only a manual configuration has an address.</source>
        <translation>Nur ein von Hand eingerichteter Proxy hat eine Adresse.</translation>
    </message>
    <message>
        <source>The password of the proxy is stored as plain text.</source>
        <translation>Das Kennwort des Proxys wird als Klartext gespeichert.</translation>
    </message>
    <message>
        <source>Enter the address of the proxy.</source>
        <translation>Geben Sie die Adresse des Proxys ein.</translation>
    </message>
    <message>
        <source>The port of the proxy must be a number from 1 to 65535.</source>
        <translation>Der Port des Proxys muss eine Zahl von 1 bis 65535 sein.</translation>
    </message>
    <message>
        <source>The address must look like http://proxy.example.com:3128.</source>
        <translation>Die Adresse muss aussehen wie http://proxy.example.com:3128.</translation>
    </message>
</context>
<context>
    <name>RecordingCommands</name>
    <message>
        <source>The screen is being recorded; stop that first to change how.</source>
        <translation>Der Bildschirm wird gerade aufgezeichnet; beenden Sie das, um zu ändern, wie.</translation>
    </message>
    <message>
        <source>The recording is in “{file}”.</source>
        <translation>Die Aufzeichnung ist in „{file}“.</translation>
    </message>
</context>
<context>
    <name>RecordingDialog</name>
    <message>
        <source>Recording Settings</source>
        <translation>Einstellungen der Aufzeichnung</translation>
    </message>
    <message>
        <source> px</source>
        <translation> px</translation>
    </message>
    <message>
        <source> pictures/s</source>
        <translation> Bilder/s</translation>
    </message>
    <message>
        <source> kbit/s</source>
        <translation> kbit/s</translation>
    </message>
    <message>
        <source> s</source>
        <translation> s</translation>
    </message>
    <message>
        <source> MB</source>
        <translation> MB</translation>
    </message>
    <message>
        <source>No limit</source>
        <translation>Keine Grenze</translation>
    </message>
    <message>
        <source>File &amp;path:</source>
        <translation>&amp;Pfad der Datei:</translation>
    </message>
    <message>
        <source>Frame &amp;width:</source>
        <translation>&amp;Breite des Bilds:</translation>
    </message>
    <message>
        <source>Frame &amp;height:</source>
        <translation>&amp;Höhe des Bilds:</translation>
    </message>
    <message>
        <source>&amp;Frame rate:</source>
        <translation>Bild&amp;rate:</translation>
    </message>
    <message>
        <source>&amp;Quality:</source>
        <translation>&amp;Qualität:</translation>
    </message>
    <message>
        <source>Maximum &amp;time:</source>
        <translation>Längste &amp;Zeit:</translation>
    </message>
    <message>
        <source>Maximum &amp;size:</source>
        <translation>Größter &amp;Umfang:</translation>
    </message>
    <message>
        <source>Choose the file of the recording</source>
        <translation>Die Datei der Aufzeichnung wählen</translation>
    </message>
    <message>
        <source>File of the Recording</source>
        <translation>Datei der Aufzeichnung</translation>
    </message>
    <message>
        <source>WebM video (*.webm)</source>
        <translation>WebM-Video (*.webm)</translation>
    </message>
    <message>
        <source>About {n:.1f} MB for each minute of a moving picture.</source>
        <translation>Etwa {n:.1f} MB für jede Minute bewegten Bilds.</translation>
    </message>
</context>
<context>
    <name>RegistryCommands</name>
    <message>
        <source>Add Machines</source>
        <translation>Maschinen hinzufügen</translation>
    </message>
    <message>
        <source>Add the Machine in a Folder</source>
        <translation>Die Maschine in einem Ordner hinzufügen</translation>
    </message>
    <message>
        <source>Machine files (*.vbox *.xml);;All files (*)</source>
        <translation>Maschinendateien (*.vbox *.xml);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Adding {path}</source>
        <translation>{path} wird hinzugefügt</translation>
    </message>
    <message>
        <source>The machine could not be added</source>
        <translation>Die Maschine konnte nicht hinzugefügt werden</translation>
    </message>
    <message>
        <source>Taking a snapshot of “{name}”</source>
        <translation>Ein Sicherungspunkt von „{name}“ wird erstellt</translation>
    </message>
    <message>
        <source>No linked clone of “{name}” was made</source>
        <translation>Von „{name}“ wurde kein verknüpfter Klon angelegt</translation>
    </message>
    <message>
        <source>Cloning “{source}” to “{clone}”</source>
        <translation>„{source}“ wird nach „{clone}“ geklont</translation>
    </message>
    <message>
        <source>“{source}” could not be cloned</source>
        <translation>„{source}“ konnte nicht geklont werden</translation>
    </message>
    <message>
        <source>Moving “{name}” to {folder}</source>
        <translation>„{name}“ wird nach {folder} verschoben</translation>
    </message>
    <message>
        <source>“{name}” could not be moved</source>
        <translation>„{name}“ konnte nicht verschoben werden</translation>
    </message>
    <message>
        <source>Removing “{name}”</source>
        <translation>„{name}“ wird entfernt</translation>
    </message>
    <message>
        <source>“{name}” could not be removed</source>
        <translation>„{name}“ konnte nicht entfernt werden</translation>
    </message>
</context>
<context>
    <name>Release</name>
    <message>
        <source>The machine “{machine}” keeps it: {reason}</source>
        <translation>Die Maschine „{machine}“ behält es: {reason}</translation>
    </message>
</context>
<context>
    <name>RemoveDialog</name>
    <message>
        <source>Remove Virtual Machines</source>
        <translation>Virtuelle Maschinen entfernen</translation>
    </message>
    <message>
        <source>Files that would be deleted</source>
        <translation>Dateien, die gelöscht würden</translation>
    </message>
    <message>
        <source>Delete hard disks &amp;outside of the machines&apos; folders too</source>
        <translation>Auch Festplatten &amp;außerhalb der Ordner der Maschinen löschen</translation>
    </message>
    <message>
        <source>Remove “{name}” from the list of machines?</source>
        <translation>„{name}“ aus der Liste der Maschinen entfernen?</translation>
    </message>
    <message>
        <source>Remove these {count} machines from the list?</source>
        <translation>Diese {count} Maschinen aus der Liste entfernen?</translation>
    </message>
    <message>
        <source>&amp;Delete all files</source>
        <translation>Alle Dateien &amp;löschen</translation>
    </message>
    <message>
        <source>&amp;Remove only</source>
        <translation>Nur &amp;entfernen</translation>
    </message>
    <message>
        <source>Deletes the {count} files and folders in the list.</source>
        <translation>Löscht die {count} Dateien und Ordner in der Liste.</translation>
    </message>
    <message>
        <source>There are no files that could be deleted.</source>
        <translation>Es gibt keine Dateien, die gelöscht werden könnten.</translation>
    </message>
    <message>
        <source>The files of the machines are being looked for…</source>
        <translation>Die Dateien der Maschinen werden gesucht…</translation>
    </message>
    <message>
        <source>The settings cannot be read, so nobody can tell which files belong to the machine. “Remove only” forgets it and leaves all files where they are.</source>
        <translation>Die Einstellungen können nicht gelesen werden, deshalb kann niemand sagen, welche Dateien zur Maschine gehören. „Nur entfernen“ vergisst sie und lässt alle Dateien, wo sie sind.</translation>
    </message>
    <message>
        <source>No file would be deleted; only the entry in the list goes.</source>
        <translation>Es würde keine Datei gelöscht; nur der Eintrag in der Liste verschwindet.</translation>
    </message>
    <message>
        <source>“Remove only” keeps all files; the machine can be added again later. “Delete all files” deletes what is listed here, and cannot be undone. What other machines use is never deleted.</source>
        <translation>„Nur entfernen“ behält alle Dateien; die Maschine kann später wieder hinzugefügt werden. „Alle Dateien löschen“ löscht, was hier aufgeführt ist, und kann nicht rückgängig gemacht werden. Was andere Maschinen verwenden, wird nie gelöscht.</translation>
    </message>
    <message>
        <source>Inaccessible: {reason}</source>
        <translation>Nicht zugreifbar: {reason}</translation>
    </message>
    <message>
        <source>Its files could not be listed.</source>
        <translation>Ihre Dateien konnten nicht aufgelistet werden.</translation>
    </message>
    <message>
        <source>Looking for its files…</source>
        <translation>Ihre Dateien werden gesucht…</translation>
    </message>
    <message>
        <source>No files</source>
        <translation>Keine Dateien</translation>
    </message>
</context>
<context>
    <name>RuntimeMenus</name>
    <message>
        <source>Machine</source>
        <translation>Maschine</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Session Information</source>
        <translation>Informationen zur Sitzung</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>Reset</source>
        <translation>Zurücksetzen</translation>
    </message>
    <message>
        <source>Detach GUI</source>
        <translation>Oberfläche abtrennen</translation>
    </message>
    <message>
        <source>Save State</source>
        <translation>Zustand speichern</translation>
    </message>
    <message>
        <source>ACPI Shutdown</source>
        <translation>Ausschalten über ACPI</translation>
    </message>
    <message>
        <source>Power Off</source>
        <translation>Ausschalten</translation>
    </message>
    <message>
        <source>View</source>
        <translation>Ansicht</translation>
    </message>
    <message>
        <source>Full-screen Mode</source>
        <translation>Vollbildmodus</translation>
    </message>
    <message>
        <source>Scaled Mode</source>
        <translation>Skalierter Modus</translation>
    </message>
    <message>
        <source>Minimize Window</source>
        <translation>Fenster minimieren</translation>
    </message>
    <message>
        <source>Adjust Window Size</source>
        <translation>Fenstergröße anpassen</translation>
    </message>
    <message>
        <source>Auto-resize Guest Display</source>
        <translation>Gastbildschirm automatisch anpassen</translation>
    </message>
    <message>
        <source>Take Screenshot</source>
        <translation>Bildschirmfoto</translation>
    </message>
    <message>
        <source>Recording</source>
        <translation>Aufzeichnung</translation>
    </message>
    <message>
        <source>Remote Display</source>
        <translation>Entfernter Bildschirm</translation>
    </message>
    <message>
        <source>Menu Bar</source>
        <translation>Menüleiste</translation>
    </message>
    <message>
        <source>Status Bar</source>
        <translation>Statusleiste</translation>
    </message>
    <message>
        <source>Virtual Screen 1</source>
        <translation>Virtueller Bildschirm 1</translation>
    </message>
    <message>
        <source>Input</source>
        <translation>Eingabe</translation>
    </message>
    <message>
        <source>Keyboard</source>
        <translation>Tastatur</translation>
    </message>
    <message>
        <source>Soft Keyboard</source>
        <translation>Bildschirmtastatur</translation>
    </message>
    <message>
        <source>Insert Ctrl-Alt-Del</source>
        <translation>Strg-Alt-Entf senden</translation>
    </message>
    <message>
        <source>Insert Ctrl-Alt-Backspace</source>
        <translation>Strg-Alt-Rücktaste senden</translation>
    </message>
    <message>
        <source>Insert Ctrl-Break</source>
        <translation>Strg-Untbr senden</translation>
    </message>
    <message>
        <source>Insert Insert</source>
        <translation>Einfg senden</translation>
    </message>
    <message>
        <source>Insert Print Screen</source>
        <translation>Druck senden</translation>
    </message>
    <message>
        <source>Insert Alt-Print Screen</source>
        <translation>Alt-Druck senden</translation>
    </message>
    <message>
        <source>Insert the Host Key</source>
        <translation>Host-Taste senden</translation>
    </message>
    <message>
        <source>Mouse</source>
        <translation>Maus</translation>
    </message>
    <message>
        <source>Devices</source>
        <translation>Geräte</translation>
    </message>
    <message>
        <source>Hard Disks</source>
        <translation>Festplatten</translation>
    </message>
    <message>
        <source>Optical Drives</source>
        <translation>Optische Laufwerke</translation>
    </message>
    <message>
        <source>Floppy Drives</source>
        <translation>Diskettenlaufwerke</translation>
    </message>
    <message>
        <source>Audio</source>
        <translation>Audio</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>Netzwerk</translation>
    </message>
    <message>
        <source>USB</source>
        <translation>USB</translation>
    </message>
    <message>
        <source>Shared Folders</source>
        <translation>Gemeinsame Ordner</translation>
    </message>
    <message>
        <source>Shared Clipboard</source>
        <translation>Gemeinsame Zwischenablage</translation>
    </message>
    <message>
        <source>Drag and Drop</source>
        <translation>Ziehen und Ablegen</translation>
    </message>
    <message>
        <source>Debug</source>
        <translation>Fehlersuche</translation>
    </message>
    <message>
        <source>Statistics</source>
        <translation>Statistik</translation>
    </message>
    <message>
        <source>Information Items</source>
        <translation>Auskünfte</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>Hilfe</translation>
    </message>
    <message>
        <source>Contents</source>
        <translation>Inhalt</translation>
    </message>
    <message>
        <source>About Vitrine</source>
        <translation>Über Vitrine</translation>
    </message>
</context>
<context>
    <name>ScreenshotDialog</name>
    <message>
        <source>The picture is damaged.</source>
        <translation>Das Bild ist beschädigt.</translation>
    </message>
    <message>
        <source>Press Space or click to switch between sizes.</source>
        <translation>Leertaste oder Klick wechselt zwischen den Größen.</translation>
    </message>
</context>
<context>
    <name>SearchBar</name>
    <message>
        <source>Search machines</source>
        <translation>Maschinen suchen</translation>
    </message>
    <message>
        <source>Previous match (Shift+Enter)</source>
        <translation>Voriger Treffer (Umschalt+Eingabe)</translation>
    </message>
    <message>
        <source>Next match (Enter)</source>
        <translation>Nächster Treffer (Eingabe)</translation>
    </message>
    <message>
        <source>Close the search (Escape)</source>
        <translation>Die Suche schließen (Esc)</translation>
    </message>
    <message>
        <source>{number} of {count}</source>
        <translation>{number} von {count}</translation>
    </message>
    <message>
        <source>No matches</source>
        <translation>Keine Treffer</translation>
    </message>
</context>
<context>
    <name>SearchBox</name>
    <message>
        <source>Search settings</source>
        <translation>Einstellungen suchen</translation>
    </message>
    <message>
        <source>Find any setting by its name or meaning (Ctrl+F)</source>
        <translation>Jede Einstellung nach Namen oder Bedeutung finden (Strg+F)</translation>
    </message>
</context>
<context>
    <name>SearchResults</name>
    <message>
        <source>Settings found</source>
        <translation>Gefundene Einstellungen</translation>
    </message>
    <message>
        <source>{place} (Expert)</source>
        <translation>{place} (Experte)</translation>
    </message>
    <message>
        <source>No setting has to do with “{text}”.</source>
        <translation>Keine Einstellung hat mit „{text}“ zu tun.</translation>
    </message>
</context>
<context>
    <name>SelectionPane</name>
    <message>
        <source>Start, pause, reset, stop and remove act on all of them. Select one machine to see what it is made of.</source>
        <translation>Starten, Pause, Zurücksetzen, Anhalten und Entfernen wirken auf alle. Wählen Sie eine Maschine, um zu sehen, woraus sie besteht.</translation>
    </message>
    <message>
        <source>Selected machines</source>
        <translation>Ausgewählte Maschinen</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Operating System</source>
        <translation>Betriebssystem</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <source>Selected machines: {count}</source>
        <translation>Ausgewählte Maschinen: {count}</translation>
    </message>
    <message>
        <source>Group “{path}”</source>
        <translation>Gruppe „{path}“</translation>
    </message>
    <message>
        <source>{count} MB</source>
        <translation>{count} MB</translation>
    </message>
</context>
<context>
    <name>Settings</name>
    <message>
        <source>0 UDP, 1 TCP.</source>
        <translation>0 UDP, 1 TCP.</translation>
    </message>
    <message>
        <source>A differencing image is emptied at the start of the machine.</source>
        <translation>Ein Differenzabbild wird beim Start der Maschine geleert.</translation>
    </message>
    <message>
        <source>A medium that the guest ejected is back after the next start.</source>
        <translation>Ein Medium, das der Gast ausgeworfen hat, ist nach dem nächsten Start wieder da.</translation>
    </message>
    <message>
        <source>A new client takes over from the connected one.</source>
        <translation>Ein neuer Client übernimmt von dem verbundenen.</translation>
    </message>
    <message>
        <source>A triple fault resets the machine instead of stopping it.</source>
        <translation>Ein Dreifachfehler setzt die Maschine zurück, statt sie anzuhalten.</translation>
    </message>
    <message>
        <source>APIC</source>
        <translation>APIC</translation>
    </message>
    <message>
        <source>Aborted</source>
        <translation>Abgebrochen</translation>
    </message>
    <message>
        <source>Active</source>
        <translation>Aktiv</translation>
    </message>
    <message>
        <source>Adapter Type</source>
        <translation>Adaptertyp</translation>
    </message>
    <message>
        <source>Address at which the guest sees the device.</source>
        <translation>Adresse, unter der der Gast das Gerät sieht.</translation>
    </message>
    <message>
        <source>Address of the device on the host.</source>
        <translation>Adresse des Geräts auf dem Host.</translation>
    </message>
    <message>
        <source>Address of the emulator, for a TPM of type swtpm.</source>
        <translation>Adresse des Emulators, für ein TPM vom Typ swtpm.</translation>
    </message>
    <message>
        <source>Address of the guest; the first when empty.</source>
        <translation>Adresse des Gastes; die erste, wenn leer.</translation>
    </message>
    <message>
        <source>Address of the host from which connections of the guest come.</source>
        <translation>Adresse des Hosts, von der Verbindungen des Gastes kommen.</translation>
    </message>
    <message>
        <source>Address of the host; all when empty.</source>
        <translation>Adresse des Hosts; alle, wenn leer.</translation>
    </message>
    <message>
        <source>Address on which a debugger is awaited.</source>
        <translation>Adresse, auf der ein Debugger erwartet wird.</translation>
    </message>
    <message>
        <source>Address on which a teleported machine is awaited; all when empty.</source>
        <translation>Adresse, auf der eine teleportierte Maschine erwartet wird; alle, wenn leer.</translation>
    </message>
    <message>
        <source>All frames are written into a file.</source>
        <translation>Alle Pakete werden in eine Datei geschrieben.</translation>
    </message>
    <message>
        <source>Allow Multiple Connections</source>
        <translation>Mehrere Verbindungen erlauben</translation>
    </message>
    <message>
        <source>Answer in EAX.</source>
        <translation>Antwort in EAX.</translation>
    </message>
    <message>
        <source>Answer in EBX.</source>
        <translation>Antwort in EBX.</translation>
    </message>
    <message>
        <source>Answer in ECX.</source>
        <translation>Antwort in ECX.</translation>
    </message>
    <message>
        <source>Answer in EDX.</source>
        <translation>Antwort in EDX.</translation>
    </message>
    <message>
        <source>Answers of the CPUID instruction that replace those of the profile.</source>
        <translation>Antworten des Befehls CPUID, die die des Profils ersetzen.</translation>
    </message>
    <message>
        <source>Architecture of the processors.</source>
        <translation>Architektur der Prozessoren.</translation>
    </message>
    <message>
        <source>At its start the machine waits for one to be teleported.</source>
        <translation>Bei ihrem Start wartet die Maschine darauf, dass eine zu ihr teleportiert wird.</translation>
    </message>
    <message>
        <source>Attached Devices</source>
        <translation>Angeschlossene Geräte</translation>
    </message>
    <message>
        <source>Attached to</source>
        <translation>Verbunden mit</translation>
    </message>
    <message>
        <source>Audio Codec</source>
        <translation>Audiocodec</translation>
    </message>
    <message>
        <source>Audio Controller</source>
        <translation>Audiocontroller</translation>
    </message>
    <message>
        <source>Audio Properties</source>
        <translation>Audioeigenschaften</translation>
    </message>
    <message>
        <source>Authentication Library</source>
        <translation>Authentifizierungsbibliothek</translation>
    </message>
    <message>
        <source>Authentication Method</source>
        <translation>Authentifizierungsmethode</translation>
    </message>
    <message>
        <source>Authentication Timeout</source>
        <translation>Zeitlimit der Authentifizierung</translation>
    </message>
    <message>
        <source>Auto-mount</source>
        <translation>Automatisch einbinden</translation>
    </message>
    <message>
        <source>Auto-reset</source>
        <translation>Automatisch zurücksetzen</translation>
    </message>
    <message>
        <source>Autostart</source>
        <translation>Automatisch starten</translation>
    </message>
    <message>
        <source>Autostart Delay</source>
        <translation>Verzögerung des automatischen Starts</translation>
    </message>
    <message>
        <source>Autostop</source>
        <translation>Automatisch anhalten</translation>
    </message>
    <message>
        <source>Back guest memory with large pages.</source>
        <translation>Den Speicher des Gastes mit großen Seiten hinterlegen.</translation>
    </message>
    <message>
        <source>Bandwidth Group</source>
        <translation>Bandbreitengruppe</translation>
    </message>
    <message>
        <source>Bandwidth Groups</source>
        <translation>Bandbreitengruppen</translation>
    </message>
    <message>
        <source>Bandwidth group whose limit the adapter shares.</source>
        <translation>Bandbreitengruppe, deren Grenze sich der Adapter teilt.</translation>
    </message>
    <message>
        <source>Bandwidth group whose limit the drive shares.</source>
        <translation>Bandbreitengruppe, deren Grenze sich das Laufwerk teilt.</translation>
    </message>
    <message>
        <source>Base Memory</source>
        <translation>Hauptspeicher</translation>
    </message>
    <message>
        <source>Bind IP</source>
        <translation>Absender-IP</translation>
    </message>
    <message>
        <source>Bitmap that the firmware shows instead of its own logo.</source>
        <translation>Bitmap, die die Firmware statt ihres eigenen Logos zeigt.</translation>
    </message>
    <message>
        <source>Bits per second of the recorded video.</source>
        <translation>Bits je Sekunde des aufgezeichneten Videos.</translation>
    </message>
    <message>
        <source>Boot Menu</source>
        <translation>Bootmenü</translation>
    </message>
    <message>
        <source>Boot Order</source>
        <translation>Bootreihenfolge</translation>
    </message>
    <message>
        <source>Boot Priority</source>
        <translation>Bootpriorität</translation>
    </message>
    <message>
        <source>Bootable</source>
        <translation>Bootfähig</translation>
    </message>
    <message>
        <source>Broadcasts of the guest go to the network of the host.</source>
        <translation>Rundsendungen des Gastes gehen in das Netz des Hosts.</translation>
    </message>
    <message>
        <source>Byte order of the UUID in the SMBIOS tables.</source>
        <translation>Bytereihenfolge der UUID in den SMBIOS-Tabellen.</translation>
    </message>
    <message>
        <source>Bytes per Second</source>
        <translation>Bytes je Sekunde</translation>
    </message>
    <message>
        <source>CPU Hot-plugging</source>
        <translation>CPU-Hot-Plug</translation>
    </message>
    <message>
        <source>CPU Profile</source>
        <translation>CPU-Profil</translation>
    </message>
    <message>
        <source>CPUID Overrides</source>
        <translation>Ersetzte CPUID-Antworten</translation>
    </message>
    <message>
        <source>CPUID Portability Level</source>
        <translation>Stufe der CPUID-Übertragbarkeit</translation>
    </message>
    <message>
        <source>Cable Connected</source>
        <translation>Kabel verbunden</translation>
    </message>
    <message>
        <source>Card Reader</source>
        <translation>Kartenleser</translation>
    </message>
    <message>
        <source>Changed Since Snapshot</source>
        <translation>Seit dem Sicherungspunkt geändert</translation>
    </message>
    <message>
        <source>Chip that the guest sees.</source>
        <translation>Chip, den der Gast sieht.</translation>
    </message>
    <message>
        <source>Chipset</source>
        <translation>Chipsatz</translation>
    </message>
    <message>
        <source>Chipset of the board.</source>
        <translation>Chipsatz der Hauptplatine.</translation>
    </message>
    <message>
        <source>Clear the processor&apos;s buffers each time the guest is entered (MDS).</source>
        <translation>Die Puffer des Prozessors bei jedem Eintritt in den Gast leeren (MDS).</translation>
    </message>
    <message>
        <source>Clear the processor&apos;s buffers when the processor changes hands (MDS).</source>
        <translation>Die Puffer des Prozessors leeren, wenn der Prozessor den Besitzer wechselt (MDS).</translation>
    </message>
    <message>
        <source>Clipboard File Transfers</source>
        <translation>Dateien über die Zwischenablage</translation>
    </message>
    <message>
        <source>Codec of the audio adapter; the usual one of its model when empty.</source>
        <translation>Codec des Audioadapters; der übliche seines Modells, wenn leer.</translation>
    </message>
    <message>
        <source>Create Pipe/Socket</source>
        <translation>Pipe/Socket anlegen</translation>
    </message>
    <message>
        <source>Create the pipe or listen on the port instead of connecting to it.</source>
        <translation>Die Pipe anlegen oder auf dem Port warten, statt sich damit zu verbinden.</translation>
    </message>
    <message>
        <source>Current Snapshot</source>
        <translation>Aktueller Sicherungspunkt</translation>
    </message>
    <message>
        <source>DNS Proxy</source>
        <translation>DNS-Proxy</translation>
    </message>
    <message>
        <source>Debugging options of the interface as name=value, separated by commas.</source>
        <translation>Optionen der Schnittstelle für die Fehlersuche als Name=Wert, durch Kommas getrennt.</translation>
    </message>
    <message>
        <source>Default Frontend</source>
        <translation>Standardoberfläche</translation>
    </message>
    <message>
        <source>Default Host Driver</source>
        <translation>Standardtreiber des Hosts</translation>
    </message>
    <message>
        <source>Description</source>
        <translation>Beschreibung</translation>
    </message>
    <message>
        <source>Destination</source>
        <translation>Ziel</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>Gerät</translation>
    </message>
    <message>
        <source>Device on the port.</source>
        <translation>Gerät am Port.</translation>
    </message>
    <message>
        <source>Devices from which the firmware tries to start, first to fourth.</source>
        <translation>Geräte, von denen die Firmware zu starten versucht, vom ersten bis zum vierten.</translation>
    </message>
    <message>
        <source>Direction in which the clipboard is shared.</source>
        <translation>Richtung, in der die Zwischenablage geteilt wird.</translation>
    </message>
    <message>
        <source>Direction in which things can be dragged.</source>
        <translation>Richtung, in der etwas gezogen werden kann.</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>Verwerfen</translation>
    </message>
    <message>
        <source>Distance of the guest&apos;s clock from that of the host.</source>
        <translation>Abstand der Uhr des Gastes von der des Hosts.</translation>
    </message>
    <message>
        <source>Drag&apos;n&apos;Drop</source>
        <translation>Ziehen und Ablegen</translation>
    </message>
    <message>
        <source>Drive of the host whose medium is used.</source>
        <translation>Laufwerk des Hosts, dessen Medium verwendet wird.</translation>
    </message>
    <message>
        <source>Drives of the controller.</source>
        <translation>Laufwerke des Controllers.</translation>
    </message>
    <message>
        <source>EAX</source>
        <translation>EAX</translation>
    </message>
    <message>
        <source>EBX</source>
        <translation>EBX</translation>
    </message>
    <message>
        <source>ECX</source>
        <translation>ECX</translation>
    </message>
    <message>
        <source>EDX</source>
        <translation>EDX</translation>
    </message>
    <message>
        <source>Enable 2D Video Acceleration</source>
        <translation>2D-Videobeschleunigung aktivieren</translation>
    </message>
    <message>
        <source>Enable 3D Acceleration</source>
        <translation>3D-Beschleunigung aktivieren</translation>
    </message>
    <message>
        <source>Enable ACPI</source>
        <translation>ACPI aktivieren</translation>
    </message>
    <message>
        <source>Enable Audio</source>
        <translation>Audio aktivieren</translation>
    </message>
    <message>
        <source>Enable Audio Input</source>
        <translation>Audioeingabe aktivieren</translation>
    </message>
    <message>
        <source>Enable Audio Output</source>
        <translation>Audioausgabe aktivieren</translation>
    </message>
    <message>
        <source>Enable I/O APIC</source>
        <translation>I/O-APIC aktivieren</translation>
    </message>
    <message>
        <source>Enable Network Adapter</source>
        <translation>Netzwerkadapter aktivieren</translation>
    </message>
    <message>
        <source>Enable PAE/NX</source>
        <translation>PAE/NX aktivieren</translation>
    </message>
    <message>
        <source>Enable Parallel Port</source>
        <translation>Parallelen Port aktivieren</translation>
    </message>
    <message>
        <source>Enable Recording</source>
        <translation>Aufzeichnung aktivieren</translation>
    </message>
    <message>
        <source>Enable Serial Port</source>
        <translation>Seriellen Port aktivieren</translation>
    </message>
    <message>
        <source>Enable Server</source>
        <translation>Server aktivieren</translation>
    </message>
    <message>
        <source>Encoder of the pictures.</source>
        <translation>Kodierer der Bilder.</translation>
    </message>
    <message>
        <source>Encoder of the sound.</source>
        <translation>Kodierer des Tons.</translation>
    </message>
    <message>
        <source>Encrypted key of the NVRAM file.</source>
        <translation>Verschlüsselter Schlüssel der NVRAM-Datei.</translation>
    </message>
    <message>
        <source>Encrypted key of the log files.</source>
        <translation>Verschlüsselter Schlüssel der Protokolldateien.</translation>
    </message>
    <message>
        <source>Encrypted key of the saved states.</source>
        <translation>Verschlüsselter Schlüssel der gespeicherten Zustände.</translation>
    </message>
    <message>
        <source>Execution Cap</source>
        <translation>CPU-Begrenzung</translation>
    </message>
    <message>
        <source>Execution Engine</source>
        <translation>Ausführungsmaschine</translation>
    </message>
    <message>
        <source>Extension Pack</source>
        <translation>Erweiterungspaket</translation>
    </message>
    <message>
        <source>Extension pack whose server is used; that of the installation when empty.</source>
        <translation>Erweiterungspaket, dessen Server verwendet wird; das der Installation, wenn leer.</translation>
    </message>
    <message>
        <source>Extra Data</source>
        <translation>Zusatzdaten</translation>
    </message>
    <message>
        <source>Fail to start rather than run without hardware virtualization.</source>
        <translation>Lieber nicht starten als ohne Hardware-Virtualisierung laufen.</translation>
    </message>
    <message>
        <source>File Path</source>
        <translation>Dateipfad</translation>
    </message>
    <message>
        <source>File from which a guest boots over the network.</source>
        <translation>Datei, von der ein Gast über das Netz bootet.</translation>
    </message>
    <message>
        <source>File into which frames are written, in the pcap format.</source>
        <translation>Datei, in die Pakete im pcap-Format geschrieben werden.</translation>
    </message>
    <message>
        <source>File of the image.</source>
        <translation>Datei des Abbilds.</translation>
    </message>
    <message>
        <source>File of the recording; one beside the settings file when empty.</source>
        <translation>Datei der Aufzeichnung; eine neben der Einstellungsdatei, wenn leer.</translation>
    </message>
    <message>
        <source>File of the saved state; empty for a machine that was powered off.</source>
        <translation>Datei des gespeicherten Zustands; leer bei einer Maschine, die ausgeschaltet war.</translation>
    </message>
    <message>
        <source>File of the saved state; empty unless the machine is saved.</source>
        <translation>Datei des gespeicherten Zustands; leer, wenn die Maschine nicht gespeichert ist.</translation>
    </message>
    <message>
        <source>File that holds the variables of the EFI firmware.</source>
        <translation>Datei mit den Variablen der EFI-Firmware.</translation>
    </message>
    <message>
        <source>Firmware</source>
        <translation>Firmware</translation>
    </message>
    <message>
        <source>Firmware APIC</source>
        <translation>APIC der Firmware</translation>
    </message>
    <message>
        <source>First of the I/O ports.</source>
        <translation>Erster der I/O-Ports.</translation>
    </message>
    <message>
        <source>First of the eight I/O ports.</source>
        <translation>Erster der acht I/O-Ports.</translation>
    </message>
    <message>
        <source>Flags</source>
        <translation>Kennzeichen</translation>
    </message>
    <message>
        <source>Floppy Disks</source>
        <translation>Disketten</translation>
    </message>
    <message>
        <source>Floppy disk images.</source>
        <translation>Diskettenabbilder.</translation>
    </message>
    <message>
        <source>Flush the branch predictors of the host when the guest is entered.</source>
        <translation>Die Sprungvorhersagen des Hosts beim Eintritt in den Gast leeren.</translation>
    </message>
    <message>
        <source>Flush the branch predictors of the host when the guest is left.</source>
        <translation>Die Sprungvorhersagen des Hosts beim Verlassen des Gastes leeren.</translation>
    </message>
    <message>
        <source>Flush the level 1 data cache each time the guest is entered (L1TF).</source>
        <translation>Den Level-1-Datencache bei jedem Eintritt in den Gast leeren (L1TF).</translation>
    </message>
    <message>
        <source>Flush the level 1 data cache when the processor changes hands (L1TF).</source>
        <translation>Den Level-1-Datencache leeren, wenn der Prozessor den Besitzer wechselt (L1TF).</translation>
    </message>
    <message>
        <source>Folder Name</source>
        <translation>Ordnername</translation>
    </message>
    <message>
        <source>Folder Named by UUID</source>
        <translation>Ordner heißt nach der UUID</translation>
    </message>
    <message>
        <source>Folder Path</source>
        <translation>Ordnerpfad</translation>
    </message>
    <message>
        <source>Folder and settings file are renamed together with the machine.</source>
        <translation>Ordner und Einstellungsdatei werden mit der Maschine umbenannt.</translation>
    </message>
    <message>
        <source>Folder of saved states and differencing images.</source>
        <translation>Ordner für gespeicherte Zustände und Differenzabbilder.</translation>
    </message>
    <message>
        <source>Folder of the built-in TFTP server.</source>
        <translation>Ordner des eingebauten TFTP-Servers.</translation>
    </message>
    <message>
        <source>Folder of the host.</source>
        <translation>Ordner des Hosts.</translation>
    </message>
    <message>
        <source>Folder or drive letter at which the guest mounts it.</source>
        <translation>Ordner oder Laufwerksbuchstabe, an dem der Gast ihn einbindet.</translation>
    </message>
    <message>
        <source>Folders of the host that the guest can reach.</source>
        <translation>Ordner des Hosts, die der Gast erreichen kann.</translation>
    </message>
    <message>
        <source>Force Hardware Virtualization</source>
        <translation>Hardware-Virtualisierung erzwingen</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>Format</translation>
    </message>
    <message>
        <source>Format of the image.</source>
        <translation>Format des Abbilds.</translation>
    </message>
    <message>
        <source>Forward Broadcasts</source>
        <translation>Rundsendungen weiterleiten</translation>
    </message>
    <message>
        <source>Four hexadecimal digits, or a pattern.</source>
        <translation>Vier hexadezimale Ziffern oder ein Muster.</translation>
    </message>
    <message>
        <source>Frame Height</source>
        <translation>Höhe des Bilds</translation>
    </message>
    <message>
        <source>Frame Rate</source>
        <translation>Bildrate</translation>
    </message>
    <message>
        <source>Frame Width</source>
        <translation>Breite des Bilds</translation>
    </message>
    <message>
        <source>Free text about the image.</source>
        <translation>Freier Text über das Abbild.</translation>
    </message>
    <message>
        <source>Free text about the machine.</source>
        <translation>Freier Text über die Maschine.</translation>
    </message>
    <message>
        <source>Free text about the snapshot.</source>
        <translation>Freier Text über den Sicherungspunkt.</translation>
    </message>
    <message>
        <source>Generated Serial Number</source>
        <translation>Erzeugte Seriennummer</translation>
    </message>
    <message>
        <source>Generation of the virtual hardware.</source>
        <translation>Generation der virtuellen Hardware.</translation>
    </message>
    <message>
        <source>Generic Properties</source>
        <translation>Generische Eigenschaften</translation>
    </message>
    <message>
        <source>Give trimmed blocks back.</source>
        <translation>Freigegebene Blöcke zurückgeben.</translation>
    </message>
    <message>
        <source>Graphics Controller</source>
        <translation>Grafikcontroller</translation>
    </message>
    <message>
        <source>Groups</source>
        <translation>Gruppen</translation>
    </message>
    <message>
        <source>Groups of the machine, each as a path that starts with a slash.</source>
        <translation>Gruppen der Maschine, jede als Pfad, der mit einem Schrägstrich beginnt.</translation>
    </message>
    <message>
        <source>Guest Address</source>
        <translation>Gast-Adresse</translation>
    </message>
    <message>
        <source>Guest Debug Address</source>
        <translation>Adresse der Gast-Fehlersuche</translation>
    </message>
    <message>
        <source>Guest Debug Connection</source>
        <translation>Verbindung der Gast-Fehlersuche</translation>
    </message>
    <message>
        <source>Guest Debug Port</source>
        <translation>Port der Gast-Fehlersuche</translation>
    </message>
    <message>
        <source>Guest Debug Provider</source>
        <translation>Anbieter der Gast-Fehlersuche</translation>
    </message>
    <message>
        <source>Guest IP</source>
        <translation>Gast-IP</translation>
    </message>
    <message>
        <source>Guest Port</source>
        <translation>Gast-Port</translation>
    </message>
    <message>
        <source>Guest Properties</source>
        <translation>Gasteigenschaften</translation>
    </message>
    <message>
        <source>Guest properties whose changes are told, as patterns separated by bars.</source>
        <translation>Gasteigenschaften, deren Änderungen gemeldet werden, als durch Striche getrennte Muster.</translation>
    </message>
    <message>
        <source>HPET</source>
        <translation>HPET</translation>
    </message>
    <message>
        <source>Hand raw commands to the host&apos;s drive.</source>
        <translation>Rohe Befehle an das Laufwerk des Hosts weitergeben.</translation>
    </message>
    <message>
        <source>Hard Disks</source>
        <translation>Festplatten</translation>
    </message>
    <message>
        <source>Hard disk images.</source>
        <translation>Festplattenabbilder.</translation>
    </message>
    <message>
        <source>Hardware Clock in UTC Time</source>
        <translation>Hardware-Uhr in UTC</translation>
    </message>
    <message>
        <source>Hardware UUID</source>
        <translation>Hardware-UUID</translation>
    </message>
    <message>
        <source>Hardware Version</source>
        <translation>Hardware-Version</translation>
    </message>
    <message>
        <source>Hardware Virtualization</source>
        <translation>Hardware-Virtualisierung</translation>
    </message>
    <message>
        <source>Height of the recorded pictures.</source>
        <translation>Höhe der aufgezeichneten Bilder.</translation>
    </message>
    <message>
        <source>Host Address</source>
        <translation>Host-Adresse</translation>
    </message>
    <message>
        <source>Host Audio Driver</source>
        <translation>Audiotreiber des Hosts</translation>
    </message>
    <message>
        <source>Host Drive</source>
        <translation>Laufwerk des Hosts</translation>
    </message>
    <message>
        <source>Host IP</source>
        <translation>Host-IP</translation>
    </message>
    <message>
        <source>Host PCI Devices</source>
        <translation>PCI-Geräte des Hosts</translation>
    </message>
    <message>
        <source>Host Port</source>
        <translation>Host-Port</translation>
    </message>
    <message>
        <source>Host Resolver</source>
        <translation>Namensauflösung des Hosts</translation>
    </message>
    <message>
        <source>Host&apos;s Loopback Reachable</source>
        <translation>Loopback des Hosts erreichbar</translation>
    </message>
    <message>
        <source>Host-only interface.</source>
        <translation>Host-only-Schnittstelle.</translation>
    </message>
    <message>
        <source>Host-only network.</source>
        <translation>Host-only-Netz.</translation>
    </message>
    <message>
        <source>Hot-pluggable</source>
        <translation>Hot-Plug-fähig</translation>
    </message>
    <message>
        <source>How machines share the image: Readonly when not empty.</source>
        <translation>Wie sich Maschinen das Abbild teilen: nur lesend, wenn nicht leer.</translation>
    </message>
    <message>
        <source>How much of the host&apos;s processor is hidden so that the machine can move.</source>
        <translation>Wie viel vom Prozessor des Hosts verborgen wird, damit die Maschine umziehen kann.</translation>
    </message>
    <message>
        <source>How the image behaves with snapshots and when machines share it.</source>
        <translation>Wie sich das Abbild bei Sicherungspunkten und bei Benutzung durch mehrere Maschinen verhält.</translation>
    </message>
    <message>
        <source>I/O Cache</source>
        <translation>I/O-Cache</translation>
    </message>
    <message>
        <source>I/O Cache Size</source>
        <translation>Größe des I/O-Caches</translation>
    </message>
    <message>
        <source>I/O Port</source>
        <translation>I/O-Port</translation>
    </message>
    <message>
        <source>IBPB on VM Entry</source>
        <translation>IBPB beim Eintritt in die VM</translation>
    </message>
    <message>
        <source>IBPB on VM Exit</source>
        <translation>IBPB beim Verlassen der VM</translation>
    </message>
    <message>
        <source>IDE Emulation Ports</source>
        <translation>Ports mit IDE-Emulation</translation>
    </message>
    <message>
        <source>IOMMU</source>
        <translation>IOMMU</translation>
    </message>
    <message>
        <source>IPv4 network of the guest, for example 10.0.2.0/24; the usual one when empty.</source>
        <translation>IPv4-Netz des Gastes, zum Beispiel 10.0.2.0/24; das übliche, wenn leer.</translation>
    </message>
    <message>
        <source>IRQ</source>
        <translation>IRQ</translation>
    </message>
    <message>
        <source>Icon</source>
        <translation>Symbol</translation>
    </message>
    <message>
        <source>Id of the password that encrypts log files.</source>
        <translation>Kennung des Kennworts, das Protokolldateien verschlüsselt.</translation>
    </message>
    <message>
        <source>Id of the password that encrypts saved states.</source>
        <translation>Kennung des Kennworts, das gespeicherte Zustände verschlüsselt.</translation>
    </message>
    <message>
        <source>Id of the password that encrypts the NVRAM file.</source>
        <translation>Kennung des Kennworts, das die NVRAM-Datei verschlüsselt.</translation>
    </message>
    <message>
        <source>Image in the drive, by its UUID in the media registry.</source>
        <translation>Abbild im Laufwerk, nach seiner UUID im Medienverzeichnis.</translation>
    </message>
    <message>
        <source>Initial window of what the guest gets; that of the NAT engine when 0.</source>
        <translation>Anfängliches Fenster dessen, was der Gast bekommt; das der NAT-Engine bei 0.</translation>
    </message>
    <message>
        <source>Initial window of what the guest sends; that of the NAT engine when 0.</source>
        <translation>Anfängliches Fenster dessen, was der Gast sendet; das der NAT-Engine bei 0.</translation>
    </message>
    <message>
        <source>Instance</source>
        <translation>Instanz</translation>
    </message>
    <message>
        <source>Interface that tells the guest that it runs in a virtual machine.</source>
        <translation>Schnittstelle, die dem Gast sagt, dass er in einer virtuellen Maschine läuft.</translation>
    </message>
    <message>
        <source>Interfaces of the device that the guest does not see, one per bit.</source>
        <translation>Schnittstellen des Geräts, die der Gast nicht sieht, je ein Bit.</translation>
    </message>
    <message>
        <source>Interrupt controller that the firmware announces.</source>
        <translation>Interruptcontroller, den die Firmware ankündigt.</translation>
    </message>
    <message>
        <source>Interrupt line.</source>
        <translation>Interruptleitung.</translation>
    </message>
    <message>
        <source>Keep Source Ports</source>
        <translation>Quellports behalten</translation>
    </message>
    <message>
        <source>Keyboard</source>
        <translation>Tastatur</translation>
    </message>
    <message>
        <source>Keyboard that the guest sees.</source>
        <translation>Tastatur, die der Gast sieht.</translation>
    </message>
    <message>
        <source>Kind of controller: OHCI is USB 1.1, EHCI 2.0, xHCI 3.0.</source>
        <translation>Art des Controllers: OHCI ist USB 1.1, EHCI 2.0, xHCI 3.0.</translation>
    </message>
    <message>
        <source>Kind of drive.</source>
        <translation>Art des Laufwerks.</translation>
    </message>
    <message>
        <source>Kind of window with which the machine starts.</source>
        <translation>Art des Fensters, mit dem die Maschine startet.</translation>
    </message>
    <message>
        <source>L1D Flush on Scheduling</source>
        <translation>L1D-Leerung beim Prozessorwechsel</translation>
    </message>
    <message>
        <source>L1D Flush on VM Entry</source>
        <translation>L1D-Leerung beim Eintritt in die VM</translation>
    </message>
    <message>
        <source>Large Pages</source>
        <translation>Große Seiten</translation>
    </message>
    <message>
        <source>Largest packet in bytes; that of the NAT engine when 0.</source>
        <translation>Größtes Paket in Bytes; das der NAT-Engine bei 0.</translation>
    </message>
    <message>
        <source>Last State Change</source>
        <translation>Letzte Zustandsänderung</translation>
    </message>
    <message>
        <source>Leaf</source>
        <translation>Blatt</translation>
    </message>
    <message>
        <source>Legacy BIOS, or EFI of a word size.</source>
        <translation>BIOS wie früher oder EFI einer Wortbreite.</translation>
    </message>
    <message>
        <source>Let the guest be heard.</source>
        <translation>Den Gast hörbar machen.</translation>
    </message>
    <message>
        <source>Let the guest record.</source>
        <translation>Den Gast aufnehmen lassen.</translation>
    </message>
    <message>
        <source>Let the host&apos;s operating system cache the images.</source>
        <translation>Das Betriebssystem des Hosts die Abbilder zwischenspeichern lassen.</translation>
    </message>
    <message>
        <source>Let the host&apos;s processor run real mode and unpaged code.</source>
        <translation>Den Prozessor des Hosts Real Mode und Code ohne Paging ausführen lassen.</translation>
    </message>
    <message>
        <source>Let the host&apos;s processor translate guest addresses.</source>
        <translation>Den Prozessor des Hosts die Adressen des Gastes übersetzen lassen.</translation>
    </message>
    <message>
        <source>Library that checks users; that of the installation when empty.</source>
        <translation>Bibliothek, die Benutzer prüft; die der Installation, wenn leer.</translation>
    </message>
    <message>
        <source>Limit that the members share; 0 means none.</source>
        <translation>Grenze, die sich die Mitglieder teilen; 0 bedeutet keine.</translation>
    </message>
    <message>
        <source>Limits that drives or adapters share.</source>
        <translation>Grenzen, die sich Laufwerke oder Adapter teilen.</translation>
    </message>
    <message>
        <source>Line Speed</source>
        <translation>Leitungsgeschwindigkeit</translation>
    </message>
    <message>
        <source>Little Endian System UUID</source>
        <translation>System-UUID in Little-Endian</translation>
    </message>
    <message>
        <source>Live CD/DVD</source>
        <translation>Live-CD/DVD</translation>
    </message>
    <message>
        <source>Location</source>
        <translation>Ort</translation>
    </message>
    <message>
        <source>Log Address Translation</source>
        <translation>Adressübersetzung protokollieren</translation>
    </message>
    <message>
        <source>Log Key</source>
        <translation>Schlüssel der Protokolle</translation>
    </message>
    <message>
        <source>Log Key Store</source>
        <translation>Schlüsselspeicher der Protokolle</translation>
    </message>
    <message>
        <source>Logo Display Time</source>
        <translation>Anzeigedauer des Logos</translation>
    </message>
    <message>
        <source>Logo Fades In</source>
        <translation>Logo blendet sich ein</translation>
    </message>
    <message>
        <source>Logo Fades Out</source>
        <translation>Logo blendet sich aus</translation>
    </message>
    <message>
        <source>Logo Image</source>
        <translation>Bild des Logos</translation>
    </message>
    <message>
        <source>Long Mode</source>
        <translation>Long Mode</translation>
    </message>
    <message>
        <source>MAC Address</source>
        <translation>MAC-Adresse</translation>
    </message>
    <message>
        <source>MDS Clear on Scheduling</source>
        <translation>MDS-Leerung beim Prozessorwechsel</translation>
    </message>
    <message>
        <source>MDS Clear on VM Entry</source>
        <translation>MDS-Leerung beim Eintritt in die VM</translation>
    </message>
    <message>
        <source>MTU</source>
        <translation>MTU</translation>
    </message>
    <message>
        <source>Manufacturer</source>
        <translation>Hersteller</translation>
    </message>
    <message>
        <source>Masked Interfaces</source>
        <translation>Verborgene Schnittstellen</translation>
    </message>
    <message>
        <source>Maximum Size</source>
        <translation>Größter Umfang</translation>
    </message>
    <message>
        <source>Maximum Time</source>
        <translation>Längste Zeit</translation>
    </message>
    <message>
        <source>Medium</source>
        <translation>Medium</translation>
    </message>
    <message>
        <source>Memory Balloon</source>
        <translation>Speicherballon</translation>
    </message>
    <message>
        <source>Memory of the I/O cache.</source>
        <translation>Speicher des I/O-Caches.</translation>
    </message>
    <message>
        <source>Memory of the graphics adapter.</source>
        <translation>Speicher des Grafikadapters.</translation>
    </message>
    <message>
        <source>Memory of the machine.</source>
        <translation>Speicher der Maschine.</translation>
    </message>
    <message>
        <source>Memory that the guest gives back to the host.</source>
        <translation>Speicher, den der Gast dem Host zurückgibt.</translation>
    </message>
    <message>
        <source>Model of the adapter.</source>
        <translation>Modell des Adapters.</translation>
    </message>
    <message>
        <source>Model of the audio adapter.</source>
        <translation>Modell des Audioadapters.</translation>
    </message>
    <message>
        <source>Model of the controller.</source>
        <translation>Modell des Controllers.</translation>
    </message>
    <message>
        <source>Model of the graphics adapter.</source>
        <translation>Modell des Grafikadapters.</translation>
    </message>
    <message>
        <source>Monitor Count</source>
        <translation>Anzahl der Bildschirme</translation>
    </message>
    <message>
        <source>Mount Point</source>
        <translation>Einbindepunkt</translation>
    </message>
    <message>
        <source>Mouse or tablet that the guest sees.</source>
        <translation>Maus oder Tablett, das der Gast sieht.</translation>
    </message>
    <message>
        <source>NVRAM File</source>
        <translation>NVRAM-Datei</translation>
    </message>
    <message>
        <source>NVRAM Key</source>
        <translation>Schlüssel des NVRAM</translation>
    </message>
    <message>
        <source>NVRAM Key Store</source>
        <translation>Schlüsselspeicher des NVRAM</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Name of the NAT network.</source>
        <translation>Name des NAT-Netzes.</translation>
    </message>
    <message>
        <source>Name of the cloud network.</source>
        <translation>Name des Cloud-Netzes.</translation>
    </message>
    <message>
        <source>Name of the controller.</source>
        <translation>Name des Controllers.</translation>
    </message>
    <message>
        <source>Name of the device.</source>
        <translation>Name des Geräts.</translation>
    </message>
    <message>
        <source>Name of the filter.</source>
        <translation>Name des Filters.</translation>
    </message>
    <message>
        <source>Name of the generic driver.</source>
        <translation>Name des generischen Treibers.</translation>
    </message>
    <message>
        <source>Name of the group.</source>
        <translation>Name der Gruppe.</translation>
    </message>
    <message>
        <source>Name of the internal network.</source>
        <translation>Name des internen Netzes.</translation>
    </message>
    <message>
        <source>Name of the machine, its folder and its files.</source>
        <translation>Name der Maschine, ihres Ordners und ihrer Dateien.</translation>
    </message>
    <message>
        <source>Name of the manufacturer.</source>
        <translation>Name des Herstellers.</translation>
    </message>
    <message>
        <source>Name of the product.</source>
        <translation>Name des Produkts.</translation>
    </message>
    <message>
        <source>Name of the property, a path.</source>
        <translation>Name der Eigenschaft, ein Pfad.</translation>
    </message>
    <message>
        <source>Name of the rule.</source>
        <translation>Name der Regel.</translation>
    </message>
    <message>
        <source>Name of the snapshot.</source>
        <translation>Name des Sicherungspunkts.</translation>
    </message>
    <message>
        <source>Name queries of the guest are answered with the resolver of the host.</source>
        <translation>Namensanfragen des Gastes werden mit der Namensauflösung des Hosts beantwortet.</translation>
    </message>
    <message>
        <source>Name under which the guest sees it.</source>
        <translation>Name, unter dem der Gast es sieht.</translation>
    </message>
    <message>
        <source>Native Hypervisor API</source>
        <translation>Hypervisor-Schnittstelle des Hosts</translation>
    </message>
    <message>
        <source>Nested Paging</source>
        <translation>Nested Paging</translation>
    </message>
    <message>
        <source>Nested VT-x/AMD-V</source>
        <translation>Verschachteltes VT-x/AMD-V</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>Netzwerk</translation>
    </message>
    <message>
        <source>Network adapters of the machine.</source>
        <translation>Netzwerkadapter der Maschine.</translation>
    </message>
    <message>
        <source>Network interface of the host to bridge to.</source>
        <translation>Netzwerkschnittstelle des Hosts, zu der die Brücke führt.</translation>
    </message>
    <message>
        <source>Network that the adapter is connected to.</source>
        <translation>Netz, mit dem der Adapter verbunden ist.</translation>
    </message>
    <message>
        <source>Notification Patterns</source>
        <translation>Muster der Meldungen</translation>
    </message>
    <message>
        <source>Number among the controllers of the same bus.</source>
        <translation>Nummer unter den Controllern desselben Busses.</translation>
    </message>
    <message>
        <source>Number of ports that the guest sees.</source>
        <translation>Anzahl der Ports, die der Gast sieht.</translation>
    </message>
    <message>
        <source>Number of the adapter, from 0.</source>
        <translation>Nummer des Adapters, ab 0.</translation>
    </message>
    <message>
        <source>Number of the port, from 0.</source>
        <translation>Nummer des Ports, ab 0.</translation>
    </message>
    <message>
        <source>Number of the processor, from 0.</source>
        <translation>Nummer des Prozessors, ab 0.</translation>
    </message>
    <message>
        <source>Number of the screen, from 0.</source>
        <translation>Nummer des Bildschirms, ab 0.</translation>
    </message>
    <message>
        <source>Number of virtual monitors.</source>
        <translation>Anzahl der virtuellen Bildschirme.</translation>
    </message>
    <message>
        <source>Number of virtual processors.</source>
        <translation>Anzahl der virtuellen Prozessoren.</translation>
    </message>
    <message>
        <source>Offer 64-bit mode.</source>
        <translation>64-Bit-Modus anbieten.</translation>
    </message>
    <message>
        <source>Offer a high precision event timer.</source>
        <translation>Einen hochgenauen Ereigniszeitgeber anbieten.</translation>
    </message>
    <message>
        <source>Offer a local APIC.</source>
        <translation>Einen lokalen APIC anbieten.</translation>
    </message>
    <message>
        <source>Offer an I/O APIC; needed with more than one processor.</source>
        <translation>Einen I/O-APIC anbieten; nötig bei mehr als einem Prozessor.</translation>
    </message>
    <message>
        <source>Offer an I/O memory management unit.</source>
        <translation>Eine I/O-Speicherverwaltung anbieten.</translation>
    </message>
    <message>
        <source>Offer physical address extension and no-execute pages.</source>
        <translation>Physische Adresserweiterung und nicht ausführbare Seiten anbieten.</translation>
    </message>
    <message>
        <source>Offer power management and configuration tables.</source>
        <translation>Energieverwaltung und Konfigurationstabellen anbieten.</translation>
    </message>
    <message>
        <source>Offer the speculation control registers to the guest.</source>
        <translation>Dem Gast die Register zur Spekulationssteuerung anbieten.</translation>
    </message>
    <message>
        <source>Offer the x2APIC mode of the local APIC.</source>
        <translation>Den x2APIC-Modus des lokalen APIC anbieten.</translation>
    </message>
    <message>
        <source>Offer virtualization extensions to the guest.</source>
        <translation>Dem Gast Virtualisierungserweiterungen anbieten.</translation>
    </message>
    <message>
        <source>Operating system of the guest.</source>
        <translation>Betriebssystem des Gastes.</translation>
    </message>
    <message>
        <source>Optical Disks</source>
        <translation>Optische Platten</translation>
    </message>
    <message>
        <source>Optical disk images.</source>
        <translation>Abbilder optischer Platten.</translation>
    </message>
    <message>
        <source>Options</source>
        <translation>Optionen</translation>
    </message>
    <message>
        <source>Options of the encoders as name=value, separated by commas.</source>
        <translation>Optionen der Kodierer als Name=Wert, durch Kommas getrennt.</translation>
    </message>
    <message>
        <source>PCI devices of the host that belong to the guest.</source>
        <translation>PCI-Geräte des Hosts, die dem Gast gehören.</translation>
    </message>
    <message>
        <source>PXE Debugging</source>
        <translation>PXE-Fehlersuche</translation>
    </message>
    <message>
        <source>Page Fusion</source>
        <translation>Seitenverschmelzung</translation>
    </message>
    <message>
        <source>Parallel Ports</source>
        <translation>Parallele Ports</translation>
    </message>
    <message>
        <source>Parallel ports of the machine.</source>
        <translation>Parallele Ports der Maschine.</translation>
    </message>
    <message>
        <source>Paravirtualization Debugging</source>
        <translation>Fehlersuche der Paravirtualisierung</translation>
    </message>
    <message>
        <source>Paravirtualization Interface</source>
        <translation>Paravirtualisierungsschnittstelle</translation>
    </message>
    <message>
        <source>Pass Domain Name</source>
        <translation>Domänennamen weitergeben</translation>
    </message>
    <message>
        <source>Passthrough</source>
        <translation>Durchreichen</translation>
    </message>
    <message>
        <source>Password that the sender has to know.</source>
        <translation>Kennwort, das der Sender kennen muss.</translation>
    </message>
    <message>
        <source>Path/Address</source>
        <translation>Pfad/Adresse</translation>
    </message>
    <message>
        <source>Picture of the machine: a PNG file, kept in base64.</source>
        <translation>Bild der Maschine: eine PNG-Datei, in Base64 bewahrt.</translation>
    </message>
    <message>
        <source>Pipe or socket, device, file, or host:port (a port alone for a server).</source>
        <translation>Pipe oder Socket, Gerät, Datei oder host:port (nur ein Port für einen Server).</translation>
    </message>
    <message>
        <source>Platform Architecture</source>
        <translation>Plattformarchitektur</translation>
    </message>
    <message>
        <source>Plugged Processors</source>
        <translation>Eingesteckte Prozessoren</translation>
    </message>
    <message>
        <source>Pointing Device</source>
        <translation>Zeigegerät</translation>
    </message>
    <message>
        <source>Port</source>
        <translation>Port</translation>
    </message>
    <message>
        <source>Port Count</source>
        <translation>Anzahl der Ports</translation>
    </message>
    <message>
        <source>Port Forwarding</source>
        <translation>Portweiterleitung</translation>
    </message>
    <message>
        <source>Port Mode</source>
        <translation>Portmodus</translation>
    </message>
    <message>
        <source>Port Path</source>
        <translation>Pfad des Ports</translation>
    </message>
    <message>
        <source>Port of the controller.</source>
        <translation>Port des Controllers.</translation>
    </message>
    <message>
        <source>Port of the guest.</source>
        <translation>Port des Gastes.</translation>
    </message>
    <message>
        <source>Port of the host to which it is plugged.</source>
        <translation>Port des Hosts, an dem es steckt.</translation>
    </message>
    <message>
        <source>Port of the host.</source>
        <translation>Port des Hosts.</translation>
    </message>
    <message>
        <source>Port on which a debugger is awaited.</source>
        <translation>Port, auf dem ein Debugger erwartet wird.</translation>
    </message>
    <message>
        <source>Port on which a teleported machine is awaited.</source>
        <translation>Port, auf dem eine teleportierte Maschine erwartet wird.</translation>
    </message>
    <message>
        <source>Ports of a SATA controller that the firmware shows as IDE drives.</source>
        <translation>Ports eines SATA-Controllers, die die Firmware als IDE-Laufwerke zeigt.</translation>
    </message>
    <message>
        <source>Ports of the host that lead into the guest.</source>
        <translation>Ports des Hosts, die in den Gast führen.</translation>
    </message>
    <message>
        <source>Priority of the machine&apos;s process.</source>
        <translation>Priorität des Prozesses der Maschine.</translation>
    </message>
    <message>
        <source>Process Priority</source>
        <translation>Prozesspriorität</translation>
    </message>
    <message>
        <source>Processor</source>
        <translation>Prozessor</translation>
    </message>
    <message>
        <source>Processor that the guest sees; host means that of the host.</source>
        <translation>Prozessor, den der Gast sieht; „host“ bedeutet den des Hosts.</translation>
    </message>
    <message>
        <source>Processors</source>
        <translation>Prozessoren</translation>
    </message>
    <message>
        <source>Processors can be added and removed while the machine runs.</source>
        <translation>Prozessoren können hinzukommen und wegfallen, während die Maschine läuft.</translation>
    </message>
    <message>
        <source>Processors that are present in a machine with CPU hot-plugging.</source>
        <translation>Prozessoren, die in einer Maschine mit CPU-Hot-Plug vorhanden sind.</translation>
    </message>
    <message>
        <source>Product</source>
        <translation>Produkt</translation>
    </message>
    <message>
        <source>Product ID</source>
        <translation>Produkt-ID</translation>
    </message>
    <message>
        <source>Promiscuous Mode</source>
        <translation>Promiscuous-Modus</translation>
    </message>
    <message>
        <source>Properties</source>
        <translation>Eigenschaften</translation>
    </message>
    <message>
        <source>Protocol</source>
        <translation>Protokoll</translation>
    </message>
    <message>
        <source>Protocol with which a debugger can connect to the guest.</source>
        <translation>Protokoll, mit dem sich ein Debugger mit dem Gast verbinden kann.</translation>
    </message>
    <message>
        <source>Proxy Only</source>
        <translation>Nur Proxy</translation>
    </message>
    <message>
        <source>Rank among the adapters from which the guest boots: 1 first, 0 last.</source>
        <translation>Rang unter den Adaptern, von denen der Gast bootet: 1 zuerst, 0 zuletzt.</translation>
    </message>
    <message>
        <source>Receive buffer of the host&apos;s sockets; that of the NAT engine when 0.</source>
        <translation>Empfangspuffer der Sockets des Hosts; der der NAT-Engine bei 0.</translation>
    </message>
    <message>
        <source>Record Screen</source>
        <translation>Bildschirm aufzeichnen</translation>
    </message>
    <message>
        <source>Record the screens to a file.</source>
        <translation>Die Bildschirme in eine Datei aufzeichnen.</translation>
    </message>
    <message>
        <source>Recorded pictures per second.</source>
        <translation>Aufgezeichnete Bilder je Sekunde.</translation>
    </message>
    <message>
        <source>Recording Mode</source>
        <translation>Aufzeichnungsmodus</translation>
    </message>
    <message>
        <source>Remembered stages of the machine.</source>
        <translation>Bewahrte Stände der Maschine.</translation>
    </message>
    <message>
        <source>Remote</source>
        <translation>Entfernt</translation>
    </message>
    <message>
        <source>Rename Files</source>
        <translation>Dateien umbenennen</translation>
    </message>
    <message>
        <source>Reset on Triple Fault</source>
        <translation>Bei Dreifachfehler zurücksetzen</translation>
    </message>
    <message>
        <source>Reuse Connection</source>
        <translation>Verbindung übernehmen</translation>
    </message>
    <message>
        <source>Revision</source>
        <translation>Revision</translation>
    </message>
    <message>
        <source>Saved State</source>
        <translation>Gespeicherter Zustand</translation>
    </message>
    <message>
        <source>Screen</source>
        <translation>Bildschirm</translation>
    </message>
    <message>
        <source>Screens</source>
        <translation>Bildschirme</translation>
    </message>
    <message>
        <source>Screens that are recorded.</source>
        <translation>Bildschirme, die aufgezeichnet werden.</translation>
    </message>
    <message>
        <source>Send buffer of the host&apos;s sockets; that of the NAT engine when 0.</source>
        <translation>Sendepuffer der Sockets des Hosts; der der NAT-Engine bei 0.</translation>
    </message>
    <message>
        <source>Serial No.</source>
        <translation>Seriennummer</translation>
    </message>
    <message>
        <source>Serial Ports</source>
        <translation>Serielle Ports</translation>
    </message>
    <message>
        <source>Serial number of the device.</source>
        <translation>Seriennummer des Geräts.</translation>
    </message>
    <message>
        <source>Serial ports of the machine.</source>
        <translation>Serielle Ports der Maschine.</translation>
    </message>
    <message>
        <source>Serve the screen to remote display clients.</source>
        <translation>Den Bildschirm für entfernte Clients bereitstellen.</translation>
    </message>
    <message>
        <source>Settings of the audio driver.</source>
        <translation>Einstellungen des Audiotreibers.</translation>
    </message>
    <message>
        <source>Settings of the generic driver.</source>
        <translation>Einstellungen des generischen Treibers.</translation>
    </message>
    <message>
        <source>Settings of the image&apos;s format.</source>
        <translation>Einstellungen des Formats des Abbilds.</translation>
    </message>
    <message>
        <source>Settings of the server, for example TCP/Ports and TCP/Address.</source>
        <translation>Einstellungen des Servers, zum Beispiel TCP/Ports und TCP/Address.</translation>
    </message>
    <message>
        <source>Several clients may watch.</source>
        <translation>Mehrere Clients dürfen zusehen.</translation>
    </message>
    <message>
        <source>Share equal pages between machines.</source>
        <translation>Gleiche Seiten zwischen Maschinen teilen.</translation>
    </message>
    <message>
        <source>Share of a host processor that a virtual processor may use at most.</source>
        <translation>Anteil eines Prozessors des Hosts, den ein virtueller Prozessor höchstens nutzen darf.</translation>
    </message>
    <message>
        <source>Shared Clipboard</source>
        <translation>Gemeinsame Zwischenablage</translation>
    </message>
    <message>
        <source>Shared Folders</source>
        <translation>Gemeinsame Ordner</translation>
    </message>
    <message>
        <source>Size of the file at which recording stops; 0 means no limit.</source>
        <translation>Umfang der Datei, bei dem die Aufzeichnung endet; 0 bedeutet keine Grenze.</translation>
    </message>
    <message>
        <source>Slot</source>
        <translation>Steckplatz</translation>
    </message>
    <message>
        <source>Snapshot Folder</source>
        <translation>Ordner für Sicherungspunkte</translation>
    </message>
    <message>
        <source>Snapshot on which the present state of the machine is based.</source>
        <translation>Sicherungspunkt, auf dem der jetzige Zustand der Maschine beruht.</translation>
    </message>
    <message>
        <source>Snapshots</source>
        <translation>Sicherungspunkte</translation>
    </message>
    <message>
        <source>Socket Receive Buffer</source>
        <translation>Empfangspuffer der Sockets</translation>
    </message>
    <message>
        <source>Socket Send Buffer</source>
        <translation>Sendepuffer der Sockets</translation>
    </message>
    <message>
        <source>Solid-state Drive</source>
        <translation>Solid-State-Laufwerk</translation>
    </message>
    <message>
        <source>Sound system of the host.</source>
        <translation>Soundsystem des Hosts.</translation>
    </message>
    <message>
        <source>Speculation Control</source>
        <translation>Spekulationssteuerung</translation>
    </message>
    <message>
        <source>Speculation Control by Host</source>
        <translation>Spekulationssteuerung durch den Host</translation>
    </message>
    <message>
        <source>Speed that the guest sees; that of the model when 0.</source>
        <translation>Geschwindigkeit, die der Gast sieht; die des Modells bei 0.</translation>
    </message>
    <message>
        <source>Start the machine with the host.</source>
        <translation>Die Maschine mit dem Host starten.</translation>
    </message>
    <message>
        <source>State Key</source>
        <translation>Schlüssel der Zustände</translation>
    </message>
    <message>
        <source>State Key Store</source>
        <translation>Schlüsselspeicher der Zustände</translation>
    </message>
    <message>
        <source>Storage</source>
        <translation>Massenspeicher</translation>
    </message>
    <message>
        <source>Storage controllers of the machine with their drives.</source>
        <translation>Massenspeichercontroller der Maschine mit ihren Laufwerken.</translation>
    </message>
    <message>
        <source>Subleaf</source>
        <translation>Unterblatt</translation>
    </message>
    <message>
        <source>Symbolic Links</source>
        <translation>Symbolische Verknüpfungen</translation>
    </message>
    <message>
        <source>Symbolic links that the guest may create.</source>
        <translation>Symbolische Verknüpfungen, die der Gast anlegen darf.</translation>
    </message>
    <message>
        <source>System Time Offset</source>
        <translation>Abweichung der Systemzeit</translation>
    </message>
    <message>
        <source>TCP Receive Window</source>
        <translation>TCP-Empfangsfenster</translation>
    </message>
    <message>
        <source>TCP Send Window</source>
        <translation>TCP-Sendefenster</translation>
    </message>
    <message>
        <source>TFTP Boot File</source>
        <translation>TFTP-Bootdatei</translation>
    </message>
    <message>
        <source>TFTP Folder</source>
        <translation>TFTP-Ordner</translation>
    </message>
    <message>
        <source>TFTP Server</source>
        <translation>TFTP-Server</translation>
    </message>
    <message>
        <source>TFTP server to use instead of the built-in one.</source>
        <translation>TFTP-Server, der statt des eingebauten verwendet wird.</translation>
    </message>
    <message>
        <source>TPM</source>
        <translation>TPM</translation>
    </message>
    <message>
        <source>TPM Location</source>
        <translation>Ort des TPM</translation>
    </message>
    <message>
        <source>TRANSIENT, TRANSRESET, RDONLYGUEST, RDONLYHOST, READONLY, separated by commas.</source>
        <translation>TRANSIENT, TRANSRESET, RDONLYGUEST, RDONLYHOST, READONLY, durch Kommas getrennt.</translation>
    </message>
    <message>
        <source>Tag entries of the TLB with the virtual processor.</source>
        <translation>Einträge des TLB mit dem virtuellen Prozessor kennzeichnen.</translation>
    </message>
    <message>
        <source>Taken</source>
        <translation>Erstellt</translation>
    </message>
    <message>
        <source>Teleporter</source>
        <translation>Teleporter</translation>
    </message>
    <message>
        <source>Teleporter Address</source>
        <translation>Adresse des Teleporters</translation>
    </message>
    <message>
        <source>Teleporter Password</source>
        <translation>Kennwort des Teleporters</translation>
    </message>
    <message>
        <source>Teleporter Port</source>
        <translation>Port des Teleporters</translation>
    </message>
    <message>
        <source>Texts that programs keep with the machine.</source>
        <translation>Texte, die Programme bei der Maschine bewahren.</translation>
    </message>
    <message>
        <source>The NAT engine forwards name queries of the guest.</source>
        <translation>Die NAT-Engine leitet Namensanfragen des Gastes weiter.</translation>
    </message>
    <message>
        <source>The NAT engine forwards without translating addresses.</source>
        <translation>Die NAT-Engine leitet weiter, ohne Adressen zu übersetzen.</translation>
    </message>
    <message>
        <source>The NAT engine keeps the source ports of the guest.</source>
        <translation>Die NAT-Engine behält die Quellports des Gastes.</translation>
    </message>
    <message>
        <source>The NAT engine logs its translations.</source>
        <translation>Die NAT-Engine protokolliert ihre Übersetzungen.</translation>
    </message>
    <message>
        <source>The clipboard may carry files.</source>
        <translation>Die Zwischenablage darf Dateien befördern.</translation>
    </message>
    <message>
        <source>The clock of the machine runs in UTC instead of the host&apos;s local time.</source>
        <translation>Die Uhr der Maschine läuft in UTC statt in der Ortszeit des Hosts.</translation>
    </message>
    <message>
        <source>The drive can be attached and detached while the machine runs.</source>
        <translation>Das Laufwerk kann an- und abgesteckt werden, während die Maschine läuft.</translation>
    </message>
    <message>
        <source>The driver is the best one of the host at hand.</source>
        <translation>Der Treiber ist der beste, den der Host hat.</translation>
    </message>
    <message>
        <source>The filter is used.</source>
        <translation>Der Filter wird verwendet.</translation>
    </message>
    <message>
        <source>The firmware may boot from drives of this controller.</source>
        <translation>Die Firmware darf von Laufwerken dieses Controllers booten.</translation>
    </message>
    <message>
        <source>The guest may change what is in the folder.</source>
        <translation>Der Gast darf ändern, was in dem Ordner ist.</translation>
    </message>
    <message>
        <source>The guest mounts the folder at its start.</source>
        <translation>Der Gast bindet den Ordner bei seinem Start ein.</translation>
    </message>
    <message>
        <source>The guest reaches services on the loopback interface of the host.</source>
        <translation>Der Gast erreicht Dienste auf der Loopback-Schnittstelle des Hosts.</translation>
    </message>
    <message>
        <source>The guest sees a link.</source>
        <translation>Der Gast sieht eine Verbindung.</translation>
    </message>
    <message>
        <source>The guest sees a reader for smart cards.</source>
        <translation>Der Gast sieht einen Leser für Chipkarten.</translation>
    </message>
    <message>
        <source>The guest sees a solid-state drive.</source>
        <translation>Der Gast sieht ein Solid-State-Laufwerk.</translation>
    </message>
    <message>
        <source>The guest&apos;s DHCP answer holds the domain name of the host.</source>
        <translation>Die DHCP-Antwort an den Gast enthält den Domänennamen des Hosts.</translation>
    </message>
    <message>
        <source>The host sets the speculation control registers while the guest runs.</source>
        <translation>Der Host setzt die Register zur Spekulationssteuerung, während der Gast läuft.</translation>
    </message>
    <message>
        <source>The logo of the firmware appears slowly.</source>
        <translation>Das Logo der Firmware erscheint langsam.</translation>
    </message>
    <message>
        <source>The logo of the firmware disappears slowly.</source>
        <translation>Das Logo der Firmware verschwindet langsam.</translation>
    </message>
    <message>
        <source>The machine caches what it reads from its disks.</source>
        <translation>Die Maschine speichert zwischen, was sie von ihren Platten liest.</translation>
    </message>
    <message>
        <source>The machine can be traced.</source>
        <translation>Die Maschine kann verfolgt werden.</translation>
    </message>
    <message>
        <source>The machine differs from its current snapshot.</source>
        <translation>Die Maschine unterscheidet sich von ihrem aktuellen Sicherungspunkt.</translation>
    </message>
    <message>
        <source>The machine ended without being stopped.</source>
        <translation>Die Maschine endete, ohne angehalten zu werden.</translation>
    </message>
    <message>
        <source>The machine folder has the UUID of the machine in its name.</source>
        <translation>Der Ordner der Maschine hat deren UUID im Namen.</translation>
    </message>
    <message>
        <source>The machine has an audio adapter.</source>
        <translation>Die Maschine hat einen Audioadapter.</translation>
    </message>
    <message>
        <source>The machine has this adapter.</source>
        <translation>Die Maschine hat diesen Adapter.</translation>
    </message>
    <message>
        <source>The machine has this parallel port.</source>
        <translation>Die Maschine hat diesen parallelen Port.</translation>
    </message>
    <message>
        <source>The machine has this serial port.</source>
        <translation>Die Maschine hat diesen seriellen Port.</translation>
    </message>
    <message>
        <source>The network boot code logs what it does.</source>
        <translation>Der Netzwerk-Bootcode protokolliert, was er tut.</translation>
    </message>
    <message>
        <source>The serial number in the SMBIOS tables is made from the UUID.</source>
        <translation>Die Seriennummer in den SMBIOS-Tabellen wird aus der UUID gebildet.</translation>
    </message>
    <message>
        <source>This screen is recorded.</source>
        <translation>Dieser Bildschirm wird aufgezeichnet.</translation>
    </message>
    <message>
        <source>Time Stamp</source>
        <translation>Zeitstempel</translation>
    </message>
    <message>
        <source>Time after which recording stops; 0 means no limit.</source>
        <translation>Zeit, nach der die Aufzeichnung endet; 0 bedeutet keine Grenze.</translation>
    </message>
    <message>
        <source>Time between the start of the host and that of the machine.</source>
        <translation>Zeit zwischen dem Start des Hosts und dem der Maschine.</translation>
    </message>
    <message>
        <source>Time for which the logo of the firmware is shown.</source>
        <translation>Zeit, während der das Logo der Firmware gezeigt wird.</translation>
    </message>
    <message>
        <source>Time in which a client has to identify itself.</source>
        <translation>Zeit, in der sich ein Client ausweisen muss.</translation>
    </message>
    <message>
        <source>Trace</source>
        <translation>Verfolgen</translation>
    </message>
    <message>
        <source>Trace File</source>
        <translation>Verfolgungsdatei</translation>
    </message>
    <message>
        <source>Trace points, as words separated by spaces.</source>
        <translation>Verfolgungspunkte als Wörter, durch Leerzeichen getrennt.</translation>
    </message>
    <message>
        <source>Tracing</source>
        <translation>Ablaufverfolgung</translation>
    </message>
    <message>
        <source>Tracing Configuration</source>
        <translation>Einrichtung der Ablaufverfolgung</translation>
    </message>
    <message>
        <source>Tracing May Access the VM</source>
        <translation>Ablaufverfolgung darf auf die VM zugreifen</translation>
    </message>
    <message>
        <source>Tracing may read the memory and the registers of the guest.</source>
        <translation>Die Ablaufverfolgung darf Speicher und Register des Gastes lesen.</translation>
    </message>
    <message>
        <source>Transport over which a debugger connects.</source>
        <translation>Übertragungsweg, über den sich ein Debugger verbindet.</translation>
    </message>
    <message>
        <source>Twelve hexadecimal digits; the second one must be even.</source>
        <translation>Zwölf hexadezimale Ziffern; die zweite muss gerade sein.</translation>
    </message>
    <message>
        <source>Type</source>
        <translation>Typ</translation>
    </message>
    <message>
        <source>UART Type</source>
        <translation>UART-Typ</translation>
    </message>
    <message>
        <source>USB Controller</source>
        <translation>USB-Controller</translation>
    </message>
    <message>
        <source>USB Device Filters</source>
        <translation>Filter für USB-Geräte</translation>
    </message>
    <message>
        <source>USB controllers of the machine.</source>
        <translation>USB-Controller der Maschine.</translation>
    </message>
    <message>
        <source>USB devices of the host that the machine gets when they are plugged in.</source>
        <translation>USB-Geräte des Hosts, die die Maschine bekommt, wenn sie angesteckt werden.</translation>
    </message>
    <message>
        <source>UUID</source>
        <translation>UUID</translation>
    </message>
    <message>
        <source>UUID of the image.</source>
        <translation>UUID des Abbilds.</translation>
    </message>
    <message>
        <source>UUID of the machine.</source>
        <translation>UUID der Maschine.</translation>
    </message>
    <message>
        <source>UUID of the snapshot.</source>
        <translation>UUID des Sicherungspunkts.</translation>
    </message>
    <message>
        <source>UUID that the guest sees; that of the machine when empty.</source>
        <translation>UUID, die der Gast sieht; die der Maschine, wenn leer.</translation>
    </message>
    <message>
        <source>Unrestricted Guest Execution</source>
        <translation>Uneingeschränkte Gastausführung</translation>
    </message>
    <message>
        <source>Use Host I/O Cache</source>
        <translation>I/O-Cache des Hosts verwenden</translation>
    </message>
    <message>
        <source>Use the host&apos;s graphics for 3D.</source>
        <translation>Die Grafik des Hosts für 3D verwenden.</translation>
    </message>
    <message>
        <source>Use the host&apos;s graphics for video.</source>
        <translation>Die Grafik des Hosts für Video verwenden.</translation>
    </message>
    <message>
        <source>Use the hypervisor interface of the host&apos;s operating system.</source>
        <translation>Die Hypervisor-Schnittstelle des Betriebssystems des Hosts verwenden.</translation>
    </message>
    <message>
        <source>Use the virtualization extensions of the host&apos;s processor.</source>
        <translation>Die Virtualisierungserweiterungen des Prozessors des Hosts verwenden.</translation>
    </message>
    <message>
        <source>Use virtualized VMSAVE and VMLOAD on AMD.</source>
        <translation>Virtualisiertes VMSAVE und VMLOAD auf AMD verwenden.</translation>
    </message>
    <message>
        <source>VPID</source>
        <translation>VPID</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>Wert</translation>
    </message>
    <message>
        <source>Value of EAX for which the answer is given.</source>
        <translation>Wert von EAX, für den die Antwort gegeben wird.</translation>
    </message>
    <message>
        <source>Value of ECX for which the answer is given.</source>
        <translation>Wert von ECX, für den die Antwort gegeben wird.</translation>
    </message>
    <message>
        <source>Value of the property.</source>
        <translation>Wert der Eigenschaft.</translation>
    </message>
    <message>
        <source>Values that host and guest exchange.</source>
        <translation>Werte, die Host und Gast austauschen.</translation>
    </message>
    <message>
        <source>Vendor ID</source>
        <translation>Hersteller-ID</translation>
    </message>
    <message>
        <source>Version</source>
        <translation>Version</translation>
    </message>
    <message>
        <source>Version of the trusted platform module.</source>
        <translation>Version des Trusted Platform Module.</translation>
    </message>
    <message>
        <source>Video Codec</source>
        <translation>Videocodec</translation>
    </message>
    <message>
        <source>Video Memory</source>
        <translation>Grafikspeicher</translation>
    </message>
    <message>
        <source>Video Quality</source>
        <translation>Videoqualität</translation>
    </message>
    <message>
        <source>Virtualized VMSAVE/VMLOAD</source>
        <translation>Virtualisiertes VMSAVE/VMLOAD</translation>
    </message>
    <message>
        <source>What happens to the machine when the host shuts down.</source>
        <translation>Was mit der Maschine geschieht, wenn der Host herunterfährt.</translation>
    </message>
    <message>
        <source>What is printed is added to this file of the host, or goes to this device.</source>
        <translation>Was gedruckt wird, kommt an das Ende dieser Datei des Hosts oder geht an dieses Gerät.</translation>
    </message>
    <message>
        <source>What is recorded: video, audio or both, separated by commas.</source>
        <translation>Was aufgezeichnet wird: Video, Audio oder beides, durch Kommas getrennt.</translation>
    </message>
    <message>
        <source>What runs the guest; the best that the host has when default.</source>
        <translation>Was den Gast ausführt; das Beste, was der Host hat, bei „default“.</translation>
    </message>
    <message>
        <source>What the firmware shows of its boot menu.</source>
        <translation>Was die Firmware von ihrem Bootmenü zeigt.</translation>
    </message>
    <message>
        <source>What the group limits: disks or network adapters.</source>
        <translation>Was die Gruppe begrenzt: Platten oder Netzwerkadapter.</translation>
    </message>
    <message>
        <source>What the port is connected to on the host.</source>
        <translation>Womit der Port auf dem Host verbunden ist.</translation>
    </message>
    <message>
        <source>When it was taken.</source>
        <translation>Wann er erstellt wurde.</translation>
    </message>
    <message>
        <source>When the machine was started or stopped last.</source>
        <translation>Wann die Maschine zuletzt gestartet oder angehalten wurde.</translation>
    </message>
    <message>
        <source>When the property was changed last, since 1970.</source>
        <translation>Wann die Eigenschaft zuletzt geändert wurde, seit 1970.</translation>
    </message>
    <message>
        <source>Where the recording goes: File.</source>
        <translation>Wohin die Aufzeichnung geht: Datei.</translation>
    </message>
    <message>
        <source>Whether the device is one of a remote display client: yes, no or both.</source>
        <translation>Ob das Gerät zu einem entfernten Client gehört: ja, nein oder beides.</translation>
    </message>
    <message>
        <source>Which frames of others the guest may see.</source>
        <translation>Welche Pakete anderer der Gast sehen darf.</translation>
    </message>
    <message>
        <source>Who decides whether a client may connect.</source>
        <translation>Wer entscheidet, ob sich ein Client verbinden darf.</translation>
    </message>
    <message>
        <source>Width of the recorded pictures.</source>
        <translation>Breite der aufgezeichneten Bilder.</translation>
    </message>
    <message>
        <source>Writable</source>
        <translation>Schreibbar</translation>
    </message>
    <message>
        <source>X2APIC</source>
        <translation>X2APIC</translation>
    </message>
</context>
<context>
    <name>SettingsCommands</name>
    <message>
        <source>The settings of this machine are open already.</source>
        <translation>Die Einstellungen dieser Maschine sind schon geöffnet.</translation>
    </message>
</context>
<context>
    <name>SettingsDialog</name>
    <message>
        <source>{name} - Settings</source>
        <translation>{name} – Einstellungen</translation>
    </message>
    <message>
        <source>Help for the current setting</source>
        <translation>Hilfe zur aktuellen Einstellung</translation>
    </message>
    <message>
        <source>The help for the setting that has the focus is shown here.</source>
        <translation>Hier steht die Hilfe zu der Einstellung, die den Fokus hat.</translation>
    </message>
    <message>
        <source>The machine was removed meanwhile; there is nothing to save to.</source>
        <translation>Die Maschine wurde inzwischen entfernt; es gibt nichts, worin gespeichert werden könnte.</translation>
    </message>
    <message>
        <source>Settings cannot be saved while something is invalid.</source>
        <translation>Die Einstellungen können nicht gespeichert werden, solange etwas ungültig ist.</translation>
    </message>
    <message>
        <source>The machine has a saved state: only what does not belong to that state can be changed. Discard the state to change everything.</source>
        <translation>Die Maschine hat einen gespeicherten Zustand: Nur was nicht zu ihm gehört, kann geändert werden. Verwerfen Sie den Zustand, um alles zu ändern.</translation>
    </message>
    <message>
        <source>The machine is running: only what can change meanwhile is enabled, such as the media in its removable drives.</source>
        <translation>Die Maschine läuft: Nur was sich im Betrieb ändern lässt, ist aktiviert, etwa die Medien in ihren Wechsellaufwerken.</translation>
    </message>
    <message>
        <source>The settings were saved, but not all else was done. {reason}</source>
        <translation>Die Einstellungen wurden gespeichert, aber alles andere gelang nicht. {reason}</translation>
    </message>
    <message>
        <source>The settings were not saved. {reason}</source>
        <translation>Die Einstellungen wurden nicht gespeichert. {reason}</translation>
    </message>
    <message>
        <source>The remote display server is switched off.</source>
        <translation>Der Server für entfernte Bildschirme ist ausgeschaltet.</translation>
    </message>
    <message>
        <source>Recording is switched off.</source>
        <translation>Die Aufzeichnung ist ausgeschaltet.</translation>
    </message>
    <message>
        <source>Guests have one screen in this version of Vitrine; a larger number is kept for later.</source>
        <translation>In dieser Version von Vitrine haben Gäste einen Bildschirm; eine größere Zahl wird für später bewahrt.</translation>
    </message>
    <message>
        <source>Guests see a VGA adapter with VESA modes in this version of Vitrine, whatever is chosen.</source>
        <translation>In dieser Version von Vitrine sehen Gäste einen VGA-Adapter mit VESA-Modi, gleich was gewählt ist.</translation>
    </message>
    <message>
        <source>Films that this version of Vitrine makes are silent.</source>
        <translation>Filme, die diese Version von Vitrine aufzeichnet, sind stumm.</translation>
    </message>
    <message>
        <source>&amp;Screen</source>
        <translation>&amp;Bildschirm</translation>
    </message>
    <message>
        <source>VRAM graphics</source>
        <translation>VRAM Grafik</translation>
    </message>
    <message>
        <source>Scale Factor</source>
        <translation>Skalierungsfaktor</translation>
    </message>
    <message>
        <source>How much larger the window shows the guest&apos;s screen.</source>
        <translation>Wie viel größer das Fenster den Bildschirm des Gastes zeigt.</translation>
    </message>
    <message>
        <source>&amp;Remote Display</source>
        <translation>&amp;Entfernter Bildschirm</translation>
    </message>
    <message>
        <source>Server Port</source>
        <translation>Serverport</translation>
    </message>
    <message>
        <source>Port on which clients are awaited; a list or range such as 5010-5020,5030 takes the first that is free.</source>
        <translation>Port, auf dem Clients erwartet werden; eine Liste oder ein Bereich wie 5010-5020,5030 nimmt den ersten freien.</translation>
    </message>
    <message>
        <source>Server Address</source>
        <translation>Serveradresse</translation>
    </message>
    <message>
        <source>Address of this computer on which clients are awaited; all when empty.</source>
        <translation>Adresse dieses Computers, auf der Clients erwartet werden; leer sind es alle.</translation>
    </message>
    <message>
        <source>Re&amp;cording</source>
        <translation>Auf&amp;zeichnung</translation>
    </message>
    <message>
        <source>Frame Size</source>
        <translation>Größe des Bilds</translation>
    </message>
    <message>
        <source>Display</source>
        <translation>Anzeige</translation>
    </message>
    <message>
        <source>Autostart is off: nothing follows from this setting.</source>
        <translation>Der automatische Start ist ausgeschaltet: Aus dieser Einstellung folgt nichts.</translation>
    </message>
    <message>
        <source>The machine does not wait for another one.</source>
        <translation>Die Maschine wartet auf keine andere.</translation>
    </message>
    <message>
        <source>Tracing is switched off.</source>
        <translation>Die Ablaufverfolgung ist ausgeschaltet.</translation>
    </message>
    <message>
        <source>No guest debug provider is chosen.</source>
        <translation>Es ist kein Anbieter für die Fehlersuche im Gast gewählt.</translation>
    </message>
    <message>
        <source>&amp;Basic</source>
        <translation>&amp;Einfach</translation>
    </message>
    <message>
        <source>Operating System</source>
        <translation>Betriebssystem</translation>
    </message>
    <message>
        <source>&amp;Advanced</source>
        <translation>E&amp;rweitert</translation>
    </message>
    <message>
        <source>&amp;Running</source>
        <translation>&amp;Betrieb</translation>
    </message>
    <message>
        <source>Start with the host</source>
        <translation>Mit dem Host starten</translation>
    </message>
    <message>
        <source>Teleporting</source>
        <translation>Wird teleportiert</translation>
    </message>
    <message>
        <source>Debugging</source>
        <translation>Fehlersuche</translation>
    </message>
    <message>
        <source>&amp;Description</source>
        <translation>&amp;Beschreibung</translation>
    </message>
    <message>
        <source>General</source>
        <translation>Allgemein</translation>
    </message>
    <message>
        <source>Port &amp;3</source>
        <translation>Port &amp;3</translation>
    </message>
    <message>
        <source>Port &amp;4</source>
        <translation>Port &amp;4</translation>
    </message>
    <message>
        <source>Connect to existing pipe/socket</source>
        <translation>Mit vorhandener Pipe/Socket verbinden</translation>
    </message>
    <message>
        <source>Connect to a pipe or socket that is there instead of creating it.</source>
        <translation>Sich mit einer vorhandenen Pipe oder Socket verbinden, statt eine anzulegen.</translation>
    </message>
    <message>
        <source>Only pipes and sockets can be connected to.</source>
        <translation>Nur mit Pipes und Sockets kann man sich verbinden.</translation>
    </message>
    <message>
        <source>The port is disconnected.</source>
        <translation>Der Port ist nicht verbunden.</translation>
    </message>
    <message>
        <source>Serial Ports</source>
        <translation>Serielle Ports</translation>
    </message>
    <message>
        <source>Storage</source>
        <translation>Massenspeicher</translation>
    </message>
    <message>
        <source>hard disk optical drive floppy image ISO CD DVD controller SATA IDE SCSI NVMe host I/O cache port count solid-state drive hot-pluggable passthrough live</source>
        <translation>Festplatte optisches Laufwerk Diskette Abbild ISO CD DVD Controller SATA IDE SCSI NVMe Cache Portanzahl Solid-State-Laufwerk Hot-Plug Durchreichen Live</translation>
    </message>
    <message>
        <source>Extended Features</source>
        <translation>Erweiterte Merkmale</translation>
    </message>
    <message>
        <source>Several processors need a host with KVM; elsewhere the machine starts with one.</source>
        <translation>Mehrere Prozessoren brauchen einen Wirt mit KVM; sonst startet die Maschine mit einem.</translation>
    </message>
    <message>
        <source>This version of Vitrine has PIIX3 only; a machine with another one does not start.</source>
        <translation>Diese Version von Vitrine hat nur PIIX3; eine Maschine mit einem anderen startet nicht.</translation>
    </message>
    <message>
        <source>This version of Vitrine has BIOS only; a machine with EFI does not start.</source>
        <translation>Diese Version von Vitrine hat nur BIOS; eine Maschine mit EFI startet nicht.</translation>
    </message>
    <message>
        <source>Vitrine runs guests on KVM where the host has it, and translates them otherwise.</source>
        <translation>Vitrine führt Gäste auf KVM aus, wo der Host es hat, und übersetzt sie sonst.</translation>
    </message>
    <message>
        <source>The guest needs a driver for virtio balloons, as Linux has one.</source>
        <translation>Der Gast braucht einen Treiber für virtio-Ballons, wie Linux einen hat.</translation>
    </message>
    <message>
        <source>Only EFI firmware has variables.</source>
        <translation>Nur EFI-Firmware hat Variablen.</translation>
    </message>
    <message>
        <source>Only a TPM of the type swtpm has an address.</source>
        <translation>Nur ein TPM vom Typ swtpm hat eine Adresse.</translation>
    </message>
    <message>
        <source>The I/O cache is switched off.</source>
        <translation>Der I/O-Cache ist ausgeschaltet.</translation>
    </message>
    <message>
        <source>Hardware virtualization is switched off.</source>
        <translation>Die Hardware-Virtualisierung ist ausgeschaltet.</translation>
    </message>
    <message>
        <source>&amp;Motherboard</source>
        <translation>&amp;Hauptplatine</translation>
    </message>
    <message>
        <source>RAM</source>
        <translation>RAM</translation>
    </message>
    <message>
        <source>Random Numbers of the Host</source>
        <translation>Zufallszahlen des Hosts</translation>
    </message>
    <message>
        <source>The guest takes random numbers from the host, through a virtio device.</source>
        <translation>Der Gast holt sich Zufallszahlen vom Host, über ein virtio-Gerät.</translation>
    </message>
    <message>
        <source>entropy virtio-rng</source>
        <translation>Entropie virtio-rng</translation>
    </message>
    <message>
        <source>Memory of the host</source>
        <translation>Speicher des Hosts</translation>
    </message>
    <message>
        <source>Memory Balloon Can Be Inflated Later</source>
        <translation>Speicherballon kann später aufgeblasen werden</translation>
    </message>
    <message>
        <source>The guest finds a virtio balloon also while its size is 0, so that a running machine can give memory back.</source>
        <translation>Der Gast findet auch dann einen virtio-Ballon, wenn dessen Größe 0 ist, sodass eine laufende Maschine Speicher zurückgeben kann.</translation>
    </message>
    <message>
        <source>&amp;Processor</source>
        <translation>&amp;Prozessor</translation>
    </message>
    <message>
        <source>CPU cores</source>
        <translation>CPU Kerne</translation>
    </message>
    <message>
        <source>Protection against other guests</source>
        <translation>Schutz vor anderen Gästen</translation>
    </message>
    <message>
        <source>A&amp;cceleration</source>
        <translation>Be&amp;schleunigung</translation>
    </message>
    <message>
        <source>KVM Unicorn speed</source>
        <translation>KVM Unicorn Geschwindigkeit</translation>
    </message>
    <message>
        <source>Hardware virtualization</source>
        <translation>Hardware-Virtualisierung</translation>
    </message>
    <message>
        <source>Disks</source>
        <translation>Platten</translation>
    </message>
    <message>
        <source>&amp;Firmware</source>
        <translation>&amp;Firmware</translation>
    </message>
    <message>
        <source>Logo</source>
        <translation>Logo</translation>
    </message>
    <message>
        <source>What the guest reads</source>
        <translation>Was der Gast liest</translation>
    </message>
    <message>
        <source>System</source>
        <translation>System</translation>
    </message>
    <message>
        <source>This version of Vitrine does not use the setting; it is kept for VirtualBox and for later versions.</source>
        <translation>Diese Version von Vitrine verwendet die Einstellung nicht; sie wird für VirtualBox und für spätere Versionen bewahrt.</translation>
    </message>
    <message>
        <source>about {size} MB per 5-minute video</source>
        <translation>etwa {size} MB je 5 Minuten Video</translation>
    </message>
    <message>
        <source>The machine has no audio adapter.</source>
        <translation>Die Maschine hat keinen Audioadapter.</translation>
    </message>
    <message>
        <source>The default driver of the host is used.</source>
        <translation>Der Standardtreiber des Hosts wird verwendet.</translation>
    </message>
    <message>
        <source>Audio</source>
        <translation>Audio</translation>
    </message>
    <message>
        <source>sound</source>
        <translation>Ton Klang</translation>
    </message>
    <message>
        <source>Adapter &amp;1</source>
        <translation>Adapter &amp;1</translation>
    </message>
    <message>
        <source>Adapter &amp;2</source>
        <translation>Adapter &amp;2</translation>
    </message>
    <message>
        <source>Adapter &amp;3</source>
        <translation>Adapter &amp;3</translation>
    </message>
    <message>
        <source>Adapter &amp;4</source>
        <translation>Adapter &amp;4</translation>
    </message>
    <message>
        <source>Adapter &amp;5</source>
        <translation>Adapter &amp;5</translation>
    </message>
    <message>
        <source>Adapter &amp;6</source>
        <translation>Adapter &amp;6</translation>
    </message>
    <message>
        <source>Adapter &amp;7</source>
        <translation>Adapter &amp;7</translation>
    </message>
    <message>
        <source>Adapter &amp;8</source>
        <translation>Adapter &amp;8</translation>
    </message>
    <message>
        <source>The adapter is switched off.</source>
        <translation>Der Adapter ist ausgeschaltet.</translation>
    </message>
    <message>
        <source>Advanced</source>
        <translation>Erweitert</translation>
    </message>
    <message>
        <source>NAT engine</source>
        <translation>NAT-Engine</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>Netzwerk</translation>
    </message>
    <message>
        <source>Port &amp;1</source>
        <translation>Port &amp;1</translation>
    </message>
    <message>
        <source>Port &amp;2</source>
        <translation>Port &amp;2</translation>
    </message>
    <message>
        <source>The port is switched off.</source>
        <translation>Der Port ist ausgeschaltet.</translation>
    </message>
    <message>
        <source>Port Number</source>
        <translation>Portnummer</translation>
    </message>
    <message>
        <source>Usual name of the port: it stands for an I/O port and an interrupt line.</source>
        <translation>Üblicher Name des Ports: Er steht für einen I/O-Port und eine Interruptleitung.</translation>
    </message>
    <message>
        <source>Parallel Ports</source>
        <translation>Parallele Ports</translation>
    </message>
    <message>
        <source>Guests of this version of Vitrine do not get devices of this computer; the filters are kept for VirtualBox and for later versions.</source>
        <translation>Gäste dieser Version von Vitrine bekommen keine Geräte dieses Rechners; die Filter bleiben für VirtualBox und für spätere Versionen erhalten.</translation>
    </message>
    <message>
        <source>USB</source>
        <translation>USB</translation>
    </message>
    <message>
        <source>USB 1.1 2.0 3.0 OHCI EHCI xHCI</source>
        <translation>USB 1.1 2.0 3.0 OHCI EHCI xHCI</translation>
    </message>
    <message>
        <source>USB Device Filters</source>
        <translation>Filter für USB-Geräte</translation>
    </message>
    <message>
        <source>The machine has no USB controller.</source>
        <translation>Die Maschine hat keinen USB-Controller.</translation>
    </message>
    <message>
        <source>Every USB device</source>
        <translation>Jedes USB-Gerät</translation>
    </message>
    <message>
        <source>Shared Folders</source>
        <translation>Gemeinsame Ordner</translation>
    </message>
    <message>
        <source>Guests of this version of Vitrine cannot reach them yet; they are kept for VirtualBox and for later versions.</source>
        <translation>Gäste dieser Version von Vitrine können sie noch nicht erreichen; sie werden für VirtualBox und für spätere Versionen bewahrt.</translation>
    </message>
    <message>
        <source>User Interface</source>
        <translation>Benutzeroberfläche</translation>
    </message>
    <message>
        <source>Visual State</source>
        <translation>Darstellung</translation>
    </message>
    <message>
        <source>How the window of the machine starts. Seamless is kept for VirtualBox: this version of Vitrine starts with a window then.</source>
        <translation>Wie das Fenster der Maschine beginnt. Nahtlos bleibt für VirtualBox erhalten: diese Version von Vitrine beginnt dann mit einem Fenster.</translation>
    </message>
    <message>
        <source>Mini ToolBar</source>
        <translation>Kleine Werkzeugleiste</translation>
    </message>
    <message>
        <source>Show in Full-screen/Seamless</source>
        <translation>In Vollbild und nahtlosem Modus zeigen</translation>
    </message>
    <message>
        <source>A small tool bar appears at the edge of the screen.</source>
        <translation>Am Rand des Bildschirms erscheint eine kleine Werkzeugleiste.</translation>
    </message>
    <message>
        <source>Show at Top of Screen</source>
        <translation>Oben am Bildschirm zeigen</translation>
    </message>
    <message>
        <source>The small tool bar is at the upper edge instead of the lower one.</source>
        <translation>Die kleine Werkzeugleiste ist am oberen statt am unteren Rand.</translation>
    </message>
    <message>
        <source>There is no small tool bar.</source>
        <translation>Es gibt keine kleine Werkzeugleiste.</translation>
    </message>
    <message>
        <source>Menu bar</source>
        <translation>Menüleiste</translation>
    </message>
    <message>
        <source>Show the menu bar</source>
        <translation>Die Menüleiste zeigen</translation>
    </message>
    <message>
        <source>The window of the machine has a menu bar.</source>
        <translation>Das Fenster der Maschine hat eine Menüleiste.</translation>
    </message>
    <message>
        <source>Menus</source>
        <translation>Menüs</translation>
    </message>
    <message>
        <source>Menus that the window offers when the machine starts the next time, and their items. Keys of hidden items still work.</source>
        <translation>Menüs, die das Fenster beim nächsten Start der Maschine anbietet, und ihre Einträge. Tasten verborgener Einträge wirken weiterhin.</translation>
    </message>
    <message>
        <source>There is no menu bar.</source>
        <translation>Es gibt keine Menüleiste.</translation>
    </message>
    <message>
        <source>Status bar</source>
        <translation>Statusleiste</translation>
    </message>
    <message>
        <source>Show the status bar</source>
        <translation>Die Statusleiste zeigen</translation>
    </message>
    <message>
        <source>The window of the machine has a status bar.</source>
        <translation>Das Fenster der Maschine hat eine Statusleiste.</translation>
    </message>
    <message>
        <source>Indicators</source>
        <translation>Anzeigen</translation>
    </message>
    <message>
        <source>Symbols in the status bar, and their order.</source>
        <translation>Symbole in der Statusleiste und ihre Reihenfolge.</translation>
    </message>
    <message>
        <source>There is no status bar.</source>
        <translation>Es gibt keine Statusleiste.</translation>
    </message>
</context>
<context>
    <name>SharedFolderDialog</name>
    <message>
        <source>Edit Shared Folder</source>
        <translation>Gemeinsamen Ordner bearbeiten</translation>
    </message>
    <message>
        <source>Add Shared Folder</source>
        <translation>Gemeinsamen Ordner hinzufügen</translation>
    </message>
    <message>
        <source>&amp;Read-only</source>
        <translation>Nur &amp;lesbar</translation>
    </message>
    <message>
        <source>The guest may read what is in the folder only.</source>
        <translation>Der Gast darf nur lesen, was in dem Ordner ist.</translation>
    </message>
    <message>
        <source>Choose a folder of this computer.</source>
        <translation>Wählen Sie einen Ordner dieses Computers.</translation>
    </message>
    <message>
        <source>The guest needs a name for the folder.</source>
        <translation>Der Gast braucht einen Namen für den Ordner.</translation>
    </message>
    <message>
        <source>The name must not have blanks or slashes in it.</source>
        <translation>Der Name darf keine Leerzeichen und keine Schrägstriche enthalten.</translation>
    </message>
    <message>
        <source>The machine has a shared folder “{name}” already.</source>
        <translation>Die Maschine hat schon einen gemeinsamen Ordner „{name}“.</translation>
    </message>
    <message>
        <source>The folder {path} is not there at the moment.</source>
        <translation>Der Ordner {path} ist im Augenblick nicht da.</translation>
    </message>
</context>
<context>
    <name>SharedFolders</name>
    <message>
        <source>Shared folders</source>
        <translation>Gemeinsame Ordner</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Path</source>
        <translation>Pfad</translation>
    </message>
    <message>
        <source>Auto-mount</source>
        <translation>Automatisch einbinden</translation>
    </message>
    <message>
        <source>Access</source>
        <translation>Zugriff</translation>
    </message>
    <message>
        <source>Mount Point</source>
        <translation>Einbindepunkt</translation>
    </message>
    <message>
        <source>Add a shared folder</source>
        <translation>Einen gemeinsamen Ordner hinzufügen</translation>
    </message>
    <message>
        <source>Edit the shared folder</source>
        <translation>Den gemeinsamen Ordner bearbeiten</translation>
    </message>
    <message>
        <source>Remove the shared folder</source>
        <translation>Den gemeinsamen Ordner entfernen</translation>
    </message>
    <message>
        <source>Machine Folders</source>
        <translation>Ordner der Maschine</translation>
    </message>
    <message>
        <source>Transient Folders</source>
        <translation>Vorübergehende Ordner</translation>
    </message>
    <message>
        <source>The machine is running: folders that are added now are transient, they are shared until it stops.</source>
        <translation>Die Maschine läuft: Ordner, die jetzt hinzukommen, sind vorübergehend; sie werden geteilt, bis sie anhält.</translation>
    </message>
    <message>
        <source>The guest can reach no folder of this computer.</source>
        <translation>Der Gast kann keinen Ordner dieses Computers erreichen.</translation>
    </message>
    <message>
        <source>Yes</source>
        <translation>Ja</translation>
    </message>
    <message>
        <source>No</source>
        <translation>Nein</translation>
    </message>
    <message>
        <source>Full</source>
        <translation>Voll</translation>
    </message>
    <message>
        <source>Read-only</source>
        <translation>Nur lesbar</translation>
    </message>
    <message>
        <source>Machine folders can change only while the machine is off.</source>
        <translation>Ordner der Maschine lassen sich nur bei ausgeschalteter Maschine ändern.</translation>
    </message>
</context>
<context>
    <name>ShortcutEditor</name>
    <message>
        <source>Filter by name or keys</source>
        <translation>Nach Namen oder Tasten filtern</translation>
    </message>
    <message>
        <source>&amp;Keys:</source>
        <translation>&amp;Tasten:</translation>
    </message>
    <message>
        <source>Take the shortcut away</source>
        <translation>Das Tastenkürzel wegnehmen</translation>
    </message>
    <message>
        <source>Go back to the built-in shortcut</source>
        <translation>Zum eingebauten Tastenkürzel zurückkehren</translation>
    </message>
    <message>
        <source>Built-in shortcut</source>
        <translation>Eingebautes Tastenkürzel</translation>
    </message>
    <message>
        <source>Keys of “{action}”</source>
        <translation>Tasten von „{action}“</translation>
    </message>
</context>
<context>
    <name>ShortcutModel</name>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Shortcut</source>
        <translation>Tastenkürzel</translation>
    </message>
</context>
<context>
    <name>SnapshotPanel</name>
    <message>
        <source>&amp;Attributes</source>
        <translation>&amp;Attribute</translation>
    </message>
    <message>
        <source>&amp;Information</source>
        <translation>&amp;Information</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Description</source>
        <translation>Beschreibung</translation>
    </message>
    <message>
        <source>Taken:</source>
        <translation>Erstellt:</translation>
    </message>
    <message>
        <source>Appl&amp;y</source>
        <translation>An&amp;wenden</translation>
    </message>
    <message>
        <source>R&amp;eset</source>
        <translation>Zurück&amp;setzen</translation>
    </message>
    <message>
        <source>Ta&amp;ke</source>
        <translation>&amp;Erstellen</translation>
    </message>
    <message>
        <source>&amp;Name:</source>
        <translation>&amp;Name:</translation>
    </message>
    <message>
        <source>&amp;Description:</source>
        <translation>&amp;Beschreibung:</translation>
    </message>
    <message>
        <source>A snapshot needs a name.</source>
        <translation>Ein Sicherungspunkt braucht einen Namen.</translation>
    </message>
    <message>
        <source>Nothing was changed.</source>
        <translation>Es wurde nichts geändert.</translation>
    </message>
</context>
<context>
    <name>SnapshotTree</name>
    <message>
        <source>Snapshots</source>
        <translation>Sicherungspunkte</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Taken</source>
        <translation>Erstellt</translation>
    </message>
    <message>
        <source>Taken {when}</source>
        <translation>Erstellt {when}</translation>
    </message>
    <message>
        <source>It was taken while the machine ran.</source>
        <translation>Er wurde erstellt, während die Maschine lief.</translation>
    </message>
    <message>
        <source>It was taken while the machine was powered off.</source>
        <translation>Er wurde erstellt, während die Maschine ausgeschaltet war.</translation>
    </message>
    <message>
        <source>Current State (changed)</source>
        <translation>Aktueller Zustand (geändert)</translation>
    </message>
    <message>
        <source>Current State</source>
        <translation>Aktueller Zustand</translation>
    </message>
    <message>
        <source>The machine is running.</source>
        <translation>Die Maschine läuft.</translation>
    </message>
    <message>
        <source>The machine differs from the snapshot that it is based on.</source>
        <translation>Die Maschine unterscheidet sich von dem Sicherungspunkt, auf dem sie beruht.</translation>
    </message>
    <message>
        <source>The machine is as it was when the snapshot was taken.</source>
        <translation>Die Maschine ist so, wie sie beim Erstellen des Sicherungspunkts war.</translation>
    </message>
    <message>
        <source>No snapshot of the machine was taken yet.</source>
        <translation>Von der Maschine wurde noch kein Sicherungspunkt erstellt.</translation>
    </message>
</context>
<context>
    <name>SnapshotsPane</name>
    <message>
        <source>The snapshots of “{name}” cannot be shown</source>
        <translation>Die Sicherungspunkte von „{name}“ können nicht gezeigt werden</translation>
    </message>
    <message>
        <source>Screenshot of “{name}”</source>
        <translation>Bildschirmfoto von „{name}“</translation>
    </message>
    <message>
        <source>The snapshots are being fetched.</source>
        <translation>Die Sicherungspunkte werden geholt.</translation>
    </message>
    <message>
        <source>A machine that runs cannot be cloned.</source>
        <translation>Eine laufende Maschine kann nicht geklont werden.</translation>
    </message>
    <message>
        <source>Select a snapshot.</source>
        <translation>Wählen Sie einen Sicherungspunkt.</translation>
    </message>
    <message>
        <source>The machine is busy; wait until that has ended.</source>
        <translation>Die Maschine ist beschäftigt; warten Sie, bis das beendet ist.</translation>
    </message>
    <message>
        <source>The machine is running; power it off first.</source>
        <translation>Die Maschine läuft; schalten Sie sie erst aus.</translation>
    </message>
    <message>
        <source>Taking the snapshot “{name}” of “{machine}”</source>
        <translation>Der Sicherungspunkt „{name}“ von „{machine}“ wird erstellt</translation>
    </message>
    <message>
        <source>The snapshot “{name}” was not taken</source>
        <translation>Der Sicherungspunkt „{name}“ wurde nicht erstellt</translation>
    </message>
    <message>
        <source>&amp;Create a snapshot of the current machine state</source>
        <translation>Einen Sicherungspunkt des aktuellen Zustands &amp;erstellen</translation>
    </message>
    <message>
        <source>Restoring the snapshot “{name}” of “{machine}”</source>
        <translation>Der Sicherungspunkt „{name}“ von „{machine}“ wird wiederhergestellt</translation>
    </message>
    <message>
        <source>The snapshot “{name}” was not restored</source>
        <translation>Der Sicherungspunkt „{name}“ wurde nicht wiederhergestellt</translation>
    </message>
    <message>
        <source>The machine becomes what it was when the snapshot was taken. What has changed since is lost unless a snapshot of it is created first.</source>
        <translation>Die Maschine wird, was sie beim Erstellen des Sicherungspunkts war. Was sich seitdem geändert hat, geht verloren, wenn davon nicht zuerst ein Sicherungspunkt erstellt wird.</translation>
    </message>
    <message>
        <source>Restore snapshot</source>
        <translation>Sicherungspunkt wiederherstellen</translation>
    </message>
    <message>
        <source>Restore the snapshot “{name}” of the machine “{machine}”?</source>
        <translation>Den Sicherungspunkt „{name}“ der Maschine „{machine}“ wiederherstellen?</translation>
    </message>
    <message>
        <source>&amp;Restore</source>
        <translation>&amp;Wiederherstellen</translation>
    </message>
    <message>
        <source>Deleting the snapshot “{name}” of “{machine}”</source>
        <translation>Der Sicherungspunkt „{name}“ von „{machine}“ wird gelöscht</translation>
    </message>
    <message>
        <source>The snapshot “{name}” was not deleted</source>
        <translation>Der Sicherungspunkt „{name}“ wurde nicht gelöscht</translation>
    </message>
    <message>
        <source>The state that the snapshot holds is lost and cannot be gone back to. The current state and the other snapshots stay as they are. Merging the disk images may take time, and room on the disks of this computer meanwhile.</source>
        <translation>Der Zustand, den der Sicherungspunkt bewahrt, geht verloren; zu ihm kann man nicht mehr zurückkehren. Der aktuelle Zustand und die anderen Sicherungspunkte bleiben, wie sie sind. Das Verschmelzen der Plattenabbilder kann dauern und braucht solange Platz auf den Platten dieses Computers.</translation>
    </message>
    <message>
        <source>Delete snapshot</source>
        <translation>Sicherungspunkt löschen</translation>
    </message>
    <message>
        <source>Delete the snapshot “{name}” of the machine “{machine}”?</source>
        <translation>Den Sicherungspunkt „{name}“ der Maschine „{machine}“ löschen?</translation>
    </message>
    <message>
        <source>&amp;Delete</source>
        <translation>&amp;Löschen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>The snapshot “{name}” was not changed</source>
        <translation>Der Sicherungspunkt „{name}“ wurde nicht geändert</translation>
    </message>
</context>
<context>
    <name>SoftKeyboard</name>
    <message>
        <source>{machine} - Soft Keyboard</source>
        <translation>{machine} - Bildschirmtastatur</translation>
    </message>
    <message>
        <source>Layout</source>
        <translation>Belegung</translation>
    </message>
    <message>
        <source>&amp;Release All Keys</source>
        <translation>Alle Tasten &amp;loslassen</translation>
    </message>
    <message>
        <source>A click holds a modifier for one key, a right click locks it.</source>
        <translation>Ein Klick hält eine Umschalttaste für eine Taste, ein Rechtsklick rastet sie ein.</translation>
    </message>
    <message>
        <source>Layout:</source>
        <translation>Belegung:</translation>
    </message>
</context>
<context>
    <name>SoftKeyboardWidget</name>
    <message>
        <source>Soft keyboard</source>
        <translation>Bildschirmtastatur</translation>
    </message>
</context>
<context>
    <name>StatusBarEditor</name>
    <message>
        <source>Status Bar Settings</source>
        <translation>Einstellungen der Statusleiste</translation>
    </message>
    <message>
        <source>Indicators that the status bar shows, from left to right. Drag them, or move them with the arrows. Those of devices that the machine lacks stay away.</source>
        <translation>Anzeigen, die die Statusleiste zeigt, von links nach rechts. Ziehen Sie sie, oder verschieben Sie sie mit den Pfeilen. Die von Geräten, die der Maschine fehlen, bleiben weg.</translation>
    </message>
    <message>
        <source>Move the indicator to the left</source>
        <translation>Die Anzeige nach links verschieben</translation>
    </message>
    <message>
        <source>Move the indicator to the right</source>
        <translation>Die Anzeige nach rechts verschieben</translation>
    </message>
</context>
<context>
    <name>StorageEditor</name>
    <message>
        <source>Add controller</source>
        <translation>Controller hinzufügen</translation>
    </message>
    <message>
        <source>Add attachment</source>
        <translation>Laufwerk hinzufügen</translation>
    </message>
    <message>
        <source>Remove controller or attachment</source>
        <translation>Controller oder Laufwerk entfernen</translation>
    </message>
    <message>
        <source>Storage Devices</source>
        <translation>Massenspeicher</translation>
    </message>
    <message>
        <source>The machine has no storage controller. Add one with the button below the list.</source>
        <translation>Die Maschine hat keinen Controller für Massenspeicher. Fügen Sie mit dem Knopf unter der Liste einen hinzu.</translation>
    </message>
    <message>
        <source>Controllers and drives can change only while the machine is off.</source>
        <translation>Controller und Laufwerke lassen sich nur bei ausgeschalteter Maschine ändern.</translation>
    </message>
    <message>
        <source>While the machine runs, only drives of SATA, USB and virtio-blk controllers can change.</source>
        <translation>Solange die Maschine läuft, können nur Laufwerke von SATA-, USB- und virtio-blk-Controllern wechseln.</translation>
    </message>
    <message>
        <source>Controllers can change only while the machine is off.</source>
        <translation>Controller lassen sich nur bei ausgeschalteter Maschine ändern.</translation>
    </message>
    <message>
        <source>The drive is not hot-pluggable; it stays while the machine runs.</source>
        <translation>Das Laufwerk ist nicht im Betrieb wechselbar; es bleibt, solange die Maschine läuft.</translation>
    </message>
    <message>
        <source>There is no controller.</source>
        <translation>Es gibt keinen Controller.</translation>
    </message>
    <message>
        <source>“{name}” has no free slot.</source>
        <translation>„{name}“ hat keinen freien Anschluss.</translation>
    </message>
    <message>
        <source>The machine can have {count} of these at most.</source>
        <translation>Die Maschine kann davon höchstens {count} haben.</translation>
    </message>
    <message>
        <source>&amp;Hard Disk</source>
        <translation>&amp;Festplatte</translation>
    </message>
    <message>
        <source>&amp;Optical Drive</source>
        <translation>&amp;Optisches Laufwerk</translation>
    </message>
    <message>
        <source>&amp;Floppy Drive</source>
        <translation>&amp;Diskettenlaufwerk</translation>
    </message>
    <message>
        <source>Leave &amp;empty</source>
        <translation>&amp;Leer lassen</translation>
    </message>
    <message>
        <source>&amp;Remove disk from virtual drive</source>
        <translation>Platte aus dem virtuellen Laufwerk &amp;entfernen</translation>
    </message>
    <message>
        <source>Remove optical drive</source>
        <translation>Optisches Laufwerk entfernen</translation>
    </message>
    <message>
        <source>Remove the optical drive from the machine?</source>
        <translation>Das optische Laufwerk aus der Maschine entfernen?</translation>
    </message>
    <message>
        <source>&amp;Remove</source>
        <translation>&amp;Entfernen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>No disk can be inserted then while the machine runs, nor Guest Additions be installed. To take only the disk out, empty the drive instead.</source>
        <translation>Während die Maschine läuft, kann dann keine Platte eingelegt werden, und es können keine Gasterweiterungen installiert werden. Um nur die Platte herauszunehmen, leeren Sie stattdessen das Laufwerk.</translation>
    </message>
</context>
<context>
    <name>StorageTree</name>
    <message>
        <source>Storage devices</source>
        <translation>Massenspeicher</translation>
    </message>
    <message>
        <source>Controller: {name}</source>
        <translation>Controller: {name}</translation>
    </message>
    <message>
        <source>Host drive {path}</source>
        <translation>Laufwerk des Hosts {path}</translation>
    </message>
    <message>
        <source>Empty</source>
        <translation>Leer</translation>
    </message>
    <message>
        <source>Unknown medium</source>
        <translation>Unbekanntes Medium</translation>
    </message>
</context>
<context>
    <name>SummaryPage</name>
    <message>
        <source>Summary</source>
        <translation>Zusammenfassung</translation>
    </message>
    <message>
        <source>Finish creates the machine with the choices below. Nearly everything can be changed later in its settings.</source>
        <translation>„Fertigstellen“ legt die Maschine mit der Auswahl unten an. Fast alles lässt sich später in ihren Einstellungen ändern.</translation>
    </message>
    <message>
        <source>Name and operating system</source>
        <translation>Name und Betriebssystem</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>ISO image</source>
        <translation>ISO-Abbild</translation>
    </message>
    <message>
        <source>None</source>
        <translation>Keine</translation>
    </message>
    <message>
        <source>Guest system</source>
        <translation>Gastsystem</translation>
    </message>
    <message>
        <source>Hardware</source>
        <translation>Hardware</translation>
    </message>
    <message>
        <source>Base memory</source>
        <translation>Hauptspeicher</translation>
    </message>
    <message>
        <source>{size} MB</source>
        <translation>{size} MB</translation>
    </message>
    <message>
        <source>Processors</source>
        <translation>Prozessoren</translation>
    </message>
    <message>
        <source>Firmware</source>
        <translation>Firmware</translation>
    </message>
    <message>
        <source>Virtual hard disk</source>
        <translation>Virtuelle Festplatte</translation>
    </message>
    <message>
        <source>New file</source>
        <translation>Neue Datei</translation>
    </message>
    <message>
        <source>File type</source>
        <translation>Dateityp</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Pre-allocated</source>
        <translation>Sofort belegt</translation>
    </message>
    <message>
        <source>Yes</source>
        <translation>Ja</translation>
    </message>
    <message>
        <source>No, grows with use</source>
        <translation>Nein, wächst mit der Benutzung</translation>
    </message>
    <message>
        <source>Existing file</source>
        <translation>Vorhandene Datei</translation>
    </message>
    <message>
        <source>Hard disk</source>
        <translation>Festplatte</translation>
    </message>
</context>
<context>
    <name>TakeSnapshotDialog</name>
    <message>
        <source>Take Snapshot of “{name}”</source>
        <translation>Sicherungspunkt von „{name}“ erstellen</translation>
    </message>
    <message>
        <source>Snapshot name</source>
        <translation>Name des Sicherungspunkts</translation>
    </message>
    <message>
        <source>Snapshot description</source>
        <translation>Beschreibung des Sicherungspunkts</translation>
    </message>
    <message>
        <source>&amp;Take</source>
        <translation>&amp;Erstellen</translation>
    </message>
    <message>
        <source>Snapshot &amp;Name:</source>
        <translation>&amp;Name des Sicherungspunkts:</translation>
    </message>
    <message>
        <source>Snapshot &amp;Description:</source>
        <translation>&amp;Beschreibung des Sicherungspunkts:</translation>
    </message>
    <message>
        <source>A snapshot needs a name.</source>
        <translation>Ein Sicherungspunkt braucht einen Namen.</translation>
    </message>
</context>
<context>
    <name>ThumbnailButton</name>
    <message>
        <source>Show what was on the screen</source>
        <translation>Zeigen, was auf dem Bildschirm war</translation>
    </message>
</context>
<context>
    <name>ToolArea</name>
    <message>
        <source>Tool Bar</source>
        <translation>Werkzeugleiste</translation>
    </message>
    <message>
        <source>Select one machine.</source>
        <translation>Wählen Sie eine einzige Maschine aus.</translation>
    </message>
    <message>
        <source>Tool bar of {tool}</source>
        <translation>Werkzeugleiste von {tool}</translation>
    </message>
    <message>
        <source>Show Toolbar &amp;Text</source>
        <translation>&amp;Text in der Werkzeugleiste zeigen</translation>
    </message>
</context>
<context>
    <name>Typist</name>
    <message>
        <source>The machine has stopped before the whole text was typed.</source>
        <translation>Die Maschine wurde angehalten, bevor der ganze Text getippt war.</translation>
    </message>
    <message>
        <source>The guest does not read its keyboard at the moment; only a part of the text was typed.</source>
        <translation>Der Gast liest seine Tastatur im Moment nicht; nur ein Teil des Textes wurde getippt.</translation>
    </message>
</context>
<context>
    <name>UsbControllers</name>
    <message>
        <source>Enable USB Controller</source>
        <translation>USB-Controller aktivieren</translation>
    </message>
    <message>
        <source>USB 1.1 (OHCI) Controller</source>
        <translation>USB-1.1-Controller (OHCI)</translation>
    </message>
    <message>
        <source>USB 2.0 (OHCI + EHCI) Controller</source>
        <translation>USB-2.0-Controller (OHCI + EHCI)</translation>
    </message>
    <message>
        <source>USB 3.0 (xHCI) Controller</source>
        <translation>USB-3.0-Controller (xHCI)</translation>
    </message>
</context>
<context>
    <name>UsbFilterDialog</name>
    <message>
        <source>USB Filter Details</source>
        <translation>Einzelheiten des USB-Filters</translation>
    </message>
    <message>
        <source>The filter needs a name.</source>
        <translation>Der Filter braucht einen Namen.</translation>
    </message>
    <message>
        <source>“{text}” is not four hexadecimal digits.</source>
        <translation>„{text}“ sind keine vier hexadezimalen Ziffern.</translation>
    </message>
</context>
<context>
    <name>UsbFilters</name>
    <message>
        <source>USB device filters</source>
        <translation>Filter für USB-Geräte</translation>
    </message>
    <message>
        <source>The machine gets no USB devices by itself. Add a filter to change that.</source>
        <translation>Die Maschine bekommt von sich aus keine USB-Geräte. Fügen Sie einen Filter hinzu, um das zu ändern.</translation>
    </message>
    <message>
        <source>Add a filter for every device</source>
        <translation>Einen Filter für jedes Gerät hinzufügen</translation>
    </message>
    <message>
        <source>Add a filter for a plugged-in device</source>
        <translation>Einen Filter für ein angestecktes Gerät hinzufügen</translation>
    </message>
    <message>
        <source>Edit the filter</source>
        <translation>Den Filter bearbeiten</translation>
    </message>
    <message>
        <source>Remove the filter</source>
        <translation>Den Filter entfernen</translation>
    </message>
    <message>
        <source>Move the filter up</source>
        <translation>Den Filter nach oben verschieben</translation>
    </message>
    <message>
        <source>Move the filter down</source>
        <translation>Den Filter nach unten verschieben</translation>
    </message>
    <message>
        <source>No USB device is plugged in</source>
        <translation>Es ist kein USB-Gerät angesteckt</translation>
    </message>
    <message>
        <source>New Filter {number}</source>
        <translation>Neuer Filter {number}</translation>
    </message>
</context>
<context>
    <name>ViewController</name>
    <message>
        <source>The virtual graphics adapter cannot tell the guest a new size; the guest chooses its resolution by itself.</source>
        <translation>Die virtuelle Grafikkarte kann dem Gast keine neue Größe mitteilen; er wählt seine Auflösung selbst.</translation>
    </message>
    <message>
        <source>The guest&apos;s display driver does not listen to sizes that the host wishes.</source>
        <translation>Der Grafiktreiber des Gastes hört nicht auf Größen, die der Wirt wünscht.</translation>
    </message>
    <message>
        <source>The virtual machine will now fill the monitor.</source>
        <translation>Die virtuelle Maschine wird jetzt den ganzen Bildschirm füllen.</translation>
    </message>
    <message>
        <source>&amp;Switch</source>
        <translation>&amp;Umschalten</translation>
    </message>
    <message>
        <source>{host}+F goes back to the window, {host}+Home opens the menus.</source>
        <translation>{host}+F kehrt zum Fenster zurück, {host}+Pos1 öffnet die Menüs.</translation>
    </message>
    <message>
        <source>The picture will now be stretched to the window, which has no bars then.</source>
        <translation>Das Bild wird jetzt auf die Größe des Fensters gestreckt, das dann keine Leisten hat.</translation>
    </message>
    <message>
        <source>{host}+C goes back to the usual window, {host}+Home opens the menus.</source>
        <translation>{host}+C kehrt zum gewöhnlichen Fenster zurück, {host}+Pos1 öffnet die Menüs.</translation>
    </message>
    <message>
        <source>The machine is not switched on.</source>
        <translation>Die Maschine ist nicht eingeschaltet.</translation>
    </message>
    <message>
        <source>The window fills the monitor.</source>
        <translation>Das Fenster füllt den Bildschirm.</translation>
    </message>
    <message>
        <source>In scaled mode the picture always fits the window.</source>
        <translation>Im skalierten Modus passt das Bild immer zum Fenster.</translation>
    </message>
    <message>
        <source>Only the normal window has menu bar and status bar.</source>
        <translation>Nur das gewöhnliche Fenster hat Menüleiste und Statusleiste.</translation>
    </message>
</context>
<context>
    <name>VirtualScreenMenu</name>
    <message>
        <source>The preferences limit the screens of guests to {w}x{h}.</source>
        <translation>Die Voreinstellungen begrenzen die Bildschirme der Gäste auf {w}x{h}.</translation>
    </message>
    <message>
        <source>Resize to {width}x{height}</source>
        <translation>Größe auf {width}x{height} ändern</translation>
    </message>
    <message>
        <source>In scaled mode the picture always fits the window.</source>
        <translation>Im skalierten Modus passt das Bild immer zum Fenster.</translation>
    </message>
    <message>
        <source>Scale to {n} %</source>
        <translation>Auf {n} % skalieren</translation>
    </message>
    <message>
        <source>Use Host Screen {n} ({width}x{height}) for Full Screen</source>
        <translation>Bildschirm {n} des Hosts ({width}x{height}) für das Vollbild verwenden</translation>
    </message>
</context>
<context>
    <name>VmActions</name>
    <message>
        <source>&amp;Machine</source>
        <translation>&amp;Maschine</translation>
    </message>
    <message>
        <source>&amp;Devices</source>
        <translation>&amp;Geräte</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>&amp;Hilfe</translation>
    </message>
    <message>
        <source>S&amp;ettings…</source>
        <translation>&amp;Einstellungen…</translation>
    </message>
    <message>
        <source>Session I&amp;nformation…</source>
        <translation>Sit&amp;zungsinformationen…</translation>
    </message>
    <message>
        <source>&amp;Pause</source>
        <translation>&amp;Pause</translation>
    </message>
    <message>
        <source>&amp;Reset</source>
        <translation>Zu&amp;rücksetzen</translation>
    </message>
    <message>
        <source>&amp;Detach GUI</source>
        <translation>&amp;Oberfläche ablösen</translation>
    </message>
    <message>
        <source>&amp;Save State</source>
        <translation>Zustand &amp;speichern</translation>
    </message>
    <message>
        <source>ACPI Sh&amp;utdown</source>
        <translation>Herun&amp;terfahren über ACPI</translation>
    </message>
    <message>
        <source>Po&amp;wer Off</source>
        <translation>&amp;Ausschalten</translation>
    </message>
    <message>
        <source>&amp;Close…</source>
        <translation>S&amp;chließen…</translation>
    </message>
    <message>
        <source>&amp;Contents…</source>
        <translation>&amp;Inhalt…</translation>
    </message>
    <message>
        <source>&amp;About Vitrine…</source>
        <translation>Ü&amp;ber Vitrine…</translation>
    </message>
    <message>
        <source>The machine does not run at the moment.</source>
        <translation>Die Maschine läuft im Moment nicht.</translation>
    </message>
    <message>
        <source>The machine is not switched on.</source>
        <translation>Die Maschine ist nicht eingeschaltet.</translation>
    </message>
    <message>
        <source>De&amp;bug</source>
        <translation>De&amp;bug</translation>
    </message>
    <message>
        <source>&amp;Statistics…</source>
        <translation>&amp;Statistik…</translation>
    </message>
    <message>
        <source>&amp;Information Items…</source>
        <translation>&amp;Informationseinträge…</translation>
    </message>
    <message>
        <source>&amp;Input</source>
        <translation>&amp;Eingabe</translation>
    </message>
    <message>
        <source>&amp;Keyboard</source>
        <translation>&amp;Tastatur</translation>
    </message>
    <message>
        <source>&amp;Mouse</source>
        <translation>&amp;Maus</translation>
    </message>
    <message>
        <source>&amp;Soft Keyboard…</source>
        <translation>&amp;Bildschirmtastatur…</translation>
    </message>
    <message>
        <source>&amp;Type Text from the Clipboard</source>
        <translation>&amp;Text aus der Zwischenablage tippen</translation>
    </message>
    <message>
        <source>&amp;Insert Ctrl-Alt-Del</source>
        <translation>&amp;Strg-Alt-Entf senden</translation>
    </message>
    <message>
        <source>Insert Ctrl-Alt-&amp;Backspace</source>
        <translation>Strg-Alt-&amp;Rücktaste senden</translation>
    </message>
    <message>
        <source>Insert Ctrl-B&amp;reak</source>
        <translation>Strg-&amp;Pause senden</translation>
    </message>
    <message>
        <source>Insert I&amp;nsert</source>
        <translation>&amp;Einfg senden</translation>
    </message>
    <message>
        <source>Insert &amp;Print Screen</source>
        <translation>&amp;Druck senden</translation>
    </message>
    <message>
        <source>Insert &amp;Alt-Print Screen (SysRq)</source>
        <translation>&amp;Alt-Druck (S-Abf) senden</translation>
    </message>
    <message>
        <source>Insert the &amp;Host Key</source>
        <translation>&amp;Host-Taste senden</translation>
    </message>
    <message>
        <source>&amp;Capture with the Focus</source>
        <translation>Mit dem Fo&amp;kus fangen</translation>
    </message>
    <message>
        <source>&amp;Capture the Mouse</source>
        <translation>Die &amp;Maus fangen</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>&amp;Ansicht</translation>
    </message>
    <message>
        <source>&amp;Menu Bar</source>
        <translation>Me&amp;nüleiste</translation>
    </message>
    <message>
        <source>&amp;Status Bar</source>
        <translation>&amp;Statusleiste</translation>
    </message>
    <message>
        <source>&amp;Recording</source>
        <translation>Au&amp;fzeichnung</translation>
    </message>
    <message>
        <source>Guest &amp;Picture</source>
        <translation>Bil&amp;d des Gastes</translation>
    </message>
    <message>
        <source>Mini Tool &amp;Bar</source>
        <translation>Mini-&amp;Werkzeugleiste</translation>
    </message>
    <message>
        <source>&amp;Virtual Screen 1</source>
        <translation>Virtueller Bildschirm &amp;1</translation>
    </message>
    <message>
        <source>&amp;Full-screen Mode</source>
        <translation>&amp;Vollbildmodus</translation>
    </message>
    <message>
        <source>S&amp;caled Mode</source>
        <translation>S&amp;kalierter Modus</translation>
    </message>
    <message>
        <source>Minimi&amp;ze Window</source>
        <translation>Fenster &amp;minimieren</translation>
    </message>
    <message>
        <source>&amp;Adjust Window Size</source>
        <translation>Fenstergröße &amp;anpassen</translation>
    </message>
    <message>
        <source>Auto-resize &amp;Guest Display</source>
        <translation>&amp;Gastanzeige automatisch anpassen</translation>
    </message>
    <message>
        <source>Take Screensho&amp;t…</source>
        <translation>&amp;Bildschirmfoto…</translation>
    </message>
    <message>
        <source>Recording &amp;Settings…</source>
        <translation>&amp;Einstellungen der Aufzeichnung…</translation>
    </message>
    <message>
        <source>&amp;Record the Screen</source>
        <translation>Bildschirm &amp;aufzeichnen</translation>
    </message>
    <message>
        <source>R&amp;emote Display</source>
        <translation>&amp;Entfernter Bildschirm</translation>
    </message>
    <message>
        <source>Menu Bar &amp;Settings…</source>
        <translation>&amp;Einstellungen der Menüleiste…</translation>
    </message>
    <message>
        <source>Show &amp;Menu Bar</source>
        <translation>&amp;Menüleiste zeigen</translation>
    </message>
    <message>
        <source>Status Bar &amp;Settings…</source>
        <translation>&amp;Einstellungen der Statusleiste…</translation>
    </message>
    <message>
        <source>Show Status &amp;Bar</source>
        <translation>&amp;Statusleiste zeigen</translation>
    </message>
    <message>
        <source>Show in &amp;Full Screen</source>
        <translation>Im &amp;Vollbild zeigen</translation>
    </message>
    <message>
        <source>At the &amp;Upper Edge</source>
        <translation>Am &amp;oberen Rand</translation>
    </message>
    <message>
        <source>P&amp;op-up Menu</source>
        <translation>P&amp;op-up-Menü</translation>
    </message>
    <message>
        <source>At the Scale &amp;Factor</source>
        <translation>Mit dem &amp;Skalierungsfaktor</translation>
    </message>
    <message>
        <source>Fitted in &amp;Whole Steps</source>
        <translation>In &amp;ganzen Schritten eingepasst</translation>
    </message>
    <message>
        <source>Fitted &amp;Smoothly</source>
        <translation>&amp;Weich eingepasst</translation>
    </message>
</context>
<context>
    <name>VmStatusBar</name>
    <message>
        <source>The host key is {key}: pressed alone it captures or releases keyboard and mouse, together with a letter it does what the menus say.</source>
        <translation>Die Host-Taste ist {key}: Allein gedrückt fängt sie Tastatur und Maus oder gibt sie frei, zusammen mit einem Buchstaben tut sie, was die Menüs sagen.</translation>
    </message>
    <message>
        <source>Mouse integration is switched off; a click on the guest&apos;s screen captures the mouse.</source>
        <translation>Die Mausintegration ist ausgeschaltet; ein Klick auf den Bildschirm des Gastes fängt die Maus.</translation>
    </message>
    <message>
        <source>The mouse is captured by the guest.</source>
        <translation>Die Maus ist vom Gast gefangen.</translation>
    </message>
    <message>
        <source>The mouse belongs to the host; a click on the guest&apos;s screen captures it.</source>
        <translation>Die Maus gehört dem Host; ein Klick auf den Bildschirm des Gastes fängt sie.</translation>
    </message>
    <message>
        <source>The guest follows the host&apos;s pointer; nothing is captured.</source>
        <translation>Der Gast folgt dem Mauszeiger des Hosts; nichts ist gefangen.</translation>
    </message>
    <message>
        <source>The guest gets all keys, those of the desktop too.</source>
        <translation>Der Gast bekommt alle Tasten, auch die des Schreibtischs.</translation>
    </message>
    <message>
        <source>The guest gets keys while the window has the focus; the desktop keeps its own.</source>
        <translation>Der Gast bekommt Tasten, solange das Fenster den Fokus hat; der Schreibtisch behält seine eigenen.</translation>
    </message>
</context>
<context>
    <name>VmWindow</name>
    <message>
        <source>Starting</source>
        <translation>Startet</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>Läuft</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>Angehalten</translation>
    </message>
    <message>
        <source>Guru Meditation</source>
        <translation>Guru Meditation</translation>
    </message>
    <message>
        <source>Stopping</source>
        <translation>Endet</translation>
    </message>
    <message>
        <source>Saving</source>
        <translation>Wird gespeichert</translation>
    </message>
    <message>
        <source>Restoring</source>
        <translation>Wird wiederhergestellt</translation>
    </message>
    <message>
        <source>Taking a Snapshot</source>
        <translation>Sicherungspunkt wird erstellt</translation>
    </message>
    <message>
        <source>Saved</source>
        <translation>Gespeichert</translation>
    </message>
    <message>
        <source>Aborted</source>
        <translation>Abgebrochen</translation>
    </message>
    <message>
        <source>Aborted and Saved</source>
        <translation>Abgebrochen, gespeichert</translation>
    </message>
    <message>
        <source>Powered Off</source>
        <translation>Ausgeschaltet</translation>
    </message>
    <message>
        <source>The machine runs in this window and ends with it. Started with “Detachable Start” it goes on without its window.</source>
        <translation>Die Maschine läuft in diesem Fenster und endet mit ihm. Mit „Abtrennbar starten“ läuft sie ohne ihr Fenster weiter.</translation>
    </message>
    <message>
        <source>Press {host_key} to release the mouse</source>
        <translation>{host_key} gibt die Maus frei</translation>
    </message>
</context>
<context>
    <name>WelcomePane</name>
    <message>
        <source>Welcome to Vitrine</source>
        <translation>Willkommen bei Vitrine</translation>
    </message>
    <message>
        <source>Select a machine in the list to see what it is made of, to start it or to change its settings.</source>
        <translation>Wählen Sie eine Maschine in der Liste, um zu sehen, woraus sie besteht, sie zu starten oder ihre Einstellungen zu ändern.</translation>
    </message>
    <message>
        <source>The list at the left shows the virtual machines on this computer. It is empty because you have not created any yet.

New guides you through creating one; Add takes over a machine that exists as a .vbox file.</source>
        <translation>Die Liste links zeigt die virtuellen Maschinen auf diesem Computer. Sie ist leer, weil Sie noch keine angelegt haben.

„Neu“ führt Sie durch das Anlegen einer Maschine; „Hinzufügen“ übernimmt eine Maschine, die es als .vbox-Datei gibt.</translation>
    </message>
    <message>
        <source>Vitrine&apos;s service does not answer, so the machines cannot be shown:
{reason}

Vitrine keeps trying to reach it.</source>
        <translation>Der Dienst von Vitrine antwortet nicht, deshalb können die Maschinen nicht gezeigt werden:
{reason}

Vitrine versucht weiter, ihn zu erreichen.</translation>
    </message>
    <message>
        <source>Reading the list of machines…</source>
        <translation>Die Liste der Maschinen wird gelesen…</translation>
    </message>
</context>
<context>
    <name>WindowShortcut</name>
    <message>
        <source>Settings…</source>
        <translation>Einstellungen…</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>Reset</source>
        <translation>Zurücksetzen</translation>
    </message>
    <message>
        <source>Detach GUI</source>
        <translation>Oberfläche abtrennen</translation>
    </message>
    <message>
        <source>Session Information…</source>
        <translation>Informationen zur Sitzung…</translation>
    </message>
    <message>
        <source>Save State</source>
        <translation>Zustand speichern</translation>
    </message>
    <message>
        <source>ACPI Shutdown</source>
        <translation>Herunterfahren per ACPI</translation>
    </message>
    <message>
        <source>Power Off</source>
        <translation>Ausschalten</translation>
    </message>
    <message>
        <source>Close…</source>
        <translation>Schließen…</translation>
    </message>
    <message>
        <source>Full-screen Mode</source>
        <translation>Vollbildmodus</translation>
    </message>
    <message>
        <source>Scaled Mode</source>
        <translation>Skalierter Modus</translation>
    </message>
    <message>
        <source>Minimize Window</source>
        <translation>Fenster verkleinern</translation>
    </message>
    <message>
        <source>Adjust Window Size</source>
        <translation>Fenstergröße anpassen</translation>
    </message>
    <message>
        <source>Auto-resize Guest Display</source>
        <translation>Gastbildschirm automatisch anpassen</translation>
    </message>
    <message>
        <source>Take Screenshot…</source>
        <translation>Bildschirmfoto aufnehmen…</translation>
    </message>
    <message>
        <source>Record the Screen</source>
        <translation>Bildschirm aufzeichnen</translation>
    </message>
    <message>
        <source>Remote Display</source>
        <translation>Entfernter Bildschirm</translation>
    </message>
    <message>
        <source>Pop-up Menu</source>
        <translation>Aufklappmenü</translation>
    </message>
    <message>
        <source>Ctrl-Alt-Del</source>
        <translation>Strg-Alt-Entf</translation>
    </message>
    <message>
        <source>Ctrl-Alt-Backspace</source>
        <translation>Strg-Alt-Rücktaste</translation>
    </message>
    <message>
        <source>Ctrl-Break</source>
        <translation>Strg-Untbr</translation>
    </message>
    <message>
        <source>Insert</source>
        <translation>Senden</translation>
    </message>
    <message>
        <source>Print Screen</source>
        <translation>Druck</translation>
    </message>
    <message>
        <source>Alt Print Screen</source>
        <translation>Alt-Druck</translation>
    </message>
    <message>
        <source>Host Key</source>
        <translation>Host-Taste</translation>
    </message>
    <message>
        <source>Type Text from the Clipboard</source>
        <translation>Text aus der Zwischenablage tippen</translation>
    </message>
    <message>
        <source>Capture the Mouse</source>
        <translation>Maus fangen</translation>
    </message>
</context>
<context>
    <name>WindowShortcutModel</name>
    <message>
        <source>Host Key Combination</source>
        <translation>Host-Tastenkombination</translation>
    </message>
    <message>
        <source>None</source>
        <translation>Keine</translation>
    </message>
</context>
<context>
    <name>Wizard</name>
    <message>
        <source>E&amp;xpert Mode</source>
        <translation>E&amp;xpertenmodus</translation>
    </message>
    <message>
        <source>&lt; &amp;Back</source>
        <translation>&lt; &amp;Zurück</translation>
    </message>
    <message>
        <source>&amp;Next &gt;</source>
        <translation>&amp;Weiter &gt;</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>&amp;Guided Mode</source>
        <translation>&amp;Geführter Modus</translation>
    </message>
    <message>
        <source>Show or hide “{section}”</source>
        <translation>„{section}“ zeigen oder verbergen</translation>
    </message>
</context>
<context>
    <name>Words</name>
    <message>
        <source>None</source>
        <translation>Keine</translation>
    </message>
    <message>
        <source>Default</source>
        <translation>Standard</translation>
    </message>
    <message>
        <source>Disabled</source>
        <translation>Deaktiviert</translation>
    </message>
    <message>
        <source>Host To Guest</source>
        <translation>Vom Host zum Gast</translation>
    </message>
    <message>
        <source>Guest To Host</source>
        <translation>Vom Gast zum Host</translation>
    </message>
    <message>
        <source>Bidirectional</source>
        <translation>Bidirektional</translation>
    </message>
    <message>
        <source>Not attached</source>
        <translation>Nicht angeschlossen</translation>
    </message>
    <message>
        <source>NAT Network</source>
        <translation>NAT-Netzwerk</translation>
    </message>
    <message>
        <source>Bridged Adapter</source>
        <translation>Netzwerkbrücke</translation>
    </message>
    <message>
        <source>Internal Network</source>
        <translation>Internes Netzwerk</translation>
    </message>
    <message>
        <source>Host-only Adapter</source>
        <translation>Host-only-Adapter</translation>
    </message>
    <message>
        <source>Host-only Network</source>
        <translation>Host-only-Netzwerk</translation>
    </message>
    <message>
        <source>Generic Driver</source>
        <translation>Generischer Treiber</translation>
    </message>
    <message>
        <source>Cloud Network</source>
        <translation>Cloud-Netzwerk</translation>
    </message>
    <message>
        <source>Paravirtualized Network (virtio-net)</source>
        <translation>Paravirtualisiertes Netzwerk (virtio-net)</translation>
    </message>
    <message>
        <source>EFI, 32 bits</source>
        <translation>EFI, 32 Bit</translation>
    </message>
    <message>
        <source>EFI, 64 bits</source>
        <translation>EFI, 64 Bit</translation>
    </message>
    <message>
        <source>EFI, both word sizes</source>
        <translation>EFI, beide Wortbreiten</translation>
    </message>
    <message>
        <source>Menu only</source>
        <translation>Nur Menü</translation>
    </message>
    <message>
        <source>Message and menu</source>
        <translation>Meldung und Menü</translation>
    </message>
    <message>
        <source>PS/2 Keyboard</source>
        <translation>PS/2-Tastatur</translation>
    </message>
    <message>
        <source>USB Keyboard</source>
        <translation>USB-Tastatur</translation>
    </message>
    <message>
        <source>PS/2 and USB Keyboard</source>
        <translation>PS/2- und USB-Tastatur</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>Automatisch</translation>
    </message>
    <message>
        <source>TPM of the host</source>
        <translation>TPM des Hosts</translation>
    </message>
    <message>
        <source>Deny</source>
        <translation>Verbieten</translation>
    </message>
    <message>
        <source>Allow VMs</source>
        <translation>Erlauben für VMs</translation>
    </message>
    <message>
        <source>Allow All</source>
        <translation>Alles erlauben</translation>
    </message>
    <message>
        <source>Null Audio Driver</source>
        <translation>Null-Audiotreiber</translation>
    </message>
    <message>
        <source>That of the controller</source>
        <translation>Der des Controllers</translation>
    </message>
    <message>
        <source>Null</source>
        <translation>Null</translation>
    </message>
    <message>
        <source>External</source>
        <translation>Extern</translation>
    </message>
    <message>
        <source>Guest</source>
        <translation>Gast</translation>
    </message>
    <message>
        <source>Flat</source>
        <translation>Flach</translation>
    </message>
    <message>
        <source>Low</source>
        <translation>Niedrig</translation>
    </message>
    <message>
        <source>Normal</source>
        <translation>Normal</translation>
    </message>
    <message>
        <source>High</source>
        <translation>Hoch</translation>
    </message>
    <message>
        <source>Save the state</source>
        <translation>Zustand speichern</translation>
    </message>
    <message>
        <source>Power off</source>
        <translation>Ausschalten</translation>
    </message>
    <message>
        <source>ACPI shutdown</source>
        <translation>Herunterfahren per ACPI</translation>
    </message>
    <message>
        <source>Best of this host</source>
        <translation>Das Beste dieses Hosts</translation>
    </message>
    <message>
        <source>Hardware virtualization</source>
        <translation>Hardware-Virtualisierung</translation>
    </message>
    <message>
        <source>Hypervisor of the host (KVM)</source>
        <translation>Hypervisor des Hosts (KVM)</translation>
    </message>
    <message>
        <source>Interpreter</source>
        <translation>Interpreter</translation>
    </message>
    <message>
        <source>Recompiler (Unicorn)</source>
        <translation>Übersetzer (Unicorn)</translation>
    </message>
    <message>
        <source>Native</source>
        <translation>Nativ</translation>
    </message>
    <message>
        <source>Floppy</source>
        <translation>Diskette</translation>
    </message>
    <message>
        <source>Optical</source>
        <translation>Optisch</translation>
    </message>
    <message>
        <source>Hard Disk</source>
        <translation>Festplatte</translation>
    </message>
    <message>
        <source>Normal (window)</source>
        <translation>Normal (Fenster)</translation>
    </message>
    <message>
        <source>Full-screen</source>
        <translation>Vollbild</translation>
    </message>
    <message>
        <source>Seamless</source>
        <translation>Nahtlos</translation>
    </message>
    <message>
        <source>Scaled</source>
        <translation>Skaliert</translation>
    </message>
    <message>
        <source>Hard Disks</source>
        <translation>Festplatten</translation>
    </message>
    <message>
        <source>Optical Disks</source>
        <translation>Optische Platten</translation>
    </message>
    <message>
        <source>Floppy Disks</source>
        <translation>Disketten</translation>
    </message>
    <message>
        <source>Audio</source>
        <translation>Audio</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>Netzwerk</translation>
    </message>
    <message>
        <source>Shared Folders</source>
        <translation>Gemeinsame Ordner</translation>
    </message>
    <message>
        <source>Display</source>
        <translation>Anzeige</translation>
    </message>
    <message>
        <source>Recording</source>
        <translation>Aufzeichnung</translation>
    </message>
    <message>
        <source>Features</source>
        <translation>Merkmale</translation>
    </message>
    <message>
        <source>Mouse</source>
        <translation>Maus</translation>
    </message>
    <message>
        <source>Keyboard</source>
        <translation>Tastatur</translation>
    </message>
    <message>
        <source>Optical Drive</source>
        <translation>Optisches Laufwerk</translation>
    </message>
    <message>
        <source>Floppy Drive</source>
        <translation>Diskettenlaufwerk</translation>
    </message>
    <message>
        <source>Legacy</source>
        <translation>Wie früher</translation>
    </message>
    <message>
        <source>Minimal</source>
        <translation>Minimal</translation>
    </message>
    <message>
        <source>PS/2 Mouse</source>
        <translation>PS/2-Maus</translation>
    </message>
    <message>
        <source>USB Mouse</source>
        <translation>USB-Maus</translation>
    </message>
    <message>
        <source>USB Tablet</source>
        <translation>USB-Tablett</translation>
    </message>
    <message>
        <source>PS/2 and USB Mouse</source>
        <translation>PS/2- und USB-Maus</translation>
    </message>
    <message>
        <source>USB Multi-Touch Tablet</source>
        <translation>USB-Multitouch-Tablett</translation>
    </message>
    <message>
        <source>USB Multi-Touch Tablet and TouchPad</source>
        <translation>USB-Multitouch-Tablett und Touchpad</translation>
    </message>
    <message>
        <source>Disconnected</source>
        <translation>Nicht verbunden</translation>
    </message>
    <message>
        <source>Host Pipe</source>
        <translation>Host-Pipe</translation>
    </message>
    <message>
        <source>Host Device</source>
        <translation>Gerät des Hosts</translation>
    </message>
    <message>
        <source>Raw File</source>
        <translation>Rohdatei</translation>
    </message>
    <message>
        <source>User-defined</source>
        <translation>Benutzerdefiniert</translation>
    </message>
    <message>
        <source>Primary</source>
        <translation>Primär</translation>
    </message>
    <message>
        <source>Secondary</source>
        <translation>Sekundär</translation>
    </message>
    <message>
        <source>IDE {channel} Device {device}</source>
        <translation>IDE {channel} Gerät {device}</translation>
    </message>
    <message>
        <source>Floppy Device {device}</source>
        <translation>Diskette Gerät {device}</translation>
    </message>
    <message>
        <source>{bus} Port {port}</source>
        <translation>{bus} Port {port}</translation>
    </message>
    <message>
        <source>Video/Audio</source>
        <translation>Video/Audio</translation>
    </message>
    <message>
        <source>Video Only</source>
        <translation>Nur Video</translation>
    </message>
    <message>
        <source>Audio Only</source>
        <translation>Nur Audio</translation>
    </message>
    <message>
        <source>Window</source>
        <translation>Fenster</translation>
    </message>
    <message>
        <source>Headless</source>
        <translation>Ohne Fenster</translation>
    </message>
    <message>
        <source>Detachable</source>
        <translation>Abtrennbar</translation>
    </message>
    <message>
        <source>Any</source>
        <translation>Beliebig</translation>
    </message>
    <message>
        <source>Yes</source>
        <translation>Ja</translation>
    </message>
    <message>
        <source>No</source>
        <translation>Nein</translation>
    </message>
</context>
<context>
    <name>pane</name>
    <message>
        <source>It is the first snapshot, and more than one builds on it.</source>
        <translation>Er ist der erste Sicherungspunkt, und mehr als einer baut auf ihm auf.</translation>
    </message>
</context>
</TS>
