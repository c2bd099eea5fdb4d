// What both clients in TypeScript do alike: headers, texts of enums, and the document that they print.

import type { DescEnum } from "@bufbuild/protobuf";
import type { Money } from "./gen/typescript/google/type/money_pb.js";
import type { SearchHit } from "./gen/typescript/shopmesh/catalog/v1/products_pb.js";
import type { TokenSet } from "./gen/typescript/shopmesh/identity/v1/auth_pb.js";
import { type Cart, type Checkout, CheckoutStateSchema } from "./gen/typescript/shopmesh/orders/v1/carts_pb.js";
import { type Order, OrderStateSchema, PaymentStateSchema } from "./gen/typescript/shopmesh/orders/v1/orders_pb.js";

export const address = { recipient: "Test Person", lines: ["1 Harbour Street"], locality: "Portland", regionCode: "US" };

export function bearer(token: string) {
  return { authorization: `Bearer ${token}` };
}

/** What a refusal says to a program: its code, the reason (google.rpc.ErrorInfo), the wrong fields (google.rpc.BadRequest). */
export interface Refusal {
  code: number;
  reason: string | null;
  fields: string[];
}

/** What a client saw of a purchase. */
export interface Seen {
  session: TokenSet;
  hit: SearchHit;
  cart: Cart;
  started: Checkout;
  watched: Checkout[];
  order: Order;
  listed: Order[];
  refused: Record<string, Refusal>;
}

/** Prints the facts as one JSON document. */
export function printFacts({ session, hit, cart, started, watched, order, listed, refused }: Seen) {
  const facts = {
    user: session.user,
    found: { title: hit.title, price: money(hit.price) },
    subtotal: money(cart.subtotal),
    started: checkoutState(started),
    watched: { first: checkoutState(watched.at(0)), last: checkoutState(watched.at(-1)) },
    order: order.name,
    number: order.number,
    state: stateName(OrderStateSchema, order.state),
    payment: stateName(PaymentStateSchema, order.paymentState),
    total: money(order.total),
    lines: order.lines.length,
    quantity: Number(order.lines[0]?.quantity),
    recipient: order.shippingAddress?.recipient,
    listed: listed.map((order) => order.name),
    refused,
  };
  console.log(JSON.stringify(facts));
}

function money(amount?: Money) {
  return { currency: amount?.currencyCode, units: Number(amount?.units), nanos: amount?.nanos };
}

function checkoutState(checkout?: Checkout) {
  return stateName(CheckoutStateSchema, checkout?.state);
}

function stateName(states: DescEnum, state = 0): string {
  return states.value[state]?.name ?? `${state}`;
}
