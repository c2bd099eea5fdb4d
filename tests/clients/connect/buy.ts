// Buys tea with the client of Connect: `node buy.js web|node URL EMAIL`.
//
// `web` is what a page in a browser uses (gRPC-Web over fetch), `node` what a partner's server uses (gRPC over HTTP/2). Only the
// transport differs. Prints the facts that it saw as one JSON document.

import { randomUUID } from "node:crypto";
import { ConnectError, createClient, type Transport } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { address, bearer, printFacts, type Refusal } from "../facts.js";
import { BadRequestSchema, ErrorInfoSchema } from "../gen/typescript/google/rpc/error_details_pb.js";
import { ProductService } from "../gen/typescript/shopmesh/catalog/v1/products_pb.js";
import { AuthService } from "../gen/typescript/shopmesh/identity/v1/auth_pb.js";
import { UserService } from "../gen/typescript/shopmesh/identity/v1/users_pb.js";
import { CartService, CheckoutService } from "../gen/typescript/shopmesh/orders/v1/carts_pb.js";
import { OrderService } from "../gen/typescript/shopmesh/orders/v1/orders_pb.js";

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

async function refusal(call: Promise<unknown>): Promise<Refusal> {
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

// By ../shop.toml the payment provider is slow with this token. Checkout answers in time all the same, with a checkout to be watched.
const started = await checkouts.startCheckout(
  {
    cart: cart.name,
    expectedTotal: cart.subtotal,
    paymentToken: "tok_timeout_then_approve",
    shippingAddress: address,
    requestId: randomUUID(),
  },
  { headers, timeoutMs: 6000 },
);
const watched = [];
for await (const checkout of checkouts.watchCheckout({ name: started.name }, { headers })) {
  watched.push(checkout);
}

const order = await orders.getOrder({ name: watched.at(-1)!.order }, { headers });
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

printFacts({ session, hit, cart, started, watched, order, listed, refused });
