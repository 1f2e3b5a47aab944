"""Where the desk's facts come from: a file of the operator's, or the demo's own."""

from importlib.resources import files
from pathlib import Path

from pydantic import ValidationError

from livecommerce.crossborder.errors import NoCustomsDesk
from livecommerce.crossborder.facts import Desk


def demo_desk() -> Desk:
    """A made-up centre that declares to the local stand-in only."""
    text = files(__package__).joinpath("data", "demo_desk.json").read_text("utf-8")
    return Desk.model_validate_json(text)


def read_desk(path: Path) -> Desk:
    """The operator's own standing with customs.

    Raises:
        NoCustomsDesk: the file is missing, or is no desk; the detail says what is wrong.
    """
    try:
        return Desk.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise NoCustomsDesk(f"{path.name}: {error}") from None
