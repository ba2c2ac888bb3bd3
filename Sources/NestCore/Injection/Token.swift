/// What a provider is found by: a type and, where one type is not enough, a name.
package struct Token: Sendable, Hashable, CustomStringConvertible {
    package let type: any Any.Type
    package let name: String?

    package init(_ type: any Any.Type, named name: String? = nil) {
        self.type = type
        self.name = name
    }

    /// For people: `Cache`, or `Cache named "orders"`.
    package var description: String { name.map { "\(type) named \"\($0)\"" } ?? "\(type)" }

    package static func == (left: Token, right: Token) -> Bool { left.type == right.type && left.name == right.name }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(type))
        if let name { hasher.combine(name) }
    }
}

/// Tells an optional type from others, and what it wraps.
protocol OptionalType {
    static var wrapped: any Any.Type { get }
    static var empty: Self { get }
}

extension Optional: OptionalType {
    static var wrapped: any Any.Type { Wrapped.self }
    static var empty: Wrapped? { nil }
}
