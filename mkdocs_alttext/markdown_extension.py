"""The Markdown extension that fills pages while Zensical renders them.

A site lists it by the name of this module. In MkDocs, where the plugin does this work, it does
nothing, so that both can be in one `mkdocs.yml`.

Articles are filled by the code that fills those of MkDocs, in a postprocessor behind all others: a
decision takes all of an article, raw HTML included, which a tree processor sees as placeholders
only; and all but alternative texts stays as it is, byte for byte. One neighbour reads `alt` before:
Zensical's glightbox makes captions of it, where `auto_caption` is set, when it works on the tree.
For it, the tree is read as HTML once more, and Markdown's images get their texts there.
"""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from markdown.extensions import Extension
from markdown.postprocessors import Postprocessor
from markdown.treeprocessors import Treeprocessor

from mkdocs_alttext.html.scanner import read_tag
from mkdocs_alttext.markdown_mark import AltTextExtension
from mkdocs_alttext.pages.image import PROVENANCE_ATTRIBUTE
from mkdocs_alttext.zensical.project import read_options
from mkdocs_alttext.zensical.rendering import RenderedPage, mark

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from markdown import Markdown

_CONTEXT = "rendering_context"
"""Zensical's preprocessor that tells which page is rendered."""
_BEFORE_MEDIA = 7.8
"""Behind the mark, and before Zensical's media (7.5) and glightbox (7)."""
_LAST = -10
"""Behind all postprocessors, of which the last known one has 2."""
_PLACE = "data-place"
"""Holds the number of an element of the tree, in a copy."""


class StoredTexts(Extension):
    """Fills missing alternative texts from the catalog and the cache."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - as the site's author wrote them
        """Take the options.

        Args:
            options: As in the configuration.
        """
        super().__init__()
        self._written = json.dumps(options, sort_keys=True, default=str)

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Python-Markdown's own name
        """Register the processors, where Zensical renders.

        Raises:
            ConfigurationError: An option is unknown or has a value that it cannot have.
        """
        options = read_options(self._written, None)
        if not options.enabled or _CONTEXT not in md.preprocessors:
            return
        page = RenderedPage(md.preprocessors[_CONTEXT], self._written)
        AltTextExtension(mark().value).extendMarkdown(md)
        captions = _CaptionTreeprocessor(md, page, shows_provenance=options.provenance)
        md.treeprocessors.register(captions, "alttext-captions", _BEFORE_MEDIA)
        md.postprocessors.register(_FillingPostprocessor(md, page), "alttext", _LAST)


class _FillingPostprocessor(Postprocessor):
    """Fills an article. `toc` calls it with each heading, too."""

    def __init__(self, md: Markdown, page: RenderedPage) -> None:
        super().__init__(md)
        self._page = page

    def run(self, text: str) -> str:
        filled = self._page.fill(text)
        # Nothing comes after this that could fill what waits for the rest of the page.
        return mark().remove(filled.html) if filled else text


class _CaptionTreeprocessor(Treeprocessor):
    """Fills Markdown's images before glightbox makes captions of their texts."""

    def __init__(self, md: Markdown, page: RenderedPage, *, shows_provenance: bool) -> None:
        super().__init__(md)
        self._page = page
        self._shows_provenance = shows_provenance

    def run(self, root: Element) -> None:
        if not self._makes_captions():
            return
        images = list(root.iter("img"))
        copy = deepcopy(root)
        for number, image in enumerate(copy.iter("img")):
            image.set(_PLACE, str(number))
        html = self.md.postprocessors["raw_html"].run(self.md.serializer(copy))
        filled = self._page.fill(html)
        for outcome, start in zip(filled.outcomes, filled.starts, strict=True) if filled else ():
            tag = read_tag(html, start)
            place = tag.attributes.get(_PLACE) if tag else ""
            if outcome.alt and place:
                image = images[int(place)]
                # The serializer takes what looks like a reference for one.
                image.set("alt", outcome.alt.replace("&", "&amp;"))
                if outcome.is_generated and self._shows_provenance:
                    image.set(PROVENANCE_ATTRIBUTE, "ai")

    def _makes_captions(self) -> bool:
        if "glightbox" not in self.md.treeprocessors:
            return False
        config = getattr(self.md.treeprocessors["glightbox"], "config", None)
        return bool(getattr(config, "auto_caption", False))


def makeExtension(**options: Any) -> StoredTexts:  # noqa: ANN401, N802 - as Python-Markdown has it
    """Return the extension, as Python-Markdown asks for it."""
    return StoredTexts(**options)
