// A test imports one module and has the application's vocabulary and a bus to run it on.
@_exported public import NestMemory
@_exported public import NestMessaging
