/// The handlers of an event, and which of them a delivery is for. Sorted beforehand: a new array for every event would be
/// half of what it costs.
final class EventRoutes: Sendable {
    private let all: [Route]
    private let group: [Route]
    private let everyone: [Route]
    private let onlyOfAll: Route?
    private let onlyOfGroup: Route?
    private let onlyOfEveryone: Route?

    init(_ routes: [Route]) {
        all = routes
        group = routes.filter { !$0.options.broadcast }
        everyone = routes.filter(\.options.broadcast)
        onlyOfAll = all.count == 1 ? all[0] : nil
        onlyOfGroup = group.count == 1 ? group[0] : nil
        onlyOfEveryone = everyone.count == 1 ? everyone[0] : nil
    }

    /// The only handler there is; nil when there is none, or more than one.
    @inline(__always)
    func only(_ audience: IncomingMessage.Audience) -> Route? {
        switch audience {
        case .all: onlyOfAll
        case .group: onlyOfGroup
        case .everyone: onlyOfEveryone
        }
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
