/// Values by name, of the names that came last: a peer that runs for days forgets the others.
struct Recent<Value: Sendable>: Sendable {
    private static var limit: Int { 1_024 }
    private var values: [String: Value] = [:]
    private var names: [String] = []
    /// Where the oldest name is, once there are as many as may be.
    private var oldest = 0

    subscript(name: String) -> Value? { values[name] }

    /// Changes the value of a name, which begins as `first`.
    mutating func update(_ name: String, _ first: @autoclosure () -> Value, _ change: (inout Value) -> Void) {
        if values[name] == nil { remember(name) }
        change(&values[name, default: first()])
    }

    private mutating func remember(_ name: String) {
        guard names.count == Self.limit else { return names.append(name) }
        values[names[oldest]] = nil
        names[oldest] = name
        oldest = (oldest + 1) % Self.limit
    }
}
