// A test imports one module and has routes, the application's vocabulary, and ways to call it.
@_exported public import NestHTTP
@_exported public import NestTesting
