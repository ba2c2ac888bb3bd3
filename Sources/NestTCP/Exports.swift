// A service on TCP imports this module alone.
@_exported public import NestMessaging
