import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// Hummingbird's CORS middleware, for a list of origins that is not written in the source.
struct CORSByOrigin: RouterMiddleware {
    private let known: [String: CORSMiddleware<HTTPRequestContext>]
    private let others: CORSMiddleware<HTTPRequestContext>

    init(_ options: CORSOptions) {
        switch options.origins {
        case .all: (known, others) = ([:], options.middleware(.all))
        case .asking: (known, others) = ([:], options.middleware(.originBased))
        case .only(let origins):
            known = Dictionary(origins.map { ($0, options.middleware(.custom($0))) }) { first, _ in first }
            // None of the none there are: caches are told that the answer depends on the origin.
            others = options.middleware(.oneOf())
        }
    }

    @concurrent
    func handle(
        _ request: HummingbirdRequest, context: HTTPRequestContext,
        next: @concurrent (HummingbirdRequest, HTTPRequestContext) async throws -> Response
    ) async throws -> Response {
        let middleware = request.headers[.origin].flatMap { known[$0] } ?? others
        return try await middleware.handle(request, context: context, next: next)
    }
}

extension CORSOptions {
    fileprivate func middleware(
        _ origin: CORSMiddleware<HTTPRequestContext>.AllowOriginExtended
    ) -> CORSMiddleware<HTTPRequestContext> {
        CORSMiddleware(
            allowOrigin: origin, allowHeaders: headers, allowMethods: methods, allowCredentials: allowsCredentials,
            exposedHeaders: exposedHeaders.isEmpty ? nil : exposedHeaders.map(\.canonicalName),
            maxAge: maxAge.map { TimeAmount($0) })
    }
}
