"""The codec: a SigmaTel STAC9221 with one playing and one recording converter.

References: High Definition Audio Specification 1.0a, 7.2 (modules), 7.3 (verbs and parameters);
SigmaTel STAC9220/9221 data sheet (numbers of the widgets).

Deviations: of the four playing and two recording converters the first ones are there, and none of
the digital ports; their widgets are "vendor defined". What is plugged into a jack does not change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import msgspec

if TYPE_CHECKING:
    from engine.pdm.interfaces import StereoGain

VENDOR_ID: Final = 0x8384_7680
REVISION: Final = 0x0010_3401
ROOT, AFG, DAC, ADC = 0x00, 0x01, 0x02, 0x06
PORT_A, PORT_B, PORT_D, PORT_E, ADC_MUX = 0x0A, 0x0B, 0x0D, 0x0E, 0x12
LAST_NODE: Final = 0x1B

# Verbs with a payload of 8 bits (7.3.3), set and get; F00h: parameters.
GET_PARAMETER, GET_CONNECTION, GET_CONNECTION_LIST = 0xF00, 0xF01, 0xF02
GET_POWER, GET_STREAM, GET_PIN_CONTROL, GET_UNSOLICITED = 0xF05, 0xF06, 0xF07, 0xF08
GET_PIN_SENSE, GET_EAPD, GET_DEFAULT, GET_SUBSYSTEM = 0xF09, 0xF0C, 0xF1C, 0xF20
SET_CONNECTION, SET_POWER, SET_STREAM, SET_PIN_CONTROL = 0x701, 0x705, 0x706, 0x707
SET_UNSOLICITED, SET_EAPD, SET_DEFAULT, SET_SUBSYSTEM = 0x708, 0x70C, 0x71C, 0x720
FUNCTION_RESET: Final = 0x7FF
# Verbs with a payload of 16 bits.
SET_FORMAT, SET_AMPLIFIER, GET_FORMAT, GET_AMPLIFIER = 0x2, 0x3, 0xA, 0xB

# Parameters (7.3.4).
P_VENDOR, P_REVISION, P_NODES, P_FUNCTION, P_WIDGET = 0x00, 0x02, 0x04, 0x05, 0x09
P_RATES, P_FORMATS, P_PIN, P_AMP_IN, P_CONNECTIONS = 0x0A, 0x0B, 0x0C, 0x0D, 0x0E
P_POWER, P_AMP_OUT = 0x0F, 0x12

_STEREO, _AMP_IN, _AMP_OUT, _AMP_OVERRIDE, _FORMAT = 0x01, 0x02, 0x04, 0x08, 0x10
_LIST, _POWER = 0x100, 0x400
_TYPE_ADC, _TYPE_MUX, _TYPE_PIN, _TYPE_VENDOR = 1 << 20, 3 << 20, 4 << 20, 0xF << 20
_RATES: Final = 0x000A_01FF  # 16 and 24 bits, 8 to 96 kHz
_PCM: Final = 1
_SENSE, _OUTPUT, _INPUT, _HEADPHONE = 0x04, 0x10, 0x20, 0x08
_OUT_0_DB: Final = 0x7F
_AMP_OUT_CAPS: Final = 1 << 31 | 2 << 16 | 0x7F << 8 | _OUT_0_DB  # steps of 0.75 dB, 0 dB on top
_AMP_IN_CAPS: Final = 1 << 31 | 5 << 16 | 0x0F << 8  # steps of 1.5 dB upwards
_OUT_STEP_DB, _IN_STEP_DB = 0.75, 1.5
_MUTE: Final = 0x80
_D0_TO_D3: Final = 0x0F
_PRESENT: Final = 1 << 31

_PARAMETERS: Final[dict[int, dict[int, int]]] = {
    ROOT: {P_VENDOR: VENDOR_ID, P_REVISION: REVISION, P_NODES: AFG << 16 | 1},
    AFG: {
        P_NODES: DAC << 16 | LAST_NODE - DAC + 1, P_FUNCTION: 1, 0x08: 0x0D0D,
        P_RATES: _RATES, P_FORMATS: _PCM, P_POWER: _D0_TO_D3,
    },
    DAC: {
        P_WIDGET: _STEREO | _AMP_OUT | _AMP_OVERRIDE | _FORMAT | _POWER, P_RATES: _RATES,
        P_FORMATS: _PCM, P_AMP_OUT: _AMP_OUT_CAPS, P_POWER: _D0_TO_D3,
    },
    ADC: {
        P_WIDGET: _TYPE_ADC | _STEREO | _AMP_IN | _AMP_OVERRIDE | _FORMAT | _LIST | _POWER,
        P_RATES: _RATES, P_FORMATS: _PCM, P_AMP_IN: _AMP_IN_CAPS, P_POWER: _D0_TO_D3,
        P_CONNECTIONS: 1,
    },
    PORT_A: {
        P_WIDGET: _TYPE_PIN | _STEREO | _LIST, P_PIN: _SENSE | _OUTPUT, P_CONNECTIONS: 1,
    },
    PORT_B: {P_WIDGET: _TYPE_PIN | _STEREO, P_PIN: _SENSE | _INPUT},
    PORT_D: {
        P_WIDGET: _TYPE_PIN | _STEREO | _LIST, P_PIN: _SENSE | _OUTPUT | _HEADPHONE,
        P_CONNECTIONS: 1,
    },
    PORT_E: {P_WIDGET: _TYPE_PIN | _STEREO, P_PIN: _SENSE | _INPUT},
    ADC_MUX: {P_WIDGET: _TYPE_MUX | _STEREO | _LIST, P_CONNECTIONS: 2},
}  # fmt: skip
_CONNECTIONS: Final = {
    ADC: (ADC_MUX,), PORT_A: (DAC,), PORT_D: (DAC,), ADC_MUX: (PORT_E, PORT_B),
}  # fmt: skip
_NO_JACK: Final = 0x4000_00F0
_DEFAULTS: Final = {
    PORT_A: 0x0101_4010,  # line out, rear, green
    PORT_B: 0x01A1_9030,  # microphone, rear, pink
    PORT_D: 0x0221_401F,  # headphones, front, green
    PORT_E: 0x0181_3040,  # line in, rear, blue
}
_PLUGGED: Final = frozenset({PORT_A, PORT_B, PORT_E})

Byte = Annotated[int, msgspec.Meta(ge=0, lt=1 << 8)]
Word = Annotated[int, msgspec.Meta(ge=0, lt=1 << 16)]
Double = Annotated[int, msgspec.Meta(ge=0, lt=1 << 32)]

_SIMPLE: Final = {
    GET_CONNECTION: "connection", GET_POWER: "power", GET_STREAM: "stream",
    GET_PIN_CONTROL: "pin_control", GET_UNSOLICITED: "unsolicited", GET_EAPD: "eapd",
}  # fmt: skip
_SETTERS: Final = {
    SET_CONNECTION: "connection", SET_POWER: "power", SET_STREAM: "stream",
    SET_PIN_CONTROL: "pin_control", SET_UNSOLICITED: "unsolicited", SET_EAPD: "eapd",
}  # fmt: skip


class Node(msgspec.Struct, kw_only=True):
    """What can be set of a widget or of the function group.

    Attributes:
        stream: stream on the link and first channel of a converter. amp_out, amp_in: mute and
            gain, left and right. default: configuration default of a pin.
    """

    power: Byte = 0
    stream: Byte = 0
    format: Word = 0x0011
    connection: Byte = 0
    pin_control: Byte = 0
    unsolicited: Byte = 0
    eapd: Byte = 0x02
    amp_out: list[Byte] = msgspec.field(default_factory=lambda: [_MUTE | _OUT_0_DB] * 2)
    amp_in: list[Byte] = msgspec.field(default_factory=lambda: [_MUTE, _MUTE])
    default: Double = _NO_JACK


class CodecState(msgspec.Struct, kw_only=True):
    """Nodes 0 to 1Bh."""

    subsystem: Double = VENDOR_ID
    nodes: Annotated[
        list[Node], msgspec.Meta(min_length=LAST_NODE + 1, max_length=LAST_NODE + 1)
    ] = msgspec.field(
        default_factory=lambda: [
            Node(default=_DEFAULTS.get(n, _NO_JACK)) for n in range(LAST_NODE + 1)
        ]
    )


def execute(state: CodecState, command: int) -> int:
    """Carry out a command (codec address, node, verb, payload) and return the response."""
    number = command >> 20 & 0x7F
    if number > LAST_NODE:
        return 0
    node = state.nodes[number]
    short = command >> 16 & 0xF
    if short in (SET_FORMAT, SET_AMPLIFIER, GET_FORMAT, GET_AMPLIFIER):
        return _execute_short(node, short, command & 0xFFFF)
    verb, payload = command >> 8 & 0xFFF, command & 0xFF
    if verb == GET_PARAMETER:
        return _parameter(number, payload)
    if verb in _SIMPLE:
        value: int = getattr(node, _SIMPLE[verb])
        # The power state that is reached follows the one that is asked for at once.
        return value & 3 | (value & 3) << 4 if verb == GET_POWER else value
    if verb in _SETTERS:
        setattr(node, _SETTERS[verb], payload)
        return 0
    return _execute_rare(state, number, verb, payload)


def _execute_rare(state: CodecState, number: int, verb: int, payload: int) -> int:
    node = state.nodes[number]
    if verb == GET_CONNECTION_LIST:
        entries = bytes(_CONNECTIONS.get(number, ())[payload : payload + 4])
        return int.from_bytes(entries, "little")
    if verb == GET_PIN_SENSE:
        return _PRESENT if number in _PLUGGED else 0
    if verb == GET_DEFAULT:
        return node.default
    if SET_DEFAULT <= verb < SET_DEFAULT + 4:
        node.default = _with_byte(node.default, verb - SET_DEFAULT, payload)
    elif GET_SUBSYSTEM <= verb < GET_SUBSYSTEM + 4:
        return state.subsystem
    elif SET_SUBSYSTEM <= verb < SET_SUBSYSTEM + 4:
        state.subsystem = _with_byte(state.subsystem, verb - SET_SUBSYSTEM, payload)
    elif verb == FUNCTION_RESET:
        state.nodes = CodecState().nodes
    return 0


def _parameter(number: int, parameter: int) -> int:
    if number in _PARAMETERS:
        return _PARAMETERS[number].get(parameter, 0)
    return _TYPE_VENDOR if parameter == P_WIDGET else 0


def _execute_short(node: Node, verb: int, payload: int) -> int:
    if verb == SET_FORMAT:
        node.format = payload
    elif verb == GET_FORMAT:
        return node.format
    elif verb == GET_AMPLIFIER:
        side = 0 if payload & 0x2000 else 1
        return (node.amp_out if payload & 0x8000 else node.amp_in)[side]
    else:
        for bit, amplifier in ((0x8000, node.amp_out), (0x4000, node.amp_in)):
            for side, side_bit in enumerate((0x2000, 0x1000)):
                if payload & bit and payload & side_bit:
                    amplifier[side] = payload & 0xFF
    return 0


def _with_byte(word: int, place: int, byte: int) -> int:
    return word & ~(0xFF << 8 * place) | byte << 8 * place


def _heard(node: Node, group: Node, tag: int) -> bool:
    return tag != 0 and node.stream >> 4 == tag and not (node.power | group.power) & 3


def output_gain(state: CodecState, tag: int) -> StereoGain | None:
    """Return what becomes of stream ``tag`` on its way out; None: nobody plays it."""
    node, group = state.nodes[DAC], state.nodes[AFG]
    if not _heard(node, group, tag):
        return None
    left, right = (_factor(each, _OUT_0_DB, _OUT_STEP_DB) for each in node.amp_out)
    return left, right


def input_gain(state: CodecState, tag: int) -> StereoGain | None:
    """Return what becomes of what is recorded into stream ``tag``; None: nobody records it."""
    node, group = state.nodes[ADC], state.nodes[AFG]
    if not _heard(node, group, tag):
        return None
    left, right = (_factor(each, 0, _IN_STEP_DB) for each in node.amp_in)
    return left, right


def _factor(amplifier: int, unity: int, step_db: float) -> float:
    if amplifier & _MUTE:
        return 0.0
    return float(10 ** (((amplifier & 0x7F) - unity) * step_db / 20))
