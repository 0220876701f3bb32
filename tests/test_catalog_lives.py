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

from mkdocs_alttext.catalog.drafting import PictureTexts, write_drafts
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
        self.language = "en"
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
        self.language = self.random.choice(["en", "en", "de"])
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
        """Correct a draft that is about what its path shows, and approve it, maybe."""
        open_ = [
            (entry, tag)
            for entry in self.entries.values()
            if self.shows(entry.path, entry.sha256 or "")
            for tag in entry.drafts
        ]
        if open_:
            entry, tag = self.random.choice(open_)
            found = re.search(rf"(?m)^{re.escape(entry.path)}:\n(?:  .*\n)*", self.text)
            assert found
            said = re.sub(rf"  {tag}: .*", f'  {tag}: "Said {self.random.random()}"', found[0])
            if self.random.random() < 2 / 3:
                statuses = {each: entry.status(each) for each in entry.texts}
                statuses[tag] = Status.REVIEWED
                written = ", ".join(f"{each}: {status}" for each, status in statuses.items())
                said = re.sub("status: .*", f"status: {{{written}}}", said)
            self.text = self.text.replace(found[0], said)

    def build(self) -> dict[str, str]:
        """Return what each picture gets, and buy the others; check what has to hold."""
        entries, said, language = self.entries, {}, self.language
        catalog = Catalog(entries, self.shows)
        for path, content in self.pictures.items():
            sha256 = digest(content)
            entry, own = catalog.entry(path, sha256, language, language), entries.get(path)
            text = entry.text(language) if entry else None
            if entry and entry.is_stale(sha256) and language in entry.drafts:
                text = None
            same = [each for each in entries.values() if each.sha256 == sha256]
            if text is None:
                assert not any(language in each.texts for each in same), f"{path} is paid for again"
            else:
                said[path] = text
            approved = {each.reviewed[language] for each in same if language in each.reviewed}
            is_own_draft = own in same and own is not None and language in own.drafts
            assert not approved or is_own_draft or text in approved, f"{path} has lost its text"
        return said

    def write_drafts(self, said: Mapping[str, str]) -> None:
        """Run the command after a build; it loses nothing, and is done at once."""
        bought = {digest(self.pictures[path]) for path in self.pictures.keys() - said.keys()}
        language = self.language
        seen = {
            path: PictureTexts(
                digest(each), {language: f"Of {each}"} if digest(each) in bought else {}
            )
            for path, each in self.pictures.items()
        }
        before = self.entries

        def run() -> str:
            gone = [path for path in self.entries if path not in self.pictures]
            return write_drafts(self.text, seen, service="s", name=NAME, gone=gone).text

        self.text = run()
        assert run() == self.text
        assert by_people(before) <= by_people(self.entries)
        shown = {picture.sha256 for picture in seen.values()}
        texts = [
            {(each.sha256, tag) for each in entries.values() for tag in each.texts}
            for entries in (before, self.entries)
        ]
        assert {text for text in texts[0] if text[0] in shown} <= texts[1]


def by_people(entries: Mapping[str, Entry]) -> set[tuple[str | None, str]]:
    """Return what people approved, and of which picture."""
    return {(each.sha256, text) for each in entries.values() for text in each.reviewed.values()}


@pytest.mark.parametrize("series", range(4))
def test_nothing_is_lost_or_paid_for_twice(series: int) -> None:
    """However pictures are renamed, copied, changed and put back, and in two languages."""
    for seed in range(50 * series, 50 * series + 50):
        life = Life(seed)
        for _ in range(10):
            life.step()
            said = life.build()
            if life.random.random() < 1 / 2:
                life.write_drafts(said)
