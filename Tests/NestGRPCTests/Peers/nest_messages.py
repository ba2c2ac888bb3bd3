"""The messages of nest.proto, made without generated code: their descriptors come from the proto file's shape."""
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

STRING, BYTES, BOOL = 9, 12, 8
REQUEST = [("pattern", 1, STRING), ("payload_json", 2, BYTES)]
MESSAGES = {
    "SendRequest": REQUEST,
    "SendResponse": [
        ("ok", 1, BOOL), ("payload_json", 2, BYTES), ("error_message", 3, STRING), ("error_details_json", 4, BYTES),
        ("has_error_details", 5, BOOL), ("error_code", 6, STRING),
    ],
    "EmitRequest": REQUEST,
    "EmitResponse": [
        ("ok", 1, BOOL), ("error_message", 2, STRING), ("error_details_json", 3, BYTES),
        ("has_error_details", 4, BOOL), ("error_code", 5, STRING),
    ],
}
SERVICE = "nestrs.microservices.Microservice"


def _make():
    file = descriptor_pb2.FileDescriptorProto(name="peer.proto", package="nestrs.microservices", syntax="proto3")
    for name, fields in MESSAGES.items():
        message = file.message_type.add(name=name)
        for field, number, kind in fields:
            message.field.add(name=field, number=number, type=kind, label=1)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"nestrs.microservices.{name}"))
        for name in MESSAGES
    }


classes = _make()
SendRequest, SendResponse = classes["SendRequest"], classes["SendResponse"]
EmitRequest, EmitResponse = classes["EmitRequest"], classes["EmitResponse"]
