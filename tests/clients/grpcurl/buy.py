"""Buys tea as an operator tries things out, with grpcurl and no stubs: `buy.py URL EMAIL`.

grpcurl asks the edge for the contracts (gRPC server reflection). Prints the facts that it saw as one JSON document.
"""

import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).parents[1]))

from json_facts import print_facts, reasons

url, email = sys.argv[1:]
USERS, AUTH = "shopmesh.identity.v1.UserService", "shopmesh.identity.v1.AuthService"
PRODUCTS = "shopmesh.catalog.v1.ProductService"
CARTS, CHECKOUTS = "shopmesh.orders.v1.CartService", "shopmesh.orders.v1.CheckoutService"
ORDERS = "shopmesh.orders.v1.OrderService"


def grpcurl(method, request, token=None, *options):
    """Runs one call. Its exit code is 64 + the code of gRPC when the call is refused."""
    if token:
        options += ("-H", f"authorization: Bearer {token}")
    # Zeros and empty strings are left out of JSON otherwise; an error is written as a google.rpc.Status.
    flags = ["-plaintext", "-emit-defaults", "-format-error", *options, "-d", json.dumps(request)]
    return subprocess.run(["grpcurl", *flags, urlsplit(url).netloc, method], capture_output=True, text=True)


def stream(method, request, token=None, *options):
    """The answers, which grpcurl writes as one JSON document after another."""
    run = grpcurl(method, request, token, *options)
    if run.returncode != 0:
        sys.exit(f"{method}: {run.stderr}")
    answers, text, decoder = [], run.stdout.strip(), json.JSONDecoder()
    while text:
        answer, end = decoder.raw_decode(text)
        answers.append(answer)
        text = text[end:].strip()
    return answers


def call(method, request, token=None, *options):
    return stream(method, request, token, *options)[0]


def sign_up_and_in(email):
    call(f"{USERS}/SignUp", {"email": email, "password": "a long password", "display_name": "Test Person"})
    return call(f"{AUTH}/SignIn", {"email": email, "password": "a long password"})


def refusal(method, request, token=None):
    return reasons(json.loads(grpcurl(method, request, token).stderr))


session = sign_up_and_in(email)
token = session["accessToken"]

# Looking around needs no token.
hit = call(f"{PRODUCTS}/SearchProducts", {"query": "earl grey"})["hits"][0]

# A request id makes a write safe to repeat: keep it, and send it again when an answer got lost.
new_cart = {"lines": [{"variant": hit["variant"], "quantity": 2}], "request_id": str(uuid4())}
cart = call(f"{CARTS}/CreateCart", new_cart, token)

# By ../shop.toml the payment provider is slow with this token. Checkout answers in time all the same, with a checkout to be watched.
buy = {
    "cart": cart["name"],
    "expected_total": cart["subtotal"],
    "payment_token": "tok_timeout_then_approve",
    "shipping_address": {
        "recipient": "Test Person",
        "lines": ["1 Harbour Street"],
        "locality": "Portland",
        "region_code": "US",
    },
    "request_id": str(uuid4()),
}
started = call(f"{CHECKOUTS}/StartCheckout", buy, token, "-max-time", "6")
watched = stream(f"{CHECKOUTS}/WatchCheckout", {"name": started["name"]}, token)

order = call(f"{ORDERS}/GetOrder", {"name": watched[-1]["order"]}, token)
listed = call(f"{ORDERS}/ListOrders", {}, token)["orders"]

stranger = sign_up_and_in(f"stranger-{email}")["accessToken"]
nothing = {"lines": [{"variant": hit["variant"], "quantity": 0}], "request_id": str(uuid4())}
refused = {
    "zero_units": refusal(f"{CARTS}/CreateCart", nothing, token),
    "strangers_look": refusal(f"{ORDERS}/GetOrder", {"name": order["name"]}, stranger),
    "bad_token": refusal(f"{ORDERS}/ListOrders", {}, "not.a.token"),
}
call(f"{AUTH}/SignOut", {"refresh_token": session["refreshToken"]})
refused["signed_out"] = refusal(f"{AUTH}/RefreshSession", {"refresh_token": session["refreshToken"]})

print_facts(session, hit, cart, started, watched, order, listed, refused)
