"""Buys tea as a partner does, with stubs that `buf generate` made: `buy.py URL EMAIL`.

Speaks gRPC to the edge. Prints the facts that it saw as one JSON document.
"""

import sys
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import grpc

clients = Path(__file__).parents[1]
sys.path[:0] = [str(clients), str(clients / "gen/python")]

# Only named here, so that details of these types can be read.
import google.rpc.error_details_pb2
from google.protobuf.json_format import MessageToDict
from google.rpc.status_pb2 import Status
from json_facts import print_facts, reasons
from shopmesh.catalog.v1.products_pb2 import SearchProductsRequest
from shopmesh.catalog.v1.products_pb2_grpc import ProductServiceStub
from shopmesh.identity.v1.auth_pb2 import RefreshSessionRequest, SignInRequest, SignOutRequest
from shopmesh.identity.v1.auth_pb2_grpc import AuthServiceStub
from shopmesh.identity.v1.users_pb2 import SignUpRequest
from shopmesh.identity.v1.users_pb2_grpc import UserServiceStub
from shopmesh.orders.v1.carts_pb2 import (
    CreateCartRequest,
    LineItem,
    ShippingAddress,
    StartCheckoutRequest,
    WatchCheckoutRequest,
)
from shopmesh.orders.v1.carts_pb2_grpc import CartServiceStub, CheckoutServiceStub
from shopmesh.orders.v1.orders_pb2 import GetOrderRequest, ListOrdersRequest
from shopmesh.orders.v1.orders_pb2_grpc import OrderServiceStub

url, email = sys.argv[1:]
channel = grpc.insecure_channel(urlsplit(url).netloc)
users, auth, products = UserServiceStub(channel), AuthServiceStub(channel), ProductServiceStub(channel)
carts, checkouts, orders = CartServiceStub(channel), CheckoutServiceStub(channel), OrderServiceStub(channel)


def sign_up_and_in(email):
    users.SignUp(SignUpRequest(email=email, password="a long password", display_name="Test Person"))
    return auth.SignIn(SignInRequest(email=email, password="a long password"))


def bearer(token):
    return [("authorization", f"Bearer {token}")]


def as_json(message):
    return MessageToDict(message, always_print_fields_with_no_presence=True)


def refusal(method, request, metadata=None):
    """The details of a refusal (google.rpc.Status) are in its trailers."""
    try:
        method(request, metadata=metadata)
    except grpc.RpcError as error:
        status = Status.FromString(dict(error.trailing_metadata()).get("grpc-status-details-bin", b""))
        return reasons(as_json(status) | {"code": error.code().value[0]})
    raise AssertionError("not refused")


session = sign_up_and_in(email)
headers = bearer(session.access_token)

# Looking around needs no token.
hit = products.SearchProducts(SearchProductsRequest(query="earl grey")).hits[0]

# A request id makes a write safe to repeat: keep it, and send it again when an answer got lost.
new_cart = CreateCartRequest(lines=[LineItem(variant=hit.variant, quantity=2)], request_id=str(uuid4()))
cart = carts.CreateCart(new_cart, metadata=headers)

# By ../shop.toml the payment provider is slow with this token. Checkout answers in time all the same, with a checkout to be watched.
buy = StartCheckoutRequest(
    cart=cart.name,
    expected_total=cart.subtotal,
    payment_token="tok_timeout_then_approve",
    shipping_address=ShippingAddress(
        recipient="Test Person", lines=["1 Harbour Street"], locality="Portland", region_code="US"
    ),
    request_id=str(uuid4()),
)
started = checkouts.StartCheckout(buy, metadata=headers, timeout=6)
watched = list(checkouts.WatchCheckout(WatchCheckoutRequest(name=started.name), metadata=headers))

order = orders.GetOrder(GetOrderRequest(name=watched[-1].order), metadata=headers)
listed = orders.ListOrders(ListOrdersRequest(), metadata=headers).orders

stranger = bearer(sign_up_and_in(f"stranger-{email}").access_token)
nothing = CreateCartRequest(lines=[LineItem(variant=hit.variant)], request_id=str(uuid4()))
refused = {
    "zero_units": refusal(carts.CreateCart, nothing, headers),
    "strangers_look": refusal(orders.GetOrder, GetOrderRequest(name=order.name), stranger),
    "bad_token": refusal(orders.ListOrders, ListOrdersRequest(), bearer("not.a.token")),
}
auth.SignOut(SignOutRequest(refresh_token=session.refresh_token))
refused["signed_out"] = refusal(auth.RefreshSession, RefreshSessionRequest(refresh_token=session.refresh_token))

messages = {"session": session, "hit": hit, "cart": cart, "started": started, "order": order}
print_facts(
    **{name: as_json(message) for name, message in messages.items()},
    watched=[as_json(checkout) for checkout in watched],
    listed=[as_json(order) for order in listed],
    refused=refused,
)
