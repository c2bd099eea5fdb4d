// Buys tea with the client of Connect: `node buy.js web|node URL EMAIL`.
//
// `web` is what a page in a browser uses (gRPC-Web over fetch), `node` what a partner's server uses (gRPC over HTTP/2). Only the
// transport differs. Prints the facts that it saw as one JSON document.

import { randomUUID } from "node:crypto";
import type { DescEnum } from "@bufbuild/protobuf";
import { ConnectError, createClient, type Transport } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { BadRequestSchema, ErrorInfoSchema } from "../gen/typescript/google/rpc/error_details_pb.js";
import type { Money } from "../gen/typescript/google/type/money_pb.js";
import { ProductService } from "../gen/typescript/shopmesh/catalog/v1/products_pb.js";
import { AuthService } from "../gen/typescript/shopmesh/identity/v1/auth_pb.js";
import { UserService } from "../gen/typescript/shopmesh/identity/v1/users_pb.js";
import { CartService, CheckoutService, CheckoutStateSchema } from "../gen/typescript/shopmesh/orders/v1/carts_pb.js";
import { OrderService, OrderStateSchema, PaymentStateSchema } from "../gen/typescript/shopmesh/orders/v1/orders_pb.js";

const [kind, baseUrl = "", email = ""] = process.argv.slice(2);
const transport: Transport = kind === "web" ? createGrpcWebTransport({ baseUrl }) : createGrpcTransport({ baseUrl });

const users = createClient(UserService, transport);
const auth = createClient(AuthService, transport);
const products = createClient(ProductService, transport);
const carts = createClient(CartService, transport);
const checkouts = createClient(CheckoutService, transport);
const orders = createClient(OrderService, transport);

async function signUpAndIn(email: string) {
  await users.signUp({ email, password: "a long password", displayName: "Test Person" });
  return auth.signIn({ email, password: "a long password" });
}

function bearer(token: string) {
  return { authorization: `Bearer ${token}` };
}

function stateName(states: DescEnum, state: number): string {
  return states.value[state]?.name ?? `${state}`;
}

function money(amount?: Money) {
  return { currency: amount?.currencyCode, units: Number(amount?.units), nanos: amount?.nanos };
}

// What a refusal says to a program: its code, the reason (google.rpc.ErrorInfo), the wrong fields (google.rpc.BadRequest).
async function refusal(call: Promise<unknown>) {
  const error = ConnectError.from(await call.then(() => new Error("not refused"), (reason: unknown) => reason));
  return {
    code: error.code,
    reason: error.findDetails(ErrorInfoSchema)[0]?.reason ?? null,
    fields: error.findDetails(BadRequestSchema).flatMap((detail) => detail.fieldViolations.map(({ field }) => field)),
  };
}

const session = await signUpAndIn(email);
const headers = bearer(session.accessToken);

// Looking around needs no token.
const hit = (await products.searchProducts({ query: "earl grey" })).hits[0]!;

// A request id makes a write safe to repeat: keep it, and send it again when an answer got lost.
const lines = [{ variant: hit.variant, quantity: 2n }];
const cart = await carts.createCart({ lines, requestId: randomUUID() }, { headers });

// The payment provider is slow with this token. Checkout answers before the deadline all the same, with a checkout to be watched.
const address = { recipient: "Test Person", lines: ["1 Harbour Street"], locality: "Portland", regionCode: "US" };
const started = await checkouts.startCheckout(
  {
    cart: cart.name,
    expectedTotal: cart.subtotal,
    paymentToken: "tok_timeout_then_approve",
    shippingAddress: address,
    requestId: randomUUID(),
  },
  { headers, timeoutMs: 3000 },
);
const watched = [];
for await (const checkout of checkouts.watchCheckout({ name: started.name }, { headers })) {
  watched.push(checkout);
}
const placed = watched.at(-1)!;

const order = await orders.getOrder({ name: placed.order }, { headers });
const listed = (await orders.listOrders({}, { headers })).orders;

const stranger = await signUpAndIn(`stranger-${email}`);
const nothing = [{ variant: hit.variant, quantity: 0n }];
const refused = {
  zero_units: await refusal(carts.createCart({ lines: nothing, requestId: randomUUID() }, { headers })),
  strangers_look: await refusal(orders.getOrder({ name: order.name }, { headers: bearer(stranger.accessToken) })),
  bad_token: await refusal(orders.listOrders({}, { headers: bearer("not.a.token") })),
  signed_out: await auth
    .signOut({ refreshToken: session.refreshToken })
    .then(() => refusal(auth.refreshSession({ refreshToken: session.refreshToken }))),
};

console.log(
  JSON.stringify({
    user: session.user,
    found: { title: hit.title, price: money(hit.price) },
    subtotal: money(cart.subtotal),
    started: stateName(CheckoutStateSchema, started.state),
    watched: { first: stateName(CheckoutStateSchema, watched[0]!.state), last: stateName(CheckoutStateSchema, placed.state) },
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
  }),
);
