"""Names of files as people write them.

Owns the form in which names are compared. A name with an accent can be spelled in two ways, which
look the same: as one character (NFC), and as a letter and a mark (NFD), which some systems write on
the disk. People mean the same file by both.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

_V = TypeVar("_V")


def same_form(name: str) -> str:
    """Return a name in the form in which it is compared."""
    return unicodedata.normalize("NFC", name)


def without_language(name: str, languages: Iterable[str]) -> tuple[str, ...]:
    """Return a name, and what is left of it without the folder or the suffix of a language.

    Args:
        name: With `/`, such as `fr/img/a.png` or `img/a.fr.png`.
        languages: Those that the file may be named after.
    """
    forms = [name]
    for language in languages:
        for form in tuple(forms):
            stem, dot, ending = form.rpartition(".")
            forms.append(form.removeprefix(f"{language}/"))
            forms += [
                f"{each.removesuffix(f'.{language}')}{dot}{ending}"
                for each in (stem, stem.removeprefix(f"{language}/"))
            ]
    return tuple(dict.fromkeys(forms))


class ByName(Mapping[str, _V]):
    """Values by names, which are found in either spelling."""

    def __init__(self, values: Mapping[str, _V]) -> None:
        """Take the values.

        Args:
            values: By names as they are written; no two may be spellings of one.
        """
        self._values = {same_form(name): value for name, value in values.items()}

    def __getitem__(self, name: str) -> _V:
        """Return the value of a name."""
        return self._values[same_form(name)]

    def __iter__(self) -> Iterator[str]:
        """Return the names, each in the form in which it is compared."""
        return iter(self._values)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._values)
