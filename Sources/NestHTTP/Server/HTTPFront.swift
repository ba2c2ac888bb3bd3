import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// Gives every request its answer: middleware, then the controllers' routes, then Hummingbird's router, then 404 or 405.
final class HTTPFront: Sendable {
    let routes: RouteTree<HTTPTarget>
    private let fallback: (any HTTPResponder<HTTPRequestContext>)?
    let middleware: [any MiddlewareProtocol<HummingbirdRequest, Response, HTTPRequestContext>]
    /// Around all middleware, so that refusals have its fields too.
    let cors: CORSByOrigin?
    let logger: Logger
    private let tracing = HTTPTracing()
    let unmatched = HTTPRouteMetrics(method: "any", route: "unmatched")

    init(
        routes: RouteTree<HTTPTarget>, fallback: (any HTTPResponder<HTTPRequestContext>)?,
        middleware: [any MiddlewareProtocol<HummingbirdRequest, Response, HTTPRequestContext>], options: HTTPOptions
    ) {
        self.routes = routes
        self.fallback = fallback
        self.middleware = middleware
        cors = options.cors.map { CORSByOrigin($0) }
        logger = options.resolvedLogger
    }

    /// The answer, whatever happens.
    func answer(_ request: HummingbirdRequest, _ connection: HTTPConnection?) async -> HTTPAnswer {
        let path = request.path
        let match = routes.find(request.method, path)
        guard middleware.isEmpty, cors == nil else { return await answer(through: request, match, connection) }
        if let answer = await answer(request, path, match, nil, connection) { return answer }
        return problem(HTTPException.notFound(Self.nothing(at: request)), path)
    }

    /// Nil when there is nothing at the path.
    func answer(
        _ request: HummingbirdRequest, _ path: Substring, _ match: RouteTree<HTTPTarget>.Match,
        _ context: HTTPRequestContext?,
        _ connection: HTTPConnection?
    ) async -> HTTPAnswer? {
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
        metrics.end(status: connection?.fate ?? answer.status?.code ?? 200, since: start)
        return answer
    }

    private func run(
        _ request: HummingbirdRequest, _ route: HTTPRoute, _ captures: [Substring], _ connection: HTTPConnection?
    ) async -> HTTPAnswer {
        if route.info.options.timeout != nil { connection?.limit(to: route.info.timeout) }
        connection?.serves(route)
        let state = HTTPCallState(request: request, route: route.info, captures: captures, connection: connection)
        defer {
            connection?.serves(nil)
            state.endScope()
        }
        do {
            let answer = try AnswerBuilder.answer(await route.run(state), state)
            return answer.body.contentLength == nil ? answer.keeping(state.lendScopeToBody()) : answer
        } catch {
            let answer = AnswerBuilder.answer(error, state)
            report(error, answer, connection, HTTPContext(state: state, scope: nil).logger)
            return answer
        }
    }

    /// What nobody threw on purpose is told to the log, and to nobody else. What is thrown after the peer has left, or
    /// has got its answer, is mostly the consequence of that.
    private func report(
        _ error: any Error, _ answer: HTTPAnswer, _ connection: HTTPConnection?, _ logger: @autoclosure () -> Logger
    ) {
        guard (answer.status?.code ?? 500) >= 500, !(error is CancellationError) else { return }
        let isLate = connection?.fate != nil
        let level: Logger.Level = isLate ? .debug : HTTPException.isUnexpected(error) ? .error : .warning
        logger().log(level: level, "request failed", metadata: [LogKey.error: .string("\(error)")])
    }
}

// MARK: - No route

extension HTTPFront {
    private func answer(
        unmatched request: HummingbirdRequest, _ path: Substring, _ match: RouteTree<HTTPTarget>.Match,
        _ context: HTTPRequestContext?, _ connection: HTTPConnection?
    ) async -> HTTPAnswer? {
        let start = NIODeadline.now()
        unmatched?.begin()
        let answer = await answer(beside: request, path, match, context, connection)
        unmatched?.end(status: connection?.fate ?? answer.map { $0.status?.code ?? 200 } ?? 404, since: start)
        return answer
    }

    private func answer(
        beside request: HummingbirdRequest, _ path: Substring, _ match: RouteTree<HTTPTarget>.Match,
        _ context: HTTPRequestContext?, _ connection: HTTPConnection?
    ) async -> HTTPAnswer? {
        if let fallback {
            do {
                let context = context ?? self.context(connection)
                return HTTPAnswer(try await fallback.respond(to: request, context: context), to: request.method)
            } catch let failure as HummingbirdRouter.Failure {
                return problem(failure.error, path, connection)
            } catch {
                // It has no route either.
            }
        }
        if request.method == .options, path == "*" { return HTTPAnswer(status: .noContent, body: ResponseBody()) }
        guard case .missing(let allowed) = match, !allowed.isEmpty else { return nil }
        return refusal(request.method, path, allowed)
    }

    static func nothing(at request: HummingbirdRequest) -> String {
        "there is nothing at `\(request.method.rawValue) \(request.path)`"
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

    func problem(_ error: any Error, _ path: Substring, _ connection: HTTPConnection? = nil) -> HTTPAnswer {
        let answer = HTTPAnswer(ProblemDocument(error: HTTPException(answering: error), instance: String(path)))
        report(error, answer, connection, logger)
        return answer
    }
}
