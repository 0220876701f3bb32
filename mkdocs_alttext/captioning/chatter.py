"""What models write around an alternative text, and instead of one.

Around it: thoughts, tokens of their template, a Markdown image, the name of a field, a note at the
end. That is cut away. Instead of it: several texts to choose from, or words about the picture's
role. Nobody can tell which part of these is the text, so none is published.
"""

from __future__ import annotations

import re

from mkdocs_alttext.services.thoughts import without_thoughts

_SPEAKER = r"\s*assistant\s*:\s+"
_MARKDOWN_IMAGE = r"\s*!\[([^\[\]]{1,1000})\]\([^()\s]{0,500}(?: \"[^\"]*\")?\)\s*"
_FIELD = (
    r"\s*[\"']?(?:alt|alt_text|alt-text|altText|alternative_text)[\"']?\s*[:=]\s*"
    r"([\"'])(?P<text>.{1,1000})\1\s*,?\s*"
)
_TEXT = r"alt(?:ernative)?[ -]?texts?"
_ABOUT = (
    rf"(?:this|the|my|your) (?:suggested |above |proposed )?(?:{_TEXT}|description)"
    r" (?:is|has|contains|describes|conveys|provides|captures|follows|focuses|should|can|could"
    r"|includes|avoids|uses|meets|would)\b[^.!?]*[.!?]?"
)
_NOTE = (
    r"(?:\s+(?:\((?:notes?|\d+ characters?|character count|characters)\b[^()]*\)"
    r"|\[(?:note|\d+ characters?)\b[^\[\]]*\]|(?:character count|length): \d+(?: characters?)?\.?"
    rf"|note: (?:the|this|i|as)\b[^.!?]*[.!?]?|{_ABOUT}))+\s*\Z"
)
_HEDGE = r"(?:may|might) be an? (?:image|picture|photo) of (?:an? )?"

_COUNT = r"(?:one|two|three|four|five|\d)"
_OFFERED = (
    rf"(?:alternatives?|{_TEXT}|captions?|descriptions?|options?|possibilities"
    r"|suggestions?|variations?|versions?)"
)
_PICTURE = r"(?:image|picture|icon|graphic)"
_SEEMS = r"(?:is|appears to be|seems to be|should be|may be)"
_HOW = r"(?:(?:purely|merely|just|likely|marked as|considered(?: as)?) )*"
_INSTEAD = (
    # several to choose from
    r"(?:(?:sure|certainly|of course|okay)[,.!]? )?"
    r"(?:here(?: are|['’]re)|below are|i (?:can|could) offer)"
    rf" (?:\w+ ){{0,5}}?{_OFFERED}\b"
    rf"|(?:option|version|alternative|suggestion) (?:{_COUNT}|a)\b ?[:.)\u2013\u2014-]"
    r"|[*#( ]*1[.):] .{1,1000}?[ \n][*#( ]*2[.):] .*"
    # words about the picture's role
    rf"|(?:the |this )?{_PICTURE} {_SEEMS} {_HOW}(?:a )?(?:decorative|decoration)\b"
    rf"|this {_SEEMS} {_HOW}(?:a )?(?:decorative|decoration)\b"
    rf"|{_HOW}decorative(?: only| {_PICTURE}| element)?(?: ?[.!;:,(\u2013\u2014-]|\Z)"
    rf"|(?:.{{0,80}}[.;:,(\u2013\u2014-] ?)?(?:(?:no|an? empty|empty) {_TEXT}|{_TEXT} (?:is )?not)"
    r" (?:is |was )?(?:needed|required|necessary)\b"
    r"|(?:role|kind|confidence): \w+[,;.\n ]"
    # words about a text, and thoughts
    rf"|{_ABOUT}|(?:the|an) (?:ideal|good|best|appropriate) {_TEXT}\b"
    r"|the user (?:wants|asks|is asking|has asked)\b"
    r"|(?:okay|ok|alright|hmm),? (?:let me|let's|so|i need|i will|the user)\b"
)
_RULES = r"(?:content|usage|safety) (?:policy|policies|guidelines|filters?)"
_FILTERED = (
    r"(?:the )?(?:content|response|output|image) (?:was |has been |is )?"
    r"(?:filtered|blocked|moderated|withheld|removed)\b"
    rf"|.{{0,200}}\b(?:violat\w+|against|due to|because of|by) (?:\w+ ){{0,3}}{_RULES}\b"
)


_FLAGS = re.IGNORECASE | re.DOTALL


def without_chatter(text: str) -> str:
    """Cut away what stands around a text.

    Args:
        text: As it came, or cleaned in part.

    Returns:
        The rest of it.
    """
    text = without_thoughts(text)
    if speaker := re.match(_SPEAKER, text, _FLAGS):
        text = text[speaker.end() :]
    if image := re.fullmatch(_MARKDOWN_IMAGE, text, _FLAGS):
        text = image[1]
    elif field := re.fullmatch(_FIELD, text, _FLAGS):
        text = field["text"]
    if note := re.search(_NOTE, text, _FLAGS):
        text = text[: note.start()]
    if hedge := re.match(_HEDGE, text, _FLAGS):
        text = text[hedge.end() :]
        text = text[:1].upper() + text[1:]
    return text


def is_chatter(text: str) -> bool:
    """Tell whether a cleaned text is about a text, or several to choose from."""
    return re.match(_INSTEAD, text, _FLAGS) is not None


def is_filtered(text: str) -> bool:
    """Tell whether a cleaned text says that the answer was withheld."""
    return re.match(_FILTERED, text, _FLAGS) is not None
