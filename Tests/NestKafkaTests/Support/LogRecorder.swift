import Logging
import NestTesting

/// Keeps what is logged.
struct LogRecorder: LogHandler {
    let lines: Watched<[String]>
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        let facts = all.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        lines.append("\(event.level): \(event.message) \(facts)")
    }
}

extension Logger {
    /// A logger whose lines the test reads.
    static func recorded(_ lines: Watched<[String]>) -> Logger {
        Logger(label: "recorded") { _ in LogRecorder(lines: lines) }
    }
}
