// Buys tea with gRPC-Web's own client: `node buy.js binary|text URL EMAIL`. Prints the facts that it saw as one JSON document.

import { randomUUID } from "node:crypto";
import { fromBinary, type DescMessage, type MessageShape } from "@bufbuild/protobuf";
import { base64Decode } from "@bufbuild/protobuf/wire";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import type { RpcError } from "grpc-web";
import XMLHttpRequest from "xhr2";
import { address, bearer, printFacts, type Refusal } from "../facts.js";
import { BadRequestSchema, ErrorInfoSchema } from "../gen/typescript/google/rpc/error_details_pb.js";
import { StatusSchema } from "../gen/typescript/google/rpc/status_pb.js";
import { ProductService } from "../gen/typescript/shopmesh/catalog/v1/products_pb.js";
import { AuthService } from "../gen/typescript/shopmesh/identity/v1/auth_pb.js";
import { UserService } from "../gen/typescript/shopmesh/identity/v1/users_pb.js";
import { CartService, CheckoutService } from "../gen/typescript/shopmesh/orders/v1/carts_pb.js";
import { OrderService } from "../gen/typescript/shopmesh/orders/v1/orders_pb.js";
import { Rpc } from "./rpc.js";

// Node has none of its own; a browser has.
Object.assign(globalThis, { XMLHttpRequest });

const [format = "", url = "", email = ""] = process.argv.slice(2);
const rpc = new Rpc(url, format);

async function signUpAndIn(email: string) {
  await rpc.unary(UserService.method.signUp, { email, password: "a long password", displayName: "Test Person" });
  return rpc.unary(AuthService.method.signIn, { email, password: "a long password" });
}

// The details of a refusal (google.rpc.Status) are in the trailer `grpc-status-details-bin`, in base64.
async function refusal(call: Promise<unknown>): Promise<Refusal> {
  const error = await call.then(() => Promise.reject(new Error("not refused")), (error: RpcError) => error);
  const status = fromBinary(StatusSchema, base64Decode(error.metadata["grpc-status-details-bin"] ?? ""));
  const detail = <T extends DescMessage>(schema: T): MessageShape<T> | undefined =>
    status.details.map((any) => anyUnpack(any, schema)).find((found) => found !== undefined);
  return {
    code: error.code,
    reason: detail(ErrorInfoSchema)?.reason ?? null,
    fields: detail(BadRequestSchema)?.fieldViolations.map(({ field }) => field) ?? [],
  };
}

const session = await signUpAndIn(email);
const headers = bearer(session.accessToken);

// Looking around needs no token.
const hit = (await rpc.unary(ProductService.method.searchProducts, { query: "earl grey" })).hits[0]!;

// A request id makes a write safe to repeat: keep it, and send it again when an answer got lost.
const lines = [{ variant: hit.variant, quantity: 2n }];
const cart = await rpc.unary(CartService.method.createCart, { lines, requestId: randomUUID() }, headers);

// By ../shop.toml the payment provider is slow with this token. Checkout answers in time all the same, with a checkout to be watched.
const started = await rpc.unary(
  CheckoutService.method.startCheckout,
  {
    cart: cart.name,
    expectedTotal: cart.subtotal,
    paymentToken: "tok_timeout_then_approve",
    shippingAddress: address,
    requestId: randomUUID(),
  },
  { ...headers, deadline: `${Date.now() + 6000}` },
);
const watched = await rpc.stream(CheckoutService.method.watchCheckout, { name: started.name }, headers);

const order = await rpc.unary(OrderService.method.getOrder, { name: watched.at(-1)!.order }, headers);
const listed = (await rpc.unary(OrderService.method.listOrders, {}, headers)).orders;

const stranger = bearer((await signUpAndIn(`stranger-${email}`)).accessToken);
const nothing = { lines: [{ variant: hit.variant, quantity: 0n }], requestId: randomUUID() };
const { refreshToken } = session;
const refused = {
  zero_units: await refusal(rpc.unary(CartService.method.createCart, nothing, headers)),
  strangers_look: await refusal(rpc.unary(OrderService.method.getOrder, { name: order.name }, stranger)),
  bad_token: await refusal(rpc.unary(OrderService.method.listOrders, {}, bearer("not.a.token"))),
  signed_out: await rpc
    .unary(AuthService.method.signOut, { refreshToken })
    .then(() => refusal(rpc.unary(AuthService.method.refreshSession, { refreshToken }))),
};

printFacts({ session, hit, cart, started, watched, order, listed, refused });
