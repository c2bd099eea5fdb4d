"""Buys tea as a phone does, by REST: `buy.py URL EMAIL`.

Needs nothing but the standard library. Prints the facts that it saw as one JSON document.
"""

import json
import sys
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen
from uuid import uuid4

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


def money(amount):
    # 64-bit integers are strings in JSON (ProtoJSON), for JavaScript would round them.
    return {"currency": amount["currencyCode"], "units": int(amount["units"]), "nanos": amount["nanos"]}


def refusal(path, body=None, token=None):
    """What a refusal says to a program. Its body is a google.rpc.Status: code of gRPC, message, details by `@type`."""
    try:
        call(path, body, token)
    except HTTPError as error:
        status = json.load(error)
        details = {detail["@type"].rpartition(".")[2]: detail for detail in status["details"]}
        fields = [violation["field"] for violation in details.get("BadRequest", {}).get("fieldViolations", [])]
        return {"code": status["code"], "reason": details.get("ErrorInfo", {}).get("reason"), "fields": fields}
    raise AssertionError("not refused")


session = sign_up_and_in(email)
token = session["accessToken"]

# Looking around needs no token.
hit = call("/v1/products:search?" + urlencode({"query": "earl grey"}))["hits"][0]

# A request id makes a write safe to repeat: keep it, and send it again when an answer got lost.
lines = [{"variant": hit["variant"], "quantity": 2}]
cart = call("/v1/carts", {"lines": lines, "requestId": str(uuid4())}, token)

# The payment provider is slow with this token. Checkout answers before the deadline all the same, with a checkout to be watched.
address = {"recipient": "Test Person", "lines": ["1 Harbour Street"], "locality": "Portland", "regionCode": "US"}
buy = {
    "expectedTotal": cart["subtotal"],
    "paymentToken": "tok_timeout_then_approve",
    "shippingAddress": address,
    "requestId": str(uuid4()),
}
started = call(f"/v1/{cart['name']}:checkout", buy, token, **{"grpc-timeout": "3S"})
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

facts = {
    "user": session["user"],
    "found": {"title": hit["title"], "price": money(hit["price"])},
    "subtotal": money(cart["subtotal"]),
    "started": started["state"],
    "watched": {"first": watched[0]["state"], "last": watched[-1]["state"]},
    "order": order["name"],
    "number": order["number"],
    "state": order["state"],
    "payment": order["paymentState"],
    "total": money(order["total"]),
    "lines": len(order["lines"]),
    "quantity": int(order["lines"][0]["quantity"]),
    "recipient": order["shippingAddress"]["recipient"],
    "listed": [order["name"] for order in listed],
    "refused": refused,
}
print(json.dumps(facts))
