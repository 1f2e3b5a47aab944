"""Chat's order over HTTP: a room's rules, what is pinned, who is muted, what waits, and each
merchant's word list. What must be quick (delete, approve, mute) goes over the socket."""

from livecommerce.identity import queries as people
from livecommerce.identity.errors import NoSuchMerchant
from livecommerce.live import queries, room
from livecommerce.live.calls import keeps_every_room, keeps_order
from livecommerce.live.errors import NotForYou
from livecommerce.live.wire import (
    AddWord,
    Announce,
    AnnouncementOut,
    ChangeChat,
    ChatRulesOut,
    HeldLine,
    MuteOut,
    WordOut,
)
from livecommerce.web.api import Call, route
from livecommerce.web.guard import member, staff
from livecommerce.web.principal import MerchantRole, NotYours, Principal
from streams.chat import actions as chat_actions
from streams.chat import queries as chat
from streams.chat.chat import Chat
from streams.chat.errors import NotAWord, WordListFull
from streams.chat.rules import clean
from streams.chat.tables import ChatWord
from streams.chat.words import Word
from streams.sessions.errors import NoSuchLive

MAKES_RULES = (MerchantRole.HOST, MerchantRole.MODERATOR)
_KEEPS = member(MerchantRole.HOST, MerchantRole.ASSISTANT, MerchantRole.MODERATOR) | staff()
_RULES = member(*MAKES_RULES) | staff()


@route(
    "PATCH",
    "/v1/live/{live}/chat",
    may=_RULES,
    errors=(NoSuchLive, NotForYou),
    tags=("chat",),
    tx=False,
)
async def change_chat(call: Call, live: str, body: ChangeChat) -> ChatRulesOut:
    """Change how the room speaks: slow mode, approval first, links, who speaks, paused."""
    await _may_rule(call, live)
    rules = await call.r.part(Chat).set_rules(
        live, body.model_dump(exclude_none=True), by=call.who.id, now=call.now
    )
    return room.rules_out(rules)


@route(
    "PUT",
    "/v1/live/{live}/announcement",
    may=_RULES,
    errors=(NoSuchLive, NotForYou),
    tags=("chat",),
    tx=False,
)
async def announce(call: Call, live: str, body: Announce) -> AnnouncementOut:
    """Pin a text above the chat, or take it down."""
    await _may_rule(call, live)
    rules = await call.r.part(Chat).announce(
        live, clean(body.text), by=call.who.id, now=call.now
    )
    return room.announcement_out(rules)


@route(
    "GET",
    "/v1/live/{live}/chat/queue",
    may=_KEEPS,
    errors=(NoSuchLive, NotForYou),
    tags=("chat",),
    tx=False,
)
async def queue(call: Call, live: str) -> list[HeldLine]:
    """What waits to be approved, oldest first. Subscribe to ``mod:<live>`` first: what comes
    meanwhile is heard there."""
    await call.r.part(Chat).archive.flush()
    async with call.r.db.begin() as tx:
        shelf = await queries.shelf(tx, live)
        _must_keep_order(call.who, shelf.merchant_id)
        rows = await chat.waiting(tx, live)
    return [
        HeldLine(
            id=row.id,
            user=row.speaker,
            name=row.name,
            text=row.text,
            why=row.why,
            words=row.words,
            at=row.asked_at,
        )
        for row in rows
    ]


@route(
    "GET",
    "/v1/live/{live}/chat/mutes",
    may=_KEEPS,
    errors=(NoSuchLive, NotForYou),
    tags=("chat",),
)
async def mutes(call: Call, live: str) -> list[MuteOut]:
    """Who may not speak or not be there, here or in every room of the merchant; staff also
    see who may not anywhere."""
    shelf = await queries.shelf(call.tx, live)
    _must_keep_order(call.who, shelf.merchant_id)
    rows = await chat.standing_mutes(call.tx, now=call.now, live=live, owner=shelf.merchant_id)
    everywhere = keeps_every_room(call.who)
    return [
        MuteOut(
            user=row.speaker,
            kind=row.kind,
            merchant=row.owner is not None,
            anywhere=row.place is None,
            until=row.until,
            reason=row.reason,
            by=row.muted_by,
            at=row.muted_at,
        )
        for row in rows
        if everywhere or row.place is not None
    ]


@route(
    "GET",
    "/v1/merchants/{merchant}/words",
    may=_KEEPS,
    errors=(NotYours, NoSuchMerchant),
    tags=("chat",),
)
async def words(call: Call, merchant: str) -> list[WordOut]:
    """The words that viewers do not say in the merchant's rooms. ``*``: in any room; staff."""
    owner = await _owner(call, merchant)
    return [_word_out(row) for row in await chat.words(call.tx, owner)]


@route(
    "POST",
    "/v1/merchants/{merchant}/words",
    status=201,
    may=_RULES,
    errors=(NotYours, NoSuchMerchant, NotAWord, WordListFull),
    tags=("chat",),
)
async def add_word(call: Call, merchant: str, body: AddWord) -> WordOut:
    """Put a word on the list. It holds within a second, however it is then written."""
    owner = await _owner(call, merchant, *MAKES_RULES)
    word = Word(body.word, body.action)
    return _word_out(
        await chat_actions.add_word(call.tx, owner, word, by=call.who.id, now=call.now)
    )


@route(
    "DELETE",
    "/v1/merchants/{merchant}/words/{word}",
    status=204,
    may=_RULES,
    errors=(NotYours, NoSuchMerchant),
    tags=("chat",),
)
async def remove_word(call: Call, merchant: str, word: str) -> None:
    """Take a word off the list."""
    owner = await _owner(call, merchant, *MAKES_RULES)
    await chat_actions.remove_word(call.tx, owner, word, by=call.who.id, now=call.now)


async def _may_rule(call: Call, live: str) -> None:
    async with call.r.db.begin() as tx:
        shelf = await queries.shelf(tx, live)
    if not keeps_every_room(call.who):
        call.who.must_act_for(shelf.merchant_id, *MAKES_RULES)


def _must_keep_order(who: Principal, merchant: str) -> None:
    if not keeps_every_room(who) and not who.member_of(merchant):
        raise NotYours()
    if not keeps_order(who, merchant):
        raise NotForYou()


async def _owner(call: Call, merchant: str, *roles: MerchantRole) -> str:
    """Whose list it is; staff keep everybody's, if there is such a merchant."""
    if not keeps_every_room(call.who):
        call.who.must_act_for(merchant, *(roles or (*MAKES_RULES, MerchantRole.ASSISTANT)))
    elif merchant != chat.EVERYWHERE:
        await people.seller(call.tx, merchant)
    return merchant


def _word_out(row: ChatWord) -> WordOut:
    return WordOut(id=row.id, word=row.word, action=row.action)


ROUTES = [change_chat, announce, queue, mutes, words, add_word, remove_word]
