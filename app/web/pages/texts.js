// What the page says, in English and German.

const ENGLISH = {
  log_on: "Log on", log_off: "Log off", user: "Name", password: "Password",
  machines: "Machines", no_machines: "There are no machines.", inaccessible: "Inaccessible",
  settings: "Settings",
  console: "Console", save: "Save", cancel: "Cancel", back: "Machines",
  start: "Start", pause: "Pause", resume: "Resume", save_state: "Save state", reset: "Reset",
  power_off: "Power off", power_button: "ACPI shutdown",
  sure_reset: "Reset the machine? What it has not stored is lost.",
  sure_power_off: "Power off the machine? What it has not stored is lost.",
  name: "Name", description: "Description", memory: "Memory (MB)", cpus: "Processors",
  boot_order: "Boot order", network: "Network adapter 1", network_on: "Enabled",
  attached: "Attached to", cable: "Cable connected", display: "Remote display",
  display_on: "Enabled", ports: "Port or range", device: "Boot device",
  network_name: "Name of the network or interface",
  runs: "The machine is not switched off: what is grey cannot be changed now.",
  devices: {
    None: "None", Floppy: "Floppy", DVD: "Optical", HardDisk: "Hard disk", Network: "Network",
  },
  attachments: {
    Null: "Not attached", NAT: "NAT", Bridged: "Bridged adapter", Internal: "Internal network",
    HostOnly: "Host-only adapter", Generic: "Generic driver", NATNetwork: "NAT network",
  },
  keys: "Keys that a telephone lacks", arrows: ["Left", "Up", "Down", "Right"],
  key_escape: "Esc", key_tab: "Tab", key_delete: "Del", key_break: "Ctrl+C",
  cad: "Ctrl+Alt+Del", scale: "Scale", type_text: "Type text", send: "Type",
  leave: "The keyboard belongs to the guest. Ctrl+Alt+Shift gives it back.",
  connecting: "Connecting…", connected: "Connected", ended: "The connection has ended.",
  wants_user: "The remote display of this machine wants a name and a password of its own.",
  connect: "Connect", reconnect: "Connect again", switch_on: "Switch the remote display on",
  display_off: "The remote display of this machine is off; the console needs it.",
  session_over: "Your session has ended. Log on again.",
  lost: "The service does not answer.", stored: "Stored.", screen_of: "Screen of",
  percent: (n) => `${n} %`, mb: (n) => `${n} MB`,
};

const GERMAN = {
  log_on: "Anmelden", log_off: "Abmelden", user: "Name", password: "Passwort",
  machines: "Maschinen", no_machines: "Es gibt keine Maschinen.", inaccessible: "Nicht zugreifbar",
  settings: "Einstellungen",
  console: "Konsole", save: "Speichern", cancel: "Abbrechen", back: "Maschinen",
  start: "Starten", pause: "Anhalten", resume: "Fortsetzen", save_state: "Zustand sichern",
  reset: "Zurücksetzen", power_off: "Ausschalten", power_button: "Herunterfahren (ACPI)",
  sure_reset: "Maschine zurücksetzen? Was sie nicht gespeichert hat, geht verloren.",
  sure_power_off: "Maschine ausschalten? Was sie nicht gespeichert hat, geht verloren.",
  name: "Name", description: "Beschreibung", memory: "Hauptspeicher (MB)", cpus: "Prozessoren",
  boot_order: "Bootreihenfolge", network: "Netzwerkadapter 1", network_on: "Aktiviert",
  attached: "Angeschlossen an", cable: "Kabel verbunden", display: "Fernsteuerung",
  display_on: "Aktiviert", ports: "Port oder Bereich", device: "Startlaufwerk",
  network_name: "Name des Netzwerks oder der Schnittstelle",
  runs: "Die Maschine ist nicht ausgeschaltet: Was grau ist, kann jetzt nicht geändert werden.",
  devices: {
    None: "Keines", Floppy: "Diskette", DVD: "Optisch", HardDisk: "Platte", Network: "Netzwerk",
  },
  attachments: {
    Null: "Nicht angeschlossen", NAT: "NAT", Bridged: "Netzwerkbrücke",
    Internal: "Internes Netzwerk", HostOnly: "Host-only-Adapter", Generic: "Generischer Treiber",
    NATNetwork: "NAT-Netzwerk",
  },
  keys: "Tasten, die einem Telefon fehlen", arrows: ["Links", "Hoch", "Runter", "Rechts"],
  key_escape: "Esc", key_tab: "Tab", key_delete: "Entf", key_break: "Strg+C",
  cad: "Strg+Alt+Entf", scale: "Anpassen", type_text: "Text eingeben", send: "Tippen",
  leave: "Die Tastatur gehört dem Gast. Strg+Alt+Umschalt gibt sie frei.",
  connecting: "Verbinden …", connected: "Verbunden", ended: "Die Verbindung ist beendet.",
  wants_user: "Die Fernsteuerung dieser Maschine verlangt einen eigenen Namen und ein Passwort.",
  connect: "Verbinden", reconnect: "Neu verbinden", switch_on: "Fernsteuerung einschalten",
  display_off: "Die Fernsteuerung dieser Maschine ist aus; die Konsole braucht sie.",
  session_over: "Die Sitzung ist beendet. Bitte neu anmelden.",
  lost: "Der Dienst antwortet nicht.", stored: "Gespeichert.", screen_of: "Bildschirm von",
  percent: (n) => `${n} %`, mb: (n) => `${n} MB`,
};

const STATES_GERMAN = {
  PoweredOff: "Ausgeschaltet", Saved: "Gesichert", Aborted: "Abgebrochen",
  AbortedSaved: "Abgebrochen (gesichert)", Running: "Läuft", Paused: "Angehalten",
  Stuck: "Guru-Meditation", Starting: "Startet", Stopping: "Hält an", Saving: "Wird gesichert",
  Restoring: "Wird wiederhergestellt", Snapshotting: "Sicherungspunkt wird erstellt",
  OnlineSnapshotting: "Sicherungspunkt wird erstellt", SettingUp: "Wird eingerichtet",
  LiveSnapshotting: "Sicherungspunkt wird erstellt",
  RestoringSnapshot: "Sicherungspunkt wird wiederhergestellt",
  DeletingSnapshot: "Sicherungspunkt wird gelöscht",
  DeletingSnapshotOnline: "Sicherungspunkt wird gelöscht",
  DeletingSnapshotPaused: "Sicherungspunkt wird gelöscht",
};

const german = navigator.languages.find((l) => /^(de|en)/i.test(l))?.toLowerCase().startsWith("de");
document.documentElement.lang = german ? "de" : "en";

export const text = german ? GERMAN : ENGLISH;

export function stateText(state) {
  const words = state.replace(/([a-z])([A-Z])/g, "$1 $2");
  return german ? STATES_GERMAN[state] ?? words : words;
}
