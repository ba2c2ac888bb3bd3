@_exported public import NestMessaging
