"""What should be looked at before a product is sold: told, never refused."""

from collections.abc import Collection
from dataclasses import dataclass

from livecommerce.catalogue.editing.wire import NoteOut
from livecommerce.catalogue.wire import ProductWords
from livecommerce.web.wire import Both


@dataclass(frozen=True, slots=True)
class KnownCodes:
    """The customs codes that this installation has a table of; who has the table adds it."""

    codes: Collection[str]


def notes(words: ProductWords, known: KnownCodes | None) -> list[NoteOut]:
    """What is unknown or missing, in both languages."""
    found = []
    if known is not None and words.hs_code not in known.codes:
        found.append(
            _note(
                "hs_code",
                "hs-code-unknown",
                f"海关编码 {words.hs_code} 不在编码表中，请问报关行；归类前不能报价发货。",
                f"HS code {words.hs_code} is not in the table; ask a broker. Until it is"
                " classified, nothing can be quoted or shipped abroad.",
            )
        )
    if not words.fibre:
        found.append(
            _note("fibre", "fibre-missing", "没有填写纤维成分。", "No fibres are named.")
        )
    if not words.pictures:
        found.append(_note("pictures", "picture-missing", "还没有图片。", "No picture yet."))
    if set(words.pictures) - set(words.alts):
        found.append(
            _note(
                "alts",
                "alt-missing",
                "有的图片没有文字说明，看不见图片的人无从得知。",
                "Some pictures have no text for people who cannot see them.",
            )
        )
    return found


def _note(field: str, code: str, zh: str, en: str) -> NoteOut:
    return NoteOut(field=field, code=code, text=Both(zh=zh, en=en))
