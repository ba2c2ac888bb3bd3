// A service on gRPC imports this module alone.
@_exported public import NestMessaging
