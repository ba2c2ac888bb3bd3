// A file that declares controllers imports this alone.
@_exported public import NestMessaging
