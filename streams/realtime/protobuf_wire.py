"""Protocol Buffers by a table: dictionaries to bytes and back, without generated code.

A message is a dictionary by field name, bytes are bytes, and what is absent is zero. Fields
that the table does not name are skipped, as are fields of a wrong wire type.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from streams.realtime.errors import Undecodable

_VARINT, _EIGHT, _SOME, _FOUR = 0, 1, 2, 5
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


_TYPED = {Scalar.TEXT: _SOME, Scalar.RAW: _SOME}


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its number, its name, and what it holds. ``kind`` may be the name of a
    message; ``many`` is a list of them, ``by_name`` a map from text."""

    number: int
    name: str
    kind: "Scalar | str"
    many: bool = False
    by_name: bool = False


class Schema:
    """Messages by name, as a table says: ``{"Join": "info 1 ClientInfo"}``.

    A field is ``name number kind``; ``*`` after the kind makes a list, ``{}`` a map.
    """

    def __init__(self, table: Mapping[str, str]) -> None:
        self._by_name: dict[str, list[Field]] = {}
        self._by_number: dict[str, dict[int, Field]] = {}
        for message, text in table.items():
            fields = [_field(said.split()) for said in text.split(",") if said.strip()]
            self._by_name[message] = fields
            self._by_number[message] = {field.number: field for field in fields}

    def write(self, message: str, body: Mapping[str, Any]) -> bytes:
        """The message; a nested one is written even when it is empty."""
        out = bytearray()
        for field in self._by_name[message]:
            value = body.get(field.name)
            if value is None:
                continue
            if field.by_name:
                for name, one in value.items():
                    entry = bytearray()
                    self._put(entry, Field(1, "key", Scalar.TEXT), name)
                    self._put(entry, Field(2, "value", field.kind), one)
                    _put_bytes(out, field.number, bytes(entry))
            elif field.many:
                for one in value:
                    self._put(out, field, one)
            else:
                self._put(out, field, value)
        return bytes(out)

    def _put(self, out: bytearray, field: Field, value: Any) -> None:
        match field.kind:
            case str(message):
                _put_bytes(out, field.number, self.write(message, value))
            case Scalar.TEXT | Scalar.RAW:
                if value:
                    raw = value.encode() if isinstance(value, str) else value
                    _put_bytes(out, field.number, raw)
            case _:
                if value:
                    out += varint(field.number << 3 | _VARINT)
                    out += varint(int(value) & _WORD)

    def read(self, message: str, raw: bytes) -> dict[str, Any]:
        """What the message says.

        Raises:
            Undecodable: the bytes are no message at all.
        """
        known, body = self._by_number[message], dict[str, Any]()
        for number, wire_type, value in _fields(raw):
            field = known.get(number)
            if field is None or _wire_type(field) != wire_type:
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
        match kind:
            case str(message):
                return self.read(message, value)
            case Scalar.TEXT:
                try:
                    return value.decode()
                except UnicodeDecodeError as error:
                    raise Undecodable("text that is none") from error
            case Scalar.RAW:
                return value
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


def _field(said: list[str]) -> Field:
    name, number, kind = said
    many, by_name = kind.endswith("*"), kind.endswith("{}")
    kind = kind.removesuffix("*").removesuffix("{}")
    scalars = {scalar.value: scalar for scalar in Scalar}
    return Field(int(number), name, scalars.get(kind, kind), many, by_name)


def _wire_type(field: Field) -> int:
    if isinstance(field.kind, str) or field.by_name:
        return _SOME
    return _TYPED.get(field.kind, _VARINT)


def _put_bytes(out: bytearray, number: int, raw: bytes) -> None:
    out += varint(number << 3 | _SOME)
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
