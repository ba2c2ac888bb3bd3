import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// Gives every request its answer: middleware, then the controllers' routes, then Hummingbird's router, then 404 or 405.
final class HTTPFront: Sendable {
    typealias Next = @Sendable (HummingbirdRequest, HTTPRequestContext) async throws -> Response

    private let routes: RouteTree<HTTPTarget>
    private let fallback: (any HTTPResponder<HTTPRequestContext>)?
    private let middleware: [any MiddlewareProtocol<HummingbirdRequest, Response, HTTPRequestContext>]
    let logger: Logger
    private let tracing = HTTPTracing()
    private let unmatched = HTTPRouteMetrics(method: "any", route: "unmatched")

    init(
        routes: RouteTree<HTTPTarget>, fallback: (any HTTPResponder<HTTPRequestContext>)?,
        middleware: [any MiddlewareProtocol<HummingbirdRequest, Response, HTTPRequestContext>], options: HTTPOptions
    ) {
        self.routes = routes
        self.fallback = fallback
        self.middleware = middleware
        logger = options.resolvedLogger
    }

    /// The answer, whatever happens.
    func answer(_ request: HummingbirdRequest, _ connection: HTTPConnection?) async -> HTTPAnswer {
        let path = request.path
        let match = routes.find(request.method, path)
        guard middleware.isEmpty else { return await answer(through: request, match, connection) }
        return await answer(request, path, match, nil, connection)
    }

    private func answer(
        _ request: HummingbirdRequest, _ path: Substring, _ match: RouteTree<HTTPTarget>.Match,
        _ context: HTTPRequestContext?,
        _ connection: HTTPConnection?
    ) async -> HTTPAnswer {
        switch match {
        case .found(.route(let route), let captures):
            await serve(request, path, route, captures, connection)
        case .found(.probe(let probe), _): await probe.answer()
        case .missing: await answer(unmatched: request, path, match, context, connection)
        }
    }
}

// MARK: - A route

extension HTTPFront {
    private func serve(
        _ request: HummingbirdRequest, _ path: Substring, _ route: HTTPRoute, _ captures: [Substring],
        _ connection: HTTPConnection?
    ) async -> HTTPAnswer {
        guard let tracing else { return await measured(request, route, captures, connection) }
        return await tracing.traced(request.head, path: path, route: route.info.path.description) {
            await self.measured(request, route, captures, connection)
        }
    }

    private func measured(
        _ request: HummingbirdRequest, _ route: HTTPRoute, _ captures: [Substring], _ connection: HTTPConnection?
    ) async -> HTTPAnswer {
        guard let metrics = route.metrics else { return await run(request, route, captures, connection) }
        let start = NIODeadline.now()
        metrics.begin()
        let answer = await run(request, route, captures, connection)
        metrics.end(status: answer.status?.code ?? 200, since: start)
        return answer
    }

    private func run(
        _ request: HummingbirdRequest, _ route: HTTPRoute, _ captures: [Substring], _ connection: HTTPConnection?
    ) async -> HTTPAnswer {
        if route.info.options.timeout != nil { connection?.limit(to: route.info.timeout) }
        let state = HTTPCallState(request: request, route: route.info, captures: captures, connection: connection)
        defer { state.endScope() }
        do {
            return try AnswerBuilder.answer(await route.run(state), state)
        } catch {
            let answer = AnswerBuilder.answer(error, state)
            report(error, answer, HTTPContext(state: state, scope: nil).logger)
            return answer
        }
    }

    /// What nobody threw on purpose is told to the log, and to nobody else.
    private func report(_ error: any Error, _ answer: HTTPAnswer, _ logger: @autoclosure () -> Logger) {
        guard (answer.status?.code ?? 500) >= 500, !(error is CancellationError) else { return }
        let level: Logger.Level = HTTPException.isUnexpected(error) ? .error : .warning
        logger().log(level: level, "request failed", metadata: [LogKey.error: .string("\(error)")])
    }
}

// MARK: - No route

extension HTTPFront {
    private func answer(
        unmatched request: HummingbirdRequest, _ path: Substring, _ match: RouteTree<HTTPTarget>.Match,
        _ context: HTTPRequestContext?, _ connection: HTTPConnection?
    ) async -> HTTPAnswer {
        let start = NIODeadline.now()
        unmatched?.begin()
        let answer = await answer(beside: request, path, match, context, connection)
        unmatched?.end(status: answer.status?.code ?? 200, since: start)
        return answer
    }

    private func answer(
        beside request: HummingbirdRequest, _ path: Substring, _ match: RouteTree<HTTPTarget>.Match,
        _ context: HTTPRequestContext?, _ connection: HTTPConnection?
    ) async -> HTTPAnswer {
        if let fallback {
            do {
                let context = context ?? self.context(connection)
                return HTTPAnswer(try await fallback.respond(to: request, context: context))
            } catch let failure as HummingbirdRouter.Failure {
                return problem(failure.error, path)
            } catch {
                // It has no route either.
            }
        }
        guard case .missing(let allowed) = match, !allowed.isEmpty else {
            return problem(HTTPException.notFound("there is nothing at `\(request.method.rawValue) \(path)`"), path)
        }
        return refusal(request.method, path, allowed)
    }

    /// The path is known, and has no handler for the method.
    private func refusal(_ method: HTTPRequest.Method, _ path: Substring, _ allowed: [HTTPRequest.Method]) -> HTTPAnswer
    {
        var names = Set(allowed.map(\.rawValue))
        if names.contains("GET") { names.insert("HEAD") }
        names.insert("OPTIONS")
        let list = names.sorted()
        if method == .options {
            let field = HTTPField(name: .allow, value: list.joined(separator: ", "))
            return HTTPAnswer(status: .noContent, fields: [field], body: ResponseBody())
        }
        return problem(HTTPException.methodNotAllowed("`\(path)` takes no \(method.rawValue)", allowed: list), path)
    }

    private func problem(_ error: any Error, _ path: Substring) -> HTTPAnswer {
        let answer = HTTPAnswer(ProblemDocument(error: HTTPException(answering: error), instance: String(path)))
        report(error, answer, logger)
        return answer
    }
}

// MARK: - Middleware

extension HTTPFront {
    private func answer(
        through request: HummingbirdRequest, _ match: RouteTree<HTTPTarget>.Match, _ connection: HTTPConnection?
    ) async -> HTTPAnswer {
        let context = context(connection)
        if case .found(.route(let route), _) = match {
            context.coreContext.endpointPath.value = route.info.path.description
        }
        let last: Next = { request, context in
            let path = request.path
            // Middleware may have changed what is asked for.
            let match = self.routes.find(request.method, path)
            return await self.answer(request, path, match, context, context.connection).response
        }
        let chain = middleware.reversed().reduce(last) { next, middleware in
            { request, context in try await middleware.handle(request, context: context, next: next) }
        }
        do {
            return HTTPAnswer(try await chain(request, context))
        } catch {
            return problem(error, request.path)
        }
    }

    private func context(_ connection: HTTPConnection?) -> HTTPRequestContext {
        var logger = logger
        logger[metadataKey: "hb.request.id"] = .string(RequestNames.next())
        return HTTPRequestContext(source: .init(logger: logger, connection: connection))
    }
}

extension HTTPAnswer {
    var response: Response { Response(status: status ?? .ok, headers: fields, body: body) }
}
