"""Buys tea as a phone does, by REST: `buy.py URL EMAIL`.

Needs nothing but the standard library. Prints the facts that it saw as one JSON document.
"""

import json
import sys
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).parents[1]))

from json_facts import print_facts, reasons

url, email = sys.argv[1:]


def send(path, body=None, token=None, **headers):
    """GET, or POST when there is a body."""
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = None if body is None else json.dumps(body).encode()
    return urlopen(Request(f"{url}{path}", data, {"Content-Type": "application/json"} | headers))


def call(path, body=None, token=None, **headers):
    return json.load(send(path, body, token, **headers))


def sign_up_and_in(email):
    call("/v1/users:signUp", {"email": email, "password": "a long password", "displayName": "Test Person"})
    return call("/v1/sessions", {"email": email, "password": "a long password"})


def refusal(path, body=None, token=None):
    """The body of a refusal is a google.rpc.Status."""
    try:
        call(path, body, token)
    except HTTPError as error:
        return reasons(json.load(error))
    raise AssertionError("not refused")


session = sign_up_and_in(email)
token = session["accessToken"]

# Looking around needs no token.
hit = call("/v1/products:search?" + urlencode({"query": "earl grey"}))["hits"][0]

# A request id makes a write safe to repeat: keep it, and send it again when an answer got lost.
lines = [{"variant": hit["variant"], "quantity": 2}]
cart = call("/v1/carts", {"lines": lines, "requestId": str(uuid4())}, token)

# By ../shop.toml the payment provider is slow with this token. Checkout answers in time all the same, with a checkout to be watched.
address = {"recipient": "Test Person", "lines": ["1 Harbour Street"], "locality": "Portland", "regionCode": "US"}
buy = {
    "expectedTotal": cart["subtotal"],
    "paymentToken": "tok_timeout_then_approve",
    "shippingAddress": address,
    "requestId": str(uuid4()),
}
started = call(f"/v1/{cart['name']}:checkout", buy, token, **{"grpc-timeout": "6S"})
# A stream of JSON lines.
stream = send(f"/v1/{started['name']}:watch", token=token, Accept="application/x-ndjson")
watched = [json.loads(line) for line in stream]

order = call(f"/v1/{watched[-1]['order']}", token=token)
listed = call("/v1/orders", token=token)["orders"]

stranger = sign_up_and_in(f"stranger-{email}")["accessToken"]
nothing = {"lines": [{"variant": hit["variant"], "quantity": 0}], "requestId": str(uuid4())}
refused = {
    "zero_units": refusal("/v1/carts", nothing, token),
    "strangers_look": refusal(f"/v1/{order['name']}", token=stranger),
    "bad_token": refusal("/v1/orders", token="not.a.token"),
}
call("/v1/sessions:signOut", {"refreshToken": session["refreshToken"]})
refused["signed_out"] = refusal("/v1/sessions:refresh", {"refreshToken": session["refreshToken"]})

print_facts(session, hit, cart, started, watched, order, listed, refused)
