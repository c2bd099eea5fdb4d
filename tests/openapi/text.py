"""What schemas cannot say of text: it is in Unicode normalization form C, without control characters but tab and line break."""

import unicodedata

import schemathesis


def plain(value):
    if isinstance(value, str):
        kept = ("x" if unicodedata.category(letter) == "Cc" and letter not in "\t\r\n" else letter for letter in value)
        return unicodedata.normalize("NFC", "".join(kept))
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return value


@schemathesis.hook
def map_body(context, body):
    return plain(body)


@schemathesis.hook
def map_query(context, query):
    return plain(query)
