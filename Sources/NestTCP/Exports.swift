// A service on TCP imports this module alone.
@_exported public import NestMessaging
@_exported public import NestSockets
