"""What the clients in Python do alike with messages in JSON: reasons of refusals, and the document that they print."""

import json


def money(amount):
    # 64-bit integers are strings in JSON (ProtoJSON), for JavaScript would round them.
    return {"currency": amount["currencyCode"], "units": int(amount["units"]), "nanos": amount["nanos"]}


def reasons(status):
    """Of a refusal (google.rpc.Status) its code, the reason (google.rpc.ErrorInfo) and the wrong fields (google.rpc.BadRequest)."""
    details = {detail["@type"].rpartition(".")[2]: detail for detail in status["details"]}
    fields = [violation["field"] for violation in details.get("BadRequest", {}).get("fieldViolations", [])]
    return {"code": status["code"], "reason": details.get("ErrorInfo", {}).get("reason"), "fields": fields}


def print_facts(session, hit, cart, started, watched, order, listed, refused):
    """Prints what a client saw of a purchase as one JSON document."""
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
