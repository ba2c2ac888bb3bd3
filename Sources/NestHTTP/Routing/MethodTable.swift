import HTTPTypes

/// What a path leads to, by method.
struct MethodTable<Value: Sendable>: Sendable {
    private(set) var entries: [(method: HTTPRequest.Method, value: Value)] = []

    /// HEAD is answered by what answers GET, unless it has a handler of its own.
    func value(for method: HTTPRequest.Method) -> Value? {
        if let entry = entries.first(where: { $0.method == method }) { return entry.value }
        return method == .head ? entries.first { $0.method == .get }?.value : nil
    }

    mutating func add(_ method: HTTPRequest.Method, _ value: Value) { entries.append((method, value)) }

    var methods: [HTTPRequest.Method] { entries.map(\.method) }
}
