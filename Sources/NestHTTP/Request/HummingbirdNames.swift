public import HummingbirdCore

/// Hummingbird's request: `Request` alone is also a message's, in `NestMessaging`.
public typealias HummingbirdRequest = HummingbirdCore.Request

/// Hummingbird's response. A handler that returns one answers with it as it is.
public typealias HummingbirdResponse = HummingbirdCore.Response
