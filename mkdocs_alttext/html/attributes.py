"""The attributes of one tag: how they are written, and what they say of an image.

What they say: the address of its picture, whether its `alt` is a text, and whether assistive
technology meets it.
"""

from __future__ import annotations

import posixpath
import re
from string import punctuation
from urllib.parse import unquote

from mkdocs_alttext.models import LANGUAGE_CODE, PICTURE_ENDINGS, Reason
from mkdocs_alttext.system.printable import is_blank, same_form

SPACE = r"\t\n\f\r "
"""What HTML calls white space, as the inside of a class of characters."""
ATTRIBUTE_NAME = rf"=[^{SPACE}/>=]*+|[^{SPACE}/>=]++"
_EQUALS = rf"[{SPACE}]*+=[{SPACE}]*+"
_BARE = rf"[^{SPACE}>\"'][^{SPACE}>]*+"
ATTRIBUTE = (
    rf"(?:{ATTRIBUTE_NAME})(?:{_EQUALS}(?:\"[^\"]*+\"|'[^']*+'|(?=>)|{_BARE})|(?!{_EQUALS}))"
)
"""One attribute of a tag (HTML standard, 13.2.5.32 to 13.2.5.39). Every repetition is possessive,
so that no input makes the expression backtrack."""
_LAZY = ("data-src", "data-original")
_SETS = ("srcset", "data-srcset")


class Attributes:
    """The attributes of an element by their names, as a browser sees them."""

    def __init__(self, values: dict[str, str]) -> None:
        """Take the attributes.

        Args:
            values: By names in lower case; an attribute without a value is empty.
        """
        self.values = values

    def get(self, name: str, default: str = "") -> str:
        """Return the value of a name."""
        return self.values.get(name, default)

    def __contains__(self, name: str) -> bool:
        """Tell whether there is an attribute of that name."""
        return name in self.values


def image_address(attributes: Attributes) -> str:
    """Choose the address that stands for the picture of an `<img>`.

    Args:
        attributes: The tag's attributes.

    Returns:
        The value of `src`; or, when that is missing, empty or a `data:` placeholder, the address a
        lazy loader would put there, then the first candidate of `srcset`. Empty when there is none.
    """
    source = attributes.get("src").strip()
    if source and source[:5].lower() != "data:":
        return source
    for name in _LAZY:
        if lazy := attributes.get(name).strip():
            return lazy
    for name in _SETS:
        if first := re.match(r"[\s,]*(\S*[^\s,])", attributes.get(name)):
            return first[1]
    return source


def language_of(attributes: Attributes) -> str:
    """Return the language that an element says it is in, or nothing.

    Args:
        attributes: The element's. XHTML has `xml:lang`, too; a code that is none does not count.
    """
    codes = (attributes.get(name).strip() for name in ("lang", "xml:lang"))
    return next((code for code in codes if re.fullmatch(LANGUAGE_CODE, code)), "")


_COLOURS = {
    "only-light": "light",
    "only-dark": "dark",
    "gh-light-mode-only": "light",
    "gh-dark-mode-only": "dark",
}


def colour_scheme(attributes: Attributes) -> str:
    """Return the only colours in which an image is shown (`light`, `dark`), or nothing.

    Material and GitHub tell them by the fragment of its address.
    """
    return _COLOURS.get(image_address(attributes).rpartition("#")[2].lower(), "")


_PLACEHOLDER = "no description has been provided for this image"
"""What nbconvert 7 and later write where a notebook's picture has no text."""
_ENDING = rf"\.(?:{PICTURE_ENDINGS})"

_DATE = r"\d{4}([-_. ]?)\d\d\1\d\d[-_.: \d]{0,20}(?:(?:at|um|\u00e0) )?[-_.: \d]{0,20}(?:[ap]m)?"
_BY_PROGRAM = (
    r"(?i)(?:dsc[fn]?|gopr|imgp?|mvi|pxl|vid)[-_ ]?\d{3,}(?:[-_ ]\d+)*"
    r"|(?:bildschirmfoto|capture d['\u2019]\u00e9cran|ima?ge?|pasted image|screen ?shot"
    rf"|screen recording)(?:[-_ ]+(?:from |vom )?)?{_DATE}"
)
"""Names that cameras and programs give to pictures, without their endings."""
_LONGEST_NAME = 300
"""Characters: what is longer is neither a name nor a placeholder."""
_EDGES = f"{punctuation} \u2026"
_STANDS_FOR_TEXT = (
    r"(?s)"
    r"(?:(?:an?|the|this|my|your) )?(?:drawing|fig(?:ure)?|graphic|image|img|photo|photograph|pic"
    r"|picture|placeholder|screen ?(?:shot|capture)|thumbnail|untitled)(?:[ _#-]*\(?\d{1,3})?"
    r"|(?:(?:add|an|enter|image|insert|missing|my|no|picture|put|some|the|your) )*"
    r"(?:alt(?:ernat(?:e|ive))?(?:[ _-]?(?:tag|text))?|caption|description)"
    r"(?: (?:of|for) (?:the |this )?(?:image|picture))?(?: (?:goes )?here)?"
    r"|(?:fixme|tbd|todo)(?::.*)?|lorem ipsum.*|n/?a|none|null|undefined|xxx+"
    r"|alternativtext|bild|foto|imagem|imagen|immagine|\u56fe\u7247|\u5716\u7247|\u753b\u50cf"
    r"|\u0438\u0437\u043e\u0431\u0440\u0430\u0436\u0435\u043d\u0438\u0435"
)
"""What authors, editors and templates write where a text should be, in small letters."""

_NUMBER = r"(?i)(?:^| )(?:\d{4}|\(?\d+\)?\.[a-z]+$)"
"""A date, or a number at the end."""


def is_placeholder(text: str) -> bool:
    """Tell whether a text is one that a tool writes when it has none."""
    return " ".join(text.split()).rstrip(".").lower() == _PLACEHOLDER


def is_description(text: str, tag: Attributes, *, replaces_file_names: bool) -> bool:
    """Tell whether the value of an `alt` is a text that stays.

    Args:
        text: The value.
        tag: The attributes of its image.
        replaces_file_names: Whether the name of a file counts as missing.
    """
    if is_blank(text) or is_placeholder(text):
        return False
    # A name of plain words (`![Dashboard](dashboard.png)`) may be the text that its author wants.
    return not (
        replaces_file_names
        and fault_of_text(text, tag) is Reason.FILENAME_ALT
        and re.search(rf"[\d/\\_-]|{_ENDING}\Z", text.strip(), re.IGNORECASE)
    )


def has_text(tag: Attributes) -> bool:
    """Tell whether an image's author gave it a text that is one."""
    alt = tag.get("alt")
    is_text = is_description(alt, tag, replaces_file_names=False)
    return is_text and fault_of_text(alt, tag) is None


def fault_of_text(text: str, tag: Attributes) -> Reason | None:
    """Tell why an author's text is none (WCAG failure F30), where that is so.

    Args:
        text: The value of an `alt` that shows something.
        tag: The attributes of its image.

    Returns:
        `FILENAME_ALT` for the name of a file, with or without its ending or its folder, as the
        picture has it or as cameras give it; `PLACEHOLDER_ALT` for what stands for a text.
    """
    name = text.strip()
    if len(name) > _LONGEST_NAME:
        return None
    is_path = re.fullmatch(rf"(?i)\S*[/\\]\S*{_ENDING}", name)
    is_name = is_file_name(name, tag) or is_path or re.fullmatch(_BY_PROGRAM, name)
    if is_name or _is_name_of(name, image_address(tag)):
        return Reason.FILENAME_ALT
    words = " ".join(name.split()).strip(_EDGES).casefold()
    if re.fullmatch(_STANDS_FOR_TEXT, words) or not words:
        return Reason.PLACEHOLDER_ALT
    return None


def _is_name_of(text: str, address: str) -> bool:
    """Tell whether a text is how a picture is called: its name or path, maybe without ending."""
    if address[:5].lower() == "data:":
        return False
    path = unquote(address.partition("?")[0].partition("#")[0])
    said, path = (same_form(each).replace("\\", "/").casefold() for each in (text, path))
    return any(
        form == said or form.endswith(f"/{said.removeprefix('./').lstrip('/')}")
        for form in (path, posixpath.splitext(path)[0])
    )


def is_file_name(text: str, tag: Attributes | None = None) -> bool:
    """Tell whether a text is only the name of an image file (WCAG failure F30).

    Args:
        text: The text. With spaces in it, it may as well be a sentence about a file: then it is a
            name if it has a number as cameras and screenshots do, or is the picture's own.
        tag: The attributes of its image, if it has one.
    """
    name = text.strip()
    if not re.fullmatch(rf"(?i)[^\s/\\:]+(?: [^\s/\\:]+){{0,5}}{_ENDING}", name):
        return False
    if " " not in name or re.search(_NUMBER, name):
        return True
    return tag is not None and name == file_name_in(image_address(tag))


def file_name_in(address: str) -> str:
    """Return the name of the file that an address leads to."""
    return unquote(address.partition("?")[0].partition("#")[0].rpartition("/")[2])


def leads_to_picture(address: str) -> bool:
    """Tell by its ending whether a link's address is that of a picture: a lightbox."""
    return re.match(rf"data:image/|[^?#]*{_ENDING}(?:[?#]|$)", address, re.IGNORECASE) is not None


_CSS_COMMENT = r"/\*(?:[^*]++|\*(?!/))*+(?:\*/)?"
_HIDING = {"display": "none", "visibility": "hidden"}
_DECLARATION = rf"(?ai)\s*+({'|'.join(_HIDING)})\s*+:([^!]*+)(!\s*+important\s*+)?"

_GLOBAL_ARIA = frozenset(
    "aria-atomic aria-braillelabel aria-brailleroledescription aria-busy aria-controls "
    "aria-current aria-describedby aria-description aria-details aria-disabled aria-dropeffect "
    "aria-errormessage aria-flowto aria-grabbed aria-haspopup aria-hidden aria-invalid "
    "aria-keyshortcuts aria-label aria-labelledby aria-live aria-owns aria-relevant "
    "aria-roledescription".split()
)
"""WAI-ARIA 1.2, 6.4 Global States and Properties, and the `aria-braille…` ones of 1.3: any of them
makes browsers ignore `role=presentation` (7.1 Presentational Roles Conflict Resolution)."""


def is_presentational(attributes: Attributes) -> bool:
    """Tell whether a tag takes itself out of the accessibility tree by its role."""
    return (
        "role" in attributes
        and attributes.get("role").lower().split()[:1] in (["none"], ["presentation"])
        and "tabindex" not in attributes
        and _GLOBAL_ARIA.isdisjoint(attributes.values)
    )


_HIDES_CONTENT = frozenset(
    "checkbox image img math menuitemcheckbox menuitemradio meter option progressbar radio "
    "scrollbar slider switch tab".split()
)
"""Roles whose content is presentational (WAI-ARIA 1.2, 5.2.8); `button` has a row of its own."""


def hides_content(attributes: Attributes) -> bool:
    """Tell whether an element with this role and a name is all that is heard of what it holds."""
    return "role" in attributes and not _HIDES_CONTENT.isdisjoint(
        attributes.get("role").lower().split()[:1]
    )


def hides(attributes: Attributes) -> bool:
    """Tell whether an element hides itself and its content."""
    return (
        "hidden" in attributes
        or attributes.get("aria-hidden").strip().lower() == "true"
        or ("style" in attributes and _hides(attributes.get("style")))
    )


def _hides(style: str) -> bool:
    """Tell whether a style hides: of several declarations, the last counts, or the last important.

    Texts and addresses that hold a semicolon are not told from declarations.
    """
    important: dict[str, str] = {}
    others: dict[str, str] = {}
    for written in re.sub(_CSS_COMMENT, " ", style).split(";"):
        if declaration := re.fullmatch(_DECLARATION, written):
            name, value, weight = declaration.groups()
            (important if weight else others)[name.lower()] = value.strip().lower()
    counting = others | important
    return any(counting.get(name) == value for name, value in _HIDING.items())
