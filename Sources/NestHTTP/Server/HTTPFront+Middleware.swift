import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

// Around everything: CORS, then problem documents for what is thrown, then middleware, the first one outermost.

extension HTTPFront {
    private typealias Next = @Sendable (HummingbirdRequest, HTTPRequestContext) async throws -> Response

    func answer(
        through request: HummingbirdRequest, _ match: RouteTree<HTTPTarget>.Match, _ connection: HTTPConnection?
    ) async -> HTTPAnswer {
        let context = context(connection)
        if case .found(.route(let route), _) = match {
            context.coreContext.endpointPath.value = route.info.path.description
        }
        let chain = chain
        let answered: @Sendable (HummingbirdRequest, HTTPRequestContext) async -> Response = { request, context in
            do {
                return try await chain(request, context)
            } catch {
                return self.problem(error, request.path, connection).response
            }
        }
        guard let cors else { return HTTPAnswer(await answered(request, context), to: request.method) }
        do {
            return HTTPAnswer(
                try await cors.handle(request, context: context) { await answered($0, $1) }, to: request.method)
        } catch {
            return problem(error, request.path, connection)
        }
    }

    private var chain: Next {
        middleware.reversed().reduce(last) { next, middleware in
            { request, context in try await middleware.handle(request, context: context, next: next) }
        }
    }

    /// Where nothing is, `HTTPError` says so, as in Hummingbird: middleware that serves files waits for it.
    private var last: Next {
        { request, context in
            let path = request.path
            // Middleware may have changed what is asked for.
            let match = self.routes.find(request.method, path)
            guard let answer = await self.answer(request, path, match, context, context.connection) else {
                throw HTTPError(.notFound, message: Self.nothing(at: request))
            }
            return answer.response
        }
    }

    func context(_ connection: HTTPConnection?) -> HTTPRequestContext {
        var logger = logger
        logger[metadataKey: "hb.request.id"] = .string(RequestNames.next())
        return HTTPRequestContext(source: .init(logger: logger, connection: connection))
    }
}

extension HTTPAnswer {
    var response: Response { Response(status: status ?? .ok, headers: fields, body: body) }
}
