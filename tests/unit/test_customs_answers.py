"""Reading customs' answers, the envelope they travel in, and what they make of a message."""

import base64
from datetime import UTC, datetime

import pytest

from livecommerce.crossborder.rules import Answer, MessageState, standing
from livecommerce.outside.customs.ceb import receipts
from livecommerce.outside.customs.ceb.document import Unreadable
from livecommerce.outside.customs.ceb.envelope import Envelope
from livecommerce.outside.customs.ceb.names import CEB, MessageKind, fine_stamp, stamp

WHEN = datetime(2026, 11, 23, 11, 0, 0, 123456, tzinfo=UTC)
GUID = "4CDE1CFD-EDED-46B1-946C-B8022E42FC94"


def node(status: str, *, order: str = "cns_1", prefix: str = "ceb:", guid: str = GUID) -> str:
    fields = {
        "guid": guid,
        "ebpCode": "3206960D01",
        "ebcCode": "3206960A11",
        "orderNo": order,
        "returnStatus": status,
        "returnTime": "20261123190000123",
        "returnInfo": "text",
    }
    inner = "".join(f"<{prefix}{k}>{v}</{prefix}{k}>" for k, v in fields.items())
    return f"<{prefix}OrderReturn>{inner}</{prefix}OrderReturn>"


def document(*nodes: str, prefix: str = "ceb:") -> bytes:
    space = f'xmlns:ceb="{CEB}"' if prefix else f'xmlns="{CEB}"'
    return (
        f'<{prefix}CEB304Message {space} guid="{GUID}" version="1.0">'
        f"{''.join(nodes)}</{prefix}CEB304Message>"
    ).encode()


@pytest.mark.parametrize("prefix", ["ceb:", ""], ids=["prefixed", "default namespace"])
def test_answers_are_read_by_namespace(prefix: str) -> None:
    (found,) = receipts.read(document(node("120", prefix=prefix), prefix=prefix))
    assert found.kind is MessageKind.ORDER
    assert found.key == "3206960D01|3206960A11|cns_1"
    assert (found.status, found.time, found.info) == ("120", "20261123190000123", "text")


def test_one_document_answers_many_and_repeats_its_guid() -> None:
    found = receipts.read(document(node("120"), node("120", order="cns_2"), node("120")))
    assert len(found) == 3
    assert len({one.identity for one in found}) == 2


def test_a_later_inventory_number_is_optional_to_read() -> None:
    inner = "".join(
        f"<{name}>{text}</{name}>"
        for name, text in {
            "agentCode": "3206980D02",
            "copNo": "dcl_1",
            "returnStatus": "2",
            "returnTime": "20261123190000123",
        }.items()
    )
    inner = f"<InventoryReturn>{inner}</InventoryReturn>"
    raw = f'<CEB604Message xmlns="{CEB}">{inner}</CEB604Message>'
    (found,) = receipts.read(raw.encode())
    assert found.key == "3206980D02|dcl_1"
    assert found.info == ""


@pytest.mark.parametrize("nested", [False, True])
def test_the_format_answer_names_the_envelope(nested: bool) -> None:
    inner = (
        "<guid>x</guid><returnStatus>0002</returnStatus><returnInfo>bad</returnInfo>"
        f"<returnTime>20261123190000123</returnTime><oriCopMsgId>{GUID}</oriCopMsgId>"
    )
    inner = f"<Return>{inner}</Return>" if nested else inner
    raw = f'<CEB900Message xmlns="{CEB}">{inner}</CEB900Message>'
    (found,) = receipts.read(raw.encode())
    assert (found.kind, found.key, found.status) == (None, GUID, "0002")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"<CEB304Message/>",
        document(),
        document(node("")),
        document("<ceb:OrderReturn><ceb:guid>1</ceb:guid></ceb:OrderReturn>"),
        b'<CEB999Message xmlns="http://www.chinaport.gov.cn/ceb"><a><b/></a></CEB999Message>',
    ],
)
def test_what_is_no_answer_is_unreadable(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        receipts.read(raw)


def envelope() -> Envelope:
    return Envelope(
        message_id=GUID,
        sender="DXPDEMO000000001",
        receivers=("DXPEDCCEB0000002",),
        made_at=WHEN,
        kind="CEB303Message",
        document="<报文/>".encode(),
    )


def test_an_envelope_comes_back_as_it_went() -> None:
    found = Envelope.decode(envelope().encode())
    assert found.document == envelope().document
    assert found.made_at == WHEN.replace(microsecond=0)
    assert (found.message_id, found.sender, found.kind) == (
        GUID,
        "DXPDEMO000000001",
        "CEB303Message",
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"DxpMsg ", b"DxpOther "),
        (b"CreatTime", b"CreateTime"),
        (base64.b64encode("<报文/>".encode()), b"***"),
        (b"2026-11-23T19", b"yesterday"),
        (b"<SenderId>", b"<SenderId>12345678901234567"),
        (b"<ReceiverId>DXPEDCCEB0000002</ReceiverId>", b""),
    ],
)
def test_a_damaged_envelope_is_refused(old: bytes, new: bytes) -> None:
    raw = envelope().encode().replace(old, new)
    with pytest.raises(Unreadable):
        Envelope.decode(raw)


def test_times_are_told_in_beijing() -> None:
    assert stamp(WHEN) == "20261123190000"
    assert fine_stamp(WHEN) == "20261123190000123"


def told(*statuses: str) -> list[Answer]:
    """Answers in customs' time: each a second after the one before."""
    return [Answer("CEB604Message", s, f"2026112319000{i}000") for i, s in enumerate(statuses)]


@pytest.mark.parametrize(
    ("statuses", "state", "accepted"),
    [
        ((), MessageState.SENT, False),
        (("1", "2", "3"), MessageState.SENT, False),
        (("2", "4"), MessageState.REJECTED, False),
        (("2", "4", "3"), MessageState.REJECTED, False),
        (("2", "4", "3", "120"), MessageState.ACCEPTED, True),
        (("2", "3", "120"), MessageState.ACCEPTED, True),
        (("2", "3", "100"), MessageState.REJECTED, False),
        (("2", "-621003"), MessageState.REJECTED, False),
        (("2", "3", "120", "300"), MessageState.IN_REVIEW, True),
        (("120", "300", "100"), MessageState.REJECTED, False),
        (("120", "500"), MessageState.INSPECTION, True),
        (("120", "600", "500"), MessageState.INSPECTION, True),
        (("120", "300", "800"), MessageState.RELEASED, True),
        (("800", "100"), MessageState.RELEASED, True),
        (("120", "800", "899"), MessageState.CLOSED, True),
        (("899", "800", "120"), MessageState.CLOSED, True),
        (("120", "777"), MessageState.ACCEPTED, True),
    ],
)
def test_an_inventorys_standing(
    statuses: tuple[str, ...], state: MessageState, accepted: bool
) -> None:
    found = standing(MessageKind.INVENTORY, told(*statuses))
    assert (found.state, found.accepted) == (state, accepted)


@pytest.mark.parametrize(
    ("kind", "status", "accepted"),
    [
        (MessageKind.ORDER, "120", True),
        (MessageKind.RECEIPTS, "120", True),
        (MessageKind.WAYBILL, "120", False),
        (MessageKind.WAYBILL, "399", True),
        (MessageKind.ORDER, "3", False),
    ],
)
def test_each_kind_has_its_own_final_acceptance(
    kind: MessageKind, status: str, accepted: bool
) -> None:
    assert standing(kind, told("2", status)).accepted is accepted


def test_the_format_check_refuses_whatever_its_status_says() -> None:
    answer = Answer("CEB900Message", "0002", "20261123190000000")
    assert standing(MessageKind.ORDER, [answer]).state is MessageState.REJECTED
