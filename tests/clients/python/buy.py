"""Buys tea as a partner does, with stubs that `buf generate` made: `buy.py URL EMAIL`.

Speaks gRPC to the edge. Prints the facts that it saw as one JSON document.
"""

import json
import sys
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import grpc

sys.path.insert(0, str(Path(__file__).parents[1] / "gen/python"))

from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from google.rpc.status_pb2 import Status
from shopmesh.catalog.v1.products_pb2 import SearchProductsRequest
from shopmesh.catalog.v1.products_pb2_grpc import ProductServiceStub
from shopmesh.identity.v1.auth_pb2 import RefreshSessionRequest, SignInRequest, SignOutRequest
from shopmesh.identity.v1.auth_pb2_grpc import AuthServiceStub
from shopmesh.identity.v1.users_pb2 import SignUpRequest
from shopmesh.identity.v1.users_pb2_grpc import UserServiceStub
from shopmesh.orders.v1.carts_pb2 import (
    CheckoutState,
    CreateCartRequest,
    LineItem,
    ShippingAddress,
    StartCheckoutRequest,
    WatchCheckoutRequest,
)
from shopmesh.orders.v1.carts_pb2_grpc import CartServiceStub, CheckoutServiceStub
from shopmesh.orders.v1.orders_pb2 import GetOrderRequest, ListOrdersRequest, OrderState, PaymentState
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


def money(amount):
    return {"currency": amount.currency_code, "units": amount.units, "nanos": amount.nanos}


def refusal(method, request, metadata=None):
    """What a refusal says to a program: its code, the reason (google.rpc.ErrorInfo), the wrong fields (google.rpc.BadRequest)."""
    try:
        method(request, metadata=metadata)
    except grpc.RpcError as error:
        status = Status.FromString(dict(error.trailing_metadata()).get("grpc-status-details-bin", b""))
        info, bad = ErrorInfo(), BadRequest()
        for detail in status.details:
            detail.Unpack(info) or detail.Unpack(bad)
        fields = [violation.field for violation in bad.field_violations]
        return {"code": error.code().value[0], "reason": info.reason or None, "fields": fields}
    raise AssertionError("not refused")


session = sign_up_and_in(email)
headers = bearer(session.access_token)

# Looking around needs no token.
hit = products.SearchProducts(SearchProductsRequest(query="earl grey")).hits[0]

# A request id makes a write safe to repeat: keep it, and send it again when an answer got lost.
new_cart = CreateCartRequest(lines=[LineItem(variant=hit.variant, quantity=2)], request_id=str(uuid4()))
cart = carts.CreateCart(new_cart, metadata=headers)

# The payment provider is slow with this token. Checkout answers before the deadline all the same, with a checkout to be watched.
buy = StartCheckoutRequest(
    cart=cart.name,
    expected_total=cart.subtotal,
    payment_token="tok_timeout_then_approve",
    shipping_address=ShippingAddress(
        recipient="Test Person", lines=["1 Harbour Street"], locality="Portland", region_code="US"
    ),
    request_id=str(uuid4()),
)
started = checkouts.StartCheckout(buy, metadata=headers, timeout=3)
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

facts = {
    "user": session.user,
    "found": {"title": hit.title, "price": money(hit.price)},
    "subtotal": money(cart.subtotal),
    "started": CheckoutState.Name(started.state),
    "watched": {"first": CheckoutState.Name(watched[0].state), "last": CheckoutState.Name(watched[-1].state)},
    "order": order.name,
    "number": order.number,
    "state": OrderState.Name(order.state),
    "payment": PaymentState.Name(order.payment_state),
    "total": money(order.total),
    "lines": len(order.lines),
    "quantity": order.lines[0].quantity,
    "recipient": order.shipping_address.recipient,
    "listed": [order.name for order in listed],
    "refused": refused,
}
print(json.dumps(facts))
