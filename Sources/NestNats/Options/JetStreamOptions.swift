/// Which events a stream keeps, and how it is to be made.
///
/// What an existing stream has otherwise is reported and never changed.
///
/// Every event has an id, of which the stream keeps one: it is sent again under it when its confirmation is lost. Handlers
/// find it in the header `nest-message-id`, the same at every try and after it was put back; on the wire it is
/// `Nats-Msg-Id`, also where other clients have set it.
public struct JetStreamOptions: Sendable {
    /// Where a stream keeps its messages.
    public enum Storage: String, Sendable, Codable {
        /// On disk.
        case file
        /// In memory: gone with the server.
        case memory
    }

    /// When a stream lets go of its messages.
    public enum Retention: String, Sendable, Codable {
        /// By age, size and number only.
        case limits
        /// When every group has acknowledged them.
        case interest
        /// When one group has acknowledged them; there can be only one.
        case workQueue = "workqueue"
    }

    /// Where a group begins that the stream does not know yet.
    public enum Start: Sendable, Hashable {
        /// With what comes from now on.
        case new
        /// With the oldest event that is kept.
        case beginning
        /// With the event of this number.
        case sequence(UInt64)
        /// With the first event after a time, as RFC 3339: `2026-03-01T12:00:00Z`.
        case time(String)
    }

    /// The stream's name.
    public var stream: String
    /// Patterns of the events it keeps; the transport's prefix is put before them. No request may be among them.
    public var subjects: [String]
    /// Makes the stream when it is not there; false: then that is an error.
    public var createsStream = true
    /// Where it keeps its messages.
    public var storage = Storage.file
    /// When it lets go of them.
    public var retention = Retention.limits
    /// On how many servers of a cluster it stands.
    public var replicas = 1
    /// How old an event gets; nil: any age.
    public var maxAge: Duration?
    /// How many bytes it keeps; nil: no limit.
    public var maxBytes: Int?
    /// How long it knows the ids of events, so that one that is sent twice is kept once.
    public var duplicateWindow: Duration = .seconds(120)

    /// Where a new group begins.
    public var start = Start.new
    /// Asks the stream only for events there are handlers for. A group's consumer is widened when handlers are added, and
    /// never narrowed by itself, because another instance may still need what this one does not: an event that no handler
    /// takes goes to another instance, and at last to the dead letters. Servers before 2.10 know one filter only; there,
    /// and where patterns overlap, the whole stream is asked for. With the retention `workQueue`, events that no group
    /// asks for stay in the stream. False: all events are asked for, and those no handler takes are acknowledged.
    public var filtersEvents = true
    /// An event that is not acknowledged for so long goes to another instance. Handlers may take longer: as long as
    /// they run, that is told.
    public var ackWait: Duration = .seconds(30)
    /// How often the server says that it has nothing to say. Two that do not come are a stall, and the consumer is
    /// looked after.
    public var idleHeartbeat: Duration = .seconds(5)
    /// The stream that keeps dead letters; nil: the stream's name with `_DEAD`.
    public var deadLetterStream: String?

    /// A stream that keeps the events of these patterns.
    public init(stream: String, subjects: [String]) {
        self.stream = stream
        self.subjects = subjects
    }

    func validate(_ subjects: NatsSubjects, inbox: String) throws(TransportError) {
        func check(_ isValid: Bool, _ what: String) throws(TransportError) {
            guard isValid else { throw TransportError(.invalidConfiguration, "JetStream options: \(what)") }
        }
        try check(Self.isName(stream), "`\(stream)` is no name for a stream")
        try check(Self.isName(deadStream) && deadStream != stream, "`\(deadStream)` is no name for its dead letters")
        try check(!self.subjects.isEmpty, "subjects is empty")
        for subject in self.subjects {
            if let problem = Pattern(subject).problem ?? subjects.problem(subscribing: Pattern(subject), inbox: inbox) {
                try check(false, problem)
            }
        }
        try check((1...5).contains(replicas), "replicas must be between 1 and 5")
        try check(ackWait >= .milliseconds(100), "ackWait must be 100 milliseconds or more")
        try check(idleHeartbeat >= .milliseconds(100), "idleHeartbeat must be 100 milliseconds or more")
        try check(maxAge.map { $0 > .zero } ?? true, "maxAge must be positive")
        try check(maxBytes.map { $0 > 0 } ?? true, "maxBytes must be positive")
        try check(duplicateWindow > .zero, "duplicateWindow must be positive")
    }

    /// Names of streams and consumers are single tokens.
    static func isName(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { byte in
                byte > 0x20 && byte < 0x7F && !#".*>/\"#.utf8.contains(byte)
            }
    }

    var deadStream: String { deadLetterStream ?? "\(stream)_DEAD" }

    /// Where the dead letters of a group go: a place of its own, so that no handler's wildcard takes them for events.
    func deadSubject(of group: String) -> String { "\(Self.deadRoot).\(stream).\(group)" }

    static let deadRoot = "_DEAD"
}
