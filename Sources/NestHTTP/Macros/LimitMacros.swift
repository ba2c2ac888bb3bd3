/// Gives a route a limit of its own for the body of its requests, in bytes.
///
/// ```swift
/// @Post("/files") @BodyLimit(10 << 20) func store(@Form upload: Upload) async throws -> Stored { … }
/// ```
///
/// Longer ones are answered with status 413. Without it ``HTTPOptions/maxBodySize`` holds.
///
/// - Parameter bytes: The longest body, in bytes.
@attached(peer)
public macro BodyLimit(_ bytes: Int) = #externalMacro(module: "NestMacrosPlugin", type: "RouteSettingMacro")

/// Gives a route a time of its own to answer in.
///
/// ```swift
/// @Get("/report") @Timeout(.seconds(120)) func report() async throws -> Report { … }
/// ```
///
/// It counts from the request's head to the beginning of the answer; after that the client gets status 504, or 408 when
/// its own body has not arrived yet. Without it ``HTTPOptions/requestTimeout`` holds.
///
/// - Parameter time: More than none, and a day at most.
@attached(peer)
public macro Timeout(_ time: Duration) = #externalMacro(module: "NestMacrosPlugin", type: "RouteSettingMacro")
