/// A value inside an object pattern, written as a literal.
public enum PatternValue: Sendable {
    /// Text.
    case string(String)
    /// A whole number.
    case integer(Int)
    /// A number with a fraction.
    case double(Double)
    /// true or false.
    case bool(Bool)
    /// A list.
    case array([PatternValue])
    /// An object; the order does not matter.
    case object([(String, PatternValue)])
    /// null.
    case null

    private static let depthLimit = 5
    private static let keyLimit = 20

    /// The name NestJS gives such a pattern: compact JSON, keys sorted at every level as `localeCompare` does.
    var text: String { text(depth: 0) }

    private func text(depth: Int) -> String {
        switch self {
        case .string(let text): Self.quoted(text)
        case .integer(let number): String(number)
        case .double(let number): String(number)
        case .bool(let value): String(value)
        case .null: "null"
        case .array(let values):
            Self.text(of: values.enumerated().map { (String($0.offset), $0.element) }, depth: depth)
        case .object(let members): Self.text(of: members, depth: depth)
        }
    }

    private static func text(of members: [(String, PatternValue)], depth: Int) -> String {
        if depth >= depthLimit { return #""[MAX_DEPTH_REACHED]""# }
        if members.count > keyLimit { return #""[TOO_MANY_KEYS]""# }
        let sorted = members.sorted { precedes($0.0, $1.0) }
        return "{" + sorted.map { "\(quoted($0.0)):\($0.1.text(depth: depth + 1))" }.joined(separator: ",") + "}"
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    /// Letters before case: `a` before `B`, and `a` before `A`, as `localeCompare` orders ASCII names.
    private static func precedes(_ left: String, _ right: String) -> Bool {
        let (l, r) = (left.lowercased(), right.lowercased())
        return l == r ? left > right : l < r
    }
}

extension PatternValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    /// Text.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A whole number.
    public init(integerLiteral value: Int) { self = .integer(value) }
    /// A number with a fraction.
    public init(floatLiteral value: Double) { self = .double(value) }
    /// true or false.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// A list.
    public init(arrayLiteral elements: PatternValue...) { self = .array(elements) }
    /// An object.
    public init(dictionaryLiteral elements: (String, PatternValue)...) { self = .object(elements) }
    /// null.
    public init(nilLiteral: ()) { self = .null }
}
