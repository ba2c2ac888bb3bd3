/// The handlers of an event, and which of them a delivery is for. Sorted beforehand: a new array for every event would be
/// half of what it costs.
final class EventRoutes: Sendable {
    private let all: [Route]
    private let group: [Route]
    private let everyone: [Route]

    init(_ routes: [Route]) {
        all = routes
        group = routes.filter { !$0.options.broadcast }
        everyone = routes.filter(\.options.broadcast)
    }

    @inline(__always)
    func of(_ audience: IncomingMessage.Audience) -> [Route] {
        switch audience {
        case .all: all
        case .group: group
        case .everyone: everyone
        }
    }
}
