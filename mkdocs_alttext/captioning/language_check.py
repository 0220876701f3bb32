"""Whether a text is written in the script of the language that it was asked for in.

Models answer in another language at times, mostly in that of their makers or of the picture. Which
of the languages of one script it is, nobody can tell of ten words; another script is read out with
the wrong voice, or as nothing at all. Source of the names: Unicode's `UnicodeData.txt`.
"""

from __future__ import annotations

from unicodedata import name

_LATIN = frozenset({"LATIN", "FULLWIDTH"})
_JAPANESE = frozenset({"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"})
_CYRILLIC = frozenset({"CYRILLIC"})
_SCRIPTS = {
    "ar": frozenset({"ARABIC"}),
    "bg": _CYRILLIC,
    "el": frozenset({"GREEK"}),
    "fa": frozenset({"ARABIC"}),
    "he": frozenset({"HEBREW"}),
    "hi": frozenset({"DEVANAGARI"}),
    "ja": _JAPANESE,
    "ko": frozenset({"HANGUL", "CJK"}),
    "ru": _CYRILLIC,
    "th": frozenset({"THAI"}),
    "uk": _CYRILLIC,
    "zh": frozenset({"CJK"}),
}
"""First words of the names of a language's letters, of languages that are not written in Latin."""
_LATIN_LANGUAGES = frozenset(
    "ca cs da de en es et fi fr hr hu id it lt lv nb nl no pl pt ro sk sl sv tr vi".split()
)
_MOST_NAMES = 12
"""Latin letters of a text in another script that may all be names: `GitHub Actions`."""


def is_in_other_script(text: str, language: str) -> bool:
    """Tell whether a text is surely not in a language.

    Args:
        text: A cleaned text.
        language: A code such as `en`, `pt-BR` or `zh-Hant`; of one that is not known here, nothing
            is said.

    Returns:
        Whether most of its letters are of scripts that a language in Latin letters does not have,
        or none is of the language's own script. Words of a picture may be quoted in theirs.
    """
    primary = language.partition("-")[0]
    letters = [name(each, "").partition(" ")[0] for each in text if each.isalpha()]
    if own := _SCRIPTS.get(primary):
        is_own = any(each in own for each in letters)
        return not is_own and len(letters) > _MOST_NAMES
    if primary not in _LATIN_LANGUAGES:
        return False
    return sum(each not in _LATIN for each in letters) * 2 > len(letters)
