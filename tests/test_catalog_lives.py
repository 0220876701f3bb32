"""Random lives of a site's pictures: what builds say, and what the command leaves of it.

No site is built: the catalog's rules are all that is asked, with a service that is asked for what
they do not have, and a cache that is gone after each build.
"""

from __future__ import annotations

import hashlib
import random
import re
from typing import TYPE_CHECKING

import pytest

from mkdocs_alttext.catalog.drafting import Seen, write_drafts
from mkdocs_alttext.catalog.entries import Catalog, Status
from mkdocs_alttext.catalog.reading import parse_catalog

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mkdocs_alttext.catalog.entries import Entry

NAME = "alttext.yml"
PATHS = [f"{letter}.png" for letter in "abcdefgh"]


def digest(content: int) -> str:
    """Return the digest of a picture."""
    return hashlib.sha256(str(content).encode()).hexdigest()


class Life:
    """The pictures of a site, the catalog, and what a person and the machine do with them."""

    def __init__(self, seed: int) -> None:
        """Begin with four pictures."""
        self.random = random.Random(seed)  # noqa: S311 - no secret
        self.pictures = dict(zip(PATHS, range(4), strict=False))
        self.text = ""
        self.contents = iter(range(10, 99))

    @property
    def entries(self) -> Mapping[str, Entry]:
        """What the catalog says."""
        return parse_catalog(self.text, NAME)

    def shows(self, path: str, sha256: str) -> bool:
        """Tell whether a path shows a picture."""
        return path in self.pictures and digest(self.pictures[path]) == sha256

    def step(self) -> None:
        """Do one thing that people do."""
        own, other = self.random.choices(sorted(self.pictures), k=2)
        match self.random.choice(["move", "swap", "copy", "change", "back", "turn", "say", "say"]):
            case "move":
                free = [path for path in PATHS if path not in self.pictures]
                if free:
                    self.pictures[self.random.choice(free)] = self.pictures.pop(own)
            case "swap":
                pair = self.pictures[own], self.pictures[other]
                self.pictures[other], self.pictures[own] = pair
            case "copy":
                self.pictures[self.random.choice(PATHS)] = self.pictures[own]
            case "change":
                self.pictures[own] = next(self.contents)
            case "back":  # what was there before, be it now gone
                self.pictures[own] = self.random.randrange(4)
            case "turn":
                paths = sorted(self.pictures)
                contents = [self.pictures[path] for path in paths]
                self.pictures = dict(zip(paths, contents[1:] + contents[:1], strict=True))
            case "say":
                self.say()

    def say(self) -> None:
        """Correct a draft that is about what its path shows, approve it, or call it decoration."""
        open_ = [
            entry.path
            for entry in self.entries.values()
            if entry.is_draft and entry.texts and self.shows(entry.path, entry.sha256 or "")
        ]
        if open_:
            path = self.random.choice(open_)
            found = re.search(rf"(?m)^{re.escape(path)}:\n(?:  .*\n)*", self.text)
            assert found
            status = self.random.choice(["draft", "reviewed", "decorative"])
            said = re.sub("en: .*", f'en: "Said {self.random.random()}"', found[0])
            said = said.replace("status: draft", f"status: {status}")
            self.text = self.text.replace(found[0], said)

    def build(self) -> dict[str, str]:
        """Return what each picture gets, and buy the others; check what has to hold."""
        entries, said = self.entries, {}
        approved = {each.sha256: each for each in entries.values() if not each.is_draft}
        having = {each.sha256 for each in entries.values() if each.texts}
        catalog = Catalog(entries, self.shows)
        for path, content in self.pictures.items():
            sha256 = digest(content)
            entry, own = catalog.entry(path, sha256), entries.get(path)
            is_usable = entry and not (entry.is_draft and entry.is_stale(sha256))
            if entry and is_usable and (entry.texts or not entry.is_draft):
                is_copy = own is entry and own.is_draft and own.sha256 == sha256
                assert entry.sha256 == sha256 or sha256 not in approved
                assert not entry.is_draft or is_copy or sha256 not in approved
                said[path] = entry.texts.get("en", "")
            else:
                assert sha256 not in having, f"{path} is paid for again"
        return said

    def write_drafts(self, said: Mapping[str, str]) -> None:
        """Run the command after a build; it loses nothing, and is done at once."""
        bought = {digest(self.pictures[path]) for path in self.pictures.keys() - said.keys()}
        seen = {
            path: Seen(digest(each), {"en": f"Of {each}"} if digest(each) in bought else {})
            for path, each in self.pictures.items()
        }
        before = self.entries

        def run() -> str:
            gone = [path for path in self.entries if path not in self.pictures]
            return write_drafts(self.text, seen, service="s", name=NAME, gone=gone).text

        self.text = run()
        assert run() == self.text
        shown = {picture.sha256 for picture in seen.values()}
        assert by_people(before) <= by_people(self.entries)
        assert having_text(before) & shown <= having_text(self.entries)


def by_people(entries: Mapping[str, Entry]) -> set[tuple[str | None, object]]:
    """Return what people wrote or approved, and of which picture."""
    said = [each for each in entries.values() if not each.is_replaceable]
    texts: set[tuple[str | None, object]] = {
        (each.sha256, text) for each in said for text in each.texts.values()
    }
    return texts | {
        (each.sha256, Status.DECORATIVE) for each in said if each.status("en") is Status.DECORATIVE
    }


def having_text(entries: Mapping[str, Entry]) -> set[str | None]:
    """Return the pictures of which the catalog has a text."""
    return {each.sha256 for each in entries.values() if each.texts}


@pytest.mark.parametrize("century", range(4))
def test_nothing_is_lost_or_paid_for_twice(century: int) -> None:
    """However pictures are renamed, copied, changed and put back, build by build."""
    for seed in range(100 * century, 100 * century + 100):
        life = Life(seed)
        for _ in range(10):
            life.step()
            said = life.build()
            if life.random.random() < 1 / 2:
                life.write_drafts(said)
