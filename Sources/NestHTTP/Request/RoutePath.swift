/// A route's path, taken apart: `/orders/:id/lines/*rest`.
struct RoutePath: Sendable, CustomStringConvertible {
    enum Segment: Sendable, Hashable {
        case literal(String)
        /// One segment, whatever it says.
        case parameter(String)
        /// All segments that are left; last.
        case rest(String)
    }

    let segments: [Segment]
    /// The names of its parameters, in the order of what they stand for.
    let parameters: [String]
    /// With one slash before each segment.
    let description: String

    init(_ parts: String...) {
        segments = parts.flatMap { $0.split(separator: "/") }.map { part in
            if part.hasPrefix(":") { return .parameter(String(part.dropFirst())) }
            if part.hasPrefix("*") { return .rest(String(part.dropFirst())) }
            return .literal(String(part))
        }
        parameters = segments.compactMap(\.parameter)
        description = segments.isEmpty ? "/" : segments.map { "/\($0)" }.joined()
    }

    /// Equal for paths that the same requests lead to.
    var shape: String {
        segments.map { segment in
            switch segment {
            case .literal(let text): "/\(text)"
            case .parameter: "/:"
            case .rest: "/*"
            }
        }.joined()
    }

    /// What is wrong with it; nil when nothing is.
    var problem: String? {
        if segments.contains(.parameter("")) { return "a parameter in the path `\(self)` has no name" }
        if Set(parameters).count < parameters.count { return "the path `\(self)` has two parameters of the same name" }
        let early = segments.dropLast().contains {
            if case .rest = $0 { true } else { false }
        }
        return early ? "`*` must be the last segment of the path `\(self)`" : nil
    }
}

extension RoutePath.Segment: CustomStringConvertible {
    /// The name of the parameter it is.
    fileprivate var parameter: String? {
        switch self {
        case .literal: nil
        case .parameter(let name): name
        case .rest(let name): name.isEmpty ? "*" : name
        }
    }

    var description: String {
        switch self {
        case .literal(let text): text
        case .parameter(let name): ":\(name)"
        case .rest(let name): "*\(name)"
        }
    }
}
