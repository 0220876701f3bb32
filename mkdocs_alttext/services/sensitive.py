"""Words in a text that may be secret or personal: keys, e-mail addresses, addresses of the web.

What a picture shows need not be what its author wants to be read out, and a model that was talked
into it by a picture names an address, too. Versions and names of files, functions and classes look
alike and are told apart. `re` compiles each expression when it is first used. Each is bounded, so
that reading takes time in proportion to the length of a text.
"""

from __future__ import annotations

import re
from itertools import chain, pairwise
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import normalize

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


class Finding(NamedTuple):
    """A word, or a few, that may be secret or personal."""

    text: str
    start: int
    """Where it begins in the text it was found in."""
    end: int


_PREFIXED = r"""(?x)(?<![A-Za-z0-9])(?:
    (?:sk|rk|pk)[-_]([A-Za-z0-9_-]{16,200})
    | (?:gh[pousr]_|github_pat_|gl(?:pat|rt|dt|ptt)-|xox[abeoprs]-|xapp-|GOCSPX-|shp(?:at|ss|ca|pa)_
       |dop_v1_|dckr_pat_|whsec_|lin_api_|sq0(?:csp|atp)-|hv[sb]\.|ya29\.|PMAK-|pypi-Ag)
      ([A-Za-z0-9_-]{10,300})
    | (?:npm|hf)_([A-Za-z0-9]{20,60})
    | (?:AKIA|ASIA)[A-Z0-9]{12,20}
    | AIza[A-Za-z0-9_-]{20,60}
    | AGE-SECRET-KEY-1[A-Z0-9]{10,80}
    | SG\.[A-Za-z0-9_-]{10,40}\.[A-Za-z0-9_-]{10,60}
    | eyJ[A-Za-z0-9_-]{8,2000}(?:\.[A-Za-z0-9_-]{2,2000}){1,4}
    )"""
"""How the keys of services begin. What follows a group's prefix has a digit in its random part."""
_RANDOM_PART = r"(?=[A-Za-z]{0,60}[0-9])[A-Za-z0-9]{10,}"
_PEM = r"-{3,5} ?(?:BEGIN|END) [A-Z0-9 ]{1,40}-{0,5}"
_UUID = r"(?<![\w-])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![\w-])"
_HEX = r"(?<![A-Za-z0-9])(?:0[xX])?[0-9a-fA-F]{32,}(?![A-Za-z0-9])"
_GROUPS = r"""(?x)(?<![A-Za-z0-9-])(?:
    [A-Z0-9]{5}(?:-[A-Z0-9]{5}){4}
    | [A-Z0-9]{5}(?:\ [A-Z0-9]{5}){4}
    | [A-Z0-9]{4}(?:-[A-Z0-9]{4}){3,7}
    )(?![A-Za-z0-9-])"""
_RUN = r"[A-Za-z0-9]{20,}"
_JOINED = r"[A-Za-z0-9+/_=-]{32,}"
_LEAST_CHANGES = 0.45
"""Of kind (small, capital, digit) from one character to the next: 0.62 in keys, less than 0.4 in
names of classes, whose words have five letters or so."""
_LEAST_CHANGES_OF_JOINED = 0.48
_LEAST_CHANGES_OF_ONE_CASE = 0.25
_LEAST_GROUPS = 2
"""Of digits in a random word."""
_LEAST_GROUPS_OF_ONE_CASE = 4
_LEAST_VARIETY = 5
"""Different characters of a key that is made of few kinds."""

_EMAIL = (
    r"(?i)[\w.%+'-]{1,64}@"
    r"(?P<host>(?:[\w-]{1,63}\.){1,8}(?:[^\W\d_]{2,24}|xn--[a-z0-9-]{2,59}))(?![\w-])"
)
_SIZE_OF_ICON = r"\d+x\."
"""As in `logo@2x.png`."""
_URL = (
    r"(?:[A-Za-z][A-Za-z0-9+.-]{0,15}://|(?<![\w.])[Ww]{3}\.(?=[\w-]{1,63}\.))"
    r"(?P<rest>[^\s<>\"]{1,2000})"
)
_BARE = (
    r"(?i)(?<![\w.@:-])(?<!\w/)(?P<rest>(?:[\w-]{1,63}\.){1,8}"
    r"(?:app|biz|click|co|com|dev|info|io|link|ly|me|net|online|org|shop|site|top|xyz)"
    r"(?::\d{1,5})?/[^\s<>\"]{1,2000})"
)
"""An address without a scheme. Its last label is none with which files or modules end, too."""
_BEHIND = ".,;:!?'\")]}»”’…"
_HOST = r"(?:(?P<login>[^/?#@]{0,200})@)?(?P<host>\[[0-9A-Fa-f:.]{2,45}\]|[^/?#:@]{1,253})"
_HARMLESS_HOST = r"""(?xi)
    (?:[^@]{1,200}\.)?(?:example(?:\.(?:com|org|net|edu))?|test|invalid|localhost)
    | 127(?:\.\d{1,3}){3} | 0\.0\.0\.0 | \[::1?\]
    | (?:192\.0\.2|198\.51\.100|203\.0\.113)\.\d{1,3} | \[2001:0?db8:[0-9a-f:]{1,40}\]
    | [^a-z0-9]{1,253} | .{0,200}(?:\{[\w ]|\$[a-z_{(]|\*\.).{0,200}"""
"""Names and addresses that are kept for examples (RFC 2606, 6761, 5737, 3849), those that mean this
machine, and what stands for a name."""


def find_sensitive(text: str) -> list[Finding]:
    """Find what may be secret or personal.

    Args:
        text: Any text.

    Returns:
        Keys and what looks like one, e-mail addresses and addresses of the web, in their order and
        without overlap; not those that are kept for examples.
    """
    spans: list[list[int]] = []
    for start, end in sorted(_spans(text)):
        if spans and start <= spans[-1][1]:
            spans[-1][1] = max(spans[-1][1], end)
        else:
            spans.append([start, end])
    return [Finding(text[start:end], start, end) for start, end in spans]


def missing_from(found: Iterable[Finding], page: str) -> list[Finding]:
    """Return what a page's text does not have: what it has is no secret any more.

    Args:
        found: What `find_sensitive` returned.
        page: The page's text; neither case nor white space matters.
    """
    known = _normal(page)
    return [each for each in found if _normal(each.text).rstrip("/") not in known]


def without_sensitive(text: str) -> str:
    """Return a text without what may be secret or personal, with single spaces."""
    found = find_sensitive(text)
    for each in reversed(found):
        # What stood on both sides of a word must not become one.
        text = f"{text[: each.start]} {text[each.end :]}"
    return " ".join(text.split()) if found else text


def _normal(text: str) -> str:
    return " ".join(normalize("NFKC", text).split()).casefold()


def _is_key(match: re.Match[str]) -> bool:
    rest = "".join(filter(None, match.groups()))
    return not rest or re.search(_RANDOM_PART, rest) is not None


def _is_varied(match: re.Match[str]) -> bool:
    return any(map(str.isdigit, match[0])) and len(set(match[0])) >= _LEAST_VARIETY


def _is_product_key(match: re.Match[str]) -> bool:
    if " " not in match[0]:
        return _is_varied(match)
    # Five short words in capitals are no key.
    return sum(any(map(str.isdigit, group)) for group in match[0].split(" ")) > _LEAST_GROUPS


def _is_random(match: re.Match[str]) -> bool:
    word, groups = match[0], len(re.findall("[0-9]+", match[0]))
    if word in {word.lower(), word.upper()}:
        is_changing = _changes(word) >= _LEAST_CHANGES_OF_ONE_CASE
        return groups >= _LEAST_GROUPS_OF_ONE_CASE and is_changing
    return groups >= _LEAST_GROUPS and _changes(word) >= _LEAST_CHANGES


def _is_joined(match: re.Match[str]) -> bool:
    """Tell whether a key was cut into pieces by the signs that keys have beside letters."""
    bare = re.sub("[^A-Za-z0-9]", "", match[0])
    is_mixed = bare.lower() != bare != bare.upper() and any(map(str.isdigit, bare))
    return is_mixed and _changes(bare) >= _LEAST_CHANGES_OF_JOINED


def _changes(word: str) -> float:
    """Return how often the kind of character changes: 0 to 1."""
    kinds = ["digit" if each.isdigit() else each.islower() for each in word]
    return sum(one != following for one, following in pairwise(kinds)) / (len(word) - 1)


def _is_somebody(match: re.Match[str]) -> bool:
    # Everybody is `git` in the addresses of repositories.
    if match[0].lower().startswith("git@") or re.match(_SIZE_OF_ICON, match["host"]):
        return False
    return re.fullmatch(_HARMLESS_HOST, match["host"]) is None


_RULES: tuple[tuple[str, Callable[[re.Match[str]], bool]], ...] = (
    (_PREFIXED, _is_key),
    (_PEM, bool),
    (_UUID, bool),
    (_HEX, _is_varied),
    (_GROUPS, _is_product_key),
    (_RUN, _is_random),
    (_JOINED, _is_joined),
    (_EMAIL, _is_somebody),
)
"""What may be sensitive, and what tells it from what only looks so."""


def _spans(text: str) -> Iterator[tuple[int, int]]:
    for expression, is_sensitive in _RULES:
        for match in re.finditer(expression, text):
            if is_sensitive(match):
                yield match.span()
    yield from _urls(text)


def _urls(text: str) -> Iterator[tuple[int, int]]:
    for match in chain(re.finditer(_URL, text), re.finditer(_BARE, text)):
        rest = match["rest"].rstrip(_BEHIND)
        if rest.startswith("[") and "]" not in rest:
            rest = match["rest"][: len(rest) + 1]
        host = re.match(_HOST, rest)
        if host is None:
            continue
        name = host["host"] if host["host"].startswith("[") else host["host"].rstrip(_BEHIND)
        is_harmless = re.fullmatch(_HARMLESS_HOST, name) and ":" not in (host["login"] or "")
        if any(map(str.isalnum, name)) and not is_harmless:
            yield match.start(), match.start("rest") + len(rest)
