"""The Protobuf encoding: what native SDKs speak, payloads being any bytes."""

from collections.abc import Sequence

from streams.realtime import protocol as p
from streams.realtime.bodies import Bodies, command_of, connect_of
from streams.realtime.errors import ClientError, Undecodable
from streams.realtime.protobuf_wire import Schema, framed, messages

_REPLIES = (
    "connect 5 ConnectResult, subscribe 6 SubscribeResult, unsubscribe 7 Empty,"
    "publish 8 Empty, presence 9 PresenceResult, presence_stats 10 PresenceStatsResult,"
    "history 11 HistoryResult, rpc 13 Data, refresh 14 RefreshResult,"
    "sub_refresh 15 SubRefreshResult"
)

SCHEMA = Schema(
    {
        "Empty": "",
        "Data": "data 1 y",
        "Channel": "channel 1 s",
        "Error": "code 1 u32, message 2 s, temporary 3 b",
        "EmulationRequest": "node 1 s, session 2 s, data 3 y",
        "Command": (
            "id 1 u32, connect 4 ConnectRequest, subscribe 5 SubscribeRequest,"
            "unsubscribe 6 Channel, publish 7 PublishRequest, presence 8 Channel,"
            "presence_stats 9 Channel, history 10 HistoryRequest, ping 11 Empty,"
            "send 12 Data, rpc 13 RPCRequest, refresh 14 RefreshRequest,"
            "sub_refresh 15 SubRefreshRequest"
        ),
        "Reply": f"id 1 u32, error 2 Error, push 4 Push, {_REPLIES}",
        "Push": (
            "channel 2 s, pub 4 Publication, join 5 Presence, leave 6 Presence,"
            "unsubscribe 7 Unsubscribe, message 8 Data, subscribe 9 Subscribe,"
            "connect 10 Connect, disconnect 11 Disconnect, refresh 12 Refresh"
        ),
        "ClientInfo": "user 1 s, client 2 s, conn_info 3 y, chan_info 4 y",
        "Publication": (
            "data 4 y, info 5 ClientInfo, offset 6 u64, tags 7 s{}, delta 8 b, time 9 i64,"
            "channel 10 s, epoch 14 s"
        ),
        "Presence": "info 1 ClientInfo",
        "Unsubscribe": "code 2 u32, reason 3 s",
        "Subscribe": "recoverable 1 b, epoch 4 s, offset 5 u64, positioned 6 b, data 7 y",
        "Connect": (
            "client 1 s, version 2 s, data 3 y, subs 4 SubscribeResult{}, expires 5 b,"
            "ttl 6 u32, ping 7 u32, pong 8 b, session 9 s, node 10 s, time 11 i64"
        ),
        "Disconnect": "code 1 u32, reason 2 s, reconnect 3 b",
        "Refresh": "expires 1 b, ttl 2 u32",
        "ConnectRequest": (
            "token 1 s, data 2 y, subs 3 SubscribeRequest{}, name 4 s, version 5 s,"
            "headers 6 s{}, flag 7 i64"
        ),
        "ConnectResult": (
            "client 1 s, version 2 s, expires 3 b, ttl 4 u32, data 5 y,"
            "subs 6 SubscribeResult{}, ping 7 u32, pong 8 b, session 9 s, node 10 s,"
            "time 11 i64"
        ),
        "RefreshRequest": "token 1 s",
        "RefreshResult": "client 1 s, version 2 s, expires 3 b, ttl 4 u32",
        "SubscribeRequest": (
            "channel 1 s, token 2 s, recover 3 b, epoch 6 s, offset 7 u64, data 8 y,"
            "positioned 9 b, recoverable 10 b, join_leave 11 b, delta 12 s, flag 14 i64,"
            "type 15 i32"
        ),
        "SubscribeResult": (
            "expires 1 b, ttl 2 u32, recoverable 3 b, epoch 6 s, publications 7 Publication*,"
            "recovered 8 b, offset 9 u64, positioned 10 b, data 11 y, was_recovering 12 b,"
            "delta 13 b"
        ),
        "SubRefreshRequest": "channel 1 s, token 2 s",
        "SubRefreshResult": "expires 1 b, ttl 2 u32",
        "PublishRequest": "channel 1 s, data 2 y",
        "PresenceResult": "presence 1 ClientInfo{}",
        "PresenceStatsResult": "num_clients 1 u32, num_users 2 u32",
        "StreamPosition": "offset 1 u64, epoch 2 s",
        "HistoryRequest": "channel 1 s, limit 7 i32, since 8 StreamPosition, reverse 9 b",
        "HistoryResult": "publications 1 Publication*, epoch 2 s, offset 3 u64",
        "RPCRequest": "data 1 y, method 2 s",
    }
)


def _as_it_is(data: bytes) -> bytes:
    return data


_BODIES = Bodies(_as_it_is)


class ProtobufCodec:
    """Messages after their lengths, in WebSocket binary frames."""

    name = "protobuf"
    ping = b"\x00"
    embeds = False
    one_way = False

    def commands(self, frame: bytes) -> list[p.Command]:
        """The commands of a frame."""
        found = [command_of(SCHEMA.read("Command", one)) for one in messages(frame)]
        if not found:
            raise Undecodable("an empty frame")
        return found

    def reply(self, id: int, result: p.Result) -> bytes:
        """The answer to a command."""
        method, body = _BODIES.result(result)
        return framed(SCHEMA.write("Reply", {"id": id, method: body}))

    def error(self, id: int, error: ClientError) -> bytes:
        """The answer to a command that failed."""
        body = {"code": error.code, "message": error.message, "temporary": error.temporary}
        return framed(SCHEMA.write("Reply", {"id": id, "error": body}))

    def push(self, channel: str, push: p.Push) -> bytes:
        """What happened on a channel."""
        kind, body = _BODIES.push(push)
        return framed(SCHEMA.write("Reply", {"push": {"channel": channel, kind: body}}))

    def join(self, replies: Sequence[bytes]) -> bytes:
        """One frame of several messages."""
        return replies[0] if len(replies) == 1 else b"".join(replies)

    def whole(self, data: bytes) -> bytes:
        """Bytes can hold a patch as they are."""
        return data


class OneWayProtobuf(ProtobufCodec):
    """For those who only listen: their connect comes alone, and pushes stand bare."""

    one_way = True

    def commands(self, frame: bytes) -> list[p.Command]:
        """The one request there is."""
        return [p.Command(1, connect_of(SCHEMA.read("ConnectRequest", frame)))]

    def reply(self, id: int, result: p.Result) -> bytes:
        """A connect; nothing else is answered."""
        method, body = _BODIES.result(result)
        return framed(SCHEMA.write("Push", {method: body}))

    def push(self, channel: str, push: p.Push) -> bytes:
        """What happened on a channel."""
        kind, body = _BODIES.push(push)
        return framed(SCHEMA.write("Push", {"channel": channel, kind: body}))


PROTOBUF = ProtobufCodec()
ONE_WAY_PROTOBUF = OneWayProtobuf()
