"""A service as any server of gRPC may be: prints its port, then one line for each request it was sent; ends with its
input."""
import asyncio, json, sys
import grpc
from nest_messages import SERVICE, EmitRequest, EmitResponse, SendRequest, SendResponse


def say(**line):
    print(json.dumps(line), flush=True)


async def send(request, context):
    metadata = dict(context.invocation_metadata())
    blob = metadata.get("blob-bin", b"")
    say(pattern=request.pattern, payload=json.loads(request.payload_json), tenant=metadata.get("tenant"),
        blob=list(blob), left=context.time_remaining())
    if request.pattern == "status":
        await context.abort(grpc.StatusCode[json.loads(request.payload_json)], "refused: ü")
    if request.pattern == "fail":
        return SendResponse(error_message="not found", error_details_json=b'{"code":404}', has_error_details=True)
    if request.pattern == "hold":
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            say(pattern="hold was cancelled")
            raise
    if request.pattern == "big":
        return SendResponse(ok=True, payload_json=json.dumps("x" * json.loads(request.payload_json)).encode())
    return SendResponse(ok=True, payload_json=request.payload_json)


async def emit(request, context):
    say(pattern=request.pattern, payload=json.loads(request.payload_json))
    return EmitResponse(ok=True)


async def stream(request, context):
    for number in range(json.loads(request.payload_json)):
        yield SendResponse(ok=True, payload_json=json.dumps(number).encode())
    if request.pattern == "broken":
        yield SendResponse(error_message="worn out", error_code="worn_out")


async def main():
    server = grpc.aio.server(compression=grpc.Compression.Gzip if "gzip" in sys.argv else None)
    read, write = SendRequest.FromString, SendResponse.SerializeToString
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, {
        "Send": grpc.unary_unary_rpc_method_handler(send, read, write),
        "Emit": grpc.unary_unary_rpc_method_handler(emit, EmitRequest.FromString, EmitResponse.SerializeToString),
        "SendStream": grpc.unary_stream_rpc_method_handler(stream, read, write),
    }),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    say(port=port)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await server.stop(0.5)


asyncio.run(main())
