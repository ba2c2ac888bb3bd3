/// Gathers headers that somebody else has written, of which there may be very many.
///
/// ``MessageHeaders`` search a list for a name, which is what is fast for the few that messages have. Setting a hundred
/// thousand of them one by one that way would hold an event loop for a minute; here each takes the same time.
package struct MessageHeadersBuilder {
    /// What was gathered.
    package private(set) var headers: MessageHeaders
    /// Where each name stands, once there are too many to search.
    private var places: [Name: Int] = [:]

    /// As many as a list is searched for.
    private static let few = 16

    package init(_ headers: MessageHeaders = MessageHeaders()) { self.headers = headers }

    /// Sets a header; a later value replaces an earlier one of the same name.
    package mutating func set(_ name: String, _ value: String) {
        if headers.count <= Self.few { return headers[name] = value }
        if places.isEmpty {
            for (place, entry) in headers.enumerated() { places[Name(text: entry.name)] = place }
        }
        let entry = MessageHeaders.Entry(name: name, value: value)
        let place = places[Name(text: name), default: headers.count]
        if place == headers.count { places[Name(text: name)] = place }
        headers.put(entry, at: place)
    }

    /// A name as headers compare them.
    private struct Name: Hashable {
        let text: String

        static func == (left: Name, right: Name) -> Bool { MessageHeaders.same(left.text, right.text) }

        func hash(into hasher: inout Hasher) {
            for byte in text.utf8 { hasher.combine(MessageHeaders.lowercase(byte)) }
        }
    }
}
