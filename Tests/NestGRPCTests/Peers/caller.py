"""Calls a service as any client of gRPC may: caller.py ADDRESS [CA CERTIFICATE KEY]. Prints what came of it as JSON."""
import asyncio, json, sys
import grpc
from google.protobuf import descriptor_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from nest_messages import SERVICE, EmitRequest, EmitResponse, SendRequest, SendResponse


def channel(address, files):
    if not files:
        return grpc.aio.insecure_channel(address)
    ca, certificate, key = (open(file, "rb").read() for file in files)
    credentials = grpc.ssl_channel_credentials(ca, key, certificate)
    return grpc.aio.secure_channel(address, credentials, [("grpc.ssl_target_name_override", "localhost")])


def status(error):
    return {"status": error.code().name, "message": error.details()}


async def main(address, *files):
    async with channel(address, files) as peer:
        send = peer.unary_unary(f"/{SERVICE}/Send", SendRequest.SerializeToString, SendResponse.FromString)
        emit = peer.unary_unary(f"/{SERVICE}/Emit", EmitRequest.SerializeToString, EmitResponse.FromString)
        stream = peer.unary_stream(f"/{SERVICE}/SendStream", SendRequest.SerializeToString, SendResponse.FromString)

        def request(pattern, payload):
            return SendRequest(pattern=pattern, payload_json=json.dumps(payload).encode())

        async def ask(pattern, payload, **options):
            try:
                answer = await send(request(pattern, payload), **options)
            except grpc.aio.AioRpcError as error:
                return status(error)
            if answer.ok:
                return {"ok": True, "payload": json.loads(answer.payload_json)}
            details = json.loads(answer.error_details_json) if answer.has_error_details else None
            return {"ok": False, "message": answer.error_message, "code": answer.error_code, "details": details}

        async def raw(method, body, **options):
            try:
                return (await peer.unary_unary(method)(body, **options)).hex()
            except grpc.aio.AioRpcError as error:
                return error.code().name

        text = "".join(f"{number} bottles, " for number in range(20_000))
        results = {
            "echo": await ask("echo", {"check": 1}),
            "digits": await ask("echo", 9007199254740993),
            "failure": await ask("fail", None),
            "unknown": await ask("nobody", None),
            "headers": await ask("headers", None, metadata=(("tenant", "acme"), ("blob-bin", b"\x00\xff"))),
            "timed": await ask("time.left", None, timeout=20),
            "deadline": await ask("hold", "deadline", timeout=0.2),
            "oversized": await ask("echo", "x" * (4 << 20)),
            "large": len((await ask("echo", "x" * (3 << 20)))["payload"]),
            "oversized_reply": await ask("big", 5 << 20),
            "no_json": await raw(f"/{SERVICE}/Send", SendRequest(pattern="echo", payload_json=b"{").SerializeToString()),
            "no_payload": await raw(f"/{SERVICE}/Send", SendRequest(pattern="echo").SerializeToString()),
            "no_protobuf": await raw(f"/{SERVICE}/Send", b"\x0a\xff"),
            "no_method": await raw(f"/{SERVICE}/Nothing", b""),
            "compressed": await ask("echo", text, compression=grpc.Compression.Gzip) == {"ok": True, "payload": text},
            "deflate": await ask("echo", text, compression=grpc.Compression.Deflate),
            "bomb": await ask("echo", "x" * (60 << 20), compression=grpc.Compression.Gzip),
        }
        many = await asyncio.gather(*(ask("later", number) for number in range(1_000)))
        results["many"] = sum(answer.get("payload") == number for number, answer in enumerate(many))

        call = send(request("hold", "cancelled"))
        print(json.dumps({"holding": True}), flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
        call.cancel()

        answer = await emit(EmitRequest(pattern="note", payload_json=b'"told"'))
        results["told"] = answer.ok
        answer = await emit(EmitRequest(pattern="nobody", payload_json=b"1"))
        results["told_nobody"] = answer.ok

        numbers = [json.loads(item.payload_json) async for item in stream(request("count", 10_000))]
        results["stream"] = numbers == list(range(10_000))
        items = [item async for item in stream(request("broken", None))]
        results["broken"] = [str(item.ok) for item in items] + [items[-1].error_message]
        endless = stream(request("endless", None))
        await endless.read()
        endless.cancel()

        health = health_pb2_grpc.HealthStub(peer)
        serving = health_pb2.HealthCheckResponse.ServingStatus.Name
        results["health"] = [
            serving((await health.Check(health_pb2.HealthCheckRequest(service=name))).status) for name in ("", SERVICE)
        ]
        try:
            await health.Check(health_pb2.HealthCheckRequest(service="other"))
        except grpc.aio.AioRpcError as error:
            results["health_of_others"] = error.code().name
        watch = health.Watch(health_pb2.HealthCheckRequest())
        results["watch"] = [serving((await watch.read()).status)]
        results["reflection"] = await reflect(peer)
        print(json.dumps(results), flush=True)

        # The service shuts down now: those who watch are told.
        results = {"watch": [], "end": None}
        try:
            while (response := await watch.read()) is not grpc.aio.EOF:
                results["watch"].append(serving(response.status))
        except grpc.aio.AioRpcError as error:
            results["end"] = error.code().name
        print(json.dumps(results), flush=True)


async def reflect(peer):
    stub = reflection_pb2_grpc.ServerReflectionStub(peer)
    Request = reflection_pb2.ServerReflectionRequest
    asked = [Request(list_services=""), Request(file_containing_symbol=f"{SERVICE}.SendStream"),
             Request(file_by_filename="nest.proto"), Request(file_containing_symbol="no.such.Thing")]
    answers = [answer async for answer in stub.ServerReflectionInfo(iter(asked))]
    file = descriptor_pb2.FileDescriptorProto.FromString(answers[1].file_descriptor_response.file_descriptor_proto[0])
    fields = {message.name: {field.name: field.number for field in message.field} for message in file.message_type}
    return {
        "services": sorted(service.name for service in answers[0].list_services_response.service),
        "methods": [method.name for method in file.service[0].method],
        "streams": [method.server_streaming for method in file.service[0].method],
        "code": fields["SendResponse"]["error_code"],
        "same": answers[1].file_descriptor_response == answers[2].file_descriptor_response,
        "missing": answers[3].error_response.error_code,
    }


asyncio.run(main(*sys.argv[1:]))
