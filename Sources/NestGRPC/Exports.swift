// A service on gRPC imports this module alone.
@_exported public import NestMessaging
@_exported public import NestSockets
