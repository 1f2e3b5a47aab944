"""The ways sheets and papers can fail."""

from livecommerce.kernel.errors import Invalid, Unavailable


class NotASheet(Invalid):
    """The file cannot be read as a sheet: CSV in UTF-8 or GBK, or XLSX."""


class SheetTooLarge(Invalid):
    """The sheet has more bytes, rows or columns than are taken at once; send it in parts."""


class NoFontForChinese(Unavailable):
    """This machine has no font for Chinese, so papers cannot be printed: install
    fonts-noto-cjk."""
