import HTTPTypes

/// Finds what answers a method and a path: literal segments before parameters, parameters before rests; a path that has
/// something for the method before one that has not.
struct RouteTree<Value: Sendable>: Sendable {
    struct Entry {
        var path: RoutePath
        var method: HTTPRequest.Method
        var value: Value
    }

    enum Match {
        case found(Value, captures: [Substring])
        /// The path is known, for these methods; none: it is not known.
        case missing(allowed: [HTTPRequest.Method])
    }

    private let root: RouteNode<Value>
    /// Paths without parameters, whole.
    private let literals: [Substring: MethodTable<Value>]

    init(_ entries: [Entry]) {
        root = RouteNode(entries.map { ($0.path.segments[...], $0) })
        var literals: [Substring: MethodTable<Value>] = [:]
        for entry in entries where entry.path.parameters.isEmpty {
            literals[entry.path.description[...], default: MethodTable()].add(entry.method, entry.value)
        }
        self.literals = literals
    }

    func find(_ method: HTTPRequest.Method, _ path: Substring) -> Match {
        if let value = literals[path]?.value(for: method) { return .found(value, captures: []) }
        guard let segments = Self.segments(of: path) else { return .missing(allowed: []) }
        var search = RouteSearch<Value>(method: method, segments: segments)
        if let value = root.search(&search, at: 0) { return .found(value, captures: search.captures) }
        return .missing(allowed: search.allowed)
    }

    /// Nil when the path does not begin with a slash. A slash at the end makes no difference.
    private static func segments(of path: Substring) -> [Substring]? {
        guard path.first == "/" else { return nil }
        var rest = path.dropFirst()
        if rest.last == "/" { rest = rest.dropLast() }
        return rest.isEmpty ? [] : rest.split(separator: "/", omittingEmptySubsequences: false)
    }
}

/// A search on its way through the tree.
struct RouteSearch<Value: Sendable> {
    let method: HTTPRequest.Method
    let segments: [Substring]
    var captures: [Substring] = []
    /// The methods of the paths that would have fitted.
    var allowed: [HTTPRequest.Method] = []

    init(method: HTTPRequest.Method, segments: [Substring]) {
        self.method = method
        self.segments = segments
    }

    mutating func take(_ table: MethodTable<Value>) -> Value? {
        if let value = table.value(for: method) { return value }
        for method in table.methods where !allowed.contains(method) { allowed.append(method) }
        return nil
    }
}

/// One segment of the tree.
final class RouteNode<Value: Sendable>: Sendable {
    private typealias Item = (ArraySlice<RoutePath.Segment>, RouteTree<Value>.Entry)

    private let literals: [Substring: RouteNode]
    private let parameter: RouteNode?
    private let rest: MethodTable<Value>
    private let table: MethodTable<Value>

    init(_ items: [(ArraySlice<RoutePath.Segment>, RouteTree<Value>.Entry)]) {
        var literals: [Substring: [Item]] = [:]
        var parameters: [Item] = []
        var (rest, table) = (MethodTable<Value>(), MethodTable<Value>())
        for (segments, entry) in items {
            switch segments.first {
            case nil: table.add(entry.method, entry.value)
            case .rest: rest.add(entry.method, entry.value)
            case .parameter: parameters.append((segments.dropFirst(), entry))
            case .literal(let text): literals[text[...], default: []].append((segments.dropFirst(), entry))
            }
        }
        self.literals = literals.mapValues { RouteNode($0) }
        parameter = parameters.isEmpty ? nil : RouteNode(parameters)
        (self.rest, self.table) = (rest, table)
    }

    func search(_ search: inout RouteSearch<Value>, at index: Int) -> Value? {
        guard index < search.segments.count else { return search.take(table) }
        let segment = search.segments[index]
        if let node = literals[segment] ?? literal(encoded: segment),
            let value = node.search(&search, at: index + 1)
        {
            return value
        }
        if let parameter, !segment.isEmpty {
            search.captures.append(segment)
            if let value = parameter.search(&search, at: index + 1) { return value }
            search.captures.removeLast()
        }
        guard let value = search.take(rest) else { return nil }
        let path = search.segments[index].startIndex..<search.segments[search.segments.count - 1].endIndex
        search.captures.append(search.segments[index].base[path])
        return value
    }

    private func literal(encoded segment: Substring) -> RouteNode? {
        guard segment.utf8.contains(UInt8(ascii: "%")) else { return nil }
        return PercentText.decode(segment).flatMap { literals[$0[...]] }
    }
}
