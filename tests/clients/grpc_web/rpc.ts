// gRPC-Web's own client with the messages of protobuf-es: a `MethodDescriptor` is made from the generated description of a
// method, so that its generator (protoc-gen-grpc-web) is not needed.

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { DescMessage, DescMethodServerStreaming, DescMethodUnary, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import grpcWeb from "grpc-web";

/** Calls methods of one server in one format, `binary` or `text` (base64, for browsers that cannot stream binary). */
export class Rpc {
  private readonly client: grpcWeb.GrpcWebClientBase;

  constructor(
    private readonly url: string,
    format: string,
  ) {
    this.client = new grpcWeb.GrpcWebClientBase({ format });
  }

  /** One request, one answer; rejects with a `grpcWeb.RpcError`. Metadata `deadline` is a time in ms since 1970. */
  unary<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: MessageInitShape<I>,
    metadata: grpcWeb.Metadata = {},
  ): Promise<MessageShape<O>> {
    const { path, descriptor } = this.describe(method, grpcWeb.MethodType.UNARY);
    // The types also name `thenableCall`, which the package does not have.
    return this.client.unaryCall(path, create(method.input, request), metadata, descriptor);
  }

  /** One request, a stream of answers; resolves with all of them when it has ended well. */
  stream<I extends DescMessage, O extends DescMessage>(
    method: DescMethodServerStreaming<I, O>,
    request: MessageInitShape<I>,
    metadata: grpcWeb.Metadata = {},
  ): Promise<MessageShape<O>[]> {
    const { path, descriptor } = this.describe(method, grpcWeb.MethodType.SERVER_STREAMING);
    return new Promise((resolve, reject) => {
      const answers: MessageShape<O>[] = [];
      this.client
        .serverStreaming(path, create(method.input, request), metadata, descriptor)
        .on("data", (answer) => answers.push(answer))
        .on("error", reject)
        .on("end", () => resolve(answers));
    });
  }

  private describe<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O> | DescMethodServerStreaming<I, O>,
    type: string,
  ) {
    const name = `/${method.parent.typeName}/${method.name}`;
    // Messages of protobuf-es are plain objects: there are no constructors to name, and none are called.
    const noClass = Object as unknown as new () => never;
    const descriptor = new grpcWeb.MethodDescriptor<MessageShape<I>, MessageShape<O>>(
      name,
      type,
      noClass,
      noClass,
      (message: MessageShape<I>) => toBinary(method.input, message),
      (bytes: Uint8Array) => fromBinary(method.output, bytes),
    );
    return { path: this.url + name, descriptor };
  }
}
