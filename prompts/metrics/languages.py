"""A simple check of the language of a text: by its script, and by common words within a script.

It recognises the languages of IFEval's public data and the largest others. It is no language detector: it
asks only whether a text can be in a given language.
"""

import re
from collections import Counter

from .words import words

_SCRIPTS = {
    "Latin": "A-Za-z\u00aa-\u024f\u1e00-\u1eff",
    "Cyrillic": "\u0400-\u052f",
    "Greek": "\u0370-\u03ff\u1f00-\u1fff",
    "Hebrew": "\u0590-\u05ff",
    "Arabic": "\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff",
    "Devanagari": "\u0900-\u097f",
    "Bengali": "\u0980-\u09ff",
    "Gurmukhi": "\u0a00-\u0a7f",
    "Gujarati": "\u0a80-\u0aff",
    "Tamil": "\u0b80-\u0bff",
    "Telugu": "\u0c00-\u0c7f",
    "Kannada": "\u0c80-\u0cff",
    "Malayalam": "\u0d00-\u0d7f",
    "Thai": "\u0e00-\u0e7f",
    "Hangul": "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af",
    "Kana": "\u3040-\u30ff",
    "Han": "\u3400-\u9fff\uf900-\ufaff",
}
_LETTERS = {name: re.compile(f"[{signs}]") for name, signs in _SCRIPTS.items()}
_LANGUAGES = {
    "en": ("Latin", "the and of to is in that it with for was on are this you as be have not"),
    "de": ("Latin", "der die das und ist nicht ein eine zu mit den von sich auf für auch es im dem wir"),
    "fr": ("Latin", "le la les et est des une que pour dans pas qui sur avec il plus ce au nous du"),
    "es": ("Latin", "el la los y es de que una por con para las no su como más del se lo pero"),
    "pt": ("Latin", "o os e é de que uma não com para as do da em um por mais como dos você"),
    "it": ("Latin", "il di che è e la un una per non con del sono gli della le più nel anche i"),
    "nl": ("Latin", "de het een en van is dat niet op te zijn met voor aan er ook maar bij wij naar"),
    "sv": ("Latin", "och att det är som en på för med av inte den till har jag ett om men vi kan"),
    "da": ("Latin", "og at det er som en på for med af ikke den til har jeg et om men vi kan der"),
    "fi": ("Latin", "ja on ei se että oli hän mutta kun myös tai ovat joka kuin niin voi sen minä olla mitä"),
    "pl": ("Latin", "i w nie na się że jest z do to jak ale po co tak za od przez był są"),
    "tr": ("Latin", "ve bir bu da de için ile çok ne gibi daha olan kadar ama var değil en o ben olarak"),
    "id": (
        "Latin",
        "yang dan di itu dengan untuk tidak ini dari dalam akan pada adalah ke juga saya bisa ada",
    ),
    "vi": ("Latin", "và của là có không được cho một trong các người với những này đã để khi tôi bạn đến"),
    "sw": ("Latin", "na ya wa kwa ni katika za la kuwa hii si yako kama hiyo ambayo pia yake cha au sana"),
    "ru": ("Cyrillic", "и в не на что это с как по но из для я он у так же все мы вы ы э ё"),
    "bg": ("Cyrillic", "и на да се за от не е са по като но ще това с в че си при или"),
    "uk": ("Cyrillic", "і в не на що це з як та до але для я він у так й є ми від"),
    "el": ("Greek", ""),
    "he": ("Hebrew", ""),
    "ar": ("Arabic", "في من على أن إلى هذا هذه التي الذي كان هو مع لا ما عن هي أو كل"),
    "fa": ("Arabic", "و در به از که این را با است برای آن می یک های خود شما ما هم تا بود"),
    "ur": ("Arabic", "کے کی کا میں ہے اور سے کو کہ پر یہ نے ہیں ایک بھی نہیں آپ ہو وہ لیے"),
    "hi": ("Devanagari", "है के में की और का से को हैं यह एक पर नहीं भी कि लिए ने आप तो हो"),
    "mr": ("Devanagari", "आहे आणि च्या मध्ये या ते तर हे असे आहेत एक नाही साठी होते की हा ही मी तुम्ही करू"),
    "ne": ("Devanagari", "छ र को मा लाई हो यो पनि गर्न छन् भने तपाईं हुन्छ एक नेपाली गर्नुहोस् थियो छैन तर हामी"),
    "bn": ("Bengali", ""),
    "pa": ("Gurmukhi", ""),
    "gu": ("Gujarati", ""),
    "ta": ("Tamil", ""),
    "te": ("Telugu", ""),
    "kn": ("Kannada", ""),
    "ml": ("Malayalam", ""),
    "th": ("Thai", ""),
    "ko": ("Hangul", ""),
    "ja": ("Kana", ""),
    "zh": ("Han", ""),
}
"""The script of each language, and common words if others share the script."""
NAMES = {
    "en": "English", "de": "German", "fr": "French", "es": "Spanish", "pt": "Portuguese", "it": "Italian",
    "nl": "Dutch", "sv": "Swedish", "da": "Danish", "fi": "Finnish", "pl": "Polish", "tr": "Turkish",
    "id": "Indonesian", "vi": "Vietnamese", "sw": "Swahili", "ru": "Russian", "bg": "Bulgarian",
    "uk": "Ukrainian", "el": "Greek", "he": "Hebrew", "ar": "Arabic", "fa": "Persian", "ur": "Urdu",
    "hi": "Hindi", "mr": "Marathi", "ne": "Nepali", "bn": "Bengali", "pa": "Punjabi", "gu": "Gujarati",
    "ta": "Tamil", "te": "Telugu", "kn": "Kannada", "ml": "Malayalam", "th": "Thai", "ko": "Korean",
    "ja": "Japanese", "zh": "Chinese",
}  # fmt: skip
"""Names of the languages that can be checked, by code."""
_LONGEST = 20_000


def may_be_in(text: str, language: str) -> bool:
    """Return whether `text` can be in the language of this code; a text without letters can.

    Most letters must be of its script, and no language of the same script may have more common words there.
    """
    text = text[:_LONGEST]
    script, _ = _LANGUAGES[language]
    counts = {name: len(letters.findall(text)) for name, letters in _LETTERS.items()}
    if script == "Kana":
        counts["Kana"] += counts.pop("Han") if counts["Kana"] else 0
    elif script == "Han" and counts["Kana"]:
        return False
    if sum(counts.values()) == 0:
        return True
    if 2 * counts[script] < sum(counts.values()):
        return False
    found = Counter(words(text))
    scores = {
        code: sum(found[word] for word in common.split())
        for code, (its_script, common) in _LANGUAGES.items()
        if its_script == script
    }
    return scores[language] == max(scores.values())
