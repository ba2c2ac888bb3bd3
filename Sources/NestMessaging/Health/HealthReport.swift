/// What several indicators say, in the shape of NestJS's: `{"status","info","error","details"}`, where each entry of the
/// last three is `{"status":"up", …}` by the indicator's name.
public struct HealthReport: Sendable, Equatable {
    /// The verdict over all.
    public enum Status: String, Sendable, Codable {
        /// Everything is available.
        case ok
        /// Something is not.
        case error
    }

    /// All of them, by their names.
    public let details: [String: HealthStatus]

    /// A report of these.
    public init(_ details: [String: HealthStatus]) { self.details = details }

    /// `error` when one is down. Degraded is available: it works.
    public var status: Status { isAvailable ? .ok : .error }
    /// None is down.
    public var isAvailable: Bool { error.isEmpty }
    /// Those that are up or degraded.
    public var info: [String: HealthStatus] { details.filter { $0.value.state != .down } }
    /// Those that are down.
    public var error: [String: HealthStatus] { details.filter { $0.value.state == .down } }
}

extension HealthReport: Encodable {
    private enum Key: String, CodingKey {
        case status, info, error, details
    }

    /// Names stand in alphabetical order.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(status, forKey: .status)
        try container.encode(HealthEntries(statuses: info), forKey: .info)
        try container.encode(HealthEntries(statuses: error), forKey: .error)
        try container.encode(HealthEntries(statuses: details), forKey: .details)
    }
}

/// Indicators by their names.
private struct HealthEntries: Encodable {
    let statuses: [String: HealthStatus]

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: HealthKey.self)
        for (name, status) in statuses.sorted(by: { $0.key < $1.key }) {
            try container.encode(HealthEntry(status: status), forKey: HealthKey(stringValue: name))
        }
    }
}

/// One indicator: the verdict, and the facts beside it.
private struct HealthEntry: Encodable {
    private static let verdict = "status"
    let status: HealthStatus

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: HealthKey.self)
        try container.encode(status.state, forKey: HealthKey(stringValue: Self.verdict))
        for (name, fact) in status.details.sorted(by: { $0.key < $1.key }) where name != Self.verdict {
            try container.encode(fact, forKey: HealthKey(stringValue: name))
        }
    }
}

private struct HealthKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}
