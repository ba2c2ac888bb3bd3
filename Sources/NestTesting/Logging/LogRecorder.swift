public import Logging

/// Keeps what is logged, a line each: level, message, and metadata by name.
public struct LogRecorder: LogHandler {
    /// What was logged so far.
    public let lines: Watched<[String]>
    /// Goes with every line.
    public var metadata: Logger.Metadata = [:]
    /// Everything is kept.
    public var logLevel = Logger.Level.trace

    /// A recorder that adds to `lines`.
    public init(lines: Watched<[String]>) { self.lines = lines }

    /// One piece of metadata.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Adds a line.
    public func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        let facts = all.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        lines.append("\(event.level): \(event.message) \(facts)")
    }
}

extension Logger {
    /// A logger whose lines a test reads.
    public static func recorded(_ lines: Watched<[String]>) -> Logger {
        Logger(label: "recorded") { _ in LogRecorder(lines: lines) }
    }
}
