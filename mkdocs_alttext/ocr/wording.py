"""What short texts of screens are: numbers, states, names of controls, messages of failure.

The words are those of user interfaces in the languages of most documentation; where a word is
missing, a text says a little more than it has to.
"""

from __future__ import annotations

import re

from mkdocs_alttext.ocr.layout import is_sparse_script, letters

_NUMBER = re.compile(
    r"[-+\u2212]?[$€£]? ?(\d{1,3}(?:[, \u2009]\d{3})+|\d+)(?:\.(\d+))? ?"
    r"(?:[kKMGT]?i?B?|%|°[CF]?|[munµ]?s|[munck]?m|[kMG]?Hz|[kM]?Wh?|[€$£lLVAW]|e\d)?"
)
_DIGITS = re.compile(r"[\d\s.,:;/%°+()*×xX\u2212-]*\d[\d\s.,:;/%°+()*×xX\u2212-]*[A-Za-z%°]{0,4}")  # noqa: RUF001
_SPAN = re.compile(
    r"\d+ ?(?:second|minute|hour|day|week|month|year|tag|stunde|minute)\w*(?: ago)?", re.IGNORECASE
)
_TIME = re.compile(r"\d{1,2}:\d\d(?::\d\d)?(?: ?[aApP][mM])?|\d{4}-\d\d(?:-\d\d)?")
_DATE = re.compile(
    r"(?:\d{1,2}\.? )?(?:jan|feb|m[aä]r|apr|ma[yi]|jun|jul|aug|sep|o[ck]t|nov|de[cz])[a-z]*\.?"
    r"(?: \d{1,2},?)?(?: \d{4})?(?:,? \d{1,2}:\d\d(?::\d\d)?)?|\d{4}年.*|\d{1,2}月\d{1,2}日",
    re.IGNORECASE,
)
_STATES = frozenset(
    "on|off|yes|no|none|true|false|enabled|disabled|enable|disable|auto|manual|default|active|"
    "inactive|required|optional|min|max|avg|mean|current|total|tm|an|aus|ein|ja|nein|aktiviert|deaktiviert|"
    "开|关|是|否|启用|禁用|オン|オフ|有効|無効|はい|いいえ".split("|")
)
_BUTTONS = frozenset(
    "add|apply|back|browse|cancel|close|collapse all|confirm|continue|copy|create account|delete|"
    "discard|dismiss|done|download|edit|exit|expand all|export|finish|forgot password|"
    "forgot your password?|import|install|learn more|log in|log out|login|logout|more|next|no|ok|"
    "open|previous|print|publish|refresh|register|remember me|remove|rename|reset|restart|retry|"
    "run|save|save as|save changes|select|send|share|show all|sign in|sign out|sign up|skip|start|"
    "stop|submit|try again|undo|update|upgrade|upload|yes|"
    "abbrechen|anmelden|abmelden|anwenden|bearbeiten|fertig|hinzufügen|löschen|öffnen|schließen|"
    "senden|speichern|übernehmen|weiter|zurück|"
    "annuler|enregistrer|fermer|supprimer|cancelar|guardar|cerrar|aceptar|eliminar|"
    "キャンセル|作成|保存|閉じる|削除|編集|追加|適用|戻る|次へ|送信|ログイン|更新|"
    "取消|确定|关闭|删除|编辑|添加|应用|返回|下一步|上一步|提交|登录|确认|確定|儲存|關閉|刪除|編輯|新增".split(
        "|"
    )
)
"""Names of buttons, in small letters: signs of a screen, and never what it is about."""
_PARTS = frozenset(
    "account|all files|dashboard|description|e-mail|e-mail address|email|email address|file|filter|"
    "help|home|menu|new file|options|password|preferences|profile|settings|tools|user name|"
    "username|view|window|datei|einstellungen|hilfe|passwort|设置|設定".split("|")
)
"""Names of menus and fields: signs of a screen, too, but maybe what it is about."""
_ICONS = frozenset("XxQ+©")
_FAULT = re.compile(
    r"\b(?:error|exception|traceback|sorry|unable to|fail(?:ed|ure|s)|could not|cannot|can't|"
    r"not found|no [\w ]{2,30} found|denied|refused|invalid|not allowed|timed out|offline|warning|"
    r"fehler|fehlgeschlagen|ungültig|konnte nicht|nicht gefunden|warnung|verweigert|"
    r"erreur|échec|échoué|introuvable|errore|no se pudo|no encontrado)\b"
    r"|错误|失败|无法|無法|错誤|錯誤|失敗|エラー|できません|見つかりません|警告",
    re.IGNORECASE,
)
_SEARCH = re.compile(
    r"(?:search|filter|find|suche|suchen|durchsuchen|rechercher|buscar|cerca|zoeken)\b|搜索|搜尋|検索",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"(?:enter|type|choose|select|e\.g\.|z\. ?b\.|bitte|please enter)\b|请输入|請輸入|入力して",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"(?:https?://|www\.|localhost[:/]|\d+(?:\.\d+){3}(?:[:/]|$))\S*", re.IGNORECASE
)
_WORD = re.compile(r"[^\W\d_]{3,}")
_SHORT_WORDS = re.compile(r"\b[^\W\d_]{2} (?:.* )?[^\W\d_]{2}\b")
_MANY_NUMBERS = re.compile(r"(?:\d[\d.,:]*\D+){2,}\d")
_SYNTAX = re.compile(r"[{}<>≤≥;=\\|]|\w\(\)")


def is_number(text: str) -> bool:
    """Tell whether a text is a number, maybe with a unit."""
    return bool(_NUMBER.fullmatch(text))


def value_of(text: str) -> float:
    """Return the number that a text is, or 0."""
    found = _NUMBER.fullmatch(text)
    if not found:
        return 0.0
    whole = re.sub(r"\D", "", found[1])
    sign = -1.0 if text[0] in "-\u2212" else 1.0
    return sign * float(f"{whole}.{found[2] or 0}")


def is_time(text: str) -> bool:
    """Tell whether a text is a time of the day or a date of digits, as along an axis."""
    return bool(_TIME.fullmatch(text))


def is_value(text: str) -> bool:
    """Tell whether a text is a number, date, state or address: what another text names."""
    return bool(
        is_number(text)
        or _DIGITS.fullmatch(text)
        or is_time(text)
        or _SPAN.fullmatch(text)
        or _DATE.fullmatch(text)
        or _ADDRESS.fullmatch(text)
        or plain(text) in _STATES
    )


def plain(text: str) -> str:
    """Return a text as it is compared: in small letters, without marks at its end."""
    return text.casefold().rstrip(" :*.…").lstrip("<[ ").rstrip(">] ")


def is_button(text: str) -> bool:
    """Tell whether a text is the name of a button."""
    # An icon in front may have been taken for a letter.
    return plain(text) in _BUTTONS or (text[:1] in _ICONS and plain(text[1:]) in _BUTTONS)


def is_control(text: str) -> bool:
    """Tell whether a text is the name of a button, menu or field."""
    return plain(text) in _PARTS or is_button(text)


def is_fault(text: str) -> bool:
    """Tell whether a text says that something went wrong, in more than a word or two."""
    is_said = len(text.split()) > 2 or sum(map(is_sparse_script, text)) > 4  # noqa: PLR2004
    return is_said and not text[0].isdecimal() and bool(_FAULT.search(text))


def has_many_numbers(text: str) -> bool:
    """Tell whether a text has three numbers or more, as a row of values has."""
    return bool(_MANY_NUMBERS.search(text))


def is_cut(text: str) -> bool:
    """Tell whether a text lacks a part: a bracket of it is alone."""
    return text.count("(") != text.count(")") or text.count("[") != text.count("]")


def has_syntax(text: str) -> bool:
    """Tell whether a text has signs of a program rather than of a language."""
    return bool(_SYNTAX.search(text))


def is_search(text: str) -> bool:
    """Tell whether a text invites to search."""
    return bool(_SEARCH.match(text))


def is_placeholder(text: str) -> bool:
    """Tell whether a text asks to fill the field that it stands in."""
    return bool(_PLACEHOLDER.match(text))


def is_address(text: str) -> bool:
    """Tell whether a text is an address of the web."""
    return bool(_ADDRESS.match(text))


def says_something(text: str) -> bool:
    """Tell whether a text has words, and more letters than digits and signs."""
    solid = len(text.replace(" ", ""))
    if sum(map(is_sparse_script, text)) > 1:
        return True
    has_word = bool(_WORD.search(text) or _SHORT_WORDS.search(text))
    return has_word and 2 * letters(text) >= solid
