"""Protocol Buffers by a table: dictionaries to bytes and back, without generated code.

A message is a dictionary by field name, bytes are bytes, and what is absent is zero. Fields
that the table does not name are skipped, as are fields of a wrong wire type.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from streams.realtime.errors import Undecodable

_VARINT, _EIGHT, _SOME = 0, 1, 2
_SMALL = [bytes((number,)) for number in range(0x80)]
_KEY, _VALUE = b"\x0a", b"\x12"  # of an entry of a map, both sized here
_INT64_SIGN = 1 << 63
_WORD = (1 << 64) - 1


class Scalar(Enum):
    """The kinds of values the protocol uses."""

    TEXT = "s"
    RAW = "y"
    FLAG = "b"
    U32 = "u32"
    U64 = "u64"
    I32 = "i32"
    I64 = "i64"


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name, what it holds, and what its number and wire type look like.
    ``kind`` may be the name of a message; ``many`` is a list, ``by_name`` a map from text."""

    name: str
    kind: "Scalar | str"
    many: bool
    by_name: bool
    wire_type: int
    tag: bytes
    message: str  # or empty


class Schema:
    """Messages by name, as a table says: ``{"Join": "info 1 ClientInfo"}``.

    A field is ``name number kind``; ``*`` after the kind makes a list, ``{}`` a map.
    """

    def __init__(self, table: Mapping[str, str]) -> None:
        self._by_name: dict[str, dict[str, Field]] = {}
        self._by_number: dict[str, dict[int, Field]] = {}
        for message, text in table.items():
            fields = [_field(said.split()) for said in text.split(",") if said.strip()]
            self._by_name[message] = {field.name: field for _, field in fields}
            self._by_number[message] = dict(fields)

    def write(self, message: str, body: Mapping[str, Any]) -> bytes:
        """The message; a nested one is written even when it is empty."""
        out, fields = bytearray(), self._by_name[message]
        for name, value in body.items():
            field = fields.get(name)
            if field is None or value is None:
                continue
            if field.by_name:
                for key, one in value.items():
                    entry = bytearray()
                    _put_bytes(entry, _KEY, key.encode())
                    self._put(entry, field, _VALUE, one)
                    _put_bytes(out, field.tag, bytes(entry))
            elif field.many:
                for one in value:
                    self._put(out, field, field.tag, one)
            else:
                self._put(out, field, field.tag, value)
        return bytes(out)

    def _put(self, out: bytearray, field: Field, tag: bytes, value: Any) -> None:
        if field.message:
            _put_bytes(out, tag, self.write(field.message, value))
        elif not value:
            return
        elif field.wire_type == _SOME:
            _put_bytes(out, tag, value.encode() if isinstance(value, str) else value)
        else:
            out += tag
            out += varint(int(value) & _WORD)

    def read(self, message: str, raw: bytes) -> dict[str, Any]:
        """What the message says.

        Raises:
            Undecodable: the bytes are no message at all.
        """
        known, body = self._by_number[message], dict[str, Any]()
        for number, wire_type, value in _fields(raw):
            field = known.get(number)
            if field is None or field.wire_type != wire_type:
                continue
            if field.by_name:
                name, one = self._entry(field, value)
                body.setdefault(field.name, {})[name] = one
            elif field.many:
                body.setdefault(field.name, []).append(self._value(field.kind, value))
            else:
                body[field.name] = self._value(field.kind, value)
        return body

    def _entry(self, field: Field, raw: bytes) -> tuple[str, Any]:
        name: str = ""
        value: Any = {} if isinstance(field.kind, str) else ""
        for number, wire_type, part in _fields(raw):
            if wire_type == _SOME and number == 1:
                name = self._value(Scalar.TEXT, part)
            elif wire_type == _SOME and number == 2:
                value = self._value(field.kind, part)
        return name, value

    def _value(self, kind: Scalar | str, value: Any) -> Any:
        if kind is Scalar.RAW:
            return value
        match kind:
            case str(message):
                return self.read(message, value)
            case Scalar.TEXT:
                try:
                    return value.decode()
                except UnicodeDecodeError as error:
                    raise Undecodable("text that is none") from error
            case Scalar.FLAG:
                return bool(value)
            case Scalar.U32:
                return value & 0xFFFFFFFF
            case Scalar.U64:
                return value
            case Scalar.I32:
                low = value & 0xFFFFFFFF
                return low - (1 << 32) if low >> 31 else low
            case Scalar.I64:
                return value - (1 << 64) if value & _INT64_SIGN else value


def varint(number: int) -> bytes:
    """A number of at most 64 bits, seven bits a byte, the lowest first."""
    if number < 0x80:
        return _SMALL[number]
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def framed(message: bytes) -> bytes:
    """The message after its length."""
    return varint(len(message)) + message


def messages(frame: bytes) -> Iterator[bytes]:
    """The messages of a frame, each after its length.

    Raises:
        Undecodable: a length that the frame does not have.
    """
    at = 0
    while at < len(frame):
        length, at = _read_varint(frame, at)
        if length > len(frame) - at:
            raise Undecodable("cut short")
        yield frame[at : at + length]
        at += length


def _field(said: list[str]) -> tuple[int, Field]:
    name, number, kind = said
    many, by_name = kind.endswith("*"), kind.endswith("{}")
    kind = kind.removesuffix("*").removesuffix("{}")
    scalar = {scalar.value: scalar for scalar in Scalar}.get(kind)
    sized = by_name or scalar in {None, Scalar.TEXT, Scalar.RAW}
    wire_type = _SOME if sized else _VARINT
    tag = varint(int(number) << 3 | wire_type)
    message = "" if scalar else kind
    return int(number), Field(name, scalar or kind, many, by_name, wire_type, tag, message)


def _put_bytes(out: bytearray, tag: bytes, raw: bytes) -> None:
    out += tag
    out += varint(len(raw))
    out += raw


def _read_varint(raw: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while at < len(raw) and shift < 64 + 6:
        byte = raw[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number & _WORD, at
        shift += 7
    raise Undecodable("a number without an end")


def _fields(raw: bytes) -> Iterator[tuple[int, int, Any]]:
    """Number, wire type and value of each; fixed ones, which the protocol lacks, as none."""
    at = 0
    while at < len(raw):
        tag, at = _read_varint(raw, at)
        number, wire_type = tag >> 3, tag & 7
        if not 0 < number < 1 << 29:
            raise Undecodable("a field without a number")
        value: Any = None
        match wire_type:
            case 0:
                value, at = _read_varint(raw, at)
            case 1 | 5:
                at += 8 if wire_type == _EIGHT else 4
            case 2:
                length, at = _read_varint(raw, at)
                value = raw[at : at + length]
                at += length
            case _:
                raise Undecodable("a wire type of no use")
        if at > len(raw):
            raise Undecodable("cut short")
        yield number, wire_type, value
