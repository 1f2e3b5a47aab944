"""What a room shows, taken from a snapshot: the parts that screens are compared by."""

from datetime import datetime
from typing import Any


def fresh(found: dict[str, Any]) -> dict[str, Any]:
    """A screen's state, straight from a snapshot."""
    cards = [
        {
            "id": card["id"],
            "position": card["position"],
            "title": card["title"],
            "prices": {v["id"]: v["price"] for v in card["variants"]},
        }
        for card in found["cards"]
    ]
    chat = [{**line, "at": moment(line["at"])} for line in found["chat"]]
    announcement = {**found["announcement"], "at": moment(found["announcement"]["at"])}
    return {
        "live_state": found["live"]["state"],
        "live_version": found["live"]["version"],
        "cards": cards,
        "shelf_version": found["shelf_version"],
        "explaining": found["explaining"] and explaining_in(found["explaining"]),
        "times": {
            c["id"]: c["explained_times"] for c in found["cards"] if c["explained_times"]
        },
        "card_version": found["shelf_version"],
        "stock": found["stock"],
        "stock_version": found["stock_version"],
        "offers": offers_in(found["offers"]),
        "offers_version": found["offers"]["version"],
        "stats": (found["viewers"], found["peak"]),
        "chat": chat,
        "settings": found["chat_rules"],
        "announcement": announcement,
        "replay": found["replay"] and found["replay"]["id"],
        "video": found["video"],
    }


def visible(state: dict[str, Any]) -> dict[str, Any]:
    """The state without versions that only say how new a reading is. A card that is gone may
    still be counted by a frame that was heard before."""
    there = {card["id"] for card in state["cards"]}
    times = {card: n for card, n in state["times"].items() if card in there}
    hidden = {"shelf_version", "card_version", "stock_version", "offers_version"}
    return {**{k: v for k, v in state.items() if k not in hidden}, "times": times}


def offers_in(found: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if name not in {"t", "version"}}


def explaining_in(found: dict[str, Any]) -> dict[str, Any] | None:
    if found["card"] is None:
        return None
    return {
        "card": found["card"],
        "segment": found["segment"],
        "since": moment(found["since"]),
    }


def moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
