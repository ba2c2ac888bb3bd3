import HTTPTypes
import HummingbirdCore
import NIOCore
import Synchronization

/// One request on its way: all that its context, its handler and its answer share.
final class HTTPCallState: Sendable {
    /// Where the request's body is.
    enum Body {
        case unread
        case collected(ByteBuffer)
        /// Somebody reads it, or has read it, as a stream.
        case taken
    }

    private struct Shared {
        var settings: HTTPReplySettings?
        var body = Body.unread
        var id: String?
        /// Made when somebody asks for a request-scoped object whose handler has no scope of its own.
        var scope: CallScope?
    }

    let request: HummingbirdRequest
    let route: RouteInfo
    /// What the path's parameters stand for, still encoded.
    let captures: [Substring]
    /// Nil when the request came by no connection, as in tests.
    let connection: (any ConnectionControl)?
    let deadline: NIODeadline?
    private let shared = Mutex(Shared())

    init(request: HummingbirdRequest, route: RouteInfo, captures: [Substring], connection: (any ConnectionControl)?) {
        self.request = request
        self.route = route
        self.captures = captures
        self.connection = connection
        deadline = route.timeout.map { .now() + TimeAmount($0) }
    }

    var settings: HTTPReplySettings? {
        get { shared.withLock { $0.settings } }
        set { shared.withLock { $0.settings = newValue } }
    }

    /// The caller's name for the request (`x-request-id`), or one made up.
    var id: String {
        shared.withLock { shared in
            if let id = shared.id { return id }
            let id = request.headers[.requestID] ?? RequestNames.next()
            shared.id = id
            return id
        }
    }

    /// Takes the body; what it was before tells whether somebody else has.
    func takeBody() -> Body {
        shared.withLock { shared in
            let body = shared.body
            if case .unread = body { shared.body = .taken }
            return body
        }
    }

    /// A scope for objects that live as long as the request. ``endScope()`` lets go of it: its objects know the request.
    func lendScope() -> CallScope {
        shared.withLock { shared in
            if let scope = shared.scope { return scope }
            let scope = CallScope(container: route.container, module: route.module)
            scope.seed { (scope: CallScope) in HTTPContext(state: self, scope: scope) }
            shared.scope = scope
            return scope
        }
    }

    func endScope() { shared.withLock { $0.scope = nil } }

    func keep(_ body: ByteBuffer) { shared.withLock { $0.body = .collected(body) } }

    /// What a parameter of the path stands for; nil when the path has none of that name.
    func capture(_ name: String) -> Substring? {
        guard let index = route.path.parameters.firstIndex(of: name), index < captures.count else { return nil }
        return captures[index]
    }
}

extension HTTPField.Name {
    // Valid names: they never come to nothing.
    static let requestID = HTTPField.Name("x-request-id") ?? .eTag
}
