import NIOCore

/// Finds the handler of a message, runs it with all that stands around it, and says what the transport does then.
///
/// Holds all policy: unknown patterns, deadlines, retries, dead letters. A transport translates the ``Outcome`` into
/// its broker's terms and settles each delivery exactly once.
public final class MessageDispatcher: Sendable {
    package let codec: JSONCodec
    private let requests: RouteTable<Route>
    private let events: RouteTable<EventRoutes>
    private let settlement: Settlement
    private let tracing: ServerTracing?

    init(routes: [Route], settlement: Settlement, codec: JSONCodec) {
        self.codec = codec
        self.settlement = settlement
        requests = RouteTable(requests: routes.filter { $0.kind == .send })
        events = RouteTable(events: routes.filter { $0.kind == .emit })
        tracing = ServerTracing(system: settlement.transport)
        self.routes = routes
    }

    /// Every handler's route, for transports that subscribe by pattern.
    package let routes: [Route]

    /// What became of a message that was to be served without a task. The message is in it: to copy one costs as much as
    /// to serve one.
    @usableFromInline
    package enum InlineOutcome {
        /// Its handler has run, and the reply to a request stands in the writer.
        case written(MessageContext)
        /// Its handler has run.
        case ran(Outcome, MessageContext)
        /// No handler has run, nor is one to.
        case refused(Outcome, IncomingMessage)
        /// ``MessageDispatcher/dispatch(_:)`` must do it.
        case needsTask(IncomingMessage)
    }

    /// Serves a message without a task when its handler cannot suspend.
    ///
    /// This is the hot path of transports that live on an event loop. `writer` is made with the dispatcher's codec and
    /// used for one message after another.
    @inline(__always) @usableFromInline
    package func dispatchInline(
        _ message: consuming IncomingMessage, _ writer: inout JSONWriter
    ) -> InlineOutcome {
        guard tracing == nil else { return .needsTask(message) }
        guard message.kind == .send else { return inlineEvent(message, &writer) }
        guard let route = request(for: message) else { return .refused(unknown(message), message) }
        return inline(route, message, &writer)
    }

    /// The same for transports that hand over one message at a time. Nil: ``dispatch(_:)`` must do it.
    package func dispatchInline(_ message: IncomingMessage) -> Outcome? {
        var writer = JSONWriter(codec: codec)
        return switch dispatchInline(message, &writer) {
        case .written: .reply(.success(PayloadCoding.payload(writer)))
        case .ran(let outcome, _), .refused(let outcome, _): outcome
        case .needsTask: nil
        }
    }

    @inline(__always)
    private func inline(
        _ route: Route, _ message: consuming IncomingMessage, _ writer: inout JSONWriter
    ) -> InlineOutcome {
        guard let body = route.inline else { return .needsTask(message) }
        if message.deadline != nil, message.isExpired(at: .now()) {
            return .refused(settlement.expired(message), message)
        }
        guard let metrics = route.metrics else { return run(route, message, body, &writer) }
        let start = NIODeadline.now()
        let outcome = run(route, message, body, &writer)
        metrics.record(outcome, since: start)
        return outcome
    }

    @inline(__always)
    private func run(
        _ route: Route, _ message: consuming IncomingMessage, _ body: InlineHandler, _ writer: inout JSONWriter
    ) -> InlineOutcome {
        writer.removeAll()
        let context = MessageContext(incoming: message, route: route, scope: nil)
        do {
            switch try body(context, &writer) {
            case .written: return .written(context)
            case .payload(let payload): return .ran(settlement.outcome(inline: payload, context.incoming), context)
            case .none: return .ran(settlement.outcome(inline: nil, context.incoming), context)
            }
        } catch {
            return .ran(settlement.outcome(of: error, context.incoming, route), context)
        }
    }

    private func inlineEvent(
        _ message: consuming IncomingMessage, _ writer: inout JSONWriter
    ) -> InlineOutcome {
        if let route = onlyEvent(for: message) { return inline(route, message, &writer) }
        let routes = events(for: message)
        return switch routes.count {
        case 0: .refused(unknown(message), message)
        case 1: inline(routes[0], message, &writer)
        default: .needsTask(message)
        }
    }

    /// Serves a message on the caller's executor.
    public func dispatch(_ message: IncomingMessage) async -> Outcome {
        settlement.metrics?.begin()
        defer { settlement.metrics?.end() }
        guard let tracing else { return await route(message) }
        return await tracing.traced(message) { await self.route(message) }
    }

    @inline(__always)
    private func route(_ message: IncomingMessage) async -> Outcome {
        switch message.kind {
        case .send:
            guard let route = request(for: message) else { return unknown(message) }
            return await serve(route, message)
        case .emit:
            let routes = events(for: message)
            guard !routes.isEmpty else { return unknown(message) }
            return await serveAll(routes, message)
        }
    }

    /// What to do with bytes that are no envelope, on transports that keep what they cannot read.
    package func malformed(_ reason: String) -> Outcome { settlement.malformed(reason) }
}

// MARK: - Streams

extension MessageDispatcher {
    func streamBegins() { settlement.metrics?.begin() }

    func streamEnds(_ end: RouteMetrics.StreamEnd, for message: IncomingMessage) {
        settlement.metrics?.end()
        request(for: message)?.metrics?.recordEnd(of: end)
    }

    /// The error to end a stream with whose handler threw while it ran.
    func streamFailure(_ error: any Error, for message: IncomingMessage) -> TransportError {
        settlement.report(error, message, request(for: message))
    }

    /// What a stream that was to be collected and threw comes to.
    func collectFailure(_ error: any Error, for message: IncomingMessage) -> Outcome {
        settlement.outcome(of: error, message, request(for: message))
    }
}

extension MessageDispatcher {
    @inline(__always)
    private func request(for message: IncomingMessage) -> Route? {
        message.frame.withUnsafeBytes(in: message.patternRange) { name in
            if let route = requests.exact(name) { return route }
            return Pattern.isPing(name) ? nil : requests.mostSpecific(covering: name)
        }
    }

    /// The handler of an event whose name has one and no other.
    @inline(__always)
    private func onlyEvent(for message: IncomingMessage) -> Route? {
        message.frame.withUnsafeBytes(in: message.patternRange) { events.exact($0)?.only(message.audience) }
    }

    @inline(__always)
    private func events(for message: IncomingMessage) -> [Route] {
        message.frame.withUnsafeBytes(in: message.patternRange) { name in
            if let routes = events.exact(name) { return routes.of(message.audience) }
            return events.covering(name).flatMap { $0.of(message.audience) }
        }
    }

    private func unknown(_ message: IncomingMessage) -> Outcome {
        let isPing = message.frame.withUnsafeBytes(in: message.patternRange, Pattern.isPing)
        return isPing && message.kind == .send ? .reply(.success(.null)) : settlement.unknown(message)
    }

    @inline(__always)
    private func serve(_ route: Route, _ message: IncomingMessage) async -> Outcome {
        guard !message.isExpired(at: .now()) else { return settlement.expired(message) }
        let start = route.metrics == nil ? NIODeadline.distantPast : .now()
        let outcome = await run(route, message)
        route.metrics?.record(outcome, since: start)
        return outcome
    }

    @inline(__always)
    private func run(_ route: Route, _ message: IncomingMessage) async -> Outcome {
        do {
            return settlement.outcome(of: try await call(route, message), message)
        } catch {
            return settlement.outcome(of: error, message, route)
        }
    }

    /// Calls inside the handler inherit the deadline; a streaming reply has none to pass on.
    @inline(__always)
    private func call(_ route: Route, _ message: IncomingMessage) async throws -> HandlerResult {
        guard let deadline = message.deadline, message.streamCredit == nil else {
            return try await onItsExecutor(route, message)
        }
        return try await InheritedCall.$deadline.withValue(deadline) { try await onItsExecutor(route, message) }
    }

    @inline(__always)
    private func onItsExecutor(_ route: Route, _ message: IncomingMessage) async throws -> HandlerResult {
        guard route.options.blocking else { return try await route.run(message) }
        return try await withTaskExecutorPreference(globalConcurrentExecutor) { try await Self.leave(route, message) }
    }

    /// Off the event loop, onto the pool.
    @concurrent
    private static func leave(_ route: Route, _ message: IncomingMessage) async throws -> HandlerResult {
        try await route.run(message)
    }

    /// An event goes to every handler that matches, one after another. One that fails makes the delivery fail, after
    /// all have had it.
    private func serveAll(_ routes: [Route], _ message: IncomingMessage) async -> Outcome {
        var worst = Outcome.done
        for route in routes {
            let outcome = await serve(route, message)
            if outcome.severity > worst.severity { worst = outcome }
        }
        return worst
    }
}

extension Outcome {
    /// Of several handlers' outcomes for one delivery, the gravest decides; trying again comes before giving up.
    fileprivate var severity: Int {
        switch self {
        case .done, .reply, .stream: 0
        case .deadLetter, .replyAndDeadLetter: 1
        case .retry: 2
        }
    }
}

extension RouteTable<Route> {
    /// Requests: one handler for each pattern.
    init(requests: [Route]) {
        let exact = requests.filter { !$0.pattern.hasWildcards }.map { ($0.pattern.name, $0) }
        self.init(
            exact: Dictionary(exact) { first, _ in first },
            wildcards: requests.filter(\.pattern.hasWildcards).map { ($0.pattern, $0) })
    }
}

extension RouteTable<EventRoutes> {
    /// Events: an exact name leads to its own handlers and to those whose wildcards cover it.
    init(events: [Route]) {
        let covering = events.filter(\.pattern.hasWildcards).map { ($0.pattern, WildcardPattern($0.pattern), $0) }
        var exact: [String: [Route]] = [:]
        for route in events where !route.pattern.hasWildcards { exact[route.pattern.name, default: []].append(route) }
        for name in exact.keys {
            var text = name
            let more = text.withUTF8 { bytes in
                covering.filter { $0.1.matches(UnsafeRawBufferPointer(bytes)) }.map(\.2)
            }
            exact[name, default: []].append(contentsOf: more)
        }
        self.init(
            exact: exact.mapValues(EventRoutes.init), wildcards: covering.map { ($0.0, EventRoutes([$0.2])) })
    }
}
