/// The names of topics and groups: each begins with the prefix.
struct KafkaNames: Sendable {
    let prefix: String
    /// Events that have no topic of their own.
    let events: String
    private let topics: KafkaTopicOptions

    init(_ options: KafkaOptions) {
        prefix = options.prefix
        events = "\(options.prefix).events"
        topics = options.topics
    }

    /// Where the requests of a service are.
    func requests(_ service: String) -> String {
        topics.requests ?? (service == "default" ? "\(prefix).requests" : "\(prefix).requests.\(service)")
    }

    /// Where an event goes.
    func events(_ pattern: Pattern) -> String { topics.topic(of: pattern) ?? events }

    /// All answers.
    var replies: String { "\(prefix).replies" }

    /// The consumer group of a group's events.
    func group(_ name: String) -> String { "\(prefix).\(name)" }

    /// The consumer group of a service's requests.
    func requestGroup(_ service: String) -> String { "\(prefix).\(service).requests" }

    /// The consumer group of a group's records that wait for their next try.
    func retryGroup(_ name: String) -> String { "\(prefix).\(name).retries" }

    /// Where a group's records wait for their next try.
    func retry(_ group: String, after milliseconds: Int64) -> String { "\(prefix).retry.\(group).\(milliseconds)" }

    /// How long records wait in such a topic, in milliseconds.
    static func delay(ofRetries topic: String) -> Int64 {
        topic.split(separator: ".").last.flatMap { Int64($0) }.map { min(max($0, 0), 86_400_000) } ?? 0
    }

    /// What a group could not handle.
    func dead(_ group: String) -> String { "\(prefix).dead.\(group)" }

    /// What is wrong with the name of a topic, or with a part of one; nil when nothing is.
    static func problem(ofTopic name: String) -> String? {
        if name.isEmpty { return "is empty" }
        if name == "." || name == ".." { return "is no name" }
        // Parts and suffixes come to it.
        if name.utf8.count > 200 { return "is longer than 200 bytes" }
        let isLegal = name.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: ".")
                || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
        }
        return isLegal ? nil : "has other characters than letters, digits, `.`, `_` and `-`"
    }
}
