/// The names of everything in Redis: each begins with the prefix, so that two systems on one Redis never meet.
struct RedisKeys: Sendable {
    let prefix: String
    /// The prefix as channels have it: dots at its end cut, one dot behind it.
    let channelPrefix: String

    init(prefix: String) {
        self.prefix = prefix
        var text = Substring(prefix)
        while text.last == "." { text.removeLast() }
        channelPrefix = text.isEmpty ? "" : "\(text)."
    }

    /// Where the requests of a service wait.
    func requests(_ queue: String) -> String { "\(prefix):rpc:\(queue)" }
    /// All events.
    var events: String { "\(prefix):events" }
    /// What a group could not handle.
    func dead(_ group: String) -> String { "\(prefix):dead:\(group)" }
    /// Where a client hears its answers, with lists and streams.
    func replies(_ id: String) -> String { "\(prefix):reply:\(id)" }
    /// What the lists begin with in which clients' answers wait.
    var inboxes: String { "\(prefix):inbox:" }
    /// The same, when nobody writes it with escapes.
    var plainInboxes: [UInt8]? {
        let isPlain = prefix.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                || (UInt8(ascii: "-")...UInt8(ascii: ":")).contains(byte) && byte != UInt8(ascii: "/")
        }
        return isPlain ? Array(inboxes.utf8) : nil
    }
    /// Where a client's answers wait. How long is part of the name, so that whoever answers knows it.
    func inbox(_ id: String, expiry: Duration) -> String { "\(inboxes)\(Int64(expiry / .milliseconds(1))):\(id)" }
    /// How many milliseconds answers wait in a list of this name; nil for another name.
    func expiry(ofInbox name: String) -> Int64? {
        guard name.hasPrefix(inboxes) else { return nil }
        return Int64(name.dropFirst(inboxes.count).prefix { $0 != ":" })
    }
    /// Where instances of a group tell each other that something was given back.
    func wake(_ name: String) -> String { "\(prefix):wake:\(name)" }

    /// Where all instances of all groups hear.
    var wakeAll: String { "\(prefix):wake" }

    /// The last event of each slot.
    var order: String { "\(prefix):order" }
    /// Where it is told that an event is done; its id is to follow.
    func done(_ group: String) -> String { "\(prefix):done:\(group):" }

    // MARK: Lists

    /// The groups that get each event.
    var groups: String { "\(prefix):groups" }
    /// The events of a group.
    func events(of group: String) -> String { "\(prefix):events:\(group)" }
    /// What a consumer has taken from a list and not finished.
    func work(_ consumer: String) -> String { "\(prefix):work:\(consumer)" }
    /// The consumers of a list.
    func consumers(of list: String) -> String { "\(prefix):consumers:\(list.dropFirst(prefix.count + 1))" }
    /// Since when those of them that are dead have nothing left.
    func gone(from list: String) -> String { "\(prefix):gone:\(list.dropFirst(prefix.count + 1))" }
    /// There as long as a consumer lives.
    func alive(_ consumer: String) -> String { "\(prefix):alive:\(consumer)" }

    /// What comes behind a prefix. A prefix that ends in one of them could name what another one names.
    private static let places: Set<String> = [
        "rpc", "events", "dead", "reply", "inbox", "wake", "groups", "work", "consumers", "gone", "alive", "order",
        "done",
    ]

    /// What is wrong with the prefix; nil when nothing is.
    var problem: String? {
        if prefix.isEmpty { return "is empty" }
        if prefix.utf8.contains(where: { $0 < 0x21 || $0 == 0x7F }) { return "has white space" }
        guard
            let place = prefix.split(separator: ":").map({ String($0) }).dropFirst().first(where: Self.places.contains)
        else { return nil }
        return "has `\(place)` behind a colon, which the names under another prefix may have"
    }

    // MARK: Channels

    /// A pattern as revision 1 names its channel.
    func channel(_ pattern: Pattern) -> String { channelPrefix + pattern.name }

    /// The pattern a channel stands for; nil for a channel that is none of ours.
    func pattern(of channel: String) -> String? {
        channel.hasPrefix(channelPrefix) ? String(channel.dropFirst(channelPrefix.count)) : nil
    }

    /// What finds the channels of a pattern with wildcards, and others beside them: `*` passes dots in Redis.
    func glob(_ pattern: Pattern) -> String {
        let tokens = pattern.name.split(separator: ".", omittingEmptySubsequences: false).map { token -> String in
            token == "*" || token == ">" ? "*" : Self.escaped(String(token))
        }
        return Self.escaped(channelPrefix) + tokens.joined(separator: ".")
    }

    /// Text in which nothing is a wildcard of Redis.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text {
            if #"*?[]\^"#.contains(character) { escaped.append("\\") }
            escaped.append(character)
        }
        return escaped
    }

    /// Where the writer of a stream hears its reader: beside the channel of the answers, which no other name can be.
    static func control(_ replies: String, _ id: String) -> String { "\(replies)!\(id)" }

    /// Where a server hears the reader of a stream, from the channel of its answers.
    static func control(replies: String, id: String?) -> String {
        if let id { return control(replies, id) }
        guard let dot = replies.lastIndex(of: ".") else { return control(replies, "") }
        return control(String(replies[..<dot]), String(replies[replies.index(after: dot)...]))
    }
}
