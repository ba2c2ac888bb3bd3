/// Runs a handler off the event loop, on Swift's global pool: for one that computes for long. Stands beside
/// `@MessagePattern` or `@EventPattern`.
///
/// ```swift
/// @Blocking @MessagePattern("reports.render") func render(_ report: Report) throws -> Document { … }
/// ```
///
/// By hand: `options: HandlerOptions(blocking: true)`.
@attached(peer)
public macro Blocking() = #externalMacro(module: "NestMacrosPlugin", type: "BlockingMacro")
