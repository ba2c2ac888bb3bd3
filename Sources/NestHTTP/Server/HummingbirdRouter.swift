import Hummingbird
import HummingbirdCore

/// Hummingbird's own router, for what controllers do not answer.
enum HummingbirdRouter {
    /// It has no route either.
    struct Unrouted: Error {}

    /// What a handler or middleware of it threw.
    struct Failure: Error { var error: any Error }

    /// Nil when nobody wants it.
    static func responder(
        _ configure: [@Sendable (Router<HTTPRequestContext>) -> Void]
    ) -> (any HTTPResponder<HTTPRequestContext>)? {
        guard !configure.isEmpty else { return nil }
        let router = Router(context: HTTPRequestContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: Errors())
        for configure in configure { configure(router) }
        return router.buildResponder()
    }

    /// Keeps the router from answering errors itself: they become problem documents like all others.
    private struct Errors: RouterMiddleware {
        @concurrent
        func handle(
            _ request: HummingbirdRequest, context: HTTPRequestContext,
            next: @concurrent (HummingbirdRequest, HTTPRequestContext) async throws -> Response
        ) async throws -> Response {
            do {
                return try await next(request, context)
            } catch let error as HTTPError where error.status == .notFound && context.endpointPath == "NotFound" {
                throw Unrouted()
            } catch {
                throw Failure(error: error)
            }
        }
    }
}
