"""The few words around an answer, in the language of the answer."""

from collections.abc import Mapping

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "sources": "Sources",
        "source": "Source",
        "licence": "Licence",
        "read": "Read",
        "check": "Check at the source",
        "query": "A query over the graph",
        "found": "found",
        "conflicts": "Sources disagree",
        "clarify": "Which one do you mean?",
        "map": "Map",
        "points": "Places on the map",
        "rows": "Results",
        "cut": "{shown} of {total}",
        "name": "name",
        "abstained": "Not known",
        "missing": "What is missing",
        "parts": "Parts of the question",
        "answered": "answered",
        "not_answered": "not answered",
        "how": "How this was answered",
        "yes": "yes",
        "no": "no",
        "redacted": "Shown in part",
        "north": "N",
    },
    "hi": {
        "sources": "स्रोत",
        "source": "स्रोत",
        "licence": "लाइसेंस",
        "read": "पढ़ा गया",
        "check": "स्रोत पर जाँचें",
        "query": "ग्राफ़ पर एक क्वेरी",
        "found": "मिले",
        "conflicts": "स्रोत एकमत नहीं हैं",
        "clarify": "आप किसके बारे में पूछ रहे हैं?",
        "map": "मानचित्र",
        "points": "मानचित्र पर स्थान",
        "rows": "परिणाम",
        "cut": "{total} में से {shown}",
        "name": "नाम",
        "abstained": "ज्ञात नहीं",
        "missing": "क्या नहीं मिला",
        "parts": "प्रश्न के भाग",
        "answered": "उत्तर मिला",
        "not_answered": "उत्तर नहीं मिला",
        "how": "यह उत्तर कैसे बना",
        "yes": "हाँ",
        "no": "नहीं",
        "redacted": "आंशिक रूप से दिखाया गया",
        "north": "उ",
    },
}


def words(language: str) -> Mapping[str, str]:
    """English where we have no words of that language."""
    return WORDS.get(language.partition("-")[0], WORDS["en"])
