// The umbrella: everything a service needs that talks over HTTP, TCP or inside its process.
@_exported public import NestHTTP
@_exported public import NestMacros
@_exported public import NestMemory
@_exported public import NestMessaging
@_exported public import NestTCP
