"""What services write in place of an answer.

Owns recognising refusals, words that stand for a missing text, and messages of machines. Each has
the shape of such a message, as good texts begin with the same words: "Error dialog", "I can't
believe it". It must not know what a text went through before, nor what follows from it.
"""

from __future__ import annotations

import re

from mkdocs_alttext.markup.texts import is_placeholder

# Expressions are texts here, and compiled when an answer is first judged: a build that finds all
# texts in the cache judges none, and compiling them is a tenth of what it imports.
PICTURE = r"(?:image|picture|photo|photograph|graphic)"
"""What services call what they were sent."""

_NOT = r"(?: ?not|n['’]?t)"
_OBJECT = rf"(?:(?:the|this|that|your|an?) )?(?:\w+ )?(?:{PICTURE}s?|file|url)\b"
_REGRET = (
    r"(?:i['’]?m|i am) (?:(?:so|very|really|truly) )?sorry\b"
    r"|(?:i['’]?m|i am) afraid (?:i|that|this|the|there|it|we|not)\b"
    r"|sorry(?:\W*$|\s*[,.!:;\u2013\u2014-]|\s+(?:i|but|we|the|this|there|that|for|about|no|it|you)\b)"
    r"|(?:i (?:\w+ )?|we )apologi[sz]e\b|(?:(?:my|our) )?apologies\b"
    r"|(?:unfortunately|regrettably),? (?:i|we|the|this|that|there|it|no|your|my)\b"
)
_INABILITY = (
    rf"i (?:can ?not|could{_NOT}|do not|don['’]?t (?:see|have|know|recogni[sz]e)"
    rf"|(?:will not|won['’]?t|would{_NOT}) be able|(?:am|was) (?:not able|unable))\b"
    r"|i can['’]?t\b(?! (?:believe|breathe|sleep|stop|wait)\b)"
    r"|i['’](?:m (?:unable|not able)|ll not be able)\b"
    r"|as an? (?:ai|artificial intelligence|(?:large )?language model)\b"
    r"|unable to (?:process|describe|generate|view|see|analy[sz]e|identify)\b"
    rf"|(?:(?:unable|failed) to|(?:can|could){_NOT}) (?:access|decode|display|download|fetch|find"
    rf"|load|open|process|read|retrieve) {_OBJECT}"
)
_NOTHING_TO_SEE = (
    r"(?:it (?:looks|looks like|seems|appears)(?: that| like| as if)? )?(?:"
    rf"(?:there (?:is|was|seems to be|appears to be) )?no {PICTURE}s?(?: file)?"
    r"(?: (?:is|was|were|has been|have been|to))? (?:attached|available|describe|detected|found"
    r"|given|included|present|provided|received|sent|shared|supplied|uploaded)\b"
    rf"|(?:the|this|that|your) {PICTURE}(?: file| itself)? (?:"
    rf"(?:is|was|has|does|did|could|can){_NOT} (?:be |been )?(?:\w+ly )?(?:accessible|attached"
    r"|available|clear|contain|display|found|load|open|provided|show|support|uploaded|visible)"
    r"|(?:is|was) (?:too \w+\W*$|too .{1,40}\bto (?:analy[sz]e|describe|determine|discern|identify"
    r"|make|read|recogni[sz]e|see|tell|view)\b)"
    r"|(?:is|was|seems|appears)(?: to be)? (?:blank|broken|corrupt|corrupted|empty|missing"
    r"|unavailable|unclear|unreadable)(?=\W*$|[,.;]| (?:and|or|so|to)\b)"
    r"|(?:failed|fails) to \w+))"
)
_REQUEST = (
    r"(?:please|kindly|could you(?: please)?|can you(?: please)?) "
    rf"(?:attach|provide|re-?upload|send|share|try|upload)\b.{{0,40}}\b(?:{PICTURE}s?|screenshot"
    r"|file|url|link|details|context|information|again)\b"
)

_NOUN = r"(?:figure|graphic|icon|image|img|logo|photo|photograph|picture|placeholder|screen ?shot)"
_PLACEHOLDER = (
    rf"(?:(?:an?|the|this|that|my|your) )?{_NOUN}(?: of| ?[(#]{{0,2}}\d+\)?)?"
    r"|(?:dsc[fn]?|gopr|imgp?|mvi|pxl|vid)[-_ ]?\d{3,}(?:[-_ ]\d+)*"
    r"|alt|caption|description|empty|n/a|na|nil|none|null|undefined|unknown|untitled"
    r"|(?:no )?alt(?:ernative)?[ -]?text"
    r"|no (?:(?:alt(?:ernative)?[ -]?)?text|alt|caption|description|title)"
    r"(?: (?:is |was )?(?:available|found|given|provided|supplied))?"
    rf"|no {PICTURE}"
)
_FOREIGN_PLACEHOLDER = (
    r"(?:(?:a|das|de|een|ein|el|il|la|le|o|um|uma|un|una|une) |un['’]|l['’])?"
    r"(?:abbildung|afbeelding|bild|foto|fotografia|fotografía|fotografie|grafik|illustration|image"
    r"|imagem|imagen|immagine|obraz|obrazek|photo|plaatje|zdjęcie|изображение|картинка|рисунок"
    r"|фото|фотография|画像|写真|图片|图像|照片|圖片|圖像|이미지|사진|그림)"
)
"""Words for a picture in the languages of services: no text says less."""

_ERROR = (
    r"(?:[\w.]*|internal (?:server )?|server )(?:error|exception)\b\W*(?:\d+\W*)?$"
    r"|(?:[\w.]*|internal (?:server )?|server )(?:error|exception):\s"
    rf"|error (?:analy[sz]ing|decoding|fetching|loading|opening|processing|reading) {_OBJECT}"
    r"|(?:an? )?(?:\w+ )?error (?:has |was )?(?:encountered|occurred)\b"
    r"|exception in thread \W|traceback \(most"
    r"|(?:(?:http )?(?:error )?\d{3}\W+)?(?:bad gateway|service (?:temporarily )?unavailable"
    r"|gateway time-?out|too many requests|internal server error)\W*$"
    r"|rate limit (?:exceeded|reached)"
    r"|(?:invalid|incorrect) (?:api key|request)(?:\W*$|[.,:]| provided\b)"
    r"|https?://\S+$"
)
_DATA = (
    r"(?:json\s*)?(?:\{\s*[\"'].*|\[\s*\{.*|\{[^:]*+:.*\}|\[[^,\"']*+[,\"'].*\]"
    r"|\[object \w+\]|[\[{]\s*[\]}])"
)
"""JSON, whole or cut off, as far as it cannot be a word in brackets."""


def is_refusal(text: str) -> bool:
    """Tell whether a text says why there is none, to a person."""
    refusal = f"(?i)(?:{_REGRET}|{_INABILITY}|{_NOTHING_TO_SEE}|{_REQUEST})"
    return re.match(refusal, text) is not None


def stands_for_none(text: str) -> bool:
    """Tell whether a text only stands where one is missing."""
    words = f"(?i)(?:{_PLACEHOLDER}|{_FOREIGN_PLACEHOLDER})"
    return is_placeholder(text) or re.fullmatch(words, text) is not None


def is_message(text: str) -> bool:
    """Tell whether a text is data or the error message of a machine."""
    return re.match(f"(?i)(?:{_ERROR})", text) is not None or (
        re.fullmatch(f"(?is){_DATA}", text) is not None
    )
