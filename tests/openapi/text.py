"""What schemas do not say of text: it has no control characters and no directional formatting."""

import unicodedata

import schemathesis


def refused(letter):
    return unicodedata.category(letter) in ("Cc", "Zl", "Zp") or "\u202a" <= letter <= "\u202e" or "\u2066" <= letter <= "\u2069"


def plain(value):
    if isinstance(value, str):
        return "".join("x" if refused(letter) else letter for letter in value)
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
